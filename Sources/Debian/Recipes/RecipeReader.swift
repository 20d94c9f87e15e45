internal import OCI

extension BaseRecipe {
    /// Reads a recipe (docs/recipes.md).
    ///
    /// - Parameters:
    ///   - bytes: YAML in UTF-8, or in UTF-16 behind a byte order mark.
    ///   - file: its name, for errors; without its extension it is the recipe's name unless the text has one.
    /// - Throws: ``RecipeError`` with the place of the first mistake.
    package init(parsing bytes: [UInt8], file: String) throws(RecipeError) {
        var reader = try RecipeReader(bytes, file: file)
        self = try reader.recipe()
    }

    package init(parsing text: String, file: String) throws(RecipeError) {
        try self.init(parsing: Array(text.utf8), file: file)
    }
}

/// Turns a recipe's YAML into its value.
struct RecipeReader {
    static let keys = [
        "name", "from", "suite", "components", "packages", "leave-out", "keep", "users", "groups", "paths",
        "environment", "user", "working-directory", "entrypoint", "command", "labels", "architectures", "layering",
        "slice", "mirror",
    ]

    private let root: RecipeNode
    private let members: [String: RecipeNode]
    private let file: String

    init(_ bytes: [UInt8], file: String) throws(RecipeError) {
        root = try RecipeNode(parsing: bytes, file: file)
        members = try root.members("recipe", known: Self.keys)
        self.file = file
    }

    mutating func recipe() throws(RecipeError) -> BaseRecipe {
        var recipe = try foundation()
        if let node = members["name"] {
            recipe.name = try node.text("name")
            do { _ = try ImageReference(recipe.name) } catch {
                throw node.error(.invalidValue(key: "name", value: recipe.name, expected: .name))
            }
        } else {
            recipe.name = Self.stem(of: file)
        }
        if let node = members["components"] { recipe.components = try node.list("components") }
        if let node = members["mirror"] { recipe.mirror = try node.text("mirror") }
        if let node = members["layering"] { recipe.layering = try node.choice("layering", BaseRecipe.Layering.self) }
        if let node = members["slice"] { recipe.slicing = try node.choice("slice", BaseRecipe.Slicing.self) }
        try readPackages(into: &recipe)
        try readAccounts(into: &recipe)
        try readPaths(into: &recipe)
        try readContainer(into: &recipe)
        try readPlatforms(into: &recipe)
        return recipe
    }

    private static func stem(of file: String) -> String {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        for suffix in [".yaml", ".yml"] where name.hasSuffix(suffix) { return String(name.dropLast(suffix.count)) }
        return name
    }

    /// The recipe that this one starts from.
    private func foundation() throws(RecipeError) -> BaseRecipe {
        let suite = try members["suite"].map { node throws(RecipeError) in
            let text = try node.text("suite")
            let isSuite =
                !text.isEmpty
                && text.utf8.allSatisfy { byte in
                    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
                }
            guard isSuite else { throw node.error(.invalidValue(key: "suite", value: text, expected: .name)) }
            return text
        }
        guard let from = members["from"] else {
            guard let suite else { throw root.error(.noSuite) }
            return BaseRecipe(name: "recipe", suite: suite, foundation: .packages, packages: [])
        }
        let name = try from.text("from")
        let candidates = BaseCatalog.recipes(named: name).filter { suite == nil || $0.suite == suite }
        guard var recipe = candidates.first else { throw from.error(.unknownBase(name)) }
        recipe.platforms = []
        return recipe
    }

    private func readPackages(into recipe: inout BaseRecipe) throws(RecipeError) {
        for item in try members["packages"]?.items("packages") ?? [] {
            let text = try item.text("packages")
            do { _ = try Dependency.parse(text, architecture: "amd64") } catch {
                throw item.error(.invalidValue(key: "packages", value: text, expected: .dependency))
            }
            if !recipe.packages.contains(text) { recipe.packages.append(text) }
        }
        var rules = recipe.filter.rules
        if let node = members["leave-out"] {
            let lists = try node.members("leave-out", known: ["packages", "paths"])
            recipe.assumedPackages.formUnion(try lists["packages"]?.list("packages") ?? [])
            rules += try lists["paths"]?.paths("paths").map { .exclude($0) } ?? []
        }
        if let node = members["keep"] {
            let patterns = try node.paths("keep")
            rules += patterns.map { .include($0) }
            recipe.keptPatterns += patterns
        }
        recipe.filter = PathFilter(rules)
        guard !recipe.packages.isEmpty || !recipe.paths.isEmpty || members["paths"] != nil else {
            throw root.error(.missingKey("packages"))
        }
    }

