import LinuxSystem
import OCI
import Storage
import SystemPackage

/// Files of this machine that processes in containers see, and files that options name.
enum HostFiles {
    /// The host's resolver configuration and host names, as processes on the host's network need them.
    ///
    /// - Parameters:
    ///   - hostname: what /etc/hostname holds, and /etc/hosts has besides; nil leaves the image's own file.
    ///   - furtherHosts: addresses and names that /etc/hosts has beside the host's own.
    static func forProcesses(
        hostname: String? = nil, furtherHosts: [(address: String, name: String)] = []
    ) -> [RootFileSystem.HostFile] {
        var hosts = read("/etc/hosts") ?? Array("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n".utf8)
        if hosts.last != 0x0A { hosts.append(0x0A) }
        hosts += Array("127.0.0.1\t\(hostname ?? "distill")\n".utf8)
        for host in furtherHosts { hosts += Array("\(host.address)\t\(host.name)\n".utf8) }
        var result: [RootFileSystem.HostFile] = []
        if let target = ImagePath("/etc/hosts") { result.append(.init(target: target, content: hosts)) }
        if let target = ImagePath("/etc/resolv.conf") {
            result.append(.init(target: target, content: read("/etc/resolv.conf") ?? []))
        }
        if let hostname, let target = ImagePath("/etc/hostname") {
            result.append(.init(target: target, content: Array((hostname + "\n").utf8)))
        }
        return result
    }

    /// The lines of the host's resolver configuration that are not about its name servers (resolv.conf(5)).
    static func resolverOptions() -> String {
        String(decoding: read("/etc/resolv.conf") ?? [], as: UTF8.self).split(separator: "\n")
            .filter { line in ["search ", "domain ", "options "].contains(where: line.hasPrefix) }
            .map { $0 + "\n" }.joined()
    }

    /// A file's content, links followed; nil if it cannot be read.
    static func read(_ path: FilePath) -> [UInt8]? {
        // The caller tells.
        try? OwnedDescriptor(opening: path).readAll(limit: 64 << 20)
    }

    /// Writes a file that an option names; an existing one is replaced.
    static func write(_ text: String, to path: String) throws {
        try OutputFile.write(path) { write in try Array(text.utf8).withUnsafeBytes(write) }
    }
}
