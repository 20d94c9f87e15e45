internal import OCI

/// Turns packages in the content store into an image.
struct Assembly {
    let request: Composer.Request
    let architecture: DebianArchitecture
    let plan: Composer.Plan
    let store: any ContentStore

    private var recipe: BaseRecipe { request.recipe }
    private var date: Int64 { plan.date }

    private typealias Blob = (digest: Digest, size: Int64)

    func assemble(_ resolution: Resolution, _ progress: @Sendable (Composer.Progress) -> Void) async throws
        -> ComposedBase
    {
        // Files of distroless bases have no time of their own, so that the same packages give the same layers later.
        let modified = recipe.foundation == .minimalSystem ? date : 0
        var root = RootComposer(
            layer: LayerWriter(try await store.writer()), filter: recipe.filter, modified: modified, paths: recipe.paths
        )
        for directory in architecture.mergedDirectories {
            try root.addDirectory("/usr/\(directory)")
            try root.addLink("/\(directory)", to: "usr/\(directory)")
        }
        let packages = UnpackOrder.sort(resolution.packages)
        var blobs: [Blob] = []
        for (index, package) in packages.enumerated() {
            progress(.unpacking(package: package.name, index: index + 1, count: packages.count))
            if index > 0, recipe.layering == .package {
                blobs.append(try root.begin(LayerWriter(try await store.writer())))
            }
            try await unpack(package, into: &root)
            if recipe.foundation == .packages, let unpacked = root.unpacked.last {
                try StatusDirectory.write(unpacked, to: &root)
            }
        }
        if !packages.isEmpty, recipe.layering == .package {
            blobs.append(try root.begin(LayerWriter(try await store.writer())))
        }
        try root.addOwn(of: recipe)
        let unpacked = root.unpacked.sorted { $0.package.name < $1.package.name }
        var completion: [String] = []
        if recipe.foundation == .minimalSystem {
            try addSystem(unpacked, to: &root)
            completion = [Completion(packages: unpacked, date: date).script]
        }
        blobs.append(try root.commit())
        return ComposedBase(
            image: image(blobs, labels: packages.map { "\(recipe.name): \($0.label)" }), completion: completion,
            resolution: resolution, archiveDate: date)
    }

    private func unpack(_ package: BinaryPackage, into root: inout RootComposer) async throws {
        var reader = DebReader(package: package.name)
        root.begin(package)
        try await store.read(package.digest) { piece in
            try reader.consume(piece) { try root.consume($0) }
        }
        try reader.finish()
    }

    /// What dpkg and apt need in a full system.
    private func addSystem(_ unpacked: [UnpackedPackage], to root: inout RootComposer) throws {
        let keyring = AptSetup.keyrings.first { root.exists($0) }
        try root.addFile(AptSetup.path, AptSetup.sources(plan.archives, keyring: keyring))
        try DpkgDatabase(architecture: architecture.name, packages: unpacked).write(to: &root)
    }

    /// - Parameter labels: of the layers; one that has no label holds the recipe's own files.
    private func image(_ blobs: [Blob], labels: [String]) -> Image {
        var config = ImageConfig(platform: request.platform)
        let created = ArchiveDate.rfc3339(date)
        config.created = created
        config.container = recipe.container
        config.layers = blobs.map { DiffID($0.digest) }
        config.history = blobs.indices.map { index in
            let label = blobs.count > 1 && index < labels.count ? labels[index] : recipe.name
            return HistoryEntry(
                created: created, createdBy: "distill base build \(label)", comment: nil, emptyLayer: false)
        }
        let layers = blobs.map { blob in
            Image.Layer(
                diffID: DiffID(blob.digest),
                blobs: [Descriptor(mediaType: .layer, digest: blob.digest, size: blob.size)])
        }
        return Image(config: config, layers: layers)
    }
}
