import Archive
import LinuxSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// Layers whose archives other programs wrote: their bytes are in a blob and nowhere else.
@Suite(.needsRoot) struct ForeignLayerTests {
    /// Archives that unpack to files of which our writer makes another archive.
    private static let archives: [(name: String, bytes: [UInt8])] = [
        (
            "no parents",
            archive {
                $0.add("bin/tool", content: "tool")
                $0.add("a/b/c", content: "x")
            }
        ),
        (
            "another order",
            archive {
                $0.add("b", content: "1")
                $0.add("a", content: "2")
            }
        ),
        (
            "another mode of a link",
            archive {
                $0.add("a", content: "1")
                $0.add("l", .symbolicLink, mode: 0o644, link: "a")
            }
        ),
        (
            "a name of its own kind",
            archive {
                $0.add("./", .directory, mode: 0o755)
                $0.add("./a", content: "1")
            }
        ),
        (
            "a file that is replaced",
            archive {
                $0.add("a", content: "1")
                $0.add("a", content: "22")
            }
        ),
        ("no bytes", []),
        ("no end", archive { $0.add("z", content: "1") }.dropLast(1024)),
        ("nothing but the end", TarWriter.end),
    ]

    private static func archive(_ build: (inout TarBuilder) -> Void) -> [UInt8] {
        var builder = TarBuilder()
        build(&builder)
        return builder.finished
    }

    /// Stores an image whose only layer is a packed archive.
    private static func image(_ archive: [UInt8], in store: Store) throws -> Image {
        let compressor = try BlockCompressor(.gzip, level: 1)
        let packed = try archive.withUnsafeBytes { try compressor.compress($0) }
        let blob = Descriptor(mediaType: .layerGzip, digest: try store.content.put(packed), size: Int64(packed.count))
        var config = ImageConfig(platform: .host)
        config.layers = [DiffID(Digest(sha256: archive))]
        let image = Image(config: config, layers: [Image.Layer(diffID: config.layers[0], blobs: [blob])])
        try store.keepFetched(image)
        return image
    }

