/// Turns one joined line to an instruction.
struct InstructionParser {
    let line: LogicalLine
    let escape: EscapeCharacter
    let head: InstructionHead

    init(_ line: LogicalLine, escape: EscapeCharacter) {
        (self.line, self.escape) = (line, escape)
        head = InstructionHead(line.text)
    }

    /// Reads an instruction that may stand in a Dockerfile.
    func instruction() throws(Diagnostic) -> Instruction {
        Instruction(
            keyword: head.keyword, range: line.range, text: line.text.string(line.text.trimmed(0..<line.text.count)),
            heredocs: line.heredocs, comments: line.comments, emptyContinuations: line.emptyContinuations,
            kind: try kind())
    }

    private func kind() throws(Diagnostic) -> Instruction.Kind {
        guard let name = head.name else {
            guard !head.keyword.text.isEmpty else {
                throw fault(.unknownInstruction, "a continued line holds no instruction")
            }
            throw Diagnostic(
                .error(.unknownInstruction), at: head.keyword.range, "unknown instruction \(head.keyword.text)",
                hint: Suggestion.hint(for: head.keyword.text, among: InstructionName.allCases.map(\.rawValue)))
        }
        switch name {
        case .add: return .add(try add())
        case .arg: return .arg(try arguments())
        case .cmd: return .cmd(try command())
        case .copy: return .copy(try copy())
        case .entrypoint: return .entrypoint(try command())
        case .env, .label:
            _ = try FlagSet(head, [:])
            let values = try keyValues(name)
            return name == .env ? .env(values) : .label(values)
        case .expose: return .expose(try words(name))
        case .from: return .from(try from())
        case .healthcheck: return .healthcheck(try healthcheck())
        case .maintainer: return .maintainer(try word(name))
        case .onbuild: return .onbuild(try onBuild())
        case .run: return .run(try run())
        case .shell: return .shell(try shell())
        case .stopsignal: return .stopsignal(try wordBesideFlags(name))
        case .user: return .user(try word(name))
        case .volume: return .volume(try volumes())
        case .workdir: return .workdir(try word(name))
        }
    }

    func fault(_ code: SyntaxErrorCode, _ message: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(.error(code), at: line.range, message, hint: hint)
    }

    func needsArguments(_ name: InstructionName) -> Diagnostic {
        fault(.invalidArguments, "\(name.rawValue) requires at least one argument")
    }

    private func word(_ name: InstructionName) throws(Diagnostic) -> Word {
        _ = try FlagSet(head, [:])
        return try wordBesideFlags(name)
    }

    /// STOPSIGNAL does not look at its flags in the reference frontend either.
    private func wordBesideFlags(_ name: InstructionName) throws(Diagnostic) -> Word {
        guard let word = head.wholeWord() else {
            throw fault(.invalidArguments, "\(name.rawValue) requires exactly one argument")
        }
        return word
    }

    private func words(_ name: InstructionName) throws(Diagnostic) -> [Word] {
        _ = try FlagSet(head, [:])
        let words = head.plainWords()
        guard !words.isEmpty else { throw needsArguments(name) }
        return words
    }

    private func volumes() throws(Diagnostic) -> [Word] {
        _ = try FlagSet(head, [:])
        let words = try head.listWords()
        guard !words.isEmpty else { throw needsArguments(.volume) }
        guard words.allSatisfy({ $0.text.unicodeScalars.contains { !$0.isSpace } }) else {
            throw fault(.invalidArguments, "VOLUME may not name an empty path")
        }
        return words.map { Word(String(scalars: $0.text.unicodeScalars.trimmed), at: $0.range) }
    }

    /// CMD and ENTRYPOINT.
    private func command() throws(Diagnostic) -> CommandForm {
        _ = try FlagSet(head, [:])
        return try commandForm(head.argumentText)
    }

    func commandForm(_ text: String) throws(Diagnostic) -> CommandForm {
        switch JSONArguments(text) {
        case .strings(let words): return .exec(words)
        case .otherArray: throw head.notStrings()
        case .none: return .shell(text)
        }
    }

    private func shell() throws(Diagnostic) -> [String] {
        _ = try FlagSet(head, [:])
        switch JSONArguments(head.argumentText) {
        case .strings(let words) where !words.isEmpty: return words
        case .otherArray: throw head.notStrings()
        case .strings: throw needsArguments(.shell)
        case .none:
            if head.arguments.isEmpty { throw needsArguments(.shell) }
            throw fault(
                .invalidJSON, "SHELL requires its arguments in JSON form", hint: "write SHELL [\"/bin/sh\", \"-c\"]")
        }
    }
}

extension BidirectionalCollection where Element == Unicode.Scalar {
    /// Without white space at both ends.
    var trimmed: SubSequence {
        let start = drop { $0.isSpace }
        guard let last = start.lastIndex(where: { !$0.isSpace }) else { return start }
        return start[...last]
    }
}
