package import Debian
package import OCI

extension BaseComposition {
    package func lock(_ recipe: BaseRecipe, _ platforms: [Platform], _ title: String) async throws -> PackageLock {
        try await ask(recipe, .host) { composer, request in
            try await composer.lock(request, platforms: platforms, recipe: title) { events(.composing($0)) }
        }
    }

    /// The lock that would be written now in place of another one.
    package func renewed(_ file: LockFile) async throws -> PackageLock {
        let recipes = try Self.recipes(file.recipe).filter { $0.suite == file.lock.suite }
        guard let recipe = recipes.first else { throw DebianError.unknownRecipe(file.recipe) }
        let platforms = try file.lock.packages.keys.sorted().map { try Platform(parsing: $0) }
        return try await lock(recipe, platforms, file.lock.recipe)
    }
}
