internal import Dockerfile
internal import OCI

/// The variables that FROM sees, and that ARG without a value takes into a stage (Dockerfile reference, "Understand how
/// ARG and FROM interact", "Automatic platform ARGs in the global scope").
struct GlobalArguments: Sendable {
    private(set) var values: [String: String]

    /// - Parameters:
    ///   - buildArguments: `[:]` for the values that the file alone gives.
    ///   - faults: gets what is wrong with defaults; their names have no value then.
    init(
        _ syntax: DockerfileSyntax, _ request: BuildRequest, buildArguments: [String: String],
        _ faults: inout [Diagnostic]
    ) {
        values = AutomaticArguments.values(
            target: request.target ?? syntax.stages.last?.name, platform: request.platform,
            buildPlatform: request.buildPlatform)
        for name in values.keys { if let given = buildArguments[name] { values[name] = given } }
        for instruction in syntax.globalArguments {
            guard case .arg(let definitions) = instruction.kind else { continue }
            for definition in definitions {
                if let given = buildArguments[definition.name.text] {
                    values[definition.name.text] = given
                } else if let word = definition.value {
                    do throws(Diagnostic) { values[definition.name.text] = try expand(word, syntax.escape) } catch {
                        faults.append(error)
                    }
                }
            }
        }
    }

    func expand(_ word: Word, _ escape: EscapeCharacter) throws(Diagnostic) -> String {
        try WordExpander(escape: escape, variables: values).expand(word)
    }
}

extension WordExpander {
    /// Expands a word; an error points at it.
    func expand(_ word: Word) throws(Diagnostic) -> String { try expansion(of: word).text }

    func expansion(of word: Word) throws(Diagnostic) -> Expansion {
        do { return try expand(word.text) } catch {
            throw Diagnostic(.error(.invalidExpansion), at: word.range, "cannot expand '\(word)': \(error.message)")
        }
    }
}
