import Bake
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Projects
import Rendering

/// The targets of a bake file, built at once as far as they do not stand on one another, with one session to registries and one
/// lease of the store: what they have in common is made once. They are shown one after the other.
struct BakeRun: Sendable {
    let selection: BakeSelection
    let environment: HostEnvironment
    let rights: Set<String>
    let policy: SecretPolicy
    let shown: ShownBuild

    /// What became of a target.
    private enum Made: Sendable {
        case built(BuildOutcome, names: [ImageReference])
        /// Looked at, and not built.
        case answered(TargetAnswer)

        var images: [Image] { if case .built(let outcome, _) = self { outcome.results.map(\.image) } else { [] } }
    }

    /// Targets that are worked on at once.
    private static let width = 4

    /// - Returns: what was made of each target, as `--metadata-file` has it, and whether a Dockerfile cannot be built.
    func run(on engine: Engine) async throws -> (metadata: JSONObject, fails: Bool) {
        let stages = Dictionary(uniqueKeysWithValues: selection.order.map { ($0, BakeStage<Made>()) })
        return try await withThrowingTaskGroup(of: (metadata: JSONObject, fails: Bool)?.self) { group in
            group.addTask {
                await makeAll(stages, on: engine)
                return nil
            }
            group.addTask { try await show(stages, engine) }
            defer { group.cancelAll() }
            var result: (metadata: JSONObject, fails: Bool)?
            while let next = try await group.next() { result = next ?? result }
            return result ?? ([:], false)
        }
    }

    /// Works on all targets, until one fails; each waits for those that it stands on, which have begun before it.
    private func makeAll(_ stages: [String: BakeStage<Made>], on engine: Engine) async {
        await withTaskGroup(of: Bool.self) { group in
            for (count, name) in selection.order.enumerated() {
                if count >= Self.width, await group.next() == false { group.cancelAll() }
                group.addTask { await make(name, stages, on: engine) }
            }
            while let isMade = await group.next() { if !isMade { group.cancelAll() } }
        }
    }

    private func make(_ name: String, _ stages: [String: BakeStage<Made>], on engine: Engine) async -> Bool {
        guard let stage = stages[name] else { return false }
        do {
            try Task.checkCancellation()
            stage.end(.success(try await made(name, stages, on: engine)))
            return true
        } catch {
            stage.end(.failure(error))
            return false
        }
    }

    private func made(_ name: String, _ stages: [String: BakeStage<Made>], on engine: Engine) async throws -> Made {
        guard let target = selection.targets[name], let stage = stages[name] else { throw CancellationError() }
        var results: [String: [Image]] = [:]
        for other in target.contextTargets { results[other] = try await stages[other]?.result().images }
        var specification = try BakeBuild(target, environment, rights: rights).specification(results)
        specification.secretPolicy = policy
        if let question = try TargetQuestion(call: target.question) {
            return .answered(try await question.answer(specification, on: engine))
        }
        let outcome = try await shown.recorded(specification, on: engine) { stage.tell($0) }
        return .built(outcome, names: specification.names)
    }

    /// Shows each target. What was given up because of another's failure is passed over, until that is met.
    private func show(_ stages: [String: BakeStage<Made>], _ engine: Engine) async throws -> (
        metadata: JSONObject, fails: Bool
    ) {
        var metadata = JSONObject()
        var fails = false
        for name in selection.order {
            guard let stage = stages[name], let target = selection.targets[name] else { continue }
            if shown.mode != .quiet, try TargetQuestion(call: target.question) == nil {
                StandardStream.error.show("\(ShownText(line: name)): building\n")
            }
            do {
                switch try await shown.following(stage.events, { try await stage.result() }) {
                case .answered(let answer):
                    // One that only stands below others is of interest if it cannot be built.
                    if !target.isLinked || answer.fails { StandardStream.output.show(answer.text) }
                    fails = fails || answer.fails
                case .built(let outcome, let names):
                    metadata[name] = outcome.receipt.metadata
                    if shown.mode == .quiet { StandardStream.output.show("\(outcome.receipt.id)\n") }
                    shown.summarize(outcome, names)
                }
            } catch is CancellationError where !Task.isCancelled {
                continue
            } catch { throw shown.told(error, engine.store) }
        }
        return (metadata, fails)
    }
}

/// A target under way: what is told of it, kept until it is shown, and what becomes of it.
private final class BakeStage<Made: Sendable>: Sendable {
    let events: AsyncStream<EngineEvent>
    private let continuation: AsyncStream<EngineEvent>.Continuation
    private let outcome = Arrival<Made>()

    init() { (events, continuation) = AsyncStream.makeStream(of: EngineEvent.self) }

    func tell(_ event: EngineEvent) { continuation.yield(event) }

    func end(_ result: Result<Made, any Error>) {
        continuation.finish()
        outcome.set(result)
    }

    func result() async throws -> Made { try await outcome.value() }
}
