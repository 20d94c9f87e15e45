import NIOCore
import Synchronization

/// What arrives on a channel, for a task that takes it piece by piece: nothing more is read while nobody asks, so that a client
/// that sends faster than it is listened to waits, and memory stays bounded.
final class InboundQueue<Element: Sendable>: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Element

    /// What is kept of a client that sends on while its request is worked on.
    private static var limit: Int { 64 }

    private struct State {
        var elements: [Element] = []
        var taker: CheckedContinuation<Element?, any Error>?
        var watcher: CheckedContinuation<Void, Never>?
        var isOver = false
        var failure: (any Error)?
    }

    private let state = Mutex(State())
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    /// The next piece; nil when the client sends no more. One task at a time may ask.
    func next() async throws -> Element? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isWaiting = state.withLock { state in
                    if !state.elements.isEmpty {
                        continuation.resume(returning: state.elements.removeFirst())
                    } else if let failure = state.failure {
                        continuation.resume(throwing: failure)
                    } else if state.isOver {
                        continuation.resume(returning: nil)
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
                taker.resume(returning: element)
            } else {
                state.elements.append(element)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let wantsMore = state.withLock { state in
            state.taker != nil || (state.watcher != nil && state.elements.count < Self.limit)
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
            if let failure { state.taker?.resume(throwing: failure) } else { state.taker?.resume(returning: nil) }
            state.watcher?.resume()
            (state.taker, state.watcher) = (nil, nil)
        }
    }
}
