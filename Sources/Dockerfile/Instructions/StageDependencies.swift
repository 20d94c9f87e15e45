/// Which stage a name in a Dockerfile means, and which stages need which.
///
/// Names do not tell case apart. FROM sees earlier stages only, and the last of a name; a name that is no stage is an
/// image or a named context. COPY and mounts may name earlier stages only as well, by name or number.
package struct StageDependencies: Hashable, Sendable {
    /// What a `from` means.
    package enum Target: Hashable, Sendable {
        case stage(Int)
        /// An image or a named context.
        case outside(Word)
    }

    /// For each stage, the stage that it starts from; nil for an image, a named context or `scratch`.
    package let bases: [Int?]
    private let stages: [StageSyntax]
    private let aliases: [String: String]
    private let replaced: Set<String>

    /// - Parameters:
    ///   - stages: all stages, in their order.
    ///   - baseNames: for each stage the name behind FROM with its variables expanded.
    ///   - aliases: other names of stages, in lower case (`--build-context name=target:stage`).
    ///   - replaced: the names of stages that a named context stands in for, in lower case: those need nothing.
    package init(
        _ stages: [StageSyntax], baseNames: [String], aliases: [String: String] = [:], replaced: Set<String> = []
    ) {
        (self.stages, self.aliases, self.replaced) = (stages, aliases, replaced)
        var known: [String: Int] = [:]
        var bases: [Int?] = []
        for (stage, base) in zip(stages, baseNames) {
            let name = base.lowercased()
            bases.append(stage.name.map(replaced.contains) == true ? nil : known[aliases[name] ?? name])
            if let name = stage.name { known[name] = stage.index }
        }
        self.bases = bases
    }

    /// What the `from` of COPY or of a mount means.
    package func target(_ from: Word) throws(Diagnostic) -> Target {
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
        return named(aliases[name] ?? name).map(Target.stage) ?? .outside(from)
    }

    private func named(_ name: String) -> Int? { stages.last { $0.name == name }?.index }

    /// The stage to build: by name or number; the last one for nil.
    package func buildTarget(_ text: String?) throws(DockerfileError) -> Int {
        guard let text, !text.isEmpty else { return stages.count - 1 }
        if let stage = named(text.lowercased()) { return stage }
        if let number = Int(text), stages.indices.contains(number) { return number }
        throw DockerfileError(
            Diagnostic(
                .error(.unknownStage), at: stages[stages.count - 1].opening.range,
                "there is no stage '\(text)' to build",
                hint: Suggestion.hint(for: text, among: stages.compactMap(\.name))))
    }

    /// The stages that a target needs and the target itself, in the order of the file; each needs earlier ones only.
    ///
    /// - Throws: for a `from` that means nothing, a later stage or a circle.
    package func reachable(from target: Int) throws(DockerfileError) -> [Int] {
        let (found, faults) = reach(from: target)
        if let error = DockerfileError(faults) { throw error }
        return found
    }

    /// The same with all that is wrong on the way; what means nothing is not followed.
    package func reach(from target: Int) -> (stages: [Int], faults: [Diagnostic]) {
        var found: Set = [target]
        var open = [target]
        var faults: [Diagnostic] = []
        while let stage = open.popLast() {
            for need in needs(of: stage, &faults) where found.insert(need).inserted { open.append(need) }
        }
        return (found.sorted(), faults)
    }

    private func needs(of stage: Int, _ faults: inout [Diagnostic]) -> [Int] {
        if let name = stages[stage].name, replaced.contains(name) { return [] }
        var needs = bases[stage].map { [$0] } ?? []
        for from in stages[stage].instructions.flatMap(\.froms) {
            do throws(Diagnostic) {
                guard case .stage(let index) = try target(from) else { continue }
                guard index < stage else { throw tooEarly(stage, index, from) }
                needs.append(index)
            } catch {
                faults.append(error)
            }
        }
        return needs
    }

    private func tooEarly(_ stage: Int, _ index: Int, _ from: Word) -> Diagnostic {
        if stage == index {
            return Diagnostic(.error(.circularStages), at: from.range, "stage \(label(stage)) needs itself")
        }
        return Diagnostic(
            .error(.circularStages), at: from.range,
            "stage \(label(index)) is needed here, but is defined only later",
            hint: "move it in front of stage \(label(stage))")
    }

    private func label(_ stage: Int) -> String { stages[stage].from.alias.map { "'\($0)'" } ?? "\(stage)" }
}

extension Instruction {
    /// The `from` of COPY, or of each mount of RUN.
    package var froms: [Word] {
        switch kind {
        case .copy(let copy): copy.from.map { [$0] } ?? []
        case .run(let run): run.mounts.compactMap(\.from).filter { !$0.text.isEmpty }
        default: []
        }
    }
}

extension StageSyntax {
    /// The stage with the instructions of ONBUILD triggers in front of its own.
    package func prepending(_ triggers: [Instruction]) -> StageSyntax {
        var stage = self
        stage.instructions = triggers + stage.instructions
        return stage
    }
}
