package import Sandbox
package import Storage

extension OCIRuntime {
    /// The OCI runtime of this machine, which keeps what it finds out in a store.
    package static func installed(searchPath: String, store: Store) throws -> OCIRuntime {
        let filters = store.filters
        return try find(
            searchPath: searchPath,
            filters: FilterCache(load: { filters.load($0) }, keep: { filters.keep($0, $1) }))
    }
}
