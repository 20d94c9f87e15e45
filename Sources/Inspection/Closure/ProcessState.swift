internal import OCI

/// What a process that the image starts was given: its environment, its directory and its user. Wrappers and scripts change it.
struct ProcessState {
    /// By name; what is defined last counts.
    var environment: [String: String]
    var directory: ImagePath
    /// The BusyBox whose shell executes a script: it may find its applets without files of their names.
    var busybox: ImageTree.Node?
    /// Whether dash executes the script in hand.
    var isPlainShell = false
    /// Whether bash does, under its own name.
    var isBash = false
    /// The zsh that executes it.
    var zsh: ImageTree.Node?
    /// Whether a script that led here has executed what may have made files.
    var isChanged = false
    var user = User(identifier: 0, groups: [0], name: "root")

    struct User: Hashable {
        var identifier: UInt32
        /// The main group first.
        var groups: [UInt32]
        /// As USER names it.
        var name: String
    }

    /// The path that runtimes give to a process without one.
    private static let usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    init(_ config: ContainerConfig) {
        environment = [:]
        for item in config.environment {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
        }
        if environment["PATH"] == nil { environment["PATH"] = Self.usualPath }
        if environment["HOSTNAME"] == nil { environment["HOSTNAME"] = "container" }
        directory = ImagePath(config.workingDirectory) ?? .root
    }

    var searchPath: [String] {
        (environment["PATH"] ?? Self.usualPath).split(separator: ":", omittingEmptySubsequences: false).map {
            $0.isEmpty ? "." : String($0)
        }
    }

    /// A variable's value split at colons.
    func paths(_ name: String) -> [String] { (environment[name] ?? "").split(separator: ":").map(String.init) }
}
