import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

/// Layouts that name the same again and again, or tell of what there cannot be.
@Suite(.timeLimit(.minutes(2))) struct HostileLayoutTests {
    /// The files of a layout.
    private struct Layout {
        var files: [String: [UInt8]] = ["oci-layout": Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)]

        mutating func add(_ bytes: [UInt8], _ type: MediaType, size: Int64? = nil) -> Descriptor {
            let digest = Digest(sha256: bytes)
            files["blobs/sha256/\(digest.hex)"] = bytes
            return Descriptor(mediaType: type, digest: digest, size: size ?? Int64(bytes.count))
        }

        /// An image of one layer, of which it tells that it has a size.
        mutating func addImage(layerSize: Int64? = nil) -> Descriptor {
            var tar = TarBuilder()
            tar.add("file", content: "content")
            let layer = add(tar.finished, .layer, size: layerSize)
            var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
            config.layers = [DiffID(layer.digest)]
            let described = add(config.bytes, .config)
            return add(Manifest(config: described, layers: [layer]).bytes, .manifest)
        }

        mutating func name(_ root: Descriptor) { files["index.json"] = Index(manifests: [root]).bytes }

        func load(into store: Store) throws -> [ImageArchiveReader.Loaded] {
            var tar = TarBuilder()
            for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
                tar.add(name, content: String(decoding: bytes, as: UTF8.self))
            }
            let reader = ImageArchiveReader(store)
            try tar.finished.withUnsafeBytes { try reader.consume($0) }
            return try reader.finish()
        }

        func image(in directory: String, _ store: Store) throws -> Image {
            let path = "\(directory)/layout"
            try Files.makeDirectory("\(path)/blobs/sha256")
            for (name, bytes) in files {
                try Files.write(bytes, to: "\(path)/\(name)")
            }
            return try ImageLayout(opening: FilePath(path), store).image(
                .unnamed, for: Platform(os: "linux", architecture: "amd64"))
        }
    }

    /// Indexes that name all of the next level many times over.
    private static func maze() -> Layout {
        var layout = Layout()
        var below = [layout.addImage()]
        for level in 0..<3 {
            below = (0..<20).map { number in
                let repeated = (0..<10).flatMap { _ in below }
                return layout.add(
                    Index(manifests: repeated, annotations: ["place": "\(level) \(number)"]).bytes, .index)
            }
        }
        layout.name(layout.add(Index(manifests: below).bytes, .index))
        return layout
    }

    @Test func indexesInIndexesAreVisitedOnce() async throws {
        try await withStore { store, directory in
            let maze = Self.maze()
            #expect(try maze.load(into: store).map(\.images.count) == [1])
            _ = try maze.image(in: directory, store)
        }
    }

    @Test(arguments: [Int64.max, DocumentLimit.blob, 1]) func layersOfAnotherSizeThanToldAreRefused(size: Int64)
        async throws
    {
        try await withStore { store, directory in
            var layout = Layout()
            layout.name(layout.addImage(layerSize: size))
            #expect(throws: (any Error).self) { try layout.load(into: store) }
            #expect(throws: (any Error).self) { try layout.image(in: directory, store) }
            let images = try store.images.list()
            #expect(images.isEmpty)
        }
    }
}
