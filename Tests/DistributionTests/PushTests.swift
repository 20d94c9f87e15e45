import OCI
import Synchronization
import TestSupport
import Testing

@testable import Distribution

@Suite(.timeLimit(.minutes(10))) struct PushTests {
    typealias Fault = FakeRegistry.Fault

    private struct Pushed {
        let registry: FakeRegistry
        let outcomes: [Digest: TransferOutcome]
        let error: RegistryError?

        var lines: [String] { registry.lines }
        var isComplete: Bool {
            let image = SampleImage()
            return registry.manifest("v1", in: SampleImage.repository) == image.manifest
                && image.blobs.allSatisfy { registry.blob(Digest(sha256: $0), in: SampleImage.repository) == $0 }
        }
    }

    /// Pushes a sample image to a registry that makes these faults.
    private func push(
        _ settings: FakeRegistry.Settings = .init(), faults: [Fault] = [], mountable: [String] = [],
        configure: (inout RegistryClient.Configuration) -> Void = { _ in },
        prepare: (FakeRegistry) -> Void = { _ in }
    ) async throws -> Pushed {
        try await FakeRegistry.with(settings, faults: faults) { registry in
            prepare(registry)
            let image = SampleImage()
            let content = MemoryContent([image.manifest] + image.blobs)
            let outcomes = Mutex<[Digest: TransferOutcome]>([:])
            var failure: RegistryError?
            try await withClient(configure: configure) { client in
                do {
                    let others = try mountable.map { RemoteRepository(try registry.reference(repository: $0)) }
                    try await client.push(
                        image.descriptor, from: content, to: try registry.reference(), mountable: others,
                        observer: { event in
                            guard case .finished(let descriptor, let outcome) = event else { return }
                            outcomes.withLock { $0[descriptor.digest] = outcome }
                        })
                } catch let error as RegistryError {
                    failure = error
                }
            }
            return Pushed(registry: registry, outcomes: outcomes.withLock { $0 }, error: failure)
        }
    }

    @Test func pushesAnImage() async throws {
        let pushed = try await push { $0.parallelBlobs = 1 }
        #expect(pushed.error == nil)
        #expect(pushed.isComplete)
        #expect(pushed.lines.filter { $0.hasPrefix("PUT") }.count == 5)
        #expect(pushed.lines.last == "PUT /v2/team/app/manifests/v1")
        #expect(pushed.registry.requests.last?.headers["content-type"] == MediaType.manifest.rawValue)
        #expect(pushed.outcomes.values.allSatisfy { $0 == .transferred })
    }

    @Test func sendsNothingThatIsThere() async throws {
        let pushed = try await push { _ in
        } prepare: {
            SampleImage().add(to: $0, tag: nil)
        }
        #expect(pushed.isComplete)
        #expect(pushed.lines.filter { !$0.hasPrefix("HEAD") } == ["PUT /v2/team/app/manifests/v1"])
        #expect(pushed.outcomes.values.allSatisfy { $0 == .existed })
    }

    @Test func mountsFromAnotherRepository() async throws {
        let pushed = try await push(mountable: ["nobody/nothing", "team/base"]) { _ in
        } prepare: { registry in
            for blob in SampleImage().blobs { registry.addBlob(blob, to: "team/base") }
        }
        #expect(pushed.isComplete)
        let base = RemoteRepository(try pushed.registry.reference(repository: "team/base"))
        #expect(pushed.outcomes.values.allSatisfy { $0 == .mounted(from: base) })
        #expect(pushed.lines.filter { $0.hasPrefix("PUT") }.count == 1)
    }

    /// What is remembered of a blob helps when it is right, and harms nothing when it is not.
    @Test(arguments: ["team/base", "team/gone"])
    func mountsFromWhereABlobWasSeen(repository: String) async throws {
        try await FakeRegistry.with { registry in
            let image = SampleImage()
            for blob in image.blobs { registry.addBlob(blob, to: "team/base") }
            let seen = RemoteRepository(try registry.reference(repository: repository))
            let elsewhere = RemoteRepository(try ImageReference("registry.example/team/base"))
            let outcomes = Mutex<Set<TransferOutcome>>([])
            try await withClient { client in
                let store = MemoryContent([image.manifest] + image.blobs)
                let own = RemoteRepository(try registry.reference())
                try await client.push(image.descriptor, from: store, to: try registry.reference()) { _ in
                    [elsewhere, own, seen]
                } observer: { event in
                    if case .finished(_, let outcome) = event { outcomes.withLock { _ = $0.insert(outcome) } }
                }
            }
            #expect(outcomes.withLock { $0 } == [repository == "team/base" ? .mounted(from: seen) : .transferred])
            #expect(registry.manifest("v1", in: SampleImage.repository) == image.manifest)
            for blob in image.blobs { #expect(registry.blob(Digest(sha256: blob), in: SampleImage.repository) == blob) }
            // A mount that is refused begins an upload, and that one is used.
            #expect(registry.requests.filter { $0.method == "POST" }.count == image.blobs.count)
        }
    }

    @Test func sendsWhatCannotBeMounted() async throws {
        var settings = FakeRegistry.Settings()
        settings.mounts = false
        let pushed = try await push(
            settings, faults: [Fault("POST", "/blobs/uploads/", .status(403), times: 1)], mountable: ["team/base"])
        #expect(pushed.error == nil)
        #expect(pushed.isComplete)
    }

    @Test func survivesFaults() async throws {
        let faults: [(String, [Fault])] = [
            ("upload refused for now", [Fault("POST", "/blobs/uploads/", .status(503), times: 2)]),
            ("the answer is lost", [Fault("PUT", "/blobs/uploads/", .truncated(0), times: 2)]),
            ("the body is lost", [Fault("PUT", "/blobs/uploads/", .lost, times: 2)]),
            (
                "a chunk is lost",
                [Fault("PUT", "/blobs/uploads/", .lost, times: 4), Fault("PATCH", "", .lost, times: 3)]
            ),
            (
                "a chunk's answer is lost",
                [Fault("PUT", "/blobs/uploads/", .lost, times: 4), Fault("PATCH", "", .truncated(0), times: 3)]
            ),
            ("an upload is forgotten", [Fault("PUT", "/blobs/uploads/", .status(404), times: 2)]),
            (
                "a chunk that does not fit",
                [Fault("PUT", "/blobs/uploads/", .lost, times: 4), Fault("PATCH", "", .status(416), times: 2)]
            ),
            ("manifest refused for now", [Fault("PUT", "/manifests/", .status(500), times: 3)]),
            ("too many", [Fault("HEAD", "/blobs/", .status(429, headers: ["Retry-After": "1"]), times: 3)]),
        ]
        for (name, faults) in faults {
            let pushed = try await push(faults: faults) { $0.chunkSize = 7_000 }
            #expect(pushed.error == nil, "\(name)")
            #expect(pushed.isComplete, "\(name)")
        }
    }

    /// What a registry has kept of a blob that broke off is not sent again; where it is no use, all is sent once more.
    @Test(
        arguments: [
            (kept: 30_000, altered: false, question: nil, chunks: ["30000-36999", "37000-43999", "44000-49999"]),
            (kept: 50_000, altered: false, question: nil, chunks: []),
            (kept: 30_000, altered: true, question: nil, chunks: ["30000-36999", "0-6999", "49000-49999"]),
            (kept: 30_000, altered: false, question: 404, chunks: ["0-6999", "49000-49999"]),
            (kept: 30_000, altered: false, question: 405, chunks: ["0-6999", "49000-49999"]),
            (kept: 30_000, altered: false, question: 500, chunks: ["0-6999", "49000-49999"]),
            (kept: 0, altered: false, question: nil, chunks: ["0-6999", "49000-49999"]),
        ] as [(kept: Int, altered: Bool, question: Int?, chunks: [String])])
    func goesOnWhereABlobBrokeOff(kept: Int, altered: Bool, question: Int?, chunks: [String]) async throws {
        let image = SampleImage()
        try await FakeRegistry.with { registry in
            for blob in image.blobs where blob != image.layers[0] { registry.addBlob(blob, to: SampleImage.repository) }
            registry.addFault(Fault("PUT", "/blobs/uploads/", .kept(kept, altered: altered)))
            if let question { registry.addFault(Fault("GET", "/blobs/uploads/", .status(question), times: 99)) }
            try await withClient(configure: { $0.chunkSize = 7_000 }) { client in
                try await client.push(
                    image.descriptor, from: MemoryContent([image.manifest] + image.blobs), to: try registry.reference())
            }
            for blob in image.blobs { #expect(registry.blob(Digest(sha256: blob), in: SampleImage.repository) == blob) }
            let sent = registry.requests.filter { $0.method == "PATCH" }.compactMap { $0.headers["content-range"] }
            #expect(chunks.allSatisfy(sent.contains) && sent.isEmpty == chunks.isEmpty, "\(sent)")
            let isSentAgain = altered || question != nil || kept == 0
            #expect(sent.contains("0-6999") == isSentAgain, "\(sent)")
        }
    }

    /// Statuses of success and forms of places that registries are known to answer with, each with a break on the way.
    @Test(arguments: [200, 201, 202, 204], ["path", "absolute", "host", "relative", "none"])
    func takesEverySuccess(status: Int, form: String) async throws {
        var settings = FakeRegistry.Settings()
        settings.uploads.beginning = status
        settings.uploads.chunk = status
        settings.uploads.end = status
        settings.uploads.question = status
        settings.uploads.place = { path, host in
            switch form {
            case "absolute": "http://\(host)\(path)"
            case "host": "//\(host)\(path)"
            case "relative": "../uploads/" + (path.split(separator: "/").last ?? "")
            case "none": nil
            default: path
            }
        }
        let faults = [Fault("PUT", "/blobs/", .status(503)), Fault("PATCH", "/blobs/", .status(500), after: 1)]
        let pushed = try await push(settings, faults: faults) { $0.chunkSize = 20_000 }
        #expect(pushed.error == nil && pushed.isComplete)
    }

    /// Who refuses HEAD, or leads it elsewhere, is sent what it may have.
    @Test(arguments: [400, 403, 405, 500, 501])
    func sendsWhereNobodyMayAsk(status: Int) async throws {
        let pushed = try await push(faults: [Fault("HEAD", "/blobs/", .status(status), times: 999)])
        #expect(pushed.error == nil && pushed.isComplete)
    }

    /// A registry is silent while it puts together what it was sent; whoever else is silent is left.
    @Test func waitsForTheEndOfAnUpload() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, _ in
            switch request.line.split(separator: " ").first {
            case "PUT": [.hang]
            case "POST": [.answer("202 Accepted", ["Location": "/v2/x/blobs/uploads/1", "Content-Length": "0"])]
            default: request.target == "/v2/" ? [.ok([])] : [.answer("404 Not Found", ["Content-Length": "0"])]
            }
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let image = SampleImage()
            let reference = try ImageReference("127.0.0.1:\(server.port)/x")
            try await withClient {
                $0.policy.idleTimeout = .seconds(100)
                $0.requestTimeout = .seconds(100)
                $0.policy.commitTimeout = .milliseconds(200)
                $0.policy.delays = []
            } _: { client in
                let error = await #expect(throws: RegistryError.self) {
                    try await client.push(
                        image.descriptor, from: MemoryContent([image.manifest] + image.blobs), to: reference)
                }
                guard case .unreachable = error else { throw Unexpected(error) }
            }
        }
    }

    @Test func sendsChunksWhereWholeBlobsAreTooLarge() async throws {
        var settings = FakeRegistry.Settings()
        settings.maximumBody = 20_000
        let pushed = try await push(settings) { $0.chunkSize = 15_000 }
        #expect(pushed.error == nil)
        #expect(pushed.isComplete)
        let ranges = pushed.registry.requests.filter { $0.method == "PATCH" }.compactMap { $0.headers["content-range"] }
        #expect(ranges.contains("0-14999") && ranges.contains("15000-29999") && ranges.contains("45000-49999"))
    }

    /// A blob of which a piece more is there with each look.
    private func growing(_ bytes: [UInt8]) -> GrowingContent {
        GrowingContent(
            read: { offset, count in Array(bytes.dropFirst(Int(offset)).prefix(count)) },
            descriptor: { Descriptor(mediaType: .layer, digest: Digest(sha256: bytes), size: Int64(bytes.count)) })
    }

    @Test(arguments: [0, 1, 7_000, 14_000, 20_001])
    func sendsABlobThatIsBeingMade(size: Int) async throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await FakeRegistry.with { registry in
            try await withClient(configure: { $0.chunkSize = 7_000 }) { client in
                let sent = try await client.push(growing(bytes), to: try registry.reference())
                #expect(sent?.digest == Digest(sha256: bytes))
            }
            #expect(registry.blob(Digest(sha256: bytes), in: SampleImage.repository) == bytes)
            #expect(registry.lines.filter { $0.hasPrefix("PATCH") }.count == (size + 6_999) / 7_000)
        }
    }

    @Test func sendsNoRestOfABlobThatIsThere() async throws {
        let bytes = [UInt8](repeating: 7, count: 20_000)
        try await FakeRegistry.with { registry in
            let digest = registry.addBlob(bytes, to: SampleImage.repository)
            try await withClient(configure: { $0.chunkSize = 7_000 }) { client in
                let sent = try await client.push(growing(bytes), to: try registry.reference())
                #expect(sent == nil)
            }
            #expect(registry.lines.filter { $0.hasPrefix("PATCH") }.count == 1, "\(registry.lines)")
            #expect(registry.requests.last?.path.hasSuffix("/blobs/\(digest)") == true)
        }
    }

    /// A head start that breaks off goes on where it was; where the registry has forgotten it, it begins anew.
    @Test(
        arguments: [
            (Fault("POST", "/blobs/uploads/", .status(503)), "0 7000 14000"),
            (Fault("PATCH", "", .lost, after: 1), "0 7000 7000 14000"),
            (Fault("PATCH", "", .truncated(0), after: 1), "0 7000 14000"),
            (Fault("PATCH", "", .kept(3_000, altered: false), after: 1), "0 7000 10000 14000"),
            (Fault("PATCH", "", .status(500), times: 2, after: 2), "0 7000 14000 14000 14000"),
            (Fault("PATCH", "", .status(404), after: 1), "0 7000 0 7000 14000"),
            (Fault("PUT", "/blobs/uploads/", .truncated(0)), "0 7000 14000"),
            (Fault("PUT", "/blobs/uploads/", .lost), "0 7000 14000 0 7000 14000"),
        ] as [(Fault, String)])
    func goesOnWithAHeadStart(fault: Fault, places: String) async throws {
        let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await FakeRegistry.with(faults: [fault]) { registry in
            try await withClient(configure: { $0.chunkSize = 7_000 }) { client in
                let sent = try await client.push(growing(bytes), to: try registry.reference())
                #expect(sent?.digest == Digest(sha256: bytes))
            }
            #expect(registry.blob(Digest(sha256: bytes), in: SampleImage.repository) == bytes)
            let ranges = registry.requests.filter { $0.method == "PATCH" }.compactMap { $0.headers["content-range"] }
            #expect(ranges.map { String($0.prefix { $0 != "-" }) }.joined(separator: " ") == places)
        }
    }

    @Test func givesUpAHeadStartThatIsRefused() async throws {
        let faults = [
            Fault("PATCH", "", .status(405)), Fault("PUT", "/blobs/uploads/", .status(400)),
            Fault("POST", "/blobs/uploads/", .page), Fault("POST", "/blobs/uploads/", .status(404)),
            Fault("POST", "/blobs/uploads/", .status(403)),
        ]
        let bytes = [UInt8](repeating: 7, count: 10_000)
        for fault in faults {
            try await FakeRegistry.with(faults: [fault]) { registry in
                try await withClient { client in
                    _ = await #expect(throws: (any Error).self, "\(fault)") {
                        try await client.push(growing(bytes), to: try registry.reference())
                    }
                }
                #expect(registry.blob(Digest(sha256: bytes), in: SampleImage.repository) == nil)
                #expect(registry.lines.filter { $0.hasPrefix(fault.method) }.count == 1, "\(registry.lines)")
            }
        }
        // One of which nothing came is not ended.
        try await FakeRegistry.with { registry in
            try await withClient { client in
                let broken = GrowingContent(read: { offset, _ in offset == 0 ? bytes : [] }, descriptor: { nil })
                let sent = try await client.push(broken, to: try registry.reference())
                #expect(sent == nil)
            }
            #expect(!registry.lines.contains { $0.hasPrefix("PUT") })
        }
    }

    @Test func renewsTheTokenOnTheWay() async throws {
        var settings = FakeRegistry.Settings()
        settings.authentication = .bearer(name: nil, password: "", uses: 6)
        let pushed = try await push(settings) { $0.parallelBlobs = 1 }
        #expect(pushed.error == nil)
        #expect(pushed.isComplete)
        let scopes = pushed.registry.requests.filter { $0.path == "/token" }.map { $0.query["scope"]?.first }
        #expect(scopes.count > 1)
        #expect(scopes.allSatisfy { $0 == "repository:team/app:pull,push" })
    }

    @Test func refusesWhatIsWrong() async throws {
        let cases: [(String, Fault, (RegistryError) -> Bool)] = [
            (
                "denied", Fault("POST", "/blobs/uploads/", .status(403), times: 99),
                { if case .denied = $0 { true } else { false } }
            ),
            (
                "no place", Fault("POST", "/blobs/uploads/", .status(202), times: 99),
                { if case .invalidAnswer(_, part: "Location") = $0 { true } else { false } }
            ),
            (
                "another digest",
                Fault("PUT", "/manifests/", .status(201, headers: ["Docker-Content-Digest": "sha256:00"]), times: 9),
                { if case .invalidAnswer(_, part: "Docker-Content-Digest") = $0 { true } else { false } }
            ),
            (
                "never", Fault("PUT", "/blobs/uploads/", .status(500), times: 99),
                { if case .refused(let answer) = $0 { answer.status == 500 } else { false } }
            ),
            (
                "a manifest refused",
                Fault("PUT", "/manifests/", .status(400, body: #"{"errors":[{"code":"MANIFEST_INVALID"}]}"#)),
                { if case .refused(let answer) = $0 { answer.code == "MANIFEST_INVALID" } else { false } }
            ),
        ]
        for (name, fault, isExpected) in cases {
            let pushed = try await push(faults: [fault])
            #expect(pushed.error.map(isExpected) == true, "\(name): \(String(describing: pushed.error))")
            #expect(pushed.registry.manifest("v1", in: SampleImage.repository) == nil, "\(name)")
        }
    }

    @Test(arguments: [Int64.max, 0])
    func carriesAnEmptyBlob(maximumWholeBlob: Int64) async throws {
        try await FakeRegistry.with { registry in
            let empty = Descriptor(mediaType: .layer, digest: Digest(sha256: []), size: 0)
            let config = Array("{}".utf8)
            let manifest = Manifest(
                config: Descriptor(mediaType: .config, digest: Digest(sha256: config), size: 2), layers: [empty]
            ).bytes
            let root = Descriptor(mediaType: .manifest, digest: Digest(sha256: manifest), size: Int64(manifest.count))
            let pulled = MemoryContent()
            try await withClient {
                $0.maximumWholeBlob = maximumWholeBlob
            } _: { client in
                let reference = try registry.reference()
                try await client.push(root, from: MemoryContent([[], config, manifest]), to: reference)
                _ = try await client.pull(reference, .all, into: pulled)
            }
            #expect(registry.blob(empty.digest, in: SampleImage.repository) == [])
            #expect(pulled.digests == [empty.digest, Digest(sha256: config), root.digest])
        }
    }

    @Test func saysWhichBlobTheStoreLacks() async throws {
        try await FakeRegistry.with { registry in
            let image = SampleImage()
            let content = MemoryContent([image.manifest, image.config])
            try await withClient { client in
                _ = await #expect(throws: ContentError.self) {
                    try await client.push(image.descriptor, from: content, to: try registry.reference())
                }
            }
            #expect(registry.manifest("v1", in: SampleImage.repository) == nil)
        }
    }

    @Test func copiesBetweenRegistries() async throws {
        let arm = SampleImage(Platform(os: "linux", architecture: "arm64"))
        let amd = SampleImage()
        let index = Index(manifests: [amd.descriptor, arm.descriptor]).bytes
        try await FakeRegistry.with(faults: [Fault("GET", "/blobs/", .truncated(10_000))]) { from in
            for image in [amd, arm] { image.add(to: from, tag: nil) }
            from.addManifest(index, type: .index, tag: "v1", to: SampleImage.repository)
            try await FakeRegistry.with { to in
                try await withClient { client in
                    let target = try to.reference(":copy", repository: "mirror/app")
                    let root = try await client.copy(try from.reference(), .all, to: target)
                    #expect(root.bytes == index)
                }
                #expect(to.manifest("copy", in: "mirror/app") == index)
                for blob in amd.blobs + arm.blobs {
                    #expect(to.blob(Digest(sha256: blob), in: "mirror/app") == blob)
                }
            }
        }
    }

    @Test func refusesToPassOnWhatIsWrong() async throws {
        let image = SampleImage()
        let fault = Fault("GET", "\(image.layer.digest)", .altered, times: 99)
        try await FakeRegistry.with(faults: [fault]) { from in
            image.add(to: from)
            try await FakeRegistry.with { to in
                try await withClient { client in
                    let error = await #expect(throws: RegistryError.self) {
                        try await client.copy(try from.reference(), .all, to: try to.reference())
                    }
                    guard case .digestMismatch(_, image.layer.digest, _) = error else { throw Unexpected(error) }
                }
                #expect(to.blob(image.layer.digest, in: SampleImage.repository) == nil)
                #expect(to.manifest("v1", in: SampleImage.repository) == nil)
            }
        }
    }
}
