internal import Dockerfile
internal import OCI

/// Turns the stages that a target needs to a graph: vertices in order, and what each stage's config comes to.
///
/// The model is the reference frontend's dockerfile2llb: an instruction that makes files is a vertex on top of the stage's
/// last one, any other changes the config alone.
struct Lowering {
    let plan: StagePlan
    /// With the triggers of their bases in front.
    let stages: [StageSyntax]
    let sources: SourceResolver
    let bases: [ImageRequest: Image]
    private var vertices = VertexList()
    private var states: [Int: StageState] = [:]
    private var baseVertices: [ImageRequest: Vertex.ID] = [:]
    /// Images of which nothing is known but their names.
    private let unknown: Set<ImageRequest>
    /// Stages of which some variables are not known: what is wrong with words that use others may be right.
    private var uncertain: Set<Int> = []
    /// What is wrong, by the stage.
    private(set) var faults: [(stage: Int, diagnostic: Diagnostic)] = []

    init(
        plan: StagePlan, stages: [StageSyntax], sources: SourceResolver, bases: [ImageRequest: Image],
        unknown: Set<ImageRequest> = []
    ) {
        (self.plan, self.stages, self.sources, self.bases, self.unknown) = (plan, stages, sources, bases, unknown)
    }

    /// - Parameter reachable: in the order of the file; the last one is the target.
    /// - Throws: everything that is wrong with them.
    consuming func graph(_ reachable: [Int]) throws(DockerfileError) -> BuildGraph {
        let results = lower(reachable)
        if let error = DockerfileError(faults.map(\.diagnostic)) { throw error }
        return BuildGraph(vertices: vertices.all, stages: results)
    }

    /// Lowers stages one after the other, and goes on behind what is wrong: ``faults``.
    mutating func lower(_ stages: [Int]) -> [StageResult] {
        var results: [StageResult] = []
        for index in stages {
            do throws(Diagnostic) {
                guard var state = try lower(index) else { continue }
                states[index] = state
                if index == plan.target { finish(&state) }
                results.append(state.result)
            } catch {
                faults.append((index, error))
            }
        }
        return results
    }

    /// What the request asks of the result as a whole.
    private func finish(_ state: inout StageState) {
        for (name, value) in plan.request.labels { state.config.container.labels[name] = value }
        // A platform that was asked for is the result's, whatever the base was pulled as.
        if plan.request.platform != plan.request.buildPlatform { state.config.platform = plan.request.platform }
    }

    /// - Returns: nil where its base could not be lowered.
    private mutating func lower(_ index: Int) throws(Diagnostic) -> StageState? {
        let stage = stages[index]
        let isReplaced = sources.isReplaced(index)
        let instructions = isReplaced ? [] : stage.instructions
        let base = try sources.base(of: index)
        if !isCertain(base) || plan.stagesWithoutBase.contains(index) { uncertain.insert(index) }
        if case .stage(let earlier) = base, states[earlier] == nil { return nil }
        var state = try begin(stage, base, instructions)
        if case .directory(let name) = base { copyDirectory(name, stage, &state) }
        var froms: [Word: RunOperation.Mount.Source] = [:]
        for from in instructions.flatMap(\.froms) {
            do throws(Diagnostic) { froms[from] = try fileSystem(from) } catch { faults.append((index, error)) }
        }

        var lowering = StageLowering(
            state: state, vertices: vertices, froms: froms, request: plan.request, globals: plan.globals,
            escape: plan.syntax.escape)
        for instruction in instructions {
            do throws(Diagnostic) { try lowering.apply(instruction) } catch {
                if let fault = uncertain.contains(index) ? lowering.certainFault(instruction, error) : error {
                    // A trigger is told by its place: it has that of FROM.
                    let isTrigger = instruction.range == stage.opening.range
                    faults.append((index, isTrigger ? fault.inTrigger(instruction.text, at: instruction.range) : fault))
                }
                if [.env, .arg].contains(instruction.name) { uncertain.insert(index) }
            }
        }
        vertices = lowering.vertices
        return lowering.state
    }

    private func isCertain(_ base: SourceResolver.Source) -> Bool {
        switch base {
        case .scratch, .directory: true
        case .stage(let index): !uncertain.contains(index)
        case .image(let request): !unknown.contains(request)
        }
    }

