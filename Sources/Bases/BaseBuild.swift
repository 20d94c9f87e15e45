import BuildGraph
package import Debian
import Distribution
import Dockerfile
package import LinuxSystem
package import OCI
import Sandbox
import Solver
package import Storage
package import SystemPackage

/// A base from its recipe (architecture decision 15).
///
/// A distroless base is an image of unpacked packages. A full Debian base has steps on it besides, which the Solver
/// executes like any other; the result is one layer.
package struct BaseBuild {
    package let recipe: BaseRecipe
    package let platform: Platform
    package let sources: [MirrorSource]
    package let keyring: FilePath
    package let store: Store
    package let environment: HostEnvironment
    package let events: @Sendable (BaseEvent) -> Void
    package var lock: PackageLock?

    package struct Result {
        package let image: Image
        package let packages: [BinaryPackage]
    }

    package func run() async throws -> Result {
        switch recipe.foundation {
        case .minimalSystem:
            guard platform.distance(to: .host) != nil || Emulation.isRegistered(platform.architecture) else {
                throw BaseError.foreignPlatform(platform)
            }
            // Asked first: without a runtime there is no need to download anything.
            let runtime = try OCIRuntime.installed(searchPath: environment.searchPath, store: store)
            let base = try await takenFromDownloads(compose())
            let snapshot = try await complete(base, runtime)
            let image = try await store.perform { try flatten(base, snapshot) }
            return Result(image: image, packages: base.resolution.packages)
        case .packages:
            let base = try await takenFromDownloads(compose())
            let packages = base.resolution.packages
            guard recipe.slicing == .none else {
                return Result(image: try await sliced(base.image), packages: packages)
            }
            try await store.perform { try store.adopt(base.image) }
            return Result(image: base.image, packages: packages)
        }
    }

    private func sliced(_ image: Image) async throws -> Image {
        let slice = BaseSlice(store: store, recipe: recipe)
        let result = try await store.perform { try slice.run(image) }
        events(.sliced(result.dropped))
        return result.image
    }

    /// Layers are written where the packages are; as parts of an image they belong to its content.
    private func takenFromDownloads(_ base: ComposedBase) throws -> ComposedBase {
        for blob in base.image.layers.flatMap(\.blobs) { try store.content.take(blob.digest, from: store.downloads) }
        return base
    }

    private func compose() async throws -> ComposedBase {
        var request = Composer.Request(
            recipe: recipe, platform: platform, sources: sources, keyring: keyring, now: FileTime.now.seconds)
        request.lock = lock
        let finalRequest = request
        return try await RemoteFileClient.withClient(
            configuration: TransferPolicy(environment), environment: environment.variables
        ) { client in
            defer { events(.composed) }
            return try await Composer(files: client, store: store.downloads).compose(finalRequest) {
                events(.composing($0))
            }
        }
    }

    /// Runs the scripts that configure the packages.
    private func complete(_ base: ComposedBase, _ runtime: any ContainerRuntime) async throws -> Snapshot {
        let graph = try graph(base)
        var context = SolveContext(store: store) { runtime }
        context.hostFiles = RootFileSystem.HostFile.forProcesses()
        context.ignoredCache = .all
        let source = SourceFile(name: recipe.name, bytes: [])
        let solveContext = context
        let events = events
        events(.completing(source))
        defer { events(.completed) }
        let solution: Solver.Solution
        do { solution = try await Solver(graph, in: solveContext) { events(.step($0)) }.solve() } catch {
            throw SourcedError(error: error, source: source)
        }
        return solution.snapshots[solution.snapshots.count - 1]
    }

    private func graph(_ base: ComposedBase) throws -> BuildGraph {
        let request = ImageRequest(reference: try ImageReference(recipe.name), platform: .host)
        func origin(_ step: Int, _ text: String) -> Origin {
            Origin(range: nil, stage: recipe.name, step: step, stepCount: base.completion.count, text: text)
        }
        var vertices = [
            Vertex(
                id: .init(index: 0), parent: nil, operation: .base(request, base.image),
                origin: origin(0, "unpacked packages"))
        ]
        for (index, script) in base.completion.enumerated() {
            let operation = RunOperation(
                arguments: ["/bin/sh", "-c", script], environment: recipe.container.environment, user: "",
                workingDirectory: .root, network: .none, platform: .host)
            vertices.append(
                Vertex(
                    id: .init(index: index + 1), parent: .init(index: index), operation: .run(operation),
                    origin: origin(index + 1, "configure \(base.resolution.packages.count) packages")))
        }
        return BuildGraph(vertices: vertices, stages: [])
    }

    private func flatten(_ base: ComposedBase, _ snapshot: Snapshot) throws -> Image {
        let tree = try store.layers.tree(snapshot.layers.map(\.layer.diffID))
        let layer = try store.assembleLayer(on: FileTree(layers: [])) { assembler in
            let everything = CopySource(kind: .path(tree, .root), ownership: .kept)
            var attributes = LayerAssembler.Attributes()
            // What the configuration wrote is as old as the archive: the same packages give the same layer.
            attributes.latest = FileTime(seconds: base.archiveDate)
            try assembler.copy(everything, to: .root, intoDirectory: true, attributes: attributes)
        }
        try store.keep(layer)
        let facts = layer.facts
        var config = base.image.config
        config.layers = [facts.diffID]
        let created = Timestamp(seconds: base.archiveDate).rfc3339
        config.created = created
        config.history = [
            HistoryEntry(
                created: created, createdBy: "distill base build \(recipe.name)", comment: "distill", emptyLayer: false)
        ]
        let image = Image(config: config, layers: [Image.Layer(diffID: facts.diffID)])
        try store.withNames { try store.images.put(image, size: facts.size) }
        return image
    }
}
