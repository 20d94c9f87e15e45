/// Which stage a name in a Dockerfile means.
///
/// Names do not tell case apart. FROM sees earlier stages only, and the last of a name; a name that is no stage is an
/// image. COPY and mounts see every stage, by name or number, and may not form a circle.
public struct StageDependencies: Hashable, Sendable {
    /// What a stage needs besides its base: the stage or the outside name that `from` means.
    public enum Target: Hashable, Sendable {
        case stage(Int)
        /// An image or a named context.
        case outside(Word)
    }

    /// For each stage, the stage that it starts from; nil for an image, a named context or `scratch`.
    public let bases: [Int?]
    private let stages: [StageSyntax]

    /// - Parameter baseNames: for each stage the name behind FROM with its variables expanded.
    public init(_ stages: [StageSyntax], baseNames: [String]) {
        self.stages = stages
        var known: [String: Int] = [:]
        var bases: [Int?] = []
        for (stage, base) in zip(stages, baseNames) {
            bases.append(known[base.lowercased()])
            if let name = stage.name { known[name] = stage.index }
        }
        self.bases = bases
    }

    /// What a `from` of COPY or of a mount means.
    public func target(_ from: Word) throws(Diagnostic) -> Target {
        if let number = Int(from.text) {
            guard stages.indices.contains(number) else {
                throw Diagnostic(
                    .error(.unknownStage), at: from.range, "there is no stage \(number)",
                    hint: "the stages of this file are numbered 0 to \(stages.count - 1)")
            }
            return .stage(number)
        }
        guard !from.text.contains("$") else {
            throw Diagnostic(
                .error(.invalidExpansion), at: from.range, "'from' does not expand variables",
                hint: "define a stage with FROM \(from) AS name, and use its name")
        }
        let name = from.text.lowercased()
        if let stage = stages.last(where: { $0.name == name }) { return .stage(stage.index) }
        return .outside(from)
    }

    /// The stage to build: by name or number; the last one for nil.
    public func buildTarget(_ text: String?) throws(DockerfileError) -> Int {
        guard let text, !text.isEmpty else { return stages.count - 1 }
        let name = text.lowercased()
        if let stage = stages.last(where: { $0.name == name }) { return stage.index }
        if let number = Int(text), stages.indices.contains(number) { return number }
        throw DockerfileError(
            Diagnostic(
                .error(.unknownStage), at: stages[stages.count - 1].opening.range, "there is no stage '\(text)' to build",
                hint: Suggestion.hint(for: text, among: stages.compactMap(\.name))))
    }

    /// The stages that a target needs and the target itself, each behind those that it needs.
    ///
    /// - Throws: for a circle, and for a `from` that means nothing.
    public func order(of target: Int) throws(DockerfileError) -> [Int] {
        var order: [Int] = []
        var marks = Array(repeating: Mark.unseen, count: stages.count)
        // A stack instead of recursion: a file may hold any number of stages.
        var stack: [(stage: Int, needs: ArraySlice<(stage: Int, range: SourceRange)>)] = []
        marks[target] = .open
        stack.append((target, try needs(of: target)[...]))
        while var top = stack.popLast() {
            guard let need = top.needs.popFirst() else {
                marks[top.stage] = .done
                order.append(top.stage)
                continue
            }
            stack.append(top)
            switch marks[need.stage] {
            case .done: continue
            case .open:
                throw DockerfileError(
                    Diagnostic(
                        .error(.circularStages), at: need.range,
                        "stage \(label(top.stage)) needs stage \(label(need.stage)), which needs it in turn"))
            case .unseen:
                marks[need.stage] = .open
                stack.append((need.stage, try needs(of: need.stage)[...]))
            }
        }
        return order
    }

    private enum Mark { case unseen, open, done }

    private func label(_ stage: Int) -> String { stages[stage].from.alias.map { "'\($0)'" } ?? "\(stage)" }

    private func needs(of stage: Int) throws(DockerfileError) -> [(stage: Int, range: SourceRange)] {
        var needs: [(stage: Int, range: SourceRange)] = []
        if let base = bases[stage] { needs.append((base, stages[stage].from.base.range)) }
        for instruction in stages[stage].instructions {
            for from in instruction.froms {
                do throws(Diagnostic) {
                    if case .stage(let index) = try target(from) { needs.append((index, from.range)) }
                } catch {
                    throw DockerfileError(error)
                }
            }
        }
        return needs
    }
}

extension Instruction {
    /// The `from` of COPY, or of each mount of RUN.
    public var froms: [Word] {
        switch kind {
        case .copy(let copy): copy.from.map { [$0] } ?? []
        case .run(let run): run.mounts.compactMap(\.from).filter { !$0.text.isEmpty }
        default: []
        }
    }
}