    private static func bytes(_ layer: PackedLayer, _ store: Store) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try store.read(layer) { bytes += $0 }
        return bytes
    }

    @Test(arguments: archives.indices)
    func areTheSameBytesAfterTheyWereUsed(index: Int) async throws {
        let archive = Self.archives[index].bytes
        try await withStore { store, _ in
            let image = try Self.image(archive, in: store)
            let blob = try #require(image.layers[0].blobs.first)
            for isUsed in [false, true] {
                if isUsed { try store.unpack(image.layers[0]) }
                let asItIs = try store.pack(image, .gzip)
                #expect(asItIs.layers.map(\.descriptor) == [blob])
                let plain = try store.pack(image, .forced(nil))
                #expect(try Self.bytes(plain.layers[0], store) == archive)
                #expect(plain.layers[0].descriptor.digest == image.layers[0].diffID.digest)
                let zstd = try store.pack(image, .forced(.zstd))
                let decompressor = DetectingDecompressor()
                var again: [UInt8] = []
                try Self.bytes(zstd.layers[0], store).withUnsafeBytes {
                    try decompressor.decompress($0) { again += $0 }
                }
                try decompressor.finish { again += $0 }
                #expect(again == archive)
                // A layer that a cache record names, without the image's knowledge of blobs.
                let bare = Image.Layer(diffID: image.layers[0].diffID)
                if isUsed { #expect(try Self.bytes(store.pack(bare, .forced(nil)), store) == archive) }
            }
        }
    }

    /// docker's archives hold layers that are not packed: they are, wherever the image goes, unless a manifest names them so.
    @Test(arguments: [false, true]) func arePackedWhereNoManifestNamesThem(isNamed: Bool) async throws {
        let archive = Self.archives[0].bytes
        try await withStore { store, _ in
            var config = ImageConfig(platform: .host)
            config.layers = [DiffID(Digest(sha256: archive))]
            let plain = Descriptor(
                mediaType: .layer, digest: try store.content.put(archive), size: Int64(archive.count))
            var image = Image(config: config, layers: [Image.Layer(diffID: config.layers[0], blobs: [plain])])
            if isNamed {
                let config = Descriptor(mediaType: .config, digest: image.id, size: Int64(image.configBytes.count))
                let manifest = Manifest(config: config, layers: [plain]).bytes
                image = try Image(manifestBytes: manifest, configBytes: image.configBytes)
            }
            try store.keepFetched(image)
            #expect(try store.pack(image, nil).layers.map(\.descriptor) == [plain])
            let packed = try #require(try store.pack(image, .gzip).layers.first)
            #expect(packed.descriptor.mediaType == (isNamed ? .layer : .layerGzip))
            let decompressor = DetectingDecompressor()
            var again: [UInt8] = []
            try Self.bytes(packed, store).withUnsafeBytes { try decompressor.decompress($0) { again += $0 } }
            try decompressor.finish { again += $0 }
            #expect(again == archive)
            // What was sent once goes out the same.
            let published = try store.publish(image)
            #expect(published.manifest.digest == (try store.pack(published.image, .gzip).manifest.digest))
        }
    }

    @Test(arguments: archives.indices)
    func areFoundRightWhenTheyAre(index: Int) async throws {
        try await withStore { store, _ in
            let image = try Self.image(Self.archives[index].bytes, in: store)
            try store.unpack(image.layers[0])
            for isRepairing in [false, true, true] {
                let report = try #require(try store.check(repairing: isRepairing))
                #expect(report.findings == [], "\(Self.archives[index].name)")
                #expect(report.uncompared == 0)
            }
            #expect(try store.layers.hasFiles(image.layers[0].diffID))
        }
    }

    @Test func areFoundDamagedWhenTheyAre() async throws {
        try await withStore { store, _ in
            let image = try Self.image(Self.archives[0].bytes, in: store)
            let layer = image.layers[0].diffID
            try store.unpack(image.layers[0])
            try Files.write("changed", to: "\(store.layers.path(of: layer))/a/b/c")
            let seen = try #require(try store.check(repairing: false))
            #expect(seen.findings.map(\.problem) == [.damaged] && seen.findings.map(\.outcome) == [.left])
            let mended = try #require(try store.check(repairing: true))
            #expect(mended.findings.map(\.outcome) == [.repaired])
            #expect(try Files.text("\(store.layers.path(of: layer))/a/b/c") == "x")
            #expect(try store.check(repairing: true)?.findings == [])
        }
    }

    /// Where the archive is gone, what was compared before tells, and without that nothing is said.
    @Test(arguments: [false, true])
    func areKeptWhenTheirArchiveIsLost(wasCompared: Bool) async throws {
        try await withStore { store, _ in
            let image = try Self.image(Self.archives[0].bytes, in: store)
            let layer = image.layers[0].diffID
            try store.unpack(image.layers[0])
            if wasCompared { _ = try store.check(repairing: true) }
            try store.content.remove(try #require(image.layers[0].blobs.first).digest)
            let report = try #require(try store.check(repairing: true))
            #expect(report.findings == [])
            #expect(report.uncompared == (wasCompared ? 0 : 1))
            #expect(try store.layers.hasFiles(layer))
            var lost: DiffID?
            do { _ = try Self.bytes(store.pack(image, .forced(nil)).layers[0], store) } catch StorageError.archiveLost(
                let layer)
            { lost = layer }
            #expect(lost == layer)
            // Loaded again, it can go out again.
            let again = try Self.image(Self.archives[0].bytes, in: store)
            #expect(try Self.bytes(store.pack(again, .forced(nil)).layers[0], store) == Self.archives[0].bytes)
            if wasCompared {
                try store.content.remove(try #require(image.layers[0].blobs.first).digest)
                try Files.write("changed", to: "\(store.layers.path(of: layer))/a/b/c")
                #expect(try store.check(repairing: true)?.findings.map(\.outcome) == [.removed, .lost])
            }
        }
    }

    /// The blob of a layer that only the build cache names stays with its files.
    @Test func keepTheirBlobWhileTheyAreUsed() async throws {
        try await withStore { store, _ in
            let image = try Self.image(Self.archives[1].bytes, in: store)
            let layer = image.layers[0].diffID
            try store.unpack(image.layers[0])
            try store.cache.put(.now(layer: layer), for: Digest(sha256: "key".utf8))
            _ = try store.removeImages([image.id])
            let exported = try store.exportCache(
                [.init(key: Digest(sha256: "key".utf8), layer: layer, created: 1)], .gzip)
            let blob = try #require(try Manifest(bytes: store.content.bytes(of: exported.manifest.digest)).layers.first)
            #expect(blob.digest == image.layers[0].blobs.first?.digest)
        }
    }

    /// Layers of our own need no blob.
    @Test func ofOurOwnAreMadeOfTheirFiles() async throws {
        try await withStore { store, _ in
            let facts = try store.makeLayer { _ = try $0.makeDirectory(try #require(ImagePath("/a"))) }
            #expect(try store.layers.author(facts.diffID) == .ourselves)
            let packed = try store.pack(Image.Layer(diffID: facts.diffID), .forced(.zstd))
            try store.content.remove(packed.descriptor.digest)
            #expect(try store.check(repairing: true)?.findings == [])
            try Files.write("more", to: "\(store.layers.path(of: facts.diffID))/a/b")
            #expect(try store.check(repairing: true)?.findings.map(\.outcome) == [.removed])
        }
    }
}

extension LayerCompression {
    static func forced(_ format: BlockCompressor.Format?) -> LayerCompression {
        LayerCompression(format, isForced: true)
    }
}

/// What is an archive's fault, and what is this machine's.
@Suite struct ArchiveFaultTests {
    @Test(arguments: [
        ("openat", Errno.tooManyOpenFiles, false), ("openat", .tooManyOpenFilesInSystem, false),
        ("write", .ioError, false),
        ("write", Errno(rawValue: 122), false), ("write", .noSpace, false), ("mknodat", .notPermitted, false),
        ("fchownat", .notPermitted, false), ("fchownat", .invalidArgument, false), ("openat", .permissionDenied, false),
        ("openat", .readOnlyFileSystem, false), ("openat", .noMemory, false), ("linkat", .notPermitted, true),
        ("openat2", .notDirectory, true), ("openat2", .tooManySymbolicLinkLevels, true),
        ("linkat", .noSuchFileOrDirectory, true),
        ("openat", .fileNameTooLong, true), ("mkdirat", .fileExists, true),
    ])
    func isTold(call: String, errno: Errno, isOfArchive: Bool) {
        #expect(SystemCallError(call: call, path: "x", errno: errno).isFaultOfEntry == isOfArchive)
    }
}