    private func readContainer(into recipe: inout BaseRecipe) throws(RecipeError) {
        for (name, place, value) in try members["environment"]?.texts("environment") ?? [] {
            guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")) else {
                throw place.error(.invalidValue(key: "environment", value: name, expected: .environmentName))
            }
            recipe.container.setEnvironment(name, value)
        }
        for (name, _, value) in try members["labels"]?.texts("labels") ?? [] { recipe.container.labels[name] = value }
        if let node = members["user"] { recipe.container.user = try node.text("user") }
        if let node = members["working-directory"] {
            recipe.container.workingDirectory = try node.path("working-directory")
        }
        if let node = members["entrypoint"] { recipe.container.entrypoint = try node.list("entrypoint") }
        if let node = members["command"] { recipe.container.command = try node.list("command") }
    }

    private func readPlatforms(into recipe: inout BaseRecipe) throws(RecipeError) {
        for item in try members["architectures"]?.items("architectures") ?? [] {
            let text = try item.text("architectures")
            do {
                let platform = try Platform(parsing: text)
                _ = try DebianArchitecture(platform)
                recipe.platforms.append(platform)
            } catch { throw item.error(.invalidValue(key: "architectures", value: text, expected: .platform)) }
        }
    }

    private func readAccounts(into recipe: inout BaseRecipe) throws(RecipeError) {
        for item in try members["groups"]?.items("groups") ?? [] {
            let fields = try item.members("groups", known: ["name", "gid", "members"])
            var group = RecipeGroup(
                try Self.required("name", fields, item).accountName("name"),
                try Self.required("gid", fields, item).identifier("gid"))
            for member in try fields["members"]?.items("members") ?? [] {
                group.members.append(try member.accountName("members"))
            }
            recipe.groups.removeAll { $0.name == group.name }
            recipe.groups.append(group)
        }
        for item in try members["users"]?.items("users") ?? [] { try readUser(item, into: &recipe) }
    }

    private func readUser(_ item: RecipeNode, into recipe: inout BaseRecipe) throws(RecipeError) {
        let fields = try item.members("users", known: ["name", "uid", "gid", "home", "shell"])
        let name = try Self.required("name", fields, item).accountName("name")
        let identifier = try Self.required("uid", fields, item).identifier("uid")
        let group = try fields["gid"].map { node throws(RecipeError) in try node.identifier("gid") } ?? identifier
        var user = RecipeUser(name, identifier, group: group)
        if let home = fields["home"] { user.home = try home.path("home") }
        if let shell = fields["shell"] { user.shell = try shell.path("shell") }
        recipe.users.removeAll { $0.name == name }
        recipe.users.append(user)
        guard fields["home"] != nil, user.home != "/", user.home != "/nonexistent" else { return }
        var home = RecipePath(user.home, mode: 0o700, .directory)
        (home.user, home.group) = (user.identifier, user.group)
        recipe.paths.removeAll { $0.path == home.path }
        recipe.paths.append(home)
    }

    static func required(
        _ key: String, _ fields: [String: RecipeNode], _ item: RecipeNode
    ) throws(RecipeError) -> RecipeNode {
        guard let node = fields[key] else { throw item.error(.missingKey(key)) }
        return node
    }

    private func readPaths(into recipe: inout BaseRecipe) throws(RecipeError) {
        var own: Set<String> = []
        for item in try members["paths"]?.items("paths") ?? [] {
            let path = try RecipePathReader(item).path()
            guard own.insert(path.path).inserted else { throw item.error(.samePath(path.path)) }
            recipe.paths.removeAll { $0.path == path.path }
            recipe.paths.append(path)
        }
    }
}
