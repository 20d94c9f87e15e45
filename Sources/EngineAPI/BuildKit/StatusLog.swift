import LinuxSystem
import Synchronization

/// What a build has told in BuildKit's words, for clients that listen from its beginning or come later.
final class StatusLog: Sendable {
    private struct State {
        var messages: [[UInt8]] = []
        var size = 0
        var isOver = false
        var listeners: [AsyncStream<[UInt8]>.Continuation] = []
    }

    /// Bytes of what can be left out: what programs write.
    private static let limit = 16 << 20

    private let state = Mutex(State())

    func tell(isDispensable: Bool = false, _ fill: (inout ProtobufWriter) -> Void) {
        let message = ProtobufWriter.message(fill)
        state.withLock { state in
            guard !state.isOver, !isDispensable || state.size < Self.limit else { return }
            state.size += message.count
            state.messages.append(message)
            for listener in state.listeners { listener.yield(message) }
        }
    }

    func end() {
        state.withLock { state in
            state.isOver = true
            for listener in state.listeners { listener.finish() }
            state.listeners = []
        }
    }

    /// Everything from the beginning, until the build is over.
    func follow() -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        state.withLock { state in
            for message in state.messages { continuation.yield(message) }
            if state.isOver { continuation.finish() } else { state.listeners.append(continuation) }
        }
        return stream
    }
}

extension ProtobufWriter {
    /// google.protobuf.Timestamp
    mutating func time(_ field: Int, _ time: FileTime) {
        message(field) { stamp in
            stamp.integer(1, time.seconds)
            stamp.integer(2, Int64(time.nanoseconds))
        }
    }
}
