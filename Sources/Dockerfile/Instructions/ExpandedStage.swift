/// A stage with its words expanded as a build would, for checks.
struct ExpandedStage: Sendable {
    struct ExpandedWord: Sendable {
        let word: Word
        let expansion: WordExpander.Expansion
    }

    struct Step: Sendable {
        let instruction: Instruction
        let words: [ExpandedWord]
        /// The variables that have a value before the instruction, with it.
        let variables: [String: String]
        /// The ARGs of the stage so far.
        let arguments: Set<String>
    }

    let syntax: StageSyntax
    /// The earlier stage that this one starts from.
    let base: Int?
    /// The expanded name behind FROM; empty if it cannot be expanded.
    let baseName: String
    /// Whether all variables of the base are known.
    let knowsBase: Bool
    var steps: [Step] = []
    fileprivate(set) var values: [String: String]
    fileprivate(set) var arguments: Set<String>

    static func all(
        _ syntax: DockerfileSyntax, globals: [String: String], buildArguments: [String: String],
        bases: [Int: CheckInput.Base]
    ) -> [ExpandedStage] {
        let names = syntax.stages.map { stage in
            // A faulty name is an error of the build; a check has nothing to add.
            (try? WordExpander(escape: syntax.escape, variables: globals).expand(stage.from.base.text).text) ?? ""
        }
        let dependencies = StageDependencies(syntax.stages, baseNames: names)
        var stages: [ExpandedStage] = []
        for (index, stage) in syntax.stages.enumerated() {
            let base = dependencies.bases[index]
            var values: [String: String] = ["PATH": ""]
            for entry in bases[index]?.environment ?? [] {
                let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                values[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
            }
            var expanded = ExpandedStage(
                syntax: stage, base: base, baseName: names[index],
                knowsBase: base.map { stages[$0].knowsBase } ?? (names[index] == "scratch" || bases[index] != nil),
                values: base.map { stages[$0].values } ?? values, arguments: base.map { stages[$0].arguments } ?? [])
            for instruction in stage.instructions {
                expanded.read(instruction, syntax.escape, globals, buildArguments)
            }
            stages.append(expanded)
        }
        return stages
    }

    private mutating func read(
        _ instruction: Instruction, _ escape: EscapeCharacter, _ globals: [String: String], _ given: [String: String]
    ) {
        let variables = values
        let expander = WordExpander(escape: escape, variables: values)
        let bodies = WordExpander(escape: .backslash, variables: values, options: .ignoreQuotes)
        var words: [ExpandedWord] = []
        for (word, isBody) in instruction.expandableWords {
            // A faulty word is an error of the build; a check has nothing to add.
            guard let expansion = try? (isBody ? bodies : expander).expand(word.text) else { continue }
            words.append(ExpandedWord(word: word, expansion: expansion))
        }
        switch instruction.kind {
        case .env(let pairs):
            for pair in pairs.pairs { values[pair.key.text] = words.first { $0.word == pair.value }?.expansion.text }
        case .arg(let definitions):
            for definition in definitions {
                arguments.insert(definition.name.text)
                let own = definition.value.flatMap { value in words.first { $0.word == value }?.expansion.text }
                let inherited = definition.value == nil ? globals[definition.name.text] : nil
                if let value = given[definition.name.text] ?? own ?? inherited { values[definition.name.text] = value }
            }
        default: break
        }
        steps.append(Step(instruction: instruction, words: words, variables: variables, arguments: arguments))
    }
}

extension Instruction {
    /// The words in which variables are expanded; true for the bodies of here-documents.
    fileprivate var expandableWords: [(Word, Bool)] {
        func plain(_ words: [Word?]) -> [(Word, Bool)] { words.compactMap { $0 }.map { ($0, false) } }
        func files(_ files: CopiedFiles, _ others: [Word?]) -> [(Word, Bool)] {
            plain(files.sources + [files.destination, files.chown, files.chmod] + others)
                + files.heredocs.filter { $0.expansion == .expanded }.map { (Word($0.content, at: $0.range), true) }
        }
        switch kind {
        case .add(let add): return files(add.files, [add.checksum])
        case .copy(let copy): return files(copy.files, [])
        case .arg(let definitions): return plain(definitions.map(\.value))
        case .env(let values), .label(let values): return plain(values.pairs.flatMap { [$0.key, $0.value] })
        case .expose(let words), .volume(let words): return plain(words)
        case .stopsignal(let word), .user(let word), .workdir(let word): return plain([word])
        case .run(let run):
            return plain(run.mounts.flatMap(\.options).filter { $0.key.text != "from" }.map(\.value))
        case .cmd, .entrypoint, .from, .healthcheck, .maintainer, .onbuild, .shell: return []
        }
    }
}
