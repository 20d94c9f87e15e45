import LinuxSystem
import OCI
import Solver
import Storage

/// What becomes of a build's results: each `--output`, one after another.
struct OutputExport: Sendable {
    let store: Store
    /// One for each platform.
    let results: [Build.Result]
    /// The names of `--tag`.
    let tags: [ImageReference]
    let outputs: [BuildOutput]
    /// Whether files' times are not later than SOURCE_DATE_EPOCH in every output.
    let isReproducible: Bool
    let push: @Sendable (ImageReference, Descriptor) async throws -> Void

    /// What `--metadata-file` and `--iidfile` tell.
    struct Receipt: Sendable {
        /// The image ID, or that of a list of images.
        var id: Digest
        /// A manifest or an index.
        var root: Descriptor
        var configDigest: Digest
        var names: [ImageReference]
    }

    /// Makes everything that was asked for.
    ///
    /// - Returns: what was made last; with several outputs they can differ in compression only.
    func run() async throws -> Receipt {
        var receipt: Receipt?
        for output in outputs {
            let made = try await store.perform { try make(output) }
            if output.pushes { for name in made.names { try await push(name, made.root) } }
            receipt = made
        }
        guard let receipt else { return try await store.perform { try make(BuildOutput(.image)) } }
        return receipt
    }

    private func make(_ output: BuildOutput) throws -> Receipt {
        let images = try results.map { try image($0, output) }
        let names = tags + output.names.filter { !tags.contains($0) }
        switch output.kind {
        case .tar, .local: return try exportFiles(images, names, output)
        case .image, .registry: return try keep(images, names, output)
        case .docker where output.destination == nil: return try keep(images, names, output)
        case .oci, .docker: return try exportLayout(images, names, output)
        }
    }

    private func image(_ result: Build.Result, _ output: BuildOutput) throws -> Image {
        guard isReproducible || output.rewritesTimestamps, let epoch = result.epoch else { return result.image }
        return try store.clamping(result.image, latest: epoch, from: result.solution.baseLayerCount(of: result.target))
    }

    private func receipt(_ archived: ArchivedImage, id: Digest? = nil) throws -> Receipt {
        guard let root = archived.root, let first = archived.images.first else { throw UsageError.emptyGraph }
        return Receipt(
            id: id ?? (archived.images.count == 1 ? first.configDigest : root.digest), root: root,
            configDigest: first.configDigest, names: archived.names)
    }

    /// Makes images of the store, with a list over several of them.
    private func keep(_ images: [Image], _ names: [ImageReference], _ output: BuildOutput) throws -> Receipt {
        var kept = images
        if output.pushes || output.compression != nil {
            for image in images { try store.verify(image) }
            kept = try images.map { try store.publish($0, output.compression ?? .gzip).image }
        } else {
            for image in images { try store.adopt(image) }
        }
        let archived = ArchivedImage(try kept.map { try store.pack($0, nil) }, names: names)
        var id = kept.first?.id
        if let index = archived.index { id = try store.images.putList(index, of: kept) }
        if let id { for name in names { try store.images.tag(id, name) } }
        return try receipt(archived, id: id)
    }

    private func exportLayout(_ images: [Image], _ names: [ImageReference], _ output: BuildOutput) throws -> Receipt {
        let archived = ArchivedImage(try images.map { try store.pack($0, output.compression ?? .gzip) }, names: names)
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

    /// Writes root file systems; those of several platforms each into a directory of its own, as docker does.
    private func exportFiles(_ images: [Image], _ names: [ImageReference], _ output: BuildOutput) throws -> Receipt {
        func directory(_ image: Image) -> String {
            images.count == 1 ? "" : image.config.platform.description.replacing("/", with: "_")
        }
        func writeArchive(_ body: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
            try store.writeRootArchive(of: images.map { ($0, directory($0)) }, body)
        }
        switch output.destination {
        case .path(let path) where output.kind == .local:
            for image in images {
                let place = try OutputFile.directory(images.count == 1 ? path : "\(path)/\(directory(image))")
                try store.writeRoot(of: image, into: place, isMirror: output.isMirror)
            }
        case .path(let path): try OutputFile.write(path, writeArchive)
        case .standardOutput, nil: try OutputFile.writeToStandardOutput(writeArchive)
        }
        return try receipt(ArchivedImage(try images.map { try store.pack($0, nil) }, names: names))
    }
}

extension OutputExport.Receipt {
    /// The document of `--metadata-file`, with docker's keys.
    var metadata: JSON {
        var object: JSONObject = [
            "containerimage.config.digest": .string(configDigest.description), "containerimage.descriptor": root.json,
            "containerimage.digest": .string(root.digest.description),
        ]
        if !names.isEmpty { object["image.name"] = .string(names.map(\.description).joined(separator: ",")) }
        return .object(object)
    }
}
