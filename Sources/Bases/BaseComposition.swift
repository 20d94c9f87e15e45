package import Attestation
package import Debian
import Distribution
import Inspection
package import LinuxSystem
package import OCI
package import Storage
package import SystemPackage

/// Where bases come from: the options that `base` and `build` share.
package struct BaseComposition {
    package let store: Store
    /// The value of `--mirror`.
    package var mirror: String?
    package var keyring: FilePath
    package var environment: HostEnvironment
    package var events: @Sendable (BaseEvent) -> Void
    package var lock: PackageLock?

    /// What is said about the images that get names.
    package var attestations = AttestationRequest()

    package init(
        store: Store, mirror: String? = nil, keyring: FilePath, environment: HostEnvironment,
        events: @escaping @Sendable (BaseEvent) -> Void, lock: PackageLock? = nil,
        attestations: AttestationRequest = AttestationRequest()
    ) {
        self.store = store
        self.mirror = mirror
        self.keyring = keyring
        self.environment = environment
        self.events = events
        self.lock = lock
        self.attestations = attestations
    }

    package struct Result {
        package let recipe: BaseRecipe
        package let image: Image
        package let provenance: Provenance
    }

    /// Composes the first recipe whose release the mirror has.
    package func compose(_ recipes: [BaseRecipe], _ platform: Platform) async throws -> Result {
        try await first(recipes) { recipe in
            let build = BaseBuild(
                recipe: recipe, platform: platform, sources: try sources(for: recipe), keyring: keyring, store: store,
                environment: environment, events: events, lock: lock)
            let result = try await build.run()
            let provenance = Provenance(recipe, result.packages, platform, isLocked: lock != nil)
            return Result(recipe: recipe, image: result.image, provenance: provenance)
        }
    }

    /// Composes one recipe for several platforms.
    package func compose(_ recipes: [BaseRecipe], _ platforms: [Platform]) async throws -> [Result] {
        var candidates = recipes
        var results: [Result] = []
        for platform in platforms {
            let result = try await compose(candidates, platform)
            // All platforms are of one release.
            candidates = [result.recipe]
            results.append(result)
        }
        return results
    }

    /// Does something with the first recipe whose release the mirror has.
    package func first<Value>(_ recipes: [BaseRecipe], _ body: (BaseRecipe) async throws -> Value) async throws -> Value
    {
        var missing: (any Error)?
        for recipe in recipes {
            do { return try await body(recipe) } catch RemoteFileError.status(let url, code: 404) {
                guard url.hasSuffix("InRelease") else { throw RemoteFileError.status(url: url, code: 404) }
                missing = missing ?? RemoteFileError.status(url: url, code: 404)
            }
        }
        throw missing ?? BaseError.nothing
    }

    /// Asks the archive about a recipe, without downloading packages.
    package func ask<Value: Sendable>(
        _ recipe: BaseRecipe, _ platform: Platform, _ body: (Composer, Composer.Request) async throws -> Value
    ) async throws -> Value {
        let request = Composer.Request(
            recipe: recipe, platform: platform, sources: try sources(for: recipe), keyring: keyring,
            now: FileTime.now.seconds)
        return try await RemoteFileClient.withClient(
            configuration: TransferPolicy(environment), environment: environment.variables
        ) { client in
            defer { events(.composed) }
            return try await body(Composer(files: client, store: store.downloads), request)
        }
    }

    package func sources(for recipe: BaseRecipe) throws -> [MirrorSource] {
        var configuration = try HostMirrors.configuration(option: mirror, environment: environment)
        configuration.recipe = recipe.mirror
        return try configuration.sources(for: recipe.suite, components: recipe.components)
    }

    /// The recipes that a name or a file stands for.
    package static func recipes(_ text: String) throws -> [BaseRecipe] {
        guard text.hasSuffix(".yaml") || text.hasSuffix(".yml") else { return try BaseCatalog.named(text) }
        let source = try RecipeSource.read(text)
        return [try source.recipe()]
    }

    /// Gives an image, or a list of the images for several platforms, its recipe's name, the name that was asked for, and
    /// further ones.
    ///
    /// - Returns: the ID of what has the names.
    @discardableResult
    package func tag(_ results: [Result], _ names: [String]) throws -> Digest {
        guard let first = results.first else { throw BaseError.nothing }
        let references = try ([first.recipe.name] + names).map { try ImageReference($0).withDefaultTag }
        let archived = ArchivedImage(
            try results.map { result in
                var packed = try store.pack(result.image, nil)
                let material = AttestationRequest.Material(provenance: result.provenance) {
                    try Inventory(StoredTree.open(result.image, in: store))
                }
                packed.statements = try attestations.statements(about: result.image, references, from: material)
                return packed
            }, names: references)
        return try store.withNames {
            try store.record(results.map(\.image))
            let id = try store.images.putList(archived) ?? first.image.id
            for reference in references { try store.images.tag(id, reference) }
            return id
        }
    }
}
