import Attestation
import Debian
import Distribution
import Inspection
import LinuxSystem
import OCI
import Storage
import SystemPackage

/// Where bases come from: the options that `base` and `build` share.
struct BaseComposition {
    let store: Store
    /// The value of `--mirror`.
    var mirror: String?
    var keyring: FilePath
    var mode: ProgressMode
    var lock: PackageLock?

    /// What is said about the images that get names.
    var attestations = AttestationRequest()

    struct Result {
        let recipe: BaseRecipe
        let image: Image
        let provenance: Provenance
    }

    /// Composes the first recipe whose release the mirror has.
    func compose(_ recipes: [BaseRecipe], _ platform: Platform) async throws -> Result {
        try await first(recipes) { recipe in
            let build = BaseBuild(
                recipe: recipe, platform: platform, sources: try sources(for: recipe), keyring: keyring, store: store,
                mode: mode, lock: lock)
            let result = try await build.run()
            let provenance = Provenance(recipe, result.packages, platform, isLocked: lock != nil)
            return Result(recipe: recipe, image: result.image, provenance: provenance)
        }
    }

    /// Composes one recipe for several platforms.
    func compose(_ recipes: [BaseRecipe], _ platforms: [Platform]) async throws -> [Result] {
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
    func first<Value>(_ recipes: [BaseRecipe], _ body: (BaseRecipe) async throws -> Value) async throws -> Value {
        var missing: (any Error)?
        for recipe in recipes {
            do { return try await body(recipe) } catch RemoteFileError.status(let url, code: 404) {
                guard url.hasSuffix("InRelease") else { throw RemoteFileError.status(url: url, code: 404) }
                missing = missing ?? RemoteFileError.status(url: url, code: 404)
            }
        }
        throw missing ?? UsageError.emptyGraph
    }

    /// Asks the archive about a recipe, without downloading packages.
    func ask<Value: Sendable>(
        _ recipe: BaseRecipe, _ platform: Platform, _ body: (Composer, Composer.Request, CompositionProgress) async throws -> Value
    ) async throws -> Value {
        let request = Composer.Request(
            recipe: recipe, platform: platform, sources: try sources(for: recipe), keyring: keyring, now: FileTime.now.seconds)
        return try await RemoteFileClient.withClient(environment: ProcessFacts.environment) { client in
            let progress = CompositionProgress(mode: mode)
            defer { progress.finish() }
            return try await body(Composer(files: client, store: store.downloads), request, progress)
        }
    }

    func sources(for recipe: BaseRecipe) throws -> [MirrorSource] {
        var configuration = try HostMirrors.configuration(option: mirror)
        configuration.recipe = recipe.mirror
        return try configuration.sources(for: recipe.suite, components: recipe.components)
    }

    /// The recipes that a name or a file stands for.
    static func recipes(_ text: String) throws -> [BaseRecipe] {
        guard text.hasSuffix(".yaml") || text.hasSuffix(".yml") else { return try BaseCatalog.named(text) }
        let source = try RecipeSource.read(text)
        return [try source.recipe()]
    }

    /// Gives an image, or a list of the images for several platforms, its recipe's name, the name that was asked for, and
    /// further ones.
    ///
    /// - Returns: the ID of what has the names.
    @discardableResult
    func tag(_ results: [Result], _ names: [String]) throws -> Digest {
        guard let first = results.first else { throw UsageError.emptyGraph }
        let references = try ([first.recipe.name] + names).map { try ImageReference($0).withDefaultTag }
        let archived = ArchivedImage(
            try results.map { result in
                var packed = try store.pack(result.image, nil)
                packed.statements = try attestations.statements(about: result.image, references) { try Inventory(StoredTree.open(result.image, in: store)) } provenance: { result.provenance }
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
