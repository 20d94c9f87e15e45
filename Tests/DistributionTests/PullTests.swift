import OCI
import Synchronization
import TestSupport
import Testing

@testable import Distribution

@Suite(.timeLimit(.minutes(10))) struct PullTests {
    typealias Fault = FakeRegistry.Fault

    /// Pulls a sample image from a registry that makes these faults.
    private func pull(
        _ settings: FakeRegistry.Settings = .init(), faults: [Fault] = [], pauses: Pauses = Pauses(),
        observer: @escaping TransferObserver = { _ in }
    ) async throws -> (content: MemoryContent, lines: [String], error: RegistryError?) {
        try await FakeRegistry.with(settings, faults: faults) { registry in
            SampleImage().add(to: registry)
            let content = MemoryContent()
            var failure: RegistryError?
            try await withClient(pauses: pauses) { client in
                do {
                    let pulled = try await client.pull(
                        try registry.reference(), .all, into: content, observer: observer)
                    #expect(pulled.bytes == SampleImage().manifest)
                } catch let error as RegistryError {
                    failure = error
                }
            }
            return (content, registry.lines, failure)
        }
    }

    @Test(arguments: [MediaType.manifest, .dockerManifest])
    func pullsAnImage(type: MediaType) async throws {
        try await FakeRegistry.with { registry in
            let image = SampleImage(type: type)
            image.add(to: registry, type: type)
            let content = MemoryContent()
            let events = Mutex<[TransferEvent]>([])
            try await withClient { client in
                let reference = try registry.reference()
                let pulled = try await client.pull(reference, .all, into: content) { event in
                    events.withLock { $0.append(event) }
                }
                #expect(pulled.descriptor.mediaType == type)
                #expect(content.digests == image.digests)
                let layer = Descriptor(
                    mediaType: type == .manifest ? .layer : .dockerLayer, digest: image.layer.digest, size: 50_000)
                let aboutLayer = events.withLock { $0.filter { $0.digest == layer.digest } }
                #expect(aboutLayer.first == .began(layer))
                #expect(
                    aboutLayer.suffix(2) == [.progressed(layer, completed: 50_000), .finished(layer, .transferred)])
                let before = registry.requests.count
                _ = try await client.pull(reference, .all, into: content)
                #expect(registry.requests.count == before + 1)
            }
        }
    }

    @Test func survivesFaults() async throws {
        let faults: [(String, Fault)] = [
            ("500", Fault("GET", "/manifests/v1", .status(500))),
            ("503 twice", Fault("GET", "/blobs/", .status(503), times: 2)),
            ("429", Fault("GET", "/manifests/v1", .status(429, headers: ["Retry-After": "7"]))),
            ("manifest broken", Fault("GET", "/manifests/v1", .truncated(20))),
            ("manifest reset", Fault("GET", "/manifests/v1", .reset(20))),
            ("no answer", Fault("GET", "/blobs/", .lost, times: 3)),
            ("blob truncated", Fault("GET", "/blobs/", .truncated(100), times: 2)),
            ("blob reset", Fault("GET", "/blobs/", .reset(30_000), times: 2)),
            ("drip", Fault("GET", "/manifests/", .drip)),
        ]
        for (name, fault) in faults {
            for honoursRanges in [true, false] {
                var settings = FakeRegistry.Settings()
                settings.honoursRanges = honoursRanges
                let (content, _, error) = try await pull(settings, faults: [fault])
                #expect(error == nil, "\(name)")
                #expect(content.digests == SampleImage().digests, "\(name)")
            }
        }
    }

    @Test func waitsAsLongAsTheRegistryAsks() async throws {
        let pauses = Pauses()
        let fault = Fault("GET", "/manifests/", .status(429, headers: ["Retry-After": "7"]))
        let (_, _, error) = try await pull(faults: [fault], pauses: pauses)
        #expect(error == nil)
        #expect(pauses.all == [.seconds(7)])
    }

    @Test func endsATransferThatIsTooSlow() async throws {
        let image = SampleImage()
        try await FakeRegistry.with(faults: [Fault("GET", "/blobs/", .drip, times: 9)]) { registry in
            image.add(to: registry)
            let content = MemoryContent()
            try await withClient {
                $0.slowStart = .zero
                $0.minimumRate = .max
            } _: { client in
                let repository = RemoteRepository(try registry.reference())
                let error = await #expect(throws: RegistryError.self) {
                    try await client.fetchBlob(image.layer, from: repository, into: content)
                }
                #expect(error == .tooSlow(host: registry.host))
            }
            #expect(content.digests.isEmpty)
        }
    }

    /// Each index of a level names all of the next: 64 ways to 18 documents.
    @Test func fetchesWhatIndexesHaveInCommonOnce() async throws {
        try await FakeRegistry.with { registry in
            let image = SampleImage()
            image.add(to: registry, tag: nil)
            var below = [image.descriptor]
            for level in 0..<3 {
                below = (0..<(level == 2 ? 1 : 8)).map { number in
                    let bytes = Index(manifests: below, annotations: ["number": "\(number)"]).bytes
                    registry.addManifest(bytes, type: .index, tag: level == 2 ? "v1" : nil, to: SampleImage.repository)
                    return Descriptor(mediaType: .index, digest: Digest(sha256: bytes), size: Int64(bytes.count))
                }
            }
            try await withClient { client in
                _ = try await client.pull(try registry.reference(), .all, into: MemoryContent())
            }
            let asked = registry.lines.filter { $0.contains("/manifests/") }
            #expect(asked.count == 18)
        }
    }

    /// Informational answers keep a connection alive, and say nothing.
    @Test func doesNotListenToInformationForEver() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { _, _ in
            [.sendForever(Array("HTTP/1.1 102 Processing\r\n\r\n".utf8))]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let reference = try ImageReference("127.0.0.1:\(server.port)/team/app:v1")
            let error = await #expect(throws: RegistryError.self) {
                try await withClient {
                    $0.requestTimeout = .milliseconds(300)
                } _: {
                    _ = try await $0.manifest(reference)
                }
            }
            #expect(error == .unreachable(host: "127.0.0.1:\(server.port)", reason: "it does not answer in time"))
            #expect(server.requests.count == 2)
        }
    }

    @Test func doesNotWaitForHours() async throws {
        let pauses = Pauses()
        let fault = Fault("GET", "/manifests/", .status(429, headers: ["Retry-After": "7200"]), times: 9)
        let (content, lines, error) = try await pull(faults: [fault], pauses: pauses)
        guard case .rateLimited(_, retryAfter: .seconds(7200)) = error else { throw Unexpected(error) }
        #expect(pauses.all == [])
        #expect(lines.count == 1)
        #expect(content.digests.isEmpty)
    }

    @Test func resumesWhereTheConnectionBroke() async throws {
        let (arrived, continuation) = AsyncStream.makeStream(of: Void.self)
        try await FakeRegistry.with(faults: [Fault("GET", "/blobs/", .broken(40_000, arrived))]) { registry in
            let image = SampleImage()
            image.add(to: registry)
            let content = MemoryContent()
            try await withClient { client in
                let repository = RemoteRepository(try registry.reference())
                try await client.fetchBlob(image.layer, from: repository, into: content) { event in
                    if case .progressed(_, completed: 40_000) = event { continuation.yield() }
                }
            }
            #expect(content.digests == [image.layer.digest])
            #expect(registry.requests.map { $0.headers["range"] } == [nil, "bytes=40000-"])
        }
    }

    @Test func beginsAnewWhenThePartsDoNotFit() async throws {
        let (arrived, continuation) = AsyncStream.makeStream(of: Void.self)
        let faults = [
            Fault("GET", "\(SampleImage().layer.digest)", .broken(40_000, arrived)),
            Fault("GET", "\(SampleImage().layer.digest)", .altered),
        ]
        let (content, lines, error) = try await pull(faults: faults) { event in
            if case .progressed(_, completed: 40_000) = event { continuation.yield() }
        }
        #expect(error == nil)
        #expect(content.digests == SampleImage().digests)
        #expect(lines.count == 7)
    }

    /// Whatever comes, the store holds no byte that it should not.
    @Test func refusesWhatIsWrong() async throws {
        let layer = SampleImage().layer
        let cases: [(String, [Fault], (RegistryError) -> Bool)] = [
            (
                "wrong digest", [Fault("GET", "\(layer.digest)", .altered, times: 9)],
                { if case .digestMismatch(_, layer.digest, _) = $0 { true } else { false } }
            ),
            (
                "too short", [Fault("GET", "\(layer.digest)", .resized(49_999), times: 9)],
                { if case .sizeMismatch(_, 50_000, 49_999) = $0 { true } else { false } }
            ),
            (
                "too long", [Fault("GET", "\(layer.digest)", .resized(50_001), times: 9)],
                { if case .sizeMismatch(_, 50_000, 50_001) = $0 { true } else { false } }
            ),
            (
                "endless", [Fault("GET", "\(layer.digest)", .endless, times: 9)],
                { if case .sizeMismatch(_, 50_000, _) = $0 { true } else { false } }
            ),
            (
                "always truncated", [Fault("GET", "\(layer.digest)", .truncated(10), times: 99)],
                { if case .truncated(_, 50_000, _) = $0 { true } else { false } }
            ),
            (
                "gone", [Fault("GET", "\(layer.digest)", .status(404), times: 9)],
                { if case .notFound(let answer) = $0 { answer.target.reference == "\(layer.digest)" } else { false } }
            ),
            (
                "a page for a blob", [Fault("GET", "\(layer.digest)", .page, times: 9)],
                { if case .notARegistry(_, "text/html") = $0 { true } else { false } }
            ),
            (
                "a page for a manifest", [Fault("GET", "/manifests/", .page, times: 9)],
                { if case .notARegistry(_, "text/html") = $0 { true } else { false } }
            ),
            (
                "a manifest of 10 MiB", [Fault("GET", "/manifests/", .resized(10 << 20), times: 9)],
                { if case .tooLarge(_, limit: 4_194_304) = $0 { true } else { false } }
            ),
            (
                "an endless manifest", [Fault("GET", "/manifests/", .endless, times: 9)],
                { if case .tooLarge = $0 { true } else { false } }
            ),
            (
                "another manifest", [Fault("GET", "/manifests/", .altered, times: 9)],
                { if case .digestMismatch = $0 { true } else { false } }
            ),
            (
                "denied",
                [
                    Fault(
                        "GET", "/manifests/", .status(403, body: #"{"errors":[{"code":"DENIED","message":"no\nway"}]}"#)
                    )
                ],
                {
                    if case .denied(let answer) = $0 {
                        answer.code == "DENIED" && answer.message == "no way"
                    } else {
                        false
                    }
                }
            ),
            (
                "always 503", [Fault("GET", "/manifests/", .status(503), times: 99)],
                { if case .refused(let answer) = $0 { answer.status == 503 } else { false } }
            ),
            (
                "away",
                [Fault("GET", "/manifests/", .status(302, headers: ["Location": "file:///etc/passwd"]), times: 9)],
                { if case .redirectRefused(_, "file:///etc/passwd", .invalid) = $0 { true } else { false } }
            ),
            (
                "in circles", [Fault("GET", "/manifests/", .status(302, headers: ["Location": "?secret"]), times: 99)],
                { if case .redirectRefused(_, "/v2/team/app/manifests/v1", .circular) = $0 { true } else { false } }
            ),
            (
                "never there", [Fault("GET", "/manifests/", .lost, times: 99)],
                { if case .unreachable = $0 { true } else { false } }
            ),
        ]
        for (name, faults, isExpected) in cases {
            let (content, _, error) = try await pull(faults: faults)
            #expect(error.map(isExpected) == true, "\(name): \(String(describing: error))")
            #expect(!content.digests.contains(SampleImage().digest), "\(name)")
            #expect(content.digests.isSubset(of: SampleImage().digests), "\(name)")
        }
    }

    @Test(arguments: [
        "{}", "[]", "null", "<html>", "", "{\"manifests\":7}", #"{"schemaVersion":1,"fsLayers":[]}"#,
        #"{"mediaType":"text/x","layers":[]}"#,
    ])
    func refusesWhatIsNoManifest(text: String) async throws {
        try await FakeRegistry.with { registry in
            registry.addManifest(Array(text.utf8), type: .manifest, tag: "v1", to: SampleImage.repository)
            let content = MemoryContent()
            try await withClient { client in
                _ = await #expect(throws: RegistryError.self) {
                    try await client.pull(try registry.reference(), .all, into: content)
                }
            }
            #expect(content.digests.isEmpty)
        }
    }

    @Test func followsRedirectsToAnotherHostWithoutCredentials() async throws {
        var settings = FakeRegistry.Settings()
        settings.authentication = .basic(name: "ann", password: "secret")
        try await FakeRegistry.with { other in
            let image = SampleImage()
            image.add(to: other)
            try await FakeRegistry.with(settings) { registry in
                image.add(to: registry)
                let path = "/v2/\(SampleImage.repository)/blobs/\(image.layer.digest)"
                registry.addFault(
                    Fault(
                        "GET", "\(image.layer.digest)", .status(307, headers: ["Location": other.url(path)]), after: 1))
                let credentials = Credentials(
                    given: [registry.host: .password(name: "ann", password: "secret")], files: [])
                let content = MemoryContent()
                try await withClient(credentials) { client in
                    let repository = RemoteRepository(try registry.reference())
                    try await client.fetchBlob(image.layer, from: repository, into: content)
                }
                #expect(content.digests == [image.layer.digest])
                #expect(other.requests.count == 1)
                #expect(other.requests.allSatisfy { $0.headers["authorization"] == nil })
            }
        }
    }
}

struct Unexpected: Error {
    let value: String

    init(_ value: Any?) { self.value = "\(value ?? "nothing")" }
}

extension TransferEvent {
    /// Of the blob; nil for the plan.
    var digest: Digest? {
        switch self {
        case .planned: nil
        case .began(let descriptor), .progressed(let descriptor, _), .finished(let descriptor, _): descriptor.digest
        }
    }
}
