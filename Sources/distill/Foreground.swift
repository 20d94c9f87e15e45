import LinuxSystem
import Sandbox
import Synchronization
import SystemPackage

/// A program that has this process's terminal, streams and signals for as long as it runs.
struct Foreground: Sendable {
    /// Whether it reads this process's input.
    let isInteractive: Bool
    let hasTerminal: Bool
    let detachKeys: DetachKeys

    /// How it ended for whoever waits.
    enum End: Sendable {
        case exited(ProcessExit)
        /// The keys were typed that leave it.
        case detached
    }

    private enum Event: Sendable {
        case exited(ProcessExit)
        case overheard
    }

    /// What the tasks share: signals are heard before there is a container.
    private final class Shared: Sendable {
        private let program = Mutex(Program.awaited([]))
        let isDetached = Mutex(false)

        private enum Program {
            /// With the signals that came before it was there, which it gets then.
            case awaited([Int32])
            case running(any RuntimeContainer)
        }

        var container: (any RuntimeContainer)? {
            program.withLock { if case .running(let container) = $0 { container } else { nil } }
        }

        /// - Returns: what came before.
        func begin(_ container: any RuntimeContainer) -> [Int32] {
            program.withLock { program in
                defer { program = .running(container) }
                return if case .awaited(let signals) = program { signals } else { [] }
            }
        }

        /// - Returns: whom to send it to; nil while nobody is there.
        func take(_ signal: Int32) -> (any RuntimeContainer)? {
            program.withLock { program in
                switch program {
                case .running(let container): return container
                case .awaited(let signals):
                    program = .awaited(signals + [signal])
                    return nil
                }
            }
        }
    }

    /// - Parameter ready: waits for what the program needs.
    func run(
        _ runtime: any ContainerRuntime, _ process: ProcessSpec, bundle: FilePath,
        when ready: @escaping @Sendable () async throws -> Void
    ) async throws -> End {
        let shared = Shared()
        let streams = streams(shared)
        // As ssh and docker: without input of its own the terminal stays as it is, and its keys are this process's.
        let raw = hasTerminal && isInteractive ? Terminal.Raw(0) : nil
        let end = try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask {
                let moments = ProcessMoments(
                    ready: ready,
                    started: { container in
                        for signal in shared.begin(container) { container.send(signal) }
                        if let size = hasTerminal ? Terminal.size(0) : nil {
                            container.resize(columns: size.columns, rows: size.rows)
                        }
                    })
                return .exited(try await runtime.run(process, bundle: bundle, streams: streams, at: moments))
            }
            group.addTask { await listen(shared) }
            defer { group.cancelAll() }
            while let event = try await group.next() {
                switch event {
                case .exited(let exit): return shared.isDetached.withLock { $0 } ? End.detached : .exited(exit)
                case .overheard: continue
                }
            }
            throw CancellationError()
        }
        _ = raw
        return end
    }

    private func streams(_ shared: Shared) -> ProcessStreams {
        let output = Self.sink(.output)
        guard hasTerminal else {
            return .apart(input: isInteractive ? ProcessInput(0) : nil, output: output, error: Self.sink(.error))
        }
        let box = MatcherBox(detachKeys.matcher)
        let input = ProcessInput(0) { bytes in
            let (rest, isLeft) = box.pass(bytes)
            if isLeft {
                shared.isDetached.withLock { $0 = true }
                shared.container?.kill()
            }
            return rest
        }
        return .terminal(input: isInteractive ? input : nil, output: output)
    }

    /// A reader of ours that has gone away is the program's to be told.
    private static func sink(_ stream: StandardStream) -> ProcessStreams.Sink {
        { bytes in
            do { try stream.write(bytes) } catch { return false }
            return true
        }
    }

    /// Passes signals on. A second Ctrl-C or SIGTERM within two seconds ends a program that does not listen: the first
    /// process of a container has no signals' usual actions (pid_namespaces(7)).
    private func listen(_ shared: Shared) async -> Event {
        let clock = ContinuousClock()
        var last: (signal: Int32, time: ContinuousClock.Instant)?
        for await signal in ProcessSignal.received(.all) {
            let isEnding = [ProcessSignal.interrupt, ProcessSignal.terminate].contains(signal)
            guard let container = shared.take(signal) else { continue }
            if hasTerminal, signal == ProcessSignal.windowChange {
                if let size = Terminal.size(0) { container.resize(columns: size.columns, rows: size.rows) }
                continue
            }
            if isEnding, let last, last.signal == signal, clock.now - last.time < .seconds(2) { container.kill() }
            if isEnding { last = (signal, clock.now) }
            container.send(signal)
        }
        return .overheard
    }
}
