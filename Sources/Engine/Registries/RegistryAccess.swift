package import Distribution
package import LinuxSystem
import OCI
import Storage
import Subprocess
package import SystemPackage

/// What this machine knows of registries: credentials, rules, authorities.
package struct RegistryAccess: Sendable {
    package let environment: HostEnvironment

    package init(_ environment: HostEnvironment) { self.environment = environment }

    /// Runs an operation with a client that has this machine's settings.
    ///
    /// - Parameter given: credentials that go before those of files.
    package func withClient<Result>(
        given: [String: Credential] = [:], _ body: (RegistryClient) async throws -> Result
    ) async throws -> Result {
        var configuration = RegistryClient.Configuration()
        let paths = [
            environment["CONTAINERS_REGISTRIES_CONF"],
            "\(environment["HOME"] ?? "/root")/.config/containers/registries.conf", "/etc/containers/registries.conf",
        ]
        for path in paths.compactMap({ $0 }) {
            guard let bytes = HostFiles.read(FilePath(path)) else { continue }
            do { configuration.rules = try RegistryRules(parsing: String(decoding: bytes, as: UTF8.self)) } catch {
                throw EngineError.unusableFile(path: path, .registryRules(line: error.line))
            }
            break
        }
        configuration.transports = transports()
        let credentials = Credentials(given: given, files: try credentialFiles(), helpers: CredentialPrograms())
        return try await RegistryClient.withClient(
            configuration: configuration, environment: environment.variables, credentials: credentials, body)
    }

    /// `$REGISTRY_AUTH_FILE` where it is set, else docker's `config.json`.
    package var credentialPath: FilePath {
        if let path = environment["REGISTRY_AUTH_FILE"], !path.isEmpty { return FilePath(path) }
        if let directory = environment["DOCKER_CONFIG"], !directory.isEmpty { return FilePath(directory).appending("config.json") }
        return FilePath(environment["HOME"] ?? "/root").appending(".docker/config.json")
    }

    package func credentialFile() throws -> CredentialFile {
        guard let bytes = HostFiles.read(credentialPath) else { return CredentialFile() }
        do { return try CredentialFile(bytes: bytes) } catch {
            throw EngineError.unusableFile(path: credentialPath.string, .noCredentials)
        }
    }

    private func credentialFiles() throws -> [CredentialFile] { [try credentialFile()] }

    /// Authorities and client certificates of `/etc/docker/certs.d` and `/etc/containers/certs.d`, by registry.
    private func transports() -> [String: RegistryTransport] {
        var result: [String: RegistryTransport] = [:]
        for root in ["/etc/containers/certs.d", "/etc/docker/certs.d"] as [FilePath] {
            guard let directory = try? Directory(opening: root), let names = try? directory.names() else { continue }  // not there
            for name in names {
                let registry = String(decoding: name, as: UTF8.self)
                let files = (try? directory.openDirectory(name).names()) ?? []  // not a directory
                func text(_ file: String) -> String? {
                    HostFiles.read(root.appending(registry).appending(file)).map { String(decoding: $0, as: UTF8.self) }
                }
                let texts = files.map { String(decoding: $0, as: UTF8.self) }
                let authorities = texts.filter { $0.hasSuffix(".crt") }.compactMap(text)
                var identity: RegistryTransport.ClientIdentity?
                if let certificate = texts.first(where: { $0.hasSuffix(".cert") }),
                    let chain = text(certificate), let key = text(certificate.dropLast(".cert".count) + ".key")
                {
                    identity = .init(certificates: chain, privateKey: key)
                }
                result[registry] = RegistryTransport(security: .verified, authorities: authorities, clientIdentity: identity)
            }
        }
        return result
    }

    /// Writes docker's config, readable by its owner alone.
    package func write(_ file: CredentialFile) throws {
        let named = ["REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "HOME"].contains { environment[$0]?.isEmpty == false }
        guard named || environment.isRoot else { throw EngineError.noHome }
        // Where it is a link, it stays one.
        let path = try followed(credentialPath)
        let directory = try makeDirectory(path.removingLastComponent())
        guard let name = path.lastComponent else { return }
        let temporary = ProcessFacts.temporaryName
        try directory.createFile(temporary, mode: 0o600).write(file.bytes)
        try directory.rename(temporary, to: Array(name.string.utf8), in: directory)
    }

    private func followed(_ path: FilePath) throws -> FilePath {
        do { return try path.followingLinks() } catch where error.errno == .noSuchFileOrDirectory { return path }
    }

    private func makeDirectory(_ path: FilePath) throws -> Directory {
        do { return try Directory(opening: path) } catch where error.errno == .noSuchFileOrDirectory {
            guard let name = path.lastComponent else { throw error }
            let parent = try makeDirectory(path.removingLastComponent())
            try parent.ensureDirectory(Array(name.string.utf8), mode: 0o700)
            return try parent.openDirectory(Array(name.string.utf8))
        }
    }
}

/// Runs `docker-credential-NAME`.
package struct CredentialPrograms: CredentialHelperRunner {
    package init() {}

    package func run(helper name: String, verb: CredentialHelperVerb, input: [UInt8]) async throws -> CredentialHelperResult {
        let result = try await Subprocess.run(
            .name("docker-credential-\(name)"), arguments: [verb.rawValue], input: .inputWriter,
            output: .bytes(limit: 1 << 20), error: .discarded
        ) { execution in
            // A helper may end without reading; with `.array` that would abort this process.
            _ = try? await execution.standardInputWriter.write(input)
            try? await execution.standardInputWriter.finish()  // closed by the helper's end at the latest
        }
        return CredentialHelperResult(succeeded: result.terminationStatus.isSuccess, output: result.standardOutput)
    }
}
