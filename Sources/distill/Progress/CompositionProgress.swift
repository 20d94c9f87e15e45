import Bases
import Debian
import LinuxSystem
import OCI
import Rendering
import Synchronization

/// Shows how a base is composed: a line a phase, and on a terminal a bar for what is downloaded.
final class CompositionProgress: Sendable {
    private let mode: ProgressMode
    private let state = Mutex(State())

    private struct State {
        var screen = LiveScreen()
        var lastPaint: ContinuousClock.Instant?
        var start = ContinuousClock.now
        /// Phases report their end more than once.
        var lastLine: ShownText = ""
    }

    init(mode: ProgressMode) { self.mode = mode }

    func take(_ event: BaseEvent) {
        switch event {
        case .composing(let progress): composing(progress)
        case .composed: composed()
        case .sliced(let dropped): sliced(dropped)
        // Steps have a display of their own.
        case .completing, .step, .completed: break
        }
    }

    private func composing(_ progress: Composer.Progress) {
        guard mode != .quiet else { return }
        switch progress {
        case .fetchingIndexes(let suites): say("indexes of \(suites.joined(separator: ", "))")
        case .resolved(let packages, let downloads, let bytes):
            say("\(packages) packages, \(downloads) to download (\(HumanSize.text(bytes)))")
            state.withLock { $0.start = .now }
        case .downloading(let received, let total): bar("downloading", received, total, isLast: received == total)
        case .unpacking(let package, let index, let count):
            let isLast = index + 1 >= count
            if isLast {
                say("unpacked \(count) packages")
            } else {
                paint(["unpacking \(index + 1)/\(count) \(package)"], isLast: false)
            }
        }
    }

    private func composed() {
        state.withLock { state in
            if mode == .tty { StandardStream.error.show(state.screen.clear()) }
            state.lastLine = ""
        }
    }

    private func sliced(_ dropped: [(path: ImagePath, size: Int64)]) {
        let bytes = dropped.reduce(Int64(0)) { $0 + $1.size }
        if mode.isPlain { for (path, _) in dropped { StandardStream.error.show("left out \(path)\n") } }
        if mode != .quiet {
            StandardStream.error.show("sliced: \(dropped.count) paths left out (\(HumanSize.text(bytes)))\n")
        }
    }

    private func say(_ line: ShownText) {
        let isNew = state.withLock { state in
            defer { state.lastLine = line }
            return state.lastLine != line
        }
        guard isNew else { return }
        guard mode == .tty else { return StandardStream.error.show("\(line)\n") }
        state.withLock { state in
            StandardStream.error.show(state.screen.repaint(finished: [line], blocks: [], size: Self.size))
        }
    }

    private func bar(_ label: String, _ received: Int64, _ total: Int64, isLast: Bool) {
        let elapsed = state.withLock { ContinuousClock.now - $0.start }
        let milliseconds = elapsed.components.seconds * 1000 + elapsed.components.attoseconds / 1_000_000_000_000_000
        let rate = milliseconds > 200 ? received * 1000 / milliseconds : nil
        paint(["\(label) \(ProgressBar.text(received: received, total: total, bytesPerSecond: rate))"], isLast: isLast)
        if isLast, mode.isPlain { say("downloaded \(HumanSize.text(total))") }
    }

    /// Repaints ten times a second at most.
    private func paint(_ block: [ShownText], isLast: Bool) {
        guard mode == .tty else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastPaint, now - last < .milliseconds(100), !isLast { return }
            state.lastPaint = now
            StandardStream.error.show(state.screen.repaint(blocks: [block], size: Self.size))
        }
    }

    private static var size: LiveScreen.Size {
        let size = Terminal.size(2) ?? (80, 24)
        return LiveScreen.Size(columns: size.columns, rows: size.rows)
    }
}
