import NIOCore
import OCI
import Synchronization
import TestSupport
import Testing

@testable import Distribution

/// Contract of `ImageSource` and of `ImageDestination`: a source hands out exactly what a descriptor names, from any byte on; a destination
/// has what was put, says whether it was there already, and keeps nothing that is not what its digest says.
@Suite(.timeLimit(.minutes(10))) struct ImagePlaceContractTests {
    enum Form: CaseIterable, Sendable { case registry, store }

    private static let image = SampleImage()

    /// A source that has the image, but for the blobs that are left out.
    private func withSource(
        _ form: Form, without missing: [Descriptor] = [], _ body: (any ImageSource, RegistryClient) async throws -> Void
    ) async throws {
        let contents = ([Self.image.manifest] + Self.image.blobs).filter { bytes in
            !missing.contains { $0.digest == Digest(sha256: bytes) }
        }
        try await FakeRegistry.with { registry in
            for blob in contents.dropFirst() { registry.addBlob(blob, to: SampleImage.repository) }
            registry.addManifest(Self.image.manifest, type: .manifest, tag: "v1", to: SampleImage.repository)
            try await withClient { client in
                switch form {
                case .registry:
                    let repository = RemoteRepository(try registry.reference())
                    try await body(RegistryImages(client: client, repository: repository), client)
                case .store: try await body(ReadableImages(store: MemoryContent(contents)), client)
                }
            }
        }
    }

    private func bytes(_ pieces: BlobPieces) async throws -> [UInt8] {
        var result: [UInt8] = []
        for try await piece in pieces { result += piece.readableBytesView }
        return result
    }

    @Test(arguments: Form.allCases) func sourcesHandOutWhatIsNamed(form: Form) async throws {
        let image = Self.image
        try await withSource(form) { (source: any ImageSource, _) async throws in
            let manifest = try await source.manifest(image.descriptor)
            #expect(manifest.bytes == image.manifest && manifest.descriptor.digest == image.digest)
            #expect(source.target(image.layer).reference == image.layer.digest.description)
            for offset in [0, 1, 12_345, 49_999] {
                let part = try await bytes(source.pieces(of: image.layer, from: Int64(offset)))
                #expect(part == Array(image.layers[0][offset...]), "\(offset)")
            }
        }
    }

    @Test(arguments: Form.allCases) func sourcesTellWhatTheyDoNotHave(form: Form) async throws {
        let image = Self.image
        try await withSource(form, without: [image.layer]) { (source: any ImageSource, _) async throws in
            await #expect(throws: (any Error).self) {
                _ = try await bytes(source.pieces(of: image.layer, from: 0))
            }
            let other = Descriptor(mediaType: .manifest, digest: Digest(sha256: [1]), size: 1)
            await #expect(throws: (any Error).self) { _ = try await source.manifest(other) }
        }
    }

    /// Each kind of source into each kind of destination.
    @Test(arguments: Form.allCases, Form.allCases) func destinationsHaveWhatWasPut(from: Form, to: Form) async throws {
        let image = Self.image
        try await withDestination(to, from) { destination, source, contents in
            let outcomes = Mutex<[TransferOutcome]>([])
            func putAll() async throws -> [TransferOutcome] {
                outcomes.withLock { $0 = [] }
                let types: [MediaType] = [.config, .layer, .layer, .layer]
                for (type, blob) in zip(types, image.blobs) {
                    let descriptor = Descriptor(
                        mediaType: type, digest: Digest(sha256: blob), size: Int64(blob.count))
                    try await destination.put(descriptor, from: source) { event in
                        if case .finished(_, let outcome) = event { outcomes.withLock { $0.append(outcome) } }
                    }
                }
                let target = RegistryTarget(registry: "", reference: "v1")
                let manifest = try RemoteManifest(
                    bytes: image.manifest, contentType: MediaType.manifest.rawValue, digest: image.digest,
                    target: target)
                try await destination.put(manifest, isRoot: true)
                return outcomes.withLock { $0 }
            }
            let first = try await putAll()
            #expect(first == Array(repeating: .transferred, count: 4))
            for blob in [image.manifest] + image.blobs { #expect(contents(Digest(sha256: blob)) == blob) }
            let second = try await putAll()
            #expect(second == Array(repeating: .existed, count: 4))
        }
    }

    /// A source whose bytes are others than their name says.
    private struct Liar: ImageSource {
        var repository: RemoteRepository? { nil }

        func manifest(_ descriptor: Descriptor) async throws -> RemoteManifest {
            throw ContentError.missing(descriptor.digest)
        }

        func target(_ descriptor: Descriptor) -> RegistryTarget {
            RegistryTarget(registry: "", reference: descriptor.digest.description)
        }

        func pieces(of descriptor: Descriptor, from offset: Int64) async throws -> BlobPieces {
            let others = [UInt8](repeating: 7, count: Int(descriptor.size))
            return BlobPieces(origin: .content(MemoryContent([others]), Digest(sha256: others)), skipped: offset)
        }
    }

    @Test(arguments: Form.allCases) func destinationsKeepNoLie(to: Form) async throws {
        let layer = Self.image.layer
        try await withDestination(to, .store) { destination, _, contents in
            await #expect(throws: (any Error).self) { try await destination.put(layer, from: Liar()) { _ in } }
            #expect(contents(layer.digest) == nil)
        }
    }

    private func withDestination(
        _ form: Form, _ source: Form,
        _ body: (any ImageDestination, any ImageSource, @Sendable (Digest) -> [UInt8]?) async throws -> Void
    ) async throws {
        try await withSource(source) { source, client in
            switch form {
            case .store:
                let content = MemoryContent()
                try await body(StoredImages(store: content, session: client.session), source) { content.bytes($0) }
            case .registry:
                try await FakeRegistry.with { registry in
                    var images = RegistryImages(client: client, repository: RemoteRepository(try registry.reference()))
                    images.tag = "v1"
                    try await body(images, source) { digest in
                        let manifest = registry.manifest("v1", in: SampleImage.repository)
                        return manifest.map { Digest(sha256: $0) } == digest
                            ? manifest : registry.blob(digest, in: SampleImage.repository)
                    }
                }
            }
        }
    }
}
