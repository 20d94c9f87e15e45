import Distribution
package import LinuxSystem
package import Storage
package import SystemPackage

/// Where the store is: `$DISTILL_ROOT`, else `/var/lib/distill` for root and `$XDG_DATA_HOME/distill` for others, which is
/// `$HOME/.local/share/distill` where that is not set (XDG Base Directory Specification).
package enum StoreLocation {
    /// - Returns: nil for an ordinary user of whom no directory is known: one that everybody may write to is no place for a store.
    package static func path(_ environment: HostEnvironment) -> FilePath? {
        if let root = environment["DISTILL_ROOT"], !root.isEmpty { return environment.absolute(FilePath(root)) }
        if environment.isRoot { return "/var/lib/distill" }
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return FilePath(data).appending("distill") }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return FilePath(home).appending(".local/share/distill")
    }

    /// - Throws: ``EngineError/noHome``, and what opening a store throws.
    package static func open(_ environment: HostEnvironment) throws -> Store {
        guard let path = path(environment) else { throw EngineError.noHome }
        return try Store(path: path, meanings: meanings(environment))
    }

    /// What this machine's rules say of names without a registry.
    private static func meanings(_ environment: HostEnvironment) -> NameMeanings {
        // What cannot be read is told when a registry is asked.
        { reference in (try? RegistryAccess(environment).rules().meanings(of: reference)) ?? [] }
    }

    /// The store that is there already, for what does without one; nil without one, or where it cannot be opened.
    package static func openExisting(_ environment: HostEnvironment) -> Store? {
        guard let path = path(environment), (try? Directory(opening: path)) != nil else { return nil }  // not there
        return try? Store(path: path, meanings: meanings(environment))  // another user's, or of another kind: as above
    }
}
