import Archive
import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

/// What goes out of a store, and what it finds out about itself once.
@Suite(.needsRoot, .timeLimit(.minutes(5))) struct StoreCareTests {
    private func put(_ label: String, named name: String? = nil, age: Int64 = 0, in store: Store) throws -> Digest {
        var config = ImageConfig(platform: .host)
        config.container.labels = ["label": label]
        let image = Image(config: config, layers: [])
        try store.images.put(image, size: 1)
        if let name { try store.images.tag(image.id, try ImageReference(name)) }
        let records = try Directory(opening: store.path.appending("images"))
        let time = FileTime(seconds: FileTime.now.seconds - age, nanoseconds: 0)
        try records.setModified(Array(image.id.hex.utf8), time)
        return image.id
    }

    @Test(
        arguments: [
            (false, nil, ["nameless", "old"]), (true, nil, ["named", "nameless", "old"]), (false, 100, ["old"]),
            (true, 100, ["old"]), (true, 10_000, []),
        ] as [(Bool, Int64?, [String])])
    func prunesImages(named: Bool, olderThan age: Int64?, expected: [String]) async throws {
        try await withStore { store, _ in
            let images = [
                "named": try put("1", named: "app", in: store), "nameless": try put("2", in: store),
                "old": try put("3", age: 1000, in: store),
            ]
            var policy = Store.PrunePolicy()
            policy.includesNamedImages = named
            policy.lastUsedBefore = age.map { FileTime.now.seconds - $0 }
            let removal = try #require(try store.prune(policy))
            #expect(Set(removal.deleted) == Set(expected.compactMap { images[$0] }))
            #expect(removal.untagged.map(\.familiar) == (expected.contains("named") ? ["app"] : []))
            let left = Set(images.values).subtracting(removal.deleted)
            #expect(try Set(store.images.list().map(\.id)) == left)
        }
    }

    @Test func aLaterCopyTakesTheEarlierOnesPlace() async throws {
        try await withStore { store, _ in
            let target = try #require(ImagePath("/etc/motd"))
            let facts = try store.assembleLayer(on: FileTree(layers: [])) { assembler in
                for text in ["first", "second, which is longer"] {
                    let source = CopySource(
                        kind: .inline(name: Array("motd".utf8), content: Array(text.utf8)), ownership: .root)
                    try assembler.copy(source, to: target, intoDirectory: false, attributes: .init())
                }
            }
            try store.keep(facts)
            let tree = try store.layers.tree([facts.facts.diffID])
            #expect(try String(decoding: tree.read(target), as: UTF8.self) == "second, which is longer")
        }
    }

    @Test func notesStayUntilTheyAreDropped() async throws {
        try await withStore { store, _ in
            let digests = ["a", "b"].map { Digest(sha256: $0.utf8) }
            for notes in [store.records, store.buildNotes] {
                #expect(notes.load(digests[0]) == nil)
                notes.keep([1], under: digests[0])
                #expect(notes.load(digests[0]) == [1] && notes.load(digests[1]) == nil)
            }
            _ = try store.collect()
            #expect(store.records.load(digests[0]) == nil)
        }
    }

    /// What was unpacked in passing to see whether it is right is known from then on.
    @Test func checksABlobThatWasNeverUsedOnce() async throws {
        try await withStore { store, _ in
            var archive = TarBuilder()
            archive.add("file", content: "content")
            let compressor = try BlockCompressor(.gzip, level: 1)
            let packed = try archive.finished.withUnsafeBytes { try compressor.compress($0) }
            let blob = Descriptor(
                mediaType: .layerGzip, digest: try store.content.put(packed), size: Int64(packed.count))
            let layer = Image.Layer(diffID: DiffID(Digest(sha256: archive.finished)), blobs: [blob])
            var config = ImageConfig(platform: .host)
            config.layers = [layer.diffID]
            try store.images.put(Image(config: config, layers: [layer]), size: 1)
            func read(repairing: Bool) throws -> Int64 {
                let report = try #require(try store.check(repairing: repairing))
                #expect(report.findings.isEmpty)
                return report.bytes
            }
            let first = try read(repairing: false)
            #expect(try read(repairing: true) == first)
            #expect(try read(repairing: false) < first)
        }
    }
}
