import Distribution
import LinuxSystem
import SystemPackage

extension RegistryAccess {
    /// What certs.d directories say, by registry.
    func transports() -> [String: RegistryTransport] { CertificateDirectories(environment).transports() }
}

/// Directories of authorities and client certificates for single hosts (containers-certs.d(5), and docker's), the user's before the
/// system's. All authorities count, and the first client certificate.
struct CertificateDirectories: Sendable {
    private let environment: HostEnvironment

    init(_ environment: HostEnvironment) { self.environment = environment }

    /// What is there for one host. Paths are absolute.
    struct Files {
        var authorities: [FilePath] = []
        var client: Client?

        struct Client {
            let certificate: FilePath
            /// May not be there.
            let key: FilePath
        }

        var isEmpty: Bool { authorities.isEmpty && client == nil }

        fileprivate mutating func add(_ other: Files) {
            authorities += other.authorities
            client = client ?? other.client
        }
    }

    func transports() -> [String: RegistryTransport] {
        var files: [String: Files] = [:]
        for root in roots {
            for name in Self.names(in: root) {
                guard let found = Self.files(in: root.appending(name)) else { continue }
                files[name, default: Files()].add(found)
            }
        }
        return files.mapValues { files in
            let identity = files.client.flatMap { client in
                // Without its key it is refused when it is needed, with the registry's name.
                Self.text(client.certificate).map {
                    RegistryTransport.ClientIdentity(certificates: $0, privateKey: Self.text(client.key) ?? "")
                }
            }
            return RegistryTransport(
                security: .verified, authorities: files.authorities.compactMap(Self.text), clientIdentity: identity)
        }
    }

    /// - Parameter names: of one host, with its port and without.
    func files(of names: [String]) -> Files {
        var result = Files()
        for root in roots {
            for name in names where !name.contains("/") && !name.isEmpty {
                if let found = Self.files(in: root.appending(name)) { result.add(found) }
            }
        }
        return result
    }

    static func text(_ path: FilePath) -> String? {
        HostFiles.read(path).map { String(decoding: $0, as: UTF8.self) }
    }

    private var roots: [FilePath] {
        let own =
            environment.text("XDG_CONFIG_HOME").map { FilePath($0) }
            ?? environment.text("HOME").map { FilePath($0).appending(".config") }
        let system: [FilePath] = ["/etc/containers/certs.d", "/etc/docker/certs.d"]
        guard let own else { return system }
        return [own.appending("containers/certs.d"), own.appending("docker/certs.d")] + system
    }

    private static func names(in path: FilePath) -> [String] {
        // not there
        guard let directory = try? Directory(opening: path), let names = try? directory.names() else { return [] }
        return names.map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    /// nil for what is no directory.
    private static func files(in path: FilePath) -> Files? {
        // a file
        guard let directory = try? Directory(opening: path), let names = try? directory.names() else { return nil }
        let files = names.map { String(decoding: $0, as: UTF8.self) }.sorted()
        let certificate = files.first { $0.hasSuffix(".cert") && text(path.appending($0)) != nil }
        return Files(
            authorities: files.filter { $0.hasSuffix(".crt") }.map { path.appending($0) },
            client: certificate.map {
                .init(certificate: path.appending($0), key: path.appending($0.dropLast(".cert".count) + ".key"))
            })
    }
}
