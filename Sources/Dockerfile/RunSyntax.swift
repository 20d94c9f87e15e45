/// RUN, its mounts not yet expanded. The command itself is never expanded: that is the shell's work.
public struct RunInstruction: Hashable, Sendable {
    public enum Command: Hashable, Sendable {
        case exec([String])
        /// Text for the shell, here-documents included.
        case shell(String)
        /// A here-document alone: its text is the script.
        case script(Heredoc)
    }

    public enum Network: String, Hashable, Sendable, CaseIterable { case `default`, none, host }

    public enum Security: String, Hashable, Sendable, CaseIterable { case sandbox, insecure }

    public var command: Command
    public var mounts: [MountSyntax]
    public var network: Network
    public var security: Security
}
