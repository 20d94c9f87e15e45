import LinuxSystem
import OCI
import Storage
import TestSupport
import Testing

@Suite(.needsRoot) struct AttestationTests {
    /// A list of one image of which something is said.
    private func putList(_ store: Store) throws -> (list: Digest, image: Digest) {
        let layer = try store.addLayer { $0.add("a", content: "1") }
        var config = ImageConfig(platform: .host)
        config.layers = [layer]
        let image = Image(config: config, layers: [Image.Layer(diffID: layer)])
        try store.images.put(image, size: 1)
        var packed = try store.pack(image, nil)
        packed.statements = [
            Statement(Statement.packageList, .object([:]), about: [.init(name: "_", digest: image.id)])
        ]
        let list = try #require(try store.images.putList(ArchivedImage([packed], names: [])))
        try store.images.tag(list, try ImageReference("app:1"))
        return (list, image.id)
    }

    @Test func staysWithItsImageAndGoesWithIt() async throws {
        try await withStore { store, _ in
            let (list, image) = try putList(store)
            _ = try store.collect()
            let statements = try store.images.statements(of: list)
            #expect(statements[image]?.map(\.predicateType) == [Statement.packageList])
            #expect(try store.images.image(named: ImageReference("app:1"))?.id == image)
            #expect(try store.images.list().map(\.id) == [list])
            #expect(try store.check(repairing: false)?.findings == [])
            _ = try store.images.untag(ImageReference("app:1"))
            _ = try store.removeImages([list])
            #expect(try store.usage().first { $0.kind == .images }?.size == 0)
            #expect(try store.images.list().isEmpty)
        }
    }

    @Test func isAboutTheManifestThatLeavesTheStore() async throws {
        try await withStore { store, _ in
            let (list, image) = try putList(store)
            let root = try store.publish(list, .gzip)
            let index = try Index(bytes: store.content.bytes(of: root.digest))
            #expect(index.manifests.count == 2 && index.images.count == 1)
            let packed = try #require(index.images.first)
            #expect(try Manifest(bytes: store.content.bytes(of: packed.digest)).layers.map(\.mediaType) == [.layerGzip])
            #expect(index.manifests[1].annotations["vnd.docker.reference.digest"] == packed.digest.description)
            let manifest = try Manifest(bytes: store.content.bytes(of: index.manifests[1].digest))
            let said = try Statement(bytes: store.content.bytes(of: manifest.layers[0].digest))
            #expect(said.subjects.map(\.digest) == [packed.digest])
            #expect(try store.pack(list, nil, names: []).images.map(\.configDigest) == [image])
        }
    }

    @Test(arguments: ImageArchiveFormat.allCases)
    func archivesOfTheStandardHaveIt(format: ImageArchiveFormat) async throws {
        try await withStore { store, _ in
            let (list, image) = try putList(store)
            var archive: [UInt8] = []
            var writer = ImageArchiveWriter(store, format: format, sink: ArchiveSink { archive += $0 })
            try writer.write([try store.pack(list, nil, names: [try ImageReference("app:1")])])
            let hasStatement = String(decoding: archive, as: UTF8.self).contains("https://in-toto.io/Statement")
            #expect(hasStatement == (format == .oci))
            let reader = ImageArchiveReader(store)
            try archive.withUnsafeBytes { try reader.consume($0) }
            let loaded = try reader.finish()
            #expect(loaded.map(\.id) == [format == .oci ? list : image])
            #expect(try store.images.statements(of: loaded[0].id).isEmpty == (format == .docker))
        }
    }
}
