import OCI
import Synchronization
import TestSupport
import Testing

@testable import Distribution

/// The same client against docker's own registry.
@Suite(
    .timeLimit(.minutes(10)),
    .enabled(if: DockerRegistry.isInstalled, "Debian's package docker-registry is not installed"))
struct DockerRegistryTests {
    private static let image = SampleImage()

    /// Pushes, pulls, mounts and lists.
    private static func roundTrip(_ client: RegistryClient, _ host: String, copy: String = "copy") async throws {
        let store = MemoryContent([image.manifest] + image.blobs)
        let reference = try ImageReference("\(host)/team/app:v1")
        try await client.push(image.descriptor, from: store, to: reference)
        #expect(try await client.resolve(reference).digest == image.digest)

        let pulled = MemoryContent()
        _ = try await client.pull(reference, .one(image.platform), into: pulled)
        #expect(pulled.digests == image.digests)

        let outcomes = Mutex<Set<TransferOutcome>>([])
        let other = try ImageReference("\(host)/team/\(copy):v2")
        _ = try await client.copy(reference, .all, to: other) { event in
            if case .finished(_, let outcome) = event { outcomes.withLock { _ = $0.insert(outcome) } }
        }
        #expect(outcomes.withLock { $0 } == [.mounted(from: RemoteRepository(reference))])
        #expect(try await client.tags(of: RemoteRepository(other)) == ["v2"])
        #expect(try await client.referrers(of: image.digest, in: RemoteRepository(other)) == [])
        #expect(!(try await client.hasBlob(Digest(sha256: [7]), in: RemoteRepository(other))))
        let unknown = try ImageReference("\(host)/team/none")
        let error = await #expect(throws: RegistryError.self) { try await client.manifest(unknown) }
        guard case .notFound(let answer) = error else { throw Unexpected(error) }
        #expect(answer.target.description == "\(host)/team/none:latest")
    }

    @Test(arguments: [Int64.max, 10_000])
    func worksOverHTTP(maximumWholeBlob: Int64) async throws {
        try await Files.withTemporaryDirectory { directory in
            try await DockerRegistry.with(in: directory) { port in
                try await withClient {
                    $0.maximumWholeBlob = maximumWholeBlob
                    $0.chunkSize = 20_000
                } _: { client in
                    try await Self.roundTrip(client, "127.0.0.1:\(port)")
                }
            }
        }
    }

    @Test func agreesWithSkopeo() async throws {
        guard Files.exists("/usr/bin/skopeo") else { return }
        try await Files.withTemporaryDirectory { directory in
            try await DockerRegistry.with(in: directory) { port in
                try await withClient { client in
                    let host = "127.0.0.1:\(port)"
                    let store = MemoryContent([Self.image.manifest] + Self.image.blobs)
                    try await client.push(Self.image.descriptor, from: store, to: try ImageReference("\(host)/a:b"))
                    let raw = try await Command(
                        "skopeo", ["inspect", "--raw", "--tls-verify=false", "docker://\(host)/a:b"]
                    ).run()
                    #expect(raw.output == String(decoding: Self.image.manifest, as: UTF8.self), "\(raw)")
                    let copied = try await Command(
                        "skopeo",
                        [
                            "copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--format=v2s2",
                            "docker://\(host)/a:b", "docker://\(host)/a:docker",
                        ]
                    ).run()
                    try #require(copied.succeeded, "\(copied)")
                    let pulled = MemoryContent()
                    let root = try await client.pull(try ImageReference("\(host)/a:docker"), .all, into: pulled)
                    #expect(root.descriptor.mediaType == .dockerManifest)
                    #expect(pulled.digests.count == 5)
                }
            }
        }
    }

    @Test func worksOverTLSWithAPassword() async throws {
        try await Files.withTemporaryDirectory { directory in
            let script = """
                set -e; cd \(directory)
                openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
                openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem
                printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names
                openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem
                openssl req -newkey rsa:2048 -nodes -subj /CN=ann -keyout client.key -out client.request
                openssl x509 -req -in client.request -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out client.pem
                """
            let made = try await Command("sh", ["-c", script]).run()
            try #require(made.succeeded, "\(made)")
            let authority = try Files.text("\(directory)/ca.pem")
            let identity = RegistryTransport.ClientIdentity(
                certificates: try Files.text("\(directory)/client.pem"),
                privateKey: try Files.text("\(directory)/client.key"))
            var settings = DockerRegistry.Settings()
            settings.certificate = "\(directory)/cert.pem"
            settings.key = "\(directory)/key.pem"
            settings.clientAuthority = "\(directory)/ca.pem"
            settings.passwords = DockerRegistry.Settings.annsPassword
            try await DockerRegistry.with(settings, in: directory) { port in
                let host = "localhost:\(port)"
                func run(
                    _ transport: RegistryTransport?, password: String = "secret", copy: String = "copy"
                ) async -> (any Error)? {
                    do {
                        let given = [host: Credential.password(name: "ann", password: password)]
                        try await withClient(Credentials(given: given, files: [])) {
                            $0.transports[host] = transport
                        } _: { client in
                            try await client.checkLogin(to: host)
                            try await Self.roundTrip(client, host, copy: copy)
                        }
                        return nil
                    } catch { return error }
                }
                let good = RegistryTransport(authorities: [authority], clientIdentity: identity)
                #expect(await run(good) == nil)
                #expect(
                    await run(RegistryTransport(security: .unverified, clientIdentity: identity), copy: "other") == nil)
                let wrong = await run(good, password: "other") as? RegistryError
                guard case .unauthorized(_, .refused) = wrong else { throw Unexpected(wrong) }
                let unknown = await run(RegistryTransport(clientIdentity: identity)) as? RegistryError
                #expect(
                    unknown == .unreachable(host: host, reason: "no known authority has signed its certificate"))
                let ann = Credential.password(name: "ann", password: "secret")
                try await withClient(Credentials(given: [host: ann], files: [])) {
                    $0.transports[host] = RegistryTransport(clientIdentity: identity)
                    var rule = RegistryRules.Rule(prefix: "\(host)/team/app")
                    rule.isInsecure = true
                    $0.rules = RegistryRules([rule])
                } _: { client in
                    #expect(try await client.resolve(ImageReference("\(host)/team/app:v1")).digest == Self.image.digest)
                    let elsewhere = try ImageReference("\(host)/team/copy:v2")
                    let error = await #expect(throws: RegistryError.self) { try await client.resolve(elsewhere) }
                    #expect(error == unknown)
                }
                let anonymous = await run(RegistryTransport(authorities: [authority])) as? RegistryError
                guard case .unreachable = anonymous else { throw Unexpected(anonymous) }
                let plain = await run(RegistryTransport(security: .plain)) as? RegistryError
                #expect(plain != nil)
                let broken = await run(RegistryTransport(authorities: ["-----BEGIN NONSENSE-----"])) as? RegistryError
                guard case .invalidCertificate(host, _) = broken else { throw Unexpected(broken) }
            }
        }
    }
}
