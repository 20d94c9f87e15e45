/// RUN, its mounts not yet expanded. The command itself is never expanded: that is the shell's work.
package struct RunInstruction: Hashable, Sendable {
    package enum Command: Hashable, Sendable {
        case exec([String])
        /// Text for the shell, here-documents included.
        case shell(String)
        /// A here-document alone: its text is the script.
        case script(Heredoc)
    }

    package enum Network: String, Hashable, Sendable, CaseIterable { case `default`, none, host }

    package enum Security: String, Hashable, Sendable, CaseIterable { case sandbox, insecure }

    package var command: Command
    package var mounts: [MountSyntax]
    package var network: Network
    package var security: Security
}
