internal import OCI

extension BaseRecipe {
    /// The recipe for one architecture: `${architecture}` is Debian's name of it, and `${tuple}` the name of its
    /// directories below `/usr/lib`.
    func expanded(for architecture: DebianArchitecture) -> BaseRecipe {
        func expand(_ text: String) -> String {
            guard text.contains("${") else { return text }
            return text.replacing("${architecture}", with: architecture.name)
                .replacing("${tuple}", with: architecture.tuple)
        }
        var recipe = self
        recipe.packages = packages.map(expand)
        recipe.keptPatterns = keptPatterns.map(expand)
        recipe.container.environment = container.environment.map(expand)
        recipe.container.entrypoint = container.entrypoint?.map(expand)
        recipe.container.command = container.command?.map(expand)
        recipe.container.labels = container.labels.mapValues(expand)
        recipe.filter = PathFilter(
            filter.rules.map { rule in
                switch rule {
                case .exclude(let pattern): .exclude(expand(pattern))
                case .include(let pattern): .include(expand(pattern))
                }
            })
        recipe.paths = paths.map { path in
            var expanded = RecipePath(expand(path.path), mode: path.mode, path.content.mapped(expand))
            (expanded.user, expanded.group) = (path.user, path.group)
            return expanded
        }
        return recipe
    }
}

extension RecipePath.Content {
    /// Texts of files stay as they are: a dollar sign means something else there.
    fileprivate func mapped(_ expand: (String) -> String) -> Self {
        switch self {
        case .directory, .text: self
        case .symbolicLink(let target): .symbolicLink(target: expand(target))
        case .links(let target, let names): .links(target: expand(target), names: names)
        case .joined(let patterns): .joined(patterns.map(expand))
        case .keyStore(let patterns): .keyStore(patterns.map(expand))
        }
    }
}

extension Composer.Request {
    /// - Throws: ``DebianError/otherPlatform(recipe:wanted:made:)``.
    func expanded(for architecture: DebianArchitecture) throws(DebianError) -> Self {
        guard recipe.platforms.isEmpty || recipe.platforms.contains(where: { $0.distance(to: platform) != nil }) else {
            throw .otherPlatform(recipe: recipe.name, wanted: platform, made: recipe.platforms)
        }
        var request = self
        if recipe.foundation == .packages { request.recipe = recipe.expanded(for: architecture) }
        return request
    }
}
