internal import CLinux
internal import Glibc
internal import Synchronization
package import SystemPackage

/// A network of its own (network_namespaces(7)): no link but a loopback that is down. It ends with this value, when no process and no
/// other network's link is in it any more.
package final class NetworkNamespace: Sendable {
    private let handle: OwnedDescriptor
    /// For rtnetlink(7): one request after the other.
    private let socket: Mutex<OwnedDescriptor>

    /// - Throws: for whoever may not make one.
    package init() throws(SystemCallError) {
        var (network, socket): (Int32, Int32) = (-1, -1)
        guard distill_make_network(&network, &socket) == 0 else { throw SystemCallError("unshare", "network") }
        handle = OwnedDescriptor(raw: network)
        self.socket = Mutex(OwnedDescriptor(raw: socket))
    }

    /// Where other processes of this user find it while this value lives.
    package var path: FilePath { FilePath("/proc/\(getpid())/fd/\(handle.raw)") }

    /// Its descriptor, for requests that name it.
    package var descriptor: Int32 { handle.raw }

    /// Hands the kernel a request, which must ask for an acknowledgement.
    package func ask(_ message: [UInt8]) throws(SystemCallError) {
        let failure = socket.withLock { socket -> Errno? in
            let result = message.withUnsafeBytes { distill_ask_network(socket.raw, $0.baseAddress, $0.count) }
            return result == 0 ? nil : Errno(rawValue: errno)
        }
        if let failure { throw SystemCallError(call: "rtnetlink", path: "", errno: failure) }
    }

    /// Makes a device whose packets a program reads and writes (tun(4)), and which stays when that ends.
    ///
    /// - Returns: its index.
    package func makeTap(_ name: String) throws(SystemCallError) -> Int32 {
        let index = distill_make_tap(handle.raw, name)
        guard index > 0 else { throw SystemCallError("open", "/dev/net/tun") }
        return index
    }

    /// Moves the calling thread into the namespace at a path. It stays there: sockets that it makes are of that network.
    package static func enter(_ path: FilePath) throws(SystemCallError) {
        guard distill_enter_network_namespace(path.string) == 0 else { throw SystemCallError("setns", path.string) }
    }

    /// Where this machine's network leads by IPv4: addresses in this machine's order of bytes, and how many of their bits count.
    package static func routes() throws(SystemCallError) -> [(address: UInt32, length: Int)] {
        var found = [distill_route](repeating: distill_route(), count: routeLimit)
        let count = distill_list_routes(&found, routeLimit)
        guard count >= 0 else { throw SystemCallError("rtnetlink", "") }
        return found.prefix(count).map { ($0.address, Int($0.length)) }
    }

    /// More are not looked at.
    private static let routeLimit = 4096
}
