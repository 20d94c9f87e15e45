/// What a Dockerfile says, before any value is known.
package struct DockerfileSyntax: Hashable, Sendable {
    package let source: SourceFile
    package let escape: EscapeCharacter
    package let directives: [Directive]
    /// The ARG instructions before the first FROM.
    package let globalArguments: [Instruction]
    /// Never empty.
    package let stages: [StageSyntax]
    /// What is wrong without keeping the file from being built.
    package let warnings: [Diagnostic]

    package func directive(_ name: Directive.Name) -> Word? { directives.first { $0.name == name }?.value }
}

/// One FROM and what follows it.
package struct StageSyntax: Hashable, Sendable {
    /// From 0, in the order of the file.
    package let index: Int
    package let from: FromInstruction
    /// The FROM instruction itself.
    package let opening: Instruction
    package internal(set) var instructions: [Instruction]

    package var name: String? { from.name }
}

extension DockerfileSyntax {
    /// Reads a Dockerfile.
    ///
    /// - Throws: every error of the file up to a number, not the first alone; they stand in the order of the file.
    package static func parse(_ source: SourceFile) throws(DockerfileError) -> DockerfileSyntax {
        let (syntax, errors) = read(source)
        if let error = DockerfileError(errors) { throw error }
        // Without an error there is a stage.
        guard let syntax else { throw DockerfileError(SyntaxBuilder.emptiness(lineCount: 1)) }
        return syntax
    }

    /// Reads what can be read of a Dockerfile.
    ///
    /// - Returns: the instructions that are right, nil if there is no stage among them; and every error up to a number.
    package static func read(_ source: SourceFile) -> (syntax: DockerfileSyntax?, errors: [Diagnostic]) {
        var builder = SyntaxBuilder()
        var reader = LineReader(source.bytes)
        while true {
            let line: LogicalLine?
            do { line = try reader.next() } catch {
                // Where instructions begin and end is not known behind such an error.
                builder.errors.append(error)
                break
            }
            guard let line, builder.errors.count < SyntaxBuilder.maximumErrors else { break }
            builder.append(line, escape: reader.escape)
        }
        builder.finish(lineCount: reader.lineCount)
        guard !builder.stages.isEmpty else { return (nil, builder.errors) }
        let syntax = DockerfileSyntax(
            source: source, escape: reader.escape, directives: reader.directives,
            globalArguments: builder.globalArguments, stages: builder.stages, warnings: builder.warnings)
        return (syntax, builder.errors)
    }
}

extension SourceFile {
    /// The whole instruction that a line is of; nil where that cannot be told.
    package func instruction(at line: Int) -> SourceRange? {
        var reader = LineReader(bytes)
        // What cannot be read has no end that is known.
        while let found = try? reader.next(), found.range.lines.lowerBound <= line {
            if found.range.lines.contains(line) { return found.range }
        }
        return nil
    }
}

extension Instruction {
    /// Reads one instruction: an ONBUILD trigger of a base image's config.
    ///
    /// - Throws: also when the text holds no or several instructions.
    package static func parse(_ text: String) throws(DockerfileError) -> Instruction {
        var reader = LineReader(Array(text.utf8))
        do throws(Diagnostic) {
            guard let line = try reader.next() else {
                throw Diagnostic(.error(.emptyFile), at: SourceLines.range(line: 1), "the trigger holds no instruction")
            }
            let instruction = try InstructionParser(line, escape: reader.escape).instruction()
            if let second = try reader.next() {
                throw Diagnostic(
                    .error(.invalidOnBuild), at: second.range, "the trigger holds more than one instruction")
            }
            return instruction
        } catch {
            throw DockerfileError(error)
        }
    }
}

/// Collects stages and errors.
private struct SyntaxBuilder {
    /// One missing `\` can make an error of every line behind it; more than these help nobody.
    static let maximumErrors = 20

    var globalArguments: [Instruction] = []
    var stages: [StageSyntax] = []
    var warnings: [Diagnostic] = []
    var errors: [Diagnostic] = []
    private var sawInstruction = false
    /// Only the first instruction in front of FROM is reported.
    private var missedFrom = false

    mutating func append(_ line: LogicalLine, escape: EscapeCharacter) {
        sawInstruction = true
        let instruction: Instruction
        do { instruction = try InstructionParser(line, escape: escape).instruction() } catch {
            errors.append(error)
            if InstructionHead(line.text).name == .from { missedFrom = true }
            return
        }
        switch instruction.kind {
        case .from(let from):
            stages.append(StageSyntax(index: stages.count, from: from, opening: instruction, instructions: []))
        case .arg where stages.isEmpty: globalArguments.append(instruction)
        default:
            guard !stages.isEmpty else {
                if !missedFrom {
                    errors.append(
                        Diagnostic(
                            .error(.missingFrom), at: instruction.range,
                            "\(instruction.name.rawValue) stands before the first FROM",
                            hint: "only ARG may stand before FROM"))
                }
                missedFrom = true
                return
            }
            if case .onbuild(let onBuild) = instruction.kind, let fault = onBuild.fault { warnings.append(fault) }
            stages[stages.count - 1].instructions.append(instruction)
        }
    }

    mutating func finish(lineCount: Int) {
        guard errors.isEmpty, stages.isEmpty else { return }
        let range = SourceLines.range(line: max(lineCount, 1))
        errors.append(
            sawInstruction
                ? Diagnostic(.error(.missingFrom), at: range, "the file has no FROM, so there is nothing to build")
                : Self.emptiness(lineCount: lineCount))
    }

    static func emptiness(lineCount: Int) -> Diagnostic {
        Diagnostic(
            .error(.emptyFile), at: SourceLines.range(line: max(lineCount, 1)),
            "the file is empty: it holds no instruction")
    }
}
