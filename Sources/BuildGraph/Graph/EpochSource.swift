package import Dockerfile
internal import OCI

/// What SOURCE_DATE_EPOCH stands for where it is no number: a source whose own time counts (dockerfile 1.24,
/// `SOURCE_DATE_EPOCH=context` and `SOURCE_DATE_EPOCH=<stage>`).
package enum EpochSource: Hashable, Sendable {
    /// The commit of the main context; a local directory has no time.
    case mainContext
    /// A context that was named by an option, which has none.
    case namedContext
    case git(GitReference, commit: String?)
    case url(String)
}

extension StagePlan {
    /// What SOURCE_DATE_EPOCH stands for; nil where it is a number, or nothing.
    ///
    /// - Throws: for text that is nothing of all this, and for a stage that has more than a source.
    package func epochSource() throws(DockerfileError) -> EpochSource? {
        guard let text = sourceDateEpoch, !text.isEmpty, Int64(text) == nil else { return nil }
        if text == "context" { return .mainContext }
        if contexts.find(text) != nil { return .namedContext }
        do throws(Diagnostic) {
            guard let stage = syntax.stages.first(where: { $0.name?.lowercased() == text.lowercased() }) else {
                // The caller's own mistake is told without a line of the file.
                guard let place = epochDefinition else { return nil }
                throw Diagnostic(
                    .error(.invalidArguments), at: place, "SOURCE_DATE_EPOCH is '\(text)', which is no time",
                    hint: "write seconds since 1970, 'context', or the name of a stage that adds one remote source")
            }
            return try source(of: stage)
        } catch {
            throw DockerfileError(error)
        }
    }

    /// Where the file gives SOURCE_DATE_EPOCH its value; nil where a build argument does.
    package var epochDefinition: SourceRange? {
        if request.buildArguments["SOURCE_DATE_EPOCH"] != nil { return nil }
        for instruction in syntax.globalArguments.reversed() {
            guard case .arg(let definitions) = instruction.kind else { continue }
            for definition in definitions.reversed()
            where definition.name.text == "SOURCE_DATE_EPOCH" && definition.value != nil {
                return definition.name.range
            }
        }
        return nil
    }

    /// The only source of a stage: one remote ADD on `scratch`, with nothing but ARG beside it.
    private func source(of stage: StageSyntax) throws(Diagnostic) -> EpochSource {
        func fault(_ range: SourceRange, _ message: String) -> Diagnostic {
            Diagnostic(
                .error(.invalidArguments), at: range,
                "stage '\(stage.name ?? "")' has no time for SOURCE_DATE_EPOCH: \(message)",
                hint: "such a stage is FROM scratch and one ADD of a URL or a repository")
        }
        guard baseNames[stage.index].text == "scratch" else {
            throw fault(stage.from.base.range, "it is not FROM scratch")
        }
        var variables = globals.values
        variables["SOURCE_DATE_EPOCH"] = nil
        var found: EpochSource?
        for instruction in stage.instructions {
            switch instruction.kind {
            case .arg(let definitions):
                for definition in definitions {
                    let name = definition.name.text
                    if let given = request.buildArguments[name] {
                        variables[name] = given
                    } else if let word = definition.value {
                        variables[name] = try WordExpander(escape: syntax.escape, variables: variables).expand(word)
                    }
                }
            case .add(let add):
                guard found == nil, add.files.heredocs.isEmpty, add.files.sources.count == 1,
                    let word = add.files.sources.first
                else {
                    throw fault(instruction.range, "it adds more than one source")
                }
                let expander = WordExpander(escape: syntax.escape, variables: variables)
                found = try remoteSource(
                    try expander.expand(word),
                    commit: add.checksum.map { (checksum) throws(Diagnostic) in try expander.expand(checksum) })
                if found == nil { throw fault(word.range, "'\(word)' is no remote source") }
            default: throw fault(instruction.range, "\(instruction.name.rawValue) is not allowed in it")
            }
        }
        guard let found else { throw fault(stage.opening.range, "it adds nothing") }
        return found
    }

    private func remoteSource(_ text: String, commit: String?) throws(Diagnostic) -> EpochSource? {
        switch RemoteSource(text) {
        case .url: return .url(text)
        case .git:
            // What is malformed is an error where the stage is built.
            guard let reference = try? GitReference(text) else { return nil }
            return .git(reference, commit: commit)
        case nil: return nil
        }
    }
}
