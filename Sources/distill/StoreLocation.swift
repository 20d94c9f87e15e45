import LinuxSystem
import Storage
import SystemPackage

/// Where the store is: `$DISTILL_ROOT`, else `/var/lib/distill` for root and `$XDG_DATA_HOME/distill` for others.
enum StoreLocation {
    static func path(environment: [String: String], isRoot: Bool) -> FilePath {
        if let root = environment["DISTILL_ROOT"], !root.isEmpty { return absolute(root) }
        if isRoot { return "/var/lib/distill" }
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return FilePath(data).appending("distill") }
        return FilePath(environment["HOME"] ?? "/tmp").appending(".local/share/distill")
    }

    private static func absolute(_ text: String) -> FilePath {
        let path = FilePath(text)
        return path.isAbsolute ? path : ProcessFacts.workingDirectory.pushing(path).lexicallyNormalized()
    }

    static func open() throws -> Store {
        try Store(path: path(environment: ProcessFacts.environment, isRoot: ProcessFacts.isRoot))
    }
}
