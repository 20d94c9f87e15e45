internal import OCI

/// Turns packages in the content store into an image.
struct Assembly {
    let request: Composer.Request
    let architecture: DebianArchitecture
    let suites: [FetchedSuite]
    let store: any ContentStore

    private var recipe: BaseRecipe { request.recipe }
    private var date: Int64 { suites.map(\.release.date).max() ?? 0 }

    func assemble(_ resolution: Resolution, _ progress: @Sendable (Composer.Progress) -> Void) async throws
        -> ComposedBase
    {
        let layer = LayerWriter(try await store.writer())
        var root = RootComposer(layer: layer, filter: recipe.filter, modified: date)
        for directory in architecture.mergedDirectories {
            try root.addDirectory("/usr/\(directory)")
            try root.addLink("/\(directory)", to: "usr/\(directory)")
        }
        let packages = UnpackOrder.sort(resolution.packages)
        for (index, package) in packages.enumerated() {
            progress(.unpacking(package: package.name, index: index + 1, count: packages.count))
            try await unpack(package, into: &root)
        }
        let unpacked = root.unpacked.sorted { $0.package.name < $1.package.name }
        try addConfiguration(unpacked, to: &root)
        let blob = try root.commit()
        return ComposedBase(
            image: image(blob), completion: [Completion(packages: unpacked, date: date).script], resolution: resolution,
            archiveDate: date)
    }

    private func unpack(_ package: BinaryPackage, into root: inout RootComposer) async throws {
        var reader = DebReader(package: package.name)
        root.begin(package)
        try await store.read(package.digest) { piece in
            try reader.consume(piece) { try root.consume($0) }
        }
        try reader.finish()
    }

    private func addConfiguration(_ unpacked: [UnpackedPackage], to root: inout RootComposer) throws {
        for directory in recipe.directories { try root.addDirectory(directory) }
        for file in recipe.files { try root.addFile(file.path, mode: file.mode, file.text) }
        switch recipe.foundation {
        case .minimalSystem:
            let keyring = AptSetup.keyrings.first { root.exists($0) }
            try root.addFile(AptSetup.path, AptSetup.sources(suites.map(\.suite), keyring: keyring))
            try DpkgDatabase(architecture: architecture.name, packages: unpacked).write(to: &root)
        }
    }

    private func image(_ blob: (digest: Digest, size: Int64)) -> Image {
        var config = ImageConfig(platform: request.platform)
        let created = ArchiveDate.rfc3339(date)
        config.created = created
        config.container = recipe.container
        let diffID = DiffID(blob.digest)
        config.layers = [diffID]
        config.history = [
            HistoryEntry(
                created: created, createdBy: "distill base build \(recipe.name)", comment: nil, emptyLayer: false)
        ]
        let descriptor = Descriptor(mediaType: .layer, digest: blob.digest, size: blob.size)
        return Image(config: config, layers: [Image.Layer(diffID: diffID, blobs: [descriptor])])
    }
}
