import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

@Suite(.needsRoot) struct StoreTests {
    private func image(_ label: String, layers: [Image.Layer] = []) -> Image {
        var config = ImageConfig(platform: .host)
        config.container.labels = ["label": label]
        config.layers = layers.map(\.diffID)
        return Image(config: config, layers: layers)
    }

    @Test func namesImages() async throws {
        try await withStore { store, _ in
            let (first, second) = (image("1"), image("2"))
            for image in [first, second] { try store.images.put(image, size: 5) }
            let name = try ImageReference("app:1")
            try store.images.tag(first.id, name)
            try store.images.tag(first.id, try ImageReference("registry.example:5000/a/b:2"))
            #expect(try store.images.resolve("app:1") == first.id)
            #expect(try store.images.resolve(first.id.short) == first.id)
            #expect(try store.images.resolve(first.id.description) == first.id)
            try store.images.tag(second.id, name)
            #expect(try store.images.image(named: name) == second)
            #expect(try store.images.list().count == 2)
            #expect(
                try store.images.list().first { $0.id == first.id }?.references.map(\.familiar) == [
                    "registry.example:5000/a/b:2"
                ])
            #expect(try store.images.untag(name))
            #expect(try !store.images.untag(name))
            #expect(throws: StorageError.self) { try store.images.resolve("app:1") }
            #expect(throws: StorageError.self) { try store.images.resolve("../../etc/passwd") }
        }
    }

    @Test func showsALayerWhileItIsPacked() async throws {
        try await withStore { store, _ in
            // Bytes that no compression makes smaller.
            let content = String(decoding: (0..<300_000).map { _ in UInt8.random(in: 32...126) }, as: UTF8.self)
            let facts = try store.makeLayer { assembler in
                _ = try assembler.makeDirectory(try #require(ImagePath("/a")))
            }
            let layer = try store.addLayer { $0.add("file", content: content) }
            let image = image("x", layers: [Image.Layer(diffID: facts.diffID), Image.Layer(diffID: layer)])
            try store.images.put(image, size: 5)
            let (blobs, announcement) = AsyncStream<GrowingBlob>.makeStream()
            async let manifest = store.perform {
                defer { announcement.finish() }
                return try store.publish(image.id, .gzip) { announcement.yield($0) }
            }
            var seen: [Digest] = []
            for await blob in blobs {
                var bytes: [UInt8] = []
                while true {
                    let piece = try await blob.bytes(at: Int64(bytes.count), count: 1000)
                    bytes += piece
                    if piece.count < 1000 { break }
                }
                #expect(blob.descriptor?.digest == Digest(sha256: bytes))
                seen.append(Digest(sha256: bytes))
            }
            let layers = try Manifest(bytes: store.content.bytes(of: await manifest.digest)).layers.map(\.digest)
            #expect(seen == layers)
            _ = try store.publish(image.id, .gzip) { _ in Issue.record("what is packed is not packed again") }
        }
    }

    @Test func keepsTheListUntilSomethingChanges() async throws {
        try await withStore { store, directory in
            let path = "\(directory)/store"
            func settle() throws {
                let root = try Directory(opening: FilePath(path))
                for name in ["images", "references"] {
                    try root.setModified(Array(name.utf8), FileTime(seconds: FileTime.now.seconds - 60, nanoseconds: 7))
                }
            }
            let (first, second) = (image("1"), image("2"))
            try store.images.put(first, size: 5)
            try store.images.tag(first.id, ImageReference("app:1"))
            try store.images.tag(first.id, ImageReference("a.example/app:2"))
            let fresh = try store.images.list()
            #expect(!Files.exists("\(path)/listing"), "a list that may be out of date unseen is not kept")
            try settle()
            #expect(try store.images.list() == fresh)
            let kept = try Files.text("\(path)/listing")
            #expect(try store.images.list() == fresh)
            // Only what is kept can say this.
            try Files.write(kept.replacing("\n5\n", with: "\n6\n"), to: "\(path)/listing")
            #expect(try store.images.list().map(\.size) == [6])
            for damaged in [
                "", kept.replacing("sha256:", with: "sha257:"), String(kept.dropLast(9)), "\n", kept + kept,
            ] {
                try Files.write(damaged, to: "\(path)/listing")
                #expect(try store.images.list() == fresh)
            }
            try store.images.put(second, size: nil)
            #expect(try store.images.list().count == 2)
            try settle()
            try store.images.tag(second.id, ImageReference("app:1"))
            #expect(try store.images.list().first { $0.id == second.id }?.references.count == 1)
            try settle()
            _ = try store.images.untag(ImageReference("app:1"))
            #expect(try store.images.list().first { $0.id == second.id }?.references == [])
        }
    }

    @Test func letsOneAtATimeWorkOnAKey() async throws {
        try await withStore { store, directory in
            let other = try Store(path: FilePath("\(directory)/store"))
            defer { other.close() }
            let (key, another) = (Digest(sha256: "a".utf8), Digest(sha256: "b".utf8))
            var claim = try store.cache.claim(key)
            #expect(claim != nil)
            #expect(try store.cache.claim(key) == nil)
            #expect(try other.cache.claim(key) == nil)
            #expect(try other.cache.claim(another) != nil)
            claim = nil
            #expect(try other.cache.claim(key) != nil)
        }
    }

    @Test func keepsWhatIsUsedAndRemovesTheRest() async throws {
        try await withStore { store, _ in
            let kept = try store.addLayer { $0.add("kept", content: "1") }
            let cached = try store.addLayer { $0.add("cached", content: "2") }
            let unused = try store.addLayer { $0.add("unused", content: "33") }
            let image = image("x", layers: [Image.Layer(diffID: kept)])
            try store.images.put(image, size: 1)
            try store.cache.put(.now(layer: cached), for: Digest(sha256: "key".utf8))
            let collected = try store.collect()
            #expect((collected ?? 0) > 0)
            #expect(try store.layers.hasFiles(kept))
            #expect(try store.layers.hasFiles(cached))
            #expect(try !store.layers.hasFiles(unused))
            #expect(try store.images.image(image.id) == image)
            _ = try store.prune(Store.PrunePolicy())
            #expect(try !store.layers.hasFiles(cached))
            #expect(try store.removeImages([image.id]).deleted == [image.id])
            #expect(try !store.layers.hasFiles(kept))
        }
    }

    @Test func leavesLayersAloneWhileAnotherUsesThem() async throws {
        try await withStore { store, _ in
            let layer = try store.addLayer { $0.add("a", content: "1") }
            let other = try Store(path: store.path)
            #expect(try store.collect() == nil)
            #expect(try other.layers.hasFiles(layer))
            withExtendedLifetime(other) {}
        }
    }

    @Test func removesOnlyDeadWorkspaces() async throws {
        try await withStore { store, directory in
            let living = try store.workspace()
            let (path, _) = try living.makeDirectory()
            try Files.makeDirectory("\(directory)/store/tmp/1-dead/1/fs")
            try Files.write("", to: "\(directory)/store/tmp/1-dead.lock")
            let other = try Store(path: store.path)
            _ = try other.workspace()
            #expect(!Files.exists("\(directory)/store/tmp/1-dead"))
            #expect(!Files.exists("\(directory)/store/tmp/1-dead.lock"))
            #expect(Files.exists(path.string))
            store.close()
            other.close()
        }
    }

    @Test func remembersWhereBlobsWereSeen() async throws {
        try await withStore { store, directory in
            let digests = (0..<2100).map { Digest(sha256: "\($0)".utf8) }
            try store.origins.add([digests[0]], in: "a/one", of: "localhost:5000")
            try store.origins.add([digests[0]], in: "a/two", of: "localhost:5000")
            try store.origins.add([digests[0]], in: "a/three", of: "localhost:5000")
            #expect(try store.origins.repositories(of: "localhost:5000") == [digests[0]: ["a/three", "a/two"]])
            #expect(try store.origins.repositories(of: "localhost:5001") == [:])
            try store.origins.add(digests, in: "b", of: "localhost:5000")
            let known = try store.origins.repositories(of: "localhost:5000")
            #expect(known.count == 2000, "what is remembered is bounded")
            try store.origins.add([digests[0]], in: "c", of: "localhost:5000")
            #expect(try store.origins.repositories(of: "localhost:5000")[digests[0]]?.first == "c")
            for text in ["", "{", "[]", #"{"x":["a"],"sha256:00":7}"#] {
                try Files.write(text, to: "\(directory)/store/origins/\(Digest(sha256: "localhost:5000".utf8).hex)")
                #expect(try store.origins.repositories(of: "localhost:5000") == [:])
            }
        }
    }

    @Test func refusesAStoreOfAnotherVersion() async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.makeDirectory("\(directory)/s")
            try Files.write("99\n", to: "\(directory)/s/version")
            #expect(throws: StorageError.self) { try Store(path: FilePath("\(directory)/s")) }
        }
    }

    @Test func treatsDamagedRecordsAsAbsent() async throws {
        try await withStore { store, directory in
            let key = Digest(sha256: "k".utf8)
            let layer = DiffID(Digest(sha256: "l".utf8))
            try store.cache.put(.init(layer: layer, created: 12), for: key)
            #expect(try store.cache.record(for: key) == .init(layer: layer, created: 12))
            for text in ["", "sha256:00 1\n", "none\n", "none x\n", "\u{0}\u{1}"] {
                try Files.write(text, to: "\(directory)/store/cache/\(key.hex)")
                #expect(try store.cache.record(for: key) == nil)
            }
            try Files.makeDirectory("\(directory)/store/layers/\(layer.digest.hex)")
            try Files.write("{", to: "\(directory)/store/layers/\(layer.digest.hex)/info")
            #expect(try store.layers.facts(layer) == nil)
        }
    }

    @Test(arguments: ImageArchiveFormat.allCases)
    func savesAndLoads(format: ImageArchiveFormat) async throws {
        try await withStore { store, directory in
            let facts = try store.makeLayer { assembler in
                _ = try assembler.makeDirectory(try #require(ImagePath("/a/b")))
            }
            let image = image("x", layers: [Image.Layer(diffID: facts.diffID)])
            try store.images.put(image, size: facts.size)
            let names = [try ImageReference("app:1"), try ImageReference("app:2")]
            var archive: [UInt8] = []
            var writer = ImageArchiveWriter(store, format: format, sink: ArchiveSink { archive += $0 })
            try writer.write([ArchivedImage([try store.pack(image, nil)], names: names)])
            let other = try Store(path: FilePath("\(directory)/other"))
            let reader = ImageArchiveReader(other)
            try archive.withUnsafeBytes { try reader.consume($0) }
            let loaded = try reader.finish()
            #expect(loaded.map(\.id) == [image.id])
            #expect(Set(loaded[0].names) == Set(names))
            #expect(try other.images.resolve("app:2") == image.id)
            try other.unpack(loaded[0].images[0].layers[0])
            #expect(
                try dump(other.layers.tree([facts.diffID])) == ["/a directory 0755 0:0", "/a/b directory 0755 0:0"])
            other.close()
        }
    }

    @Test(arguments: ImageArchiveFormat.allCases)
    func loadsEveryImageOfAListThatIsWhole(format: ImageArchiveFormat) async throws {
        try await withStore { store, directory in
            let packed = try ["amd64", "arm64", "s390x"].map { architecture in
                let layer = try store.addLayer { $0.add("for", content: architecture) }
                var config = ImageConfig(platform: Platform(os: "linux", architecture: architecture))
                config.layers = [layer]
                let image = Image(config: config, layers: [Image.Layer(diffID: layer)])
                try store.images.put(image, size: 5)
                return try store.pack(image, nil)
            }
            let name = try ImageReference("app:1")
            let archived = ArchivedImage(packed, names: [name])
            var archive: [UInt8] = []
            var writer = ImageArchiveWriter(store, format: format, sink: ArchiveSink { archive += $0 })
            try writer.write([archived])
            let other = try Store(path: FilePath("\(directory)/other"))
            defer { other.close() }
            let reader = ImageArchiveReader(other)
            try archive.withUnsafeBytes { try reader.consume($0) }
            let loaded = try reader.finish()
            #expect(loaded.map(\.images.count) == [3] && loaded.map(\.names) == [[name]])
            #expect(loaded.map(\.id) == [archived.root?.digest])
            #expect(try other.images.members(of: other.images.resolve("app:1")) == packed.map(\.configDigest))

            // The same with a blob of the second missing, as tools that fetch one platform write it.
            let partial = try Store(path: FilePath("\(directory)/partial"))
            defer { partial.close() }
            let second = ImageArchiveReader(partial)
            let left = "blobs/sha256/\(packed[1].layers[0].descriptor.digest.hex)"
            var thinned: [UInt8] = []
            var thinner = ImageArchiveWriter(
                store, format: format, sink: ThinningSink(sink: ArchiveSink { thinned += $0 }, left: left))
            try thinner.write([archived])
            try thinned.withUnsafeBytes { try second.consume($0) }
            #expect(
                try second.finish().map { $0.images.map(\.id) } == [[packed[0].configDigest, packed[2].configDigest]])
        }
    }

    @Test func refusesArchivesThatHoldNoImage() async throws {
        try await withStore { store, _ in
            var empty = TarBuilder()
            empty.add("readme", content: "hello")
            var wrong = TarBuilder()
            wrong.add("blobs/sha256/" + String(repeating: "0", count: 64), content: "not that")
            var missing = TarBuilder()
            missing.add("manifest.json", content: #"[{"Config":"x.json","Layers":["y/layer.tar"]}]"#)
            var noJSON = TarBuilder()
            noJSON.add("manifest.json", content: "<html>")
            for archive in [empty.finished, wrong.finished, missing.finished, noJSON.finished, [], [1, 2, 3]] {
                #expect(throws: (any Error).self) {
                    let reader = ImageArchiveReader(store)
                    try archive.withUnsafeBytes { try reader.consume($0) }
                    _ = try reader.finish()
                }
            }
            let images = try store.images.list()
            #expect(images.isEmpty)
        }
    }
}

/// Writes all files but one.
private struct ThinningSink: LayoutSink {
    let sink: any LayoutSink
    let left: String

    func directory(_ name: String) throws { try sink.directory(name) }
    func file(_ name: String, size: Int64, _ read: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
        if name != left { try sink.file(name, size: size, read) }
    }
    func end() throws { try sink.end() }
}
