import BuildGraph
import Dockerfile
import Engine
import OCI
import Solver
import Synchronization

/// A build in the words of docker's first builder: `Step 2/5 : RUN make`, what the command writes, and whether it was done before.
final class ClassicLog: Sendable {
    private struct Step {
        let stage: String
        let text: String
        let start: SourcePosition
        /// FROM, which is no step of the cache.
        let isOpening: Bool
        var isTold = false
    }

    private struct State {
        var steps: [Step] = []
        var places: [Vertex.ID: Int] = [:]
        var isBase: Set<Vertex.ID> = []
        var told = 0
        var texts: [Vertex.ID: TextPieces] = [:]
        var errors: [Vertex.ID: TextPieces] = [:]
    }

    private let backlog: Backlog
    private let isQuiet: Bool
    private let target: String?
    private let state = Mutex(State())

    /// - Parameter target: the stage that is built; nil for the last.
    init(_ backlog: Backlog, isQuiet: Bool, target: String?) {
        (self.backlog, self.isQuiet, self.target) = (backlog, isQuiet, target)
    }

    func take(_ event: EngineEvent) {
        guard !isQuiet else { return }
        state.withLock { state in
            switch event {
            case .building(let source): begin(source, &state)
            case .step(let event): take(event, &state)
            default: break
            }
        }
    }

    /// Tells the instructions that make no files, at the end.
    func finish() { state.withLock { tell(upTo: nil, &$0) } }

    func tell(_ text: String) { if !isQuiet { backlog.tell(.object(["stream": .string(text)])) } }

    private func begin(_ source: SourceFile, _ state: inout State) {
        state = State()
        guard let syntax = DockerfileSyntax.read(source).syntax else { return }
        for stage in syntax.stages {
            let name = stage.name ?? String(stage.index)
            state.steps += ([stage.opening] + stage.instructions).map {
                Step(
                    stage: name, text: $0.text, start: $0.range.start,
                    isOpening: $0.range.start == stage.opening.range.start)
            }
        }
    }

    private func take(_ event: BuildEvent, _ state: inout State) {
        if case .planned(let vertices) = event.kind { return plan(vertices, &state) }
        guard let id = event.vertex else { return }
        switch event.kind {
        case .started: tell(upTo: id, &state)
        case .cached:
            tell(upTo: id, isCached: !state.isBase.contains(id), &state)
        case .output(let bytes): output(state.texts[id, default: TextPieces()].take(bytes))
        case .errorOutput(let bytes): errorOutput(state.errors[id, default: TextPieces()].take(bytes))
        case .finished, .failed:
            output(state.texts.removeValue(forKey: id)?.rest ?? "")
            errorOutput(state.errors.removeValue(forKey: id)?.rest ?? "")
        default: break
        }
    }

    private func output(_ text: String) {
        if !text.isEmpty { backlog.tell(.object(["stream": .string(text)]), isDispensable: true) }
    }

    /// In bright red, as the first builder shows it.
    private func errorOutput(_ text: String) { if !text.isEmpty { output("\u{1B}[91m\(text)\u{1B}[0m") } }

    /// Only what the target needs is a step.
    private func plan(_ vertices: [Vertex], _ state: inout State) {
        var needed = Set(vertices.map(\.origin.stage))
        if let last = target?.lowercased() ?? state.steps.last?.stage { needed.insert(last) }
        state.steps = state.steps.filter { needed.contains($0.stage) }
        for vertex in vertices {
            if case .base = vertex.operation { state.isBase.insert(vertex.id) }
            guard let start = vertex.origin.range?.start else { continue }
            state.places[vertex.id] = state.steps.firstIndex { $0.start == start && $0.stage == vertex.origin.stage }
        }
    }

    /// Tells a step, and those of its stage before it that were not told; nil: all.
    ///
    /// - Parameter isCached: whether the step was done before; then those that make no files were too.
    private func tell(upTo id: Vertex.ID?, isCached: Bool = false, _ state: inout State) {
        let place = id.flatMap { state.places[$0] }
        if id != nil, place == nil { return }
        let stage = place.map { state.steps[$0].stage }
        for index in state.steps.indices.prefix((place ?? state.steps.count - 1) + 1) where !state.steps[index].isTold {
            guard stage == nil || state.steps[index].stage == stage else { continue }
            state.steps[index].isTold = true
            state.told += 1
            tell("Step \(state.told)/\(state.steps.count) : \(state.steps[index].text)")
            tell("\n")
            if isCached, !state.steps[index].isOpening { tell(" ---> Using cache\n") }
        }
    }
}

/// Bytes that come in pieces, as text: no character is cut.
struct TextPieces {
    private var held: [UInt8] = []

    mutating func take(_ bytes: [UInt8]) -> String {
        var all = held + bytes
        // A character has four bytes at most (RFC 3629); the last may not be whole yet.
        var tail = 0
        for count in 1...3 where count <= all.count {
            let byte = all[all.count - count]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            if length > count { tail = count }
            break
        }
        held = Array(all.suffix(tail))
        all.removeLast(tail)
        return String(decoding: all, as: UTF8.self)
    }

    var rest: String { String(decoding: held, as: UTF8.self) }
}
