import OCI
import TestSupport
import Testing

@testable import Distribution

@Suite(.timeLimit(.minutes(10))) struct ResolveTests {
    private static let amd = SampleImage()
    private static let arm = SampleImage(Platform(os: "linux", architecture: "arm", variant: "v6"), layers: 1)
    private static let index = Index(manifests: [amd.descriptor, arm.descriptor]).bytes

    private func withIndex(
        _ settings: FakeRegistry.Settings = .init(), _ body: (FakeRegistry, RegistryClient) async throws -> Void
    ) async throws {
        try await FakeRegistry.with(settings) { registry in
            for image in [Self.amd, Self.arm] { image.add(to: registry, tag: nil) }
            registry.addManifest(Self.index, type: .index, tag: "v1", to: SampleImage.repository)
            try await withClient { try await body(registry, $0) }
        }
    }

    @Test func findsAnImageWithoutItsLayers() async throws {
        try await withIndex { registry, client in
            let content = MemoryContent()
            let reference = try registry.reference()
            let found = try await client.image(reference, platform: Self.amd.platform, keptIn: content)
            #expect(found.root.digest == Digest(sha256: Self.index))
            #expect(found.manifest.digest == Self.amd.digest)
            #expect(found.image.configBytes == Self.amd.config)
            #expect(found.image.layers.map(\.blobs.first?.digest) == Self.amd.layers.map { Digest(sha256: $0) })
            #expect(registry.requests.map(\.method) == ["HEAD", "GET", "GET", "GET"])

            // Once more it costs one small request, and none by digest.
            let before = registry.requests.count
            #expect(try await client.image(reference, platform: Self.amd.platform, keptIn: content) == found)
            #expect(registry.requests.dropFirst(before).map(\.method) == ["HEAD"])
            let exact = try registry.reference("@\(found.root.digest)")
            #expect(try await client.image(exact, platform: Self.amd.platform, keptIn: content) == found)
            #expect(registry.requests.count == before + 1)
        }
    }

    @Test func choosesThePlatform() async throws {
        try await withIndex { registry, client in
            let wanted = Platform(os: "linux", architecture: "arm", variant: "v7")
            let content = MemoryContent()
            let pulled = try await client.pull(try registry.reference(), .one(wanted), into: content)
            #expect(pulled.descriptor.digest == Self.arm.digest)
            #expect(content.digests == Self.arm.digests)
        }
    }

    /// image-spec, image-index.md: an entry's platform is OPTIONAL; then it is the config's, at any depth.
    @Test func findsThePlatformInTheConfig() async throws {
        func bare(_ image: SampleImage) -> Descriptor {
            Descriptor(mediaType: .manifest, digest: image.digest, size: Int64(image.manifest.count))
        }
        func entry(_ index: [UInt8]) -> Descriptor {
            Descriptor(mediaType: .index, digest: Digest(sha256: index), size: Int64(index.count))
        }
        let flat = Index(manifests: [bare(Self.arm), bare(Self.amd)]).bytes
        let nested = Index(manifests: [entry(flat)]).bytes
        // What says its platform comes first, and the others are not asked for.
        let mixed = Index(manifests: [bare(Self.arm), Self.amd.descriptor]).bytes
        try await withIndex { registry, client in
            for index in [flat, nested, mixed] { registry.addManifest(index, type: .index, to: SampleImage.repository) }
            for index in [flat, nested, mixed] {
                let name = try registry.reference("@\(Digest(sha256: index))")
                for image in [Self.amd, Self.arm] {
                    let found = try await client.image(name, platform: image.platform, keptIn: MemoryContent())
                    #expect(found.image.configBytes == image.config)
                    let content = MemoryContent()
                    #expect(
                        try await client.pull(name, .one(image.platform), into: content).descriptor.digest
                            == image.digest)
                    #expect(content.digests.isSuperset(of: image.digests))
                    let copy = try await client.copy(
                        name, .one(image.platform), to: registry.reference(":copy", repository: "other/app"))
                    #expect(copy.descriptor.digest == image.digest)
                }
            }
            let before = registry.requests.count
            _ = try await client.image(
                registry.reference("@\(Digest(sha256: mixed))"), platform: Self.amd.platform, keptIn: MemoryContent())
            #expect(registry.requests.dropFirst(before).count == 3)
            let wanted = Platform(os: "linux", architecture: "s390x")
            let error = await #expect(throws: RegistryError.self) {
                try await client.image(
                    registry.reference("@\(Digest(sha256: nested))"), platform: wanted, keptIn: MemoryContent())
            }
            guard case .noPlatform(_, _, let available) = error else { throw Unexpected(error) }
            #expect(available == [Self.arm.platform, Self.amd.platform])
        }
    }

    /// An index that names itself ends.
    @Test func endsWhereIndexesAreEndless() async throws {
        try await withIndex { registry, client in
            var index = Index(manifests: []).bytes
            for _ in 0..<12 {
                let entries = (0..<20).map { _ in
                    Descriptor(mediaType: .index, digest: Digest(sha256: index), size: Int64(index.count))
                }
                index = Index(manifests: entries).bytes
                registry.addManifest(index, type: .index, to: SampleImage.repository)
            }
            let name = try registry.reference("@\(Digest(sha256: index))")
            await #expect(throws: RegistryError.self) {
                try await client.image(name, platform: Self.amd.platform, keptIn: MemoryContent())
            }
            #expect(registry.requests.count < 100)
        }
    }

    @Test func pullsAWholeIndex() async throws {
        try await withIndex { registry, client in
            let content = MemoryContent()
            let pulled = try await client.pull(try registry.reference(), .all, into: content)
            #expect(pulled.bytes == Self.index)
            #expect(content.digests == Self.amd.digests.union(Self.arm.digests).union([Digest(sha256: Self.index)]))
        }
    }

    @Test func saysWhichPlatformsThereAre() async throws {
        try await withIndex { registry, client in
            let wanted = Platform(os: "linux", architecture: "s390x")
            let content = MemoryContent()
            for attempt in 0..<2 {
                let error = await #expect(throws: RegistryError.self) {
                    if attempt == 0 {
                        _ = try await client.pull(try registry.reference(), .one(wanted), into: content)
                    } else {
                        _ = try await client.image(try registry.reference(), platform: wanted, keptIn: content)
                    }
                }
                guard case .noPlatform(let target, wanted, let available) = error else { throw Unexpected(error) }
                #expect(target.description == "\(registry.host)/team/app:v1")
                #expect(available == [Self.amd.platform, Self.arm.platform])
            }
            #expect(content.digests.isSubset(of: [Digest(sha256: Self.index)]))
        }
    }

    @Test func readsTheDigestWhereTheHeadDoesNotTell() async throws {
        var settings = FakeRegistry.Settings()
        settings.namesDigests = false
        try await withIndex(settings) { registry, client in
            let found = try await client.resolve(try registry.reference())
            #expect(
                found
                    == Descriptor(mediaType: .index, digest: Digest(sha256: Self.index), size: Int64(Self.index.count)))
            #expect(registry.requests.map(\.method) == ["HEAD", "GET"])
        }
    }

    @Test(arguments: [400, 403, 404, 405, 406, 429, 500, 501, 503])
    func readsTheManifestWhereHeadFails(status: Int) async throws {
        try await withIndex { registry, client in
            registry.addFault(.init("HEAD", "/manifests/", .status(status)))
            let found = try await client.resolve(try registry.reference())
            #expect(found.digest == Digest(sha256: Self.index))
            #expect(registry.requests.map(\.method) == ["HEAD", "GET"])
        }
    }

    @Test func refusesAnotherDigest() async throws {
        try await withIndex { registry, client in
            let other = Digest(sha256: [1])
            registry.addManifest(Self.index, type: .index, tag: other.description, to: SampleImage.repository)
            for isHead in [true, false] {
                let reference = try registry.reference("@\(other)")
                await #expect(throws: RegistryError.self) {
                    _ = isHead ? try await client.resolve(reference) : try await client.manifest(reference).descriptor
                }
            }
            let unknown = try registry.reference("@\(Digest(sha256: [2]))")
            let error = await #expect(throws: RegistryError.self) { try await client.manifest(unknown) }
            guard case .notFound(let answer) = error else { throw Unexpected(error) }
            #expect(answer.code == "MANIFEST_UNKNOWN")
        }
    }

    @Test func listsTags() async throws {
        var settings = FakeRegistry.Settings()
        settings.tagsPerPage = 2
        try await withIndex(settings) { registry, client in
            for tag in ["a", "b", "c", "d"] { Self.amd.add(to: registry, tag: tag) }
            let tags = try await client.tags(of: RemoteRepository(try registry.reference()))
            #expect(tags == ["a", "b", "c", "d", "v1"])
            let error = await #expect(throws: RegistryError.self) {
                try await client.tags(of: RemoteRepository(try registry.reference(repository: "no/body")))
            }
            guard case .notFound = error else { throw Unexpected(error) }
        }
    }

    @Test(arguments: [true, false])
    func listsReferrers(knowsReferrers: Bool) async throws {
        var settings = FakeRegistry.Settings()
        settings.knowsReferrers = knowsReferrers
        try await withIndex(settings) { registry, client in
            let repository = RemoteRepository(try registry.reference())
            #expect(try await client.referrers(of: Self.amd.digest, in: repository) == [])
            let subject =
                #"{"schemaVersion":2,"mediaType":"\#(MediaType.manifest)","config":{},"layers":[],"subject":{"digest":"\#(Self.amd.digest)"}}"#
            let digest = registry.addManifest(Array(subject.utf8), type: .manifest, to: SampleImage.repository)
            let list = Index(manifests: [
                Descriptor(mediaType: .manifest, digest: digest, size: Int64(subject.utf8.count))
            ])
            if !knowsReferrers {
                registry.addManifest(
                    list.bytes, type: .index, tag: "sha256-\(Self.amd.digest.hex)", to: SampleImage.repository)
            }
            #expect(try await client.referrers(of: Self.amd.digest, in: repository) == list.manifests)
        }
    }

    @Test(
        arguments: [
            ("linux/amd64", "linux/amd64", 0), ("linux/amd64/v2", "linux/amd64/v3", 2),
            ("linux/amd64", "linux/amd64/v3", 3),
            ("linux/amd64/v3", "linux/amd64/v2", nil), ("linux/amd64/v2", "linux/amd64", 100),
            ("linux/arm/v6", "linux/arm/v7", 2), ("linux/arm/v7", "linux/arm/v6", nil),
            ("linux/arm64", "linux/arm64", 0),
            ("linux/arm64", "linux/amd64", nil), ("windows/amd64", "linux/amd64", nil),
            ("linux/arm/vX", "linux/arm/v7", nil),
        ] as [(String, String, Int?)])
    func measuresPlatforms(image: String, wanted: String, distance: Int?) throws {
        #expect(try Platform(parsing: image).distance(to: try Platform(parsing: wanted)) == distance)
    }
}
