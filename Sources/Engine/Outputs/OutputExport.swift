package import Attestation
import Bases
package import Distribution
import Inspection
import LinuxSystem
package import OCI
import Solver
import Storage

/// What a build can say of one of its results.
package struct BuildKnowledge: Sendable {
    /// How it came about.
    let provenance: Provenance
    /// Which line of the Dockerfile made each layer.
    let record: BuildRecord
}

/// What becomes of a build's results: each `--output`, one after another.
package struct OutputExport: Sendable {
    package let engine: Engine
    /// One for each platform.
    package let results: [Build.Result]
    /// The names of `--tag`.
    package let tags: [ImageReference]
    package let outputs: [OutputSpecification]
    /// Whether files' times are not later than SOURCE_DATE_EPOCH in every output.
    package let isReproducible: Bool
    /// Those of `--annotation`.
    package let annotations: [ImageAnnotations.Note]
    package let attestations: AttestationRequest
    /// What can be said of each of the results.
    package let knowledge: [BuildKnowledge]
    /// Hears of what is pushed.
    package let transferObserver: TransferObserver

    var store: Store { engine.store }

    /// What `--metadata-file` and `--iidfile` tell.
    package struct Receipt: Sendable {
        /// The image ID, or that of a list of images.
        package var id: Digest
        /// A manifest or an index.
        package var root: Descriptor
        package var configDigest: Digest
        package var names: [ImageReference]
    }

    /// Makes everything that was asked for.
    ///
    /// - Returns: what was pushed last, else what was made last: several outputs can differ in compression, and whoever goes on
    ///   by digest asks a registry for it.
    package func run() async throws -> Receipt {
        var made: Receipt?
        var pushed: Receipt?
        for output in outputs {
            if output.pushes {
                pushed = try await push(output)
            } else {
                made = try await store.perform { try make(output) }
            }
        }
        guard let receipt = pushed ?? made else {
            return try await store.perform { try make(OutputSpecification(.image)) }
        }
        return receipt
    }

    private func names(_ output: OutputSpecification) -> [ImageReference] {
        tags + output.names.filter { !tags.contains($0) }
    }

    /// Makes an image and sends it to the repositories of all its names, to the first while it is packed.
    private func push(_ output: OutputSpecification) async throws -> Receipt {
        guard let first = names(output).first else { return try await store.perform { try make(output) } }
        let engine = output.allowsInsecure ? self.engine.insecurely(names(output)) : self.engine
        let (made, early) = try await EarlyUpload.run(to: first, of: engine.registries, observer: transferObserver) {
            observer in
            try await store.perform { try make(output, packingObserver: observer) }
        }
        for name in made.names {
            let isFirst = RemoteRepository(name) == RemoteRepository(first)
            try await engine.push(
                made.root, to: output.isPushedByDigest ? name.pinned(to: made.root.digest) : name,
                early: isFirst ? early : [], observer: transferObserver)
        }
        return made
    }

    private func make(_ output: OutputSpecification, packingObserver: Store.PackingObserver? = nil) throws -> Receipt {
        let images = try results.map { try image($0, output) }
        for (result, image) in zip(results, images) {
            try LayerInstructions(result).keep(for: image, madeOf: result.image, in: store)
        }
        let names = output.isPushedByDigest || !output.isNamedHere ? [] : names(output)
        let notes = ImageAnnotations(annotations + output.annotations)
        // docker's archives have no place for what is said about an image.
        let hasStatements = output.kind != .docker || output.destination == nil
        let statements = try zip(images, knowledge).map { image, knowledge in
            guard hasStatements else { return [Statement]() }
            let material = AttestationRequest.Material(provenance: knowledge.provenance, record: knowledge.record) {
                try Inventory(StoredTree.open(image, in: store))
            }
            return try attestations.statements(about: image, names, from: material)
        }
        func archived(_ images: [Image], _ compression: LayerCompression?) throws -> ArchivedImage {
            let packed = try zip(images, statements).map { image, statements in
                var packed = try store.pack(image, compression, notes: notes)
                packed.statements = statements
                return packed
            }
            return ArchivedImage(packed, names: names, notes: notes)
        }
        switch output.kind {
        case .tar, .local: return try exportFiles(images, archived(images, nil), output)
        case .cacheonly: return try receipt(archived(images, nil))
        case .image, .registry:
            var receipt = try keep(kept(images, output, notes, packingObserver)) { try archived($0, nil) }
            if output.isPushedByDigest {
                receipt.names = self.names(output).map(\.untagged)
            } else if !output.isNamedHere {
                receipt.names = self.names(output)
            }
            return receipt
        case .docker where output.destination == nil:
            return try keep(kept(images, output, notes, packingObserver)) { try archived($0, nil) }
        case .oci, .docker: return try exportLayout(archived(images, output.compression ?? .gzip), output)
        }
    }

    private func image(_ result: Build.Result, _ output: OutputSpecification) throws -> Image {
        guard isReproducible || output.rewritesTimestamps, let epoch = result.epoch else { return result.image }
        return try store.clamping(result.image, latest: epoch, from: result.solution.baseLayerCount(of: result.target))
    }

    func receipt(_ archived: ArchivedImage) throws -> Receipt {
        guard let root = archived.root, let first = archived.images.first else { throw EngineError.nothing }
        return Receipt(
            id: archived.index == nil ? first.configDigest : root.digest, root: root, configDigest: first.configDigest,
            names: archived.names)
    }

    /// Images of the store, with all their blobs where they are to be pushed.
    ///
    /// An annotation is a manifest's, and a manifest names packed layers: with one these are made now.
    private func kept(
        _ images: [Image], _ output: OutputSpecification, _ notes: ImageAnnotations, _ observer: Store.PackingObserver?
    ) throws -> [Image] {
        if output.pushes || output.compression != nil || !notes.isEmpty {
            for image in images { try store.verify(image) }
            return try images.map {
                try store.publish($0, output.compression ?? .gzip, notes: notes, observer: observer).image
            }
        }
        for image in images { try store.adopt(image) }
        return images
    }

    /// Gives images of the store their names, as a list where there are several or something is said about them.
    private func keep(_ images: [Image], _ archive: ([Image]) throws -> ArchivedImage) throws -> Receipt {
        let archived = try archive(images)
        let receipt = try receipt(archived)
        try store.withNames {
            try store.record(images)
            _ = try store.images.putList(archived)
            for name in archived.names { try store.images.tag(receipt.id, name) }
        }
        return receipt
    }

    private func exportLayout(_ archived: ArchivedImage, _ output: OutputSpecification) throws -> Receipt {
        let format: ImageArchiveFormat = output.kind == .oci ? .oci : .docker
        func write(_ sink: any LayoutSink) throws {
            var writer = ImageArchiveWriter(store, format: format, sink: sink)
            try writer.write([archived])
        }
        switch output.destination {
        case .path(let path) where !output.isArchive: try write(DirectorySink(OutputFile.directory(path)))
        case .path(let path): try OutputFile.write(path) { try write(ArchiveSink(output: $0)) }
        case .standardOutput, nil: try OutputFile.writeToStandardOutput { try write(ArchiveSink(output: $0)) }
        }
        return try receipt(archived)
    }
}

extension OutputExport.Receipt {
    /// The document of `--metadata-file`, with docker's keys.
    package var metadata: JSON {
        var object: JSONObject = [
            "containerimage.config.digest": .string(configDigest.description), "containerimage.descriptor": root.json,
            "containerimage.digest": .string(root.digest.description),
        ]
        if !names.isEmpty { object["image.name"] = .string(names.map(\.description).joined(separator: ",")) }
        return .object(object)
    }
}
