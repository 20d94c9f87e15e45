import LinuxSystem
import OCI
import SystemPackage

extension RootFileSystem {
    /// A name that /etc/hosts has beside the usual ones.
    package struct HostEntry: Hashable, Sendable {
        /// An address, or ``gateway``.
        package let address: String
        package let name: String

        package init(address: String, name: String) { (self.address, self.name) = (address, name) }

        /// docker's word for this machine, whatever its address is from there.
        package static let gateway = "host-gateway"
    }

    /// What processes on a network of their own need to know of it.
    package struct OwnNetwork: Hashable, Sendable {
        /// The process's own address.
        package var address: String
        /// This machine's.
        package var gateway: String
        /// What /etc/resolv.conf says.
        package var resolver: String

        package init(address: String, gateway: String, resolver: String) {
            (self.address, self.gateway, self.resolver) = (address, gateway, resolver)
        }
    }
}

extension RootFileSystem.HostFile {
    /// The resolver configuration and host names that processes need.
    ///
    /// - Parameters:
    ///   - hostname: what /etc/hostname holds, and /etc/hosts has besides; nil leaves the image's own file.
    ///   - furtherHosts: names that /etc/hosts has beside the host's own.
    ///   - network: the network that the processes have to themselves; nil for the host's, or none.
    package static func forProcesses(
        hostname: String? = nil, furtherHosts: [RootFileSystem.HostEntry] = [],
        on network: RootFileSystem.OwnNetwork? = nil
    ) -> [RootFileSystem.HostFile] {
        let usual = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        let host = HostFiles.read("/etc/hosts").map { String(decoding: $0, as: UTF8.self) }
        var hosts = network == nil ? host ?? usual : usual + distant(host ?? "")
        if !hosts.hasSuffix("\n") { hosts += "\n" }
        hosts += "\(network?.address ?? "127.0.0.1")\t\(hostname ?? "distill")\n"
        for entry in furtherHosts {
            let address =
                entry.address == RootFileSystem.HostEntry.gateway ? network?.gateway ?? "127.0.0.1" : entry.address
            hosts += "\(address)\t\(entry.name)\n"
        }
        let resolver = network.map { Array($0.resolver.utf8) } ?? HostFiles.read("/etc/resolv.conf") ?? []
        var files = [("/etc/hosts", Array(hosts.utf8)), ("/etc/resolv.conf", resolver)]
        if let hostname { files.append(("/etc/hostname", Array((hostname + "\n").utf8))) }
        return files.compactMap { path, content in ImagePath(path).map { .init(target: $0, content: content) } }
    }

    /// The lines of an /etc/hosts that are about other machines (hosts(5)).
    private static func distant(_ text: String) -> String {
        text.split(separator: "\n").filter { line in
            let address = line.drop { $0 == " " || $0 == "\t" }
            let isLocal = ["127.", "::1", "0.", "fe00:", "fe80:", "ff0"].contains(where: address.hasPrefix)
            return !isLocal && address.first?.isHexDigit == true
        }
        .map { $0 + "\n" }.joined()
    }
}
