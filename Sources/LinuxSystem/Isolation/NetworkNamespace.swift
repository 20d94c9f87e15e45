internal import CLinux
package import SystemPackage

/// Networks of their own (network_namespaces(7)).
package enum NetworkNamespace {
    /// Moves the calling thread into the namespace at a path. It stays there: sockets that it makes are of that network.
    package static func enter(_ path: FilePath) throws(SystemCallError) {
        guard distill_enter_network_namespace(path.string) == 0 else { throw SystemCallError("setns", path.string) }
    }
}
