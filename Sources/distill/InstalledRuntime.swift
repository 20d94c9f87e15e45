import LinuxSystem
import Sandbox
import Storage

extension Runtime {
    /// The OCI runtime of this machine, which keeps what it finds out in a store.
    static func installed(store: Store) throws -> Runtime {
        let filters = store.filters
        return try find(
            searchPath: ProcessFacts.environment["PATH"] ?? "",
            filters: FilterCache(load: { filters.load($0) }, keep: { filters.keep($0, $1) }))
    }
}
