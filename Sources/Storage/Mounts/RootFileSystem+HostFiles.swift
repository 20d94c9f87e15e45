import LinuxSystem
import OCI
import SystemPackage

extension RootFileSystem.HostFile {
    /// The host's resolver configuration and host names, as processes on the host's network need them.
    ///
    /// - Parameters:
    ///   - hostname: what /etc/hostname holds, and /etc/hosts has besides; nil leaves the image's own file.
    ///   - furtherHosts: addresses and names that /etc/hosts has beside the host's own.
    package static func forProcesses(
        hostname: String? = nil, furtherHosts: [(address: String, name: String)] = []
    ) -> [RootFileSystem.HostFile] {
        var hosts =
            HostFiles.read("/etc/hosts")
            ?? Array("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n".utf8)
        if hosts.last != 0x0A { hosts.append(0x0A) }
        hosts += Array("127.0.0.1\t\(hostname ?? "distill")\n".utf8)
        for host in furtherHosts { hosts += Array("\(host.address)\t\(host.name)\n".utf8) }
        var result: [RootFileSystem.HostFile] = []
        if let target = ImagePath("/etc/hosts") { result.append(.init(target: target, content: hosts)) }
        if let target = ImagePath("/etc/resolv.conf") {
            result.append(.init(target: target, content: HostFiles.read("/etc/resolv.conf") ?? []))
        }
        if let hostname, let target = ImagePath("/etc/hostname") {
            result.append(.init(target: target, content: Array((hostname + "\n").utf8)))
        }
        return result
    }
}