    private mutating func begin(
        _ stage: StageSyntax, _ base: SourceResolver.Source, _ instructions: [Instruction]
    ) throws(Diagnostic) -> StageState {
        let name = stage.name ?? String(stage.index)
        let steps = instructions.count { $0.makesStep }
        var state: StageState
        switch base {
        case .scratch, .directory:
            state = StageState(name: name, scratch: plan.request.platform)
            state.stepCount = steps + (base == .scratch ? 0 : 1)
        case .stage(let index):
            guard let earlier = states[index] else { throw missing(stage) }
            state = StageState(name: name, base: earlier)
            state.stepCount = steps
        case .image(let request):
            guard let image = bases[request] else { throw missing(stage) }
            let origin = Origin(
                range: stage.opening.range, stage: name, step: 1, stepCount: steps + 1,
                text: "FROM \(request.reference)")
            let vertex = baseVertex(request, image, origin)
            state = StageState(name: name, image: image, vertex: vertex, platform: request.platform)
            (state.step, state.stepCount) = (1, steps + 1)
        }
        return state
    }

    /// Cannot happen: stages are lowered in order, and images are asked for before.
    private func missing(_ stage: StageSyntax) -> Diagnostic {
        Diagnostic(.error(.unknownStage), at: stage.from.base.range, "the base '\(stage.from.base)' is not known")
    }

    /// One vertex for an image, however many stages use it.
    private mutating func baseVertex(_ request: ImageRequest, _ image: Image, _ origin: Origin) -> Vertex.ID {
        if let vertex = baseVertices[request] { return vertex }
        let vertex = vertices.append(.base(request, image), on: nil, origin)
        baseVertices[request] = vertex
        return vertex
    }

    /// A named context of a directory as a base: nothing but a copy of what is in it.
    private mutating func copyDirectory(_ name: String, _ stage: StageSyntax, _ state: inout StageState) {
        state.step = 1
        let origin = Origin(
            range: stage.opening.range, stage: state.name, step: 1, stepCount: state.stepCount, text: "FROM \(name)")
        let copy = CopyOperation(
            sources: [.context(.named(name), pattern: "/")], destination: .root, destinationIsDirectory: true)
        let vertex = vertices.append(.copy(copy), on: nil, origin)
        state.vertex = vertex
        state.note("FROM \(name)", vertex)
    }

    private mutating func fileSystem(_ from: Word) throws(Diagnostic) -> RunOperation.Mount.Source {
        switch try sources.source(of: from) {
        case .scratch: return .vertex(nil)
        case .directory(let name): return .context(.named(name))
        case .stage(let index): return .vertex(states[index]?.vertex)
        case .image(let request):
            guard let image = bases[request] else { return .vertex(nil) }
            let origin = Origin(
                range: from.range, stage: request.reference.familiar, step: 1, stepCount: 1,
                text: "FROM \(request.reference)")
            return .vertex(baseVertex(request, image, origin))
        }
    }
}

/// Vertices in the order of their numbers.
struct VertexList: Sendable {
    private(set) var all: [Vertex] = []

    mutating func append(_ operation: Operation, on parent: Vertex.ID?, _ origin: Origin) -> Vertex.ID {
        let id = Vertex.ID(index: all.count)
        all.append(Vertex(id: id, parent: parent, operation: operation, origin: origin))
        return id
    }
}

extension Instruction {
    /// Whether the instruction makes files, and so is a step that people see.
    var makesStep: Bool {
        switch kind {
        case .add, .copy, .run, .workdir: true
        default: false
        }
    }
}

extension StageLowering {
    /// Why an instruction fails whatever the variables are of which nothing is known; nil where it may be right.
    fileprivate func certainFault(_ instruction: Instruction, _ fault: Diagnostic) -> Diagnostic? {
        let names = instruction.variableNames.filter { state.scope.value(of: $0) == nil }
        var certain = fault
        for example in names.isEmpty ? [] : Self.examples {
            var trial = self
            for name in names { trial.state.scope.setEnvironment(name, example) }
            do throws(Diagnostic) {
                try trial.apply(instruction)
                return nil
            } catch {
                certain = error
            }
        }
        return certain
    }

    /// Values of which each place of an instruction takes one: a number, a name, a digest.
    private static let examples = ["1", "x", "sha256:" + String(repeating: "0", count: 64)]
}

extension Instruction {
    /// The variables that its words may read.
    fileprivate var variableNames: [String] {
        let texts: [String]
        switch kind {
        // The command is the shell's business.
        case .run(let run): texts = run.mounts.flatMap(\.options).compactMap(\.value?.text)
        default: texts = [text] + heredocs.filter { $0.expansion == .expanded }.map(\.content)
        }
        return texts.flatMap(VariableNames.all)
    }
}

/// The names behind `$` and `${` in a text.
enum VariableNames {
    static func all(in text: String) -> [String] {
        var names: [String] = []
        for piece in text.split(separator: "$", omittingEmptySubsequences: false).dropFirst() {
            let rest = piece.hasPrefix("{") ? piece.dropFirst() : piece
            let name = rest.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
            if !name.isEmpty { names.append(String(name)) }
        }
        return names
    }
}
