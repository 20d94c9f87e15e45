import BuildGraph
import Distribution
package import Engine
package import Inspection
import LinuxSystem
package import OCI
package import Storage
import SystemPackage

/// An image whose layers can be read, wherever it is.
package struct OpenedImage: Sendable {
    package let name: String
    package let image: Image
    /// Where its layers are, or come to when they are wanted.
    package let store: Store
    let engine: Engine
    /// The repository that has its blobs; nil where they are here.
    private let repository: RemoteRepository?
    /// The directory of a store of its own.
    private let scratch: TemporaryDirectory?
    /// What is said of the image's making where the image is, by whoever made it.
    private let attested: BuildRecord?

    /// Whether all layers can be read without asking a registry.
    package var isHere: Bool { repository == nil }

    /// - Throws: ``InsightError``, and what stores and registries throw.
    package static func open(_ text: String, for platform: Platform?, in engine: Engine) async throws -> OpenedImage {
        let platform = platform ?? .host
        switch try ImageSource(text, in: engine) {
        case .store(let name):
            let id = try engine.store.images.resolve(name)
            let image = try engine.store.images.image(id, for: platform)
            return OpenedImage(text, image, engine.store, engine, attested: attested(image, in: id, engine.store))
        case .registry(let reference): return try await remote(text, reference, platform, engine)
        case .layout(let path, let selection):
            let (scratch, store) = try scratchStore(engine)
            let (image, said) = try await store.perform {
                let layout = try ImageLayout(opening: FilePath(path), store)
                let image = try layout.image(selection, for: platform)
                // What cannot be read tells nothing.
                return (image, try? layout.statement(BuildRecord.predicateType, about: image, selection))
            }
            return OpenedImage(text, image, store, engine, scratch: scratch, attested: record(said))
        case .archive(let path, let name):
            let (scratch, store) = try scratchStore(engine)
            let (id, image) = try await store.perform { try archived(path, name, platform, store) }
            return OpenedImage(
                text, image, store, engine, scratch: scratch, attested: attested(image, in: id, store))
        }
    }

    private init(
        _ name: String, _ image: Image, _ store: Store, _ engine: Engine, repository: RemoteRepository? = nil,
        scratch: TemporaryDirectory? = nil, attested: BuildRecord? = nil
    ) {
        (self.name, self.image, self.store, self.engine) = (name, image, store, engine)
        (self.repository, self.scratch, self.attested) = (repository, scratch, attested)
    }

    /// An image that was built here, by whatever name.
    package init(built image: Image, name: String, in engine: Engine) { self.init(name, image, engine.store, engine) }

    /// A store for what nobody asked to keep.
    private static func scratchStore(_ engine: Engine) throws -> (TemporaryDirectory, Store) {
        let directory = try engine.store.makeTemporaryDirectory()
        return (directory, try Store(path: directory.path.appending("store")))
    }

    private static func remote(_ text: String, _ reference: ImageReference, _ platform: Platform, _ engine: Engine)
        async throws -> OpenedImage
    {
        let (scratch, store) = try scratchStore(engine)
        let (found, said) = try await engine.registries.asMeant(reference) { meaning in
            try await engine.registries.withClient { client in
                let found = try await client.image(meaning, platform: platform, keptIn: store.content)
                // What cannot be read tells nothing.
                let said = try? await client.statement(
                    BuildRecord.predicateType, about: found, keptIn: store.content)
                try Task.checkCancellation()
                return (found, said)
            }
        }
        return OpenedImage(
            text, found.image, store, engine, repository: found.repository, scratch: scratch, attested: record(said))
    }

    private static func attested(_ image: Image, in list: Digest, _ store: Store) -> BuildRecord? {
        // What cannot be read tells nothing.
        guard let said = try? store.images.statements(of: list)[Digest(sha256: image.configBytes)] else { return nil }
        return record(said.first { $0.predicateType == BuildRecord.predicateType })
    }

    /// Paths that somebody else's record names are not this machine's.
    private static func record(_ said: Statement?) -> BuildRecord? {
        (said?.predicate).flatMap { BuildRecord($0) }?.forOthers
    }

    private static func archived(_ path: String, _ name: String?, _ platform: Platform, _ store: Store) throws
        -> (id: Digest, image: Image)
    {
        let reader = ImageArchiveReader(store)
        try InputFile.forEachPiece(of: path) { try reader.consume($0) }
        let loaded = try reader.finish()
        let chosen =
            try name.map { name in
                let reference = try ImageReference(name).withDefaultTag
                guard let found = loaded.first(where: { $0.names.contains(reference) }) else {
                    throw InsightError.notInArchive(name: name, path: path)
                }
                return found
            } ?? loaded.first
        guard let chosen else { throw ImageArchiveError.noImages }
        return (chosen.id, try store.images.image(chosen.id, for: platform))
    }

    // MARK: Records of layers

    /// What the layers' archives say: kept ones, and those that are read now.
    package func records() async throws -> [LayerRecord] {
        var result: [DiffID: LayerRecord] = [:]
        for layer in image.layers where result[layer.diffID] == nil {
            result[layer.diffID] = try await record(of: layer)
        }
        return image.layers.compactMap { result[$0.diffID] }
    }

    /// The records of the layers that are not a base image's; what a base has is left out.
    func ownRecords() async throws -> [LayerRecord] {
        var result: [LayerRecord] = []
        for (layer, step) in zip(image.layers, steps) {
            result.append(step.isBase == true ? LayerRecord() : try await record(of: layer))
        }
        return result
    }

    private func record(of layer: Image.Layer) async throws -> LayerRecord {
        // Kept in the person's own store, wherever the image is.
        let notes = engine.store.records
        let store = store
        if let kept = try await store.perform({ notes.load(layer.diffID.digest).flatMap { LayerRecord(encoded: $0) } })
        {
            return kept
        }
        try await fetch(layer)
        return try await store.perform {
            var recorder = LayerRecorder()
            try store.readArchive(of: layer) { try recorder.update($0) }
            let record = try recorder.finish()
            notes.keep(record.encoded, under: layer.diffID.digest)
            return record
        }
    }

    /// Makes sure that a layer's bytes are here.
    func fetch(_ layer: Image.Layer) async throws {
        guard let repository, try !store.has(layer) else { return }
        for blob in layer.blobs {
            try await engine.registries.withClient {
                try await $0.fetchBlob(blob, from: repository, into: store.content)
            }
        }
    }

    // MARK: What is told of its making

    /// What the build knew: of an image that was built here, or what came with it; nil where neither is.
    package var buildRecord: BuildRecord? {
        // Damaged: none.
        engine.store.buildNotes.load(image.id).flatMap { try? JSON.parse($0) }.flatMap { BuildRecord($0) } ?? attested
    }

    package var steps: [LayerStep] {
        let told = LayerStep.steps(of: image.config)
        return buildRecord?.completing(told) ?? told
    }

    /// Bytes of each layer as a push would pack it, where it was not packed yet.
    package func packedTransferSizes() async throws -> [Int64?] {
        let store = store
        var result: [Int64?] = []
        for layer in image.layers {
            if let known = try store.packedSize(of: layer) {
                result.append(known)
            } else {
                result.append(try await store.perform { try store.sizes(of: layer, without: []).packed })
            }
        }
        return result
    }

    package func transferSizes() throws -> [Int64?] { try image.layers.map { try store.packedSize(of: $0) } }
}
