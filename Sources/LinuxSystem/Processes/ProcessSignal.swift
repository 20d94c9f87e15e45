internal import CLinux
internal import Glibc
internal import Synchronization

/// Signals to and from processes.
package enum ProcessSignal {
    /// Kills a process at once; one that is gone already is fine.
    package static func kill(_ process: Int32) { _ = Glibc.kill(process, SIGKILL) }

    package static func send(_ signal: Int32, to process: Int32) { _ = Glibc.kill(process, signal) }

    /// Whether a process of this number exists.
    package static func exists(_ process: Int32) -> Bool { Glibc.kill(process, 0) == 0 || errno == EPERM }

    /// Turns SIGINT, SIGTERM and SIGHUP into values, for everybody who listens; the process is not ended by them from then
    /// on.
    ///
    /// The handlers are not inherited by programs that are started later, as ignored signals would be.
    ///
    /// - Parameters:
    ///   - wish: which signals.
    ///   - heard: called on the thread that reads signals, even while all of the tasks' threads are blocked; it is brief.
    package static func received(_ wish: Wish = .ends, heard: @escaping @Sendable (Int32) -> Void = { _ in })
        -> AsyncStream<Int32>
    {
        AsyncStream { continuation in
            let descriptor =
                switch wish {
                case .ends: distill_catch_signals()
                case .all: distill_catch_all_signals()
                }
            guard descriptor >= 0 else {
                continuation.finish()
                return
            }
            let (number, isFirst) = listeners.withLock { listeners in
                defer { listeners.count += 1 }
                listeners.open[listeners.count] = Listener(continuation: continuation, heard: heard)
                return (listeners.count, listeners.count == 0)
            }
            continuation.onTermination = { _ in listeners.withLock { _ = $0.open.removeValue(forKey: number) } }
            // One thread reads for all, so that none takes what another one waits for.
            if isFirst { startThread { deliver(from: descriptor) } }
        }
    }

    package enum Wish: Sendable {
        /// SIGINT, SIGTERM and SIGHUP.
        case ends
        /// Those, and all others that mean something to a program: SIGQUIT, SIGUSR1, SIGWINCH and their kin.
        case all
    }

    package static let interrupt = SIGINT
    package static let terminate = SIGTERM
    package static let windowChange = SIGWINCH

    private struct Listener: Sendable {
        let continuation: AsyncStream<Int32>.Continuation
        let heard: @Sendable (Int32) -> Void
    }

    private struct Listeners {
        var count = 0
        var open: [Int: Listener] = [:]
    }

    private static let listeners = Mutex(Listeners())

    private static func deliver(from descriptor: Int32) {
        var signal: UInt8 = 0
        while true {
            let count = read(descriptor, &signal, 1)
            if count == 1 {
                for listener in listeners.withLock({ Array($0.open.values) }) {
                    listener.heard(Int32(signal))
                    listener.continuation.yield(Int32(signal))
                }
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }

    /// Ends this process as an uncaught signal does (signal(7)), once nothing has had to be waited for during a quarter of a second,
    /// or during ten seconds where there was something: what it used is put away then.
    ///
    /// - Parameter isIdle: whether nothing must be waited for; nil when the process ends by itself, and nothing is to be done.
    package static func end(by signal: Int32, when isIdle: @escaping @Sendable () -> Bool?) {
        startThread {
            var (idleTurns, patience) = (0, 5)
            while let isIdle = isIdle() {
                idleTurns = isIdle ? idleTurns + 1 : 0
                if !isIdle { patience = 200 }
                if idleTurns > patience {
                    _ = Glibc.signal(signal, SIG_DFL)
                    _ = Glibc.kill(getpid(), signal)
                }
                usleep(50_000)
            }
        }
    }

    /// SIGPIPE ends the process only when nobody catches the error of the write: ours do.
    package static func ignoreBrokenPipes() { distill_ignore_broken_pipes() }
}
