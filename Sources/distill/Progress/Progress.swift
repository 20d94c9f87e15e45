import Dockerfile
import LinuxSystem
import Rendering
import Solver

/// Runs an operation while what it tells is shown on standard error.
///
/// - Parameter dockerfile: the file that errors speak of.
func withProgress<Result: Sendable>(
    _ mode: ProgressMode, dockerfile: SourceFile, explainsCache: Bool = false,
    _ operation: @escaping @Sendable (@escaping @Sendable (BuildEvent) -> Void) async throws -> Result
) async throws -> Result {
    let (stream, continuation) = AsyncStream<ProgressInput>.makeStream()
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            await show(stream, mode, explainsCache)
            return nil
        }
        group.addTask {
            defer { continuation.finish() }
            do { return try await operation { continuation.yield(.event($0)) } } catch {
                throw SourcedError(error: error, source: dockerfile)
            }
        }
        if mode == .tty {
            group.addTask {
                while !Task.isCancelled {
                    continuation.yield(.tick)
                    try? await Task.sleep(for: .milliseconds(100))  // cancelled: the loop ends
                }
                return nil
            }
        }
        var result: Result?
        var failure: (any Error)?
        var isShown = false
        while !isShown || (result == nil && failure == nil) {
            do {
                guard let value = try await group.next() else { break }
                if let value { result = value } else { isShown = true }
            } catch { failure = error }
        }
        group.cancelAll()
        if let failure { throw failure }
        guard let result else { throw CancellationError() }
        return result
    }
}

enum ProgressInput: Sendable {
    case event(BuildEvent)
    /// Time has passed.
    case tick
}

private func show(_ stream: AsyncStream<ProgressInput>, _ mode: ProgressMode, _ explainsCache: Bool) async {
    switch mode {
    case .quiet: for await _ in stream {}
    case .rawjson:
        var renderer = JSONRenderer()
        for await case .event(let event) in stream { StandardStream.error.show(ShownText(json: renderer.text(for: event))) }
    case .plain:
        var renderer = PlainRenderer(explainsCache: explainsCache, isTerminal: Terminal.isTerminal(2))
        for await case .event(let event) in stream { StandardStream.error.show(renderer.text(for: event)) }
    case .tty:
        var renderer = LiveRenderer(style: Distill.errorStyle, explainsCache: explainsCache)
        for await input in stream {
            switch input {
            case .event(let event): renderer.take(event)
            case .tick: StandardStream.error.show(renderer.paint(size: terminalSize()))
            }
        }
        StandardStream.error.show(renderer.finish(size: terminalSize()))
    }
}

private func terminalSize() -> LiveScreen.Size {
    let size = Terminal.size(2) ?? (80, 24)
    return LiveScreen.Size(columns: size.columns, rows: size.rows)
}
