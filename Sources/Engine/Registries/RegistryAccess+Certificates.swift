import Distribution
import LinuxSystem
import SystemPackage

extension RegistryAccess {
    /// Authorities and client certificates of certs.d directories (containers-certs.d(5), and docker's), the user's before the
    /// system's, by registry. All authorities count, and the first client certificate.
    func transports() -> [String: RegistryTransport] {
        var result: [String: RegistryTransport] = [:]
        for root in certificateDirectories {
            // not there
            guard let directory = try? Directory(opening: root), let names = try? directory.names() else { continue }
            for name in names.map({ String(decoding: $0, as: UTF8.self) }).sorted() {
                guard let found = transport(root.appending(name)) else { continue }
                let earlier = result[name]
                result[name] = RegistryTransport(
                    security: .verified, authorities: (earlier?.authorities ?? []) + found.authorities,
                    clientIdentity: earlier?.clientIdentity ?? found.clientIdentity)
            }
        }
        return result
    }

    private var certificateDirectories: [FilePath] {
        let own =
            environment.text("XDG_CONFIG_HOME").map { FilePath($0) }
            ?? environment.text("HOME").map { FilePath($0).appending(".config") }
        let system: [FilePath] = ["/etc/containers/certs.d", "/etc/docker/certs.d"]
        guard let own else { return system }
        return [own.appending("containers/certs.d"), own.appending("docker/certs.d")] + system
    }

    /// What one registry's directory says; nil when it is none.
    private func transport(_ path: FilePath) -> RegistryTransport? {
        // a file
        guard let directory = try? Directory(opening: path), let names = try? directory.names() else { return nil }
        let files = names.map { String(decoding: $0, as: UTF8.self) }.sorted()
        func text(_ file: String) -> String? {
            HostFiles.read(path.appending(file)).map { String(decoding: $0, as: UTF8.self) }
        }
        var identity: RegistryTransport.ClientIdentity?
        for file in files where identity == nil && file.hasSuffix(".cert") {
            guard let chain = text(file) else { continue }
            // Without its key it is refused when it is needed, with the registry's name.
            identity = .init(certificates: chain, privateKey: text(file.dropLast(".cert".count) + ".key") ?? "")
        }
        return RegistryTransport(
            security: .verified, authorities: files.filter { $0.hasSuffix(".crt") }.compactMap(text),
            clientIdentity: identity)
    }
}
