import LinuxSystem
import Storage
import SystemPackage

/// Where the store is: `$DISTILL_ROOT`, else `/var/lib/distill` for root and `$XDG_DATA_HOME/distill` for others, which is
/// `$HOME/.local/share/distill` where that is not set (XDG Base Directory Specification).
enum StoreLocation {
    /// - Returns: nil for an ordinary user of whom no directory is known: one that everybody may write to is no place for a store.
    static func path(environment: [String: String], isRoot: Bool) -> FilePath? {
        if let root = environment["DISTILL_ROOT"], !root.isEmpty { return absolute(root) }
        if isRoot { return "/var/lib/distill" }
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return FilePath(data).appending("distill") }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return FilePath(home).appending(".local/share/distill")
    }

    private static func absolute(_ text: String) -> FilePath {
        let path = FilePath(text)
        return path.isAbsolute ? path : ProcessFacts.workingDirectory.pushing(path).lexicallyNormalized()
    }

    static func open() throws -> Store {
        guard let path = path(environment: ProcessFacts.environment, isRoot: ProcessFacts.isRoot) else { throw UsageError.noHome }
        return try Store(path: path)
    }
}
