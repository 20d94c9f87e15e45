package import OCI

/// What checks look at: a Dockerfile, and what is known beside it.
package struct CheckInput: Sendable {
    /// What is known about the image that a stage starts from.
    package struct Base: Hashable, Sendable {
        package var platform: Platform?
        package var environment: [String]
        package var shell: [String]
        package var user: String

        package init(_ config: ImageConfig) {
            platform = config.platform
            environment = config.container.environment
            shell = config.container.shell ?? []
            user = config.container.user
        }
    }

    package let syntax: DockerfileSyntax
    package let buildArguments: [String: String]
    package let platform: Platform
    package let buildPlatform: Platform
    /// The ignore file of the build context, if there is one.
    package let ignore: IgnorePatterns?
    /// The bases of stages by the stage's number, as far as they were looked up. Without its base's variables, nothing is
    /// said about a stage's undefined ones.
    package let bases: [Int: Base]

    /// The global arguments with the build arguments applied, and with the file's defaults alone.
    let globals: [String: String]
    let defaults: [String: String]
    let stages: [ExpandedStage]

    package init(
        _ syntax: DockerfileSyntax, buildArguments: [String: String] = [:], platform: Platform = .host,
        buildPlatform: Platform = .host, target: String? = nil, ignore: IgnorePatterns? = nil, bases: [Int: Base] = [:]
    ) {
        (self.syntax, self.buildArguments, self.ignore, self.bases) = (syntax, buildArguments, ignore, bases)
        (self.platform, self.buildPlatform) = (platform, buildPlatform)
        let automatic = AutomaticArguments.values(
            target: target ?? syntax.stages.last?.name, platform: platform, buildPlatform: buildPlatform)
        globals = Self.globals(syntax, automatic, buildArguments)
        defaults = Self.globals(syntax, automatic, [:])
        stages = ExpandedStage.all(syntax, globals: globals, buildArguments: buildArguments, bases: bases)
    }

    private static func globals(
        _ syntax: DockerfileSyntax, _ automatic: [String: String], _ given: [String: String]
    ) -> [String: String] {
        var values = automatic
        for name in values.keys { values[name] = given[name] ?? values[name] }
        for case .arg(let definitions) in syntax.globalArguments.map(\.kind) {
            for definition in definitions {
                if let value = given[definition.name.text] {
                    values[definition.name.text] = value
                } else if let word = definition.value {
                    // A faulty default is an error of the build; a check has nothing to add.
                    values[definition.name.text] = try? WordExpander(escape: syntax.escape, variables: values)
                        .expand(word.text).text
                }
            }
        }
        return values
    }

    /// The names that FROM may use: those with a value and those that are declared without one.
    var declaredGlobals: Set<String> {
        var names = Set(globals.keys)
        for case .arg(let definitions) in syntax.globalArguments.map(\.kind) {
            names.formUnion(definitions.map(\.name.text))
        }
        return names
    }

    /// Expands a word of FROM; nil if it cannot be.
    func expandGlobal(_ word: Word, _ values: [String: String]) -> WordExpander.Expansion? {
        // A faulty word is an error of the build; a check has nothing to add.
        try? WordExpander(escape: syntax.escape, variables: values).expand(word.text)
    }
}
