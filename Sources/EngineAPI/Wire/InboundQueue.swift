import NIOCore
import Synchronization

/// What arrives on a channel, for a task that takes it piece by piece: a client that sends faster than it is listened to waits,
/// and memory stays bounded. Nothing is read before somebody asks.
final class InboundQueue<Element: Sendable>: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Element

    /// What is kept of a client that sends on while its request is worked on.
    private static var limit: Int { 64 }

    private struct State {
        var elements: [Element] = []
        var taker: CheckedContinuation<[Element], any Error>?
        var watcher: CheckedContinuation<Void, Never>?
        var isOver = false
        var failure: (any Error)?
    }

    private let state = Mutex(State())
    private let channel: any Channel
    /// How many pieces are read before they are asked for: a reader and the one who sends need not wait for each other.
    private let readAhead: Int

    init(_ channel: any Channel, readAhead: Int = 0) { (self.channel, self.readAhead) = (channel, readAhead) }

    /// The next piece; nil when the client sends no more. One task at a time may ask.
    func next() async throws -> Element? {
        let first = state.withLock { $0.elements.isEmpty ? nil : $0.elements.removeFirst() }
        if let first { return first }
        let pieces = try await more()
        guard pieces.count > 1 else { return pieces.first }
        state.withLock { $0.elements = pieces.dropFirst() + $0.elements }
        return pieces[0]
    }

    /// All pieces that are there, at least one; none when the client sends no more. One task at a time may ask.
    func more() async throws -> [Element] {
        let pieces = drain()
        guard pieces.isEmpty else {
            if readAhead > 0, pieces.count >= readAhead { channel.read() }
            return pieces
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isWaiting = state.withLock { state in
                    if !state.elements.isEmpty {
                        continuation.resume(returning: state.elements)
                        state.elements = []
                    } else if let failure = state.failure {
                        continuation.resume(throwing: failure)
                    } else if state.isOver {
                        continuation.resume(returning: [])
                    } else if Task.isCancelled || state.taker != nil {
                        continuation.resume(throwing: CancellationError())
                    } else {
                        state.taker = continuation
                        return true
                    }
                    return false
                }
                if isWaiting { channel.read() }
            }
        } onCancel: {
            state.withLock { state in
                state.taker?.resume(throwing: CancellationError())
                state.taker = nil
            }
        }
    }

    /// Returns when the client has gone, or when the task is cancelled; what arrives until then is kept.
    func awaitEnd() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    if state.isOver || Task.isCancelled || state.watcher != nil {
                        continuation.resume()
                        return false
                    }
                    state.watcher = continuation
                    return true
                }
                if isWaiting { channel.read() }
            }
        } onCancel: {
            state.withLock { state in
                state.watcher?.resume()
                state.watcher = nil
            }
        }
    }

    /// What has come and was not taken.
    func drain() -> [Element] {
        state.withLock { state in
            defer { state.elements = [] }
            return state.elements
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let element = unwrapInboundIn(data)
        state.withLock { state in
            if let taker = state.taker {
                state.taker = nil
                taker.resume(returning: [element])
            } else {
                state.elements.append(element)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let wantsMore = state.withLock { state in
            state.taker != nil || state.elements.count < readAhead
                || (state.watcher != nil && state.elements.count < Self.limit)
        }
        if wantsMore { context.read() }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { end(nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error)
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(nil) }

    private func end(_ failure: (any Error)?) {
        state.withLock { state in
            guard !state.isOver else { return }
            (state.isOver, state.failure) = (true, failure)
            if let failure { state.taker?.resume(throwing: failure) } else { state.taker?.resume(returning: []) }
            state.watcher?.resume()
            (state.taker, state.watcher) = (nil, nil)
        }
    }
}
