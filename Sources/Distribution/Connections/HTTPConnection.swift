import NIOCore
import NIOHTTP1

/// A connection of HTTP/1.1 that is there.
final class HTTPConnection: Sendable {
    /// How long an exchange may take.
    struct Limits {
        /// Until when the head of the answer must be there.
        let deadline: NIODeadline
        /// How long nothing may come once all is sent.
        let patience: Duration
    }

    private let channel: any Channel
    private let exchanger: NIOLoopBound<HTTPExchanger>

    /// - Parameter ended: told of the end of each exchange and of the connection; false where that is of no more use.
    static func make(on channel: any Channel, ended: @escaping @Sendable (Bool) -> Void) async throws -> HTTPConnection
    {
        try await channel.eventLoop.submit {
            let exchanger = HTTPExchanger(ended: ended)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
            try pipeline.addHandler(exchanger)
            return HTTPConnection(channel, NIOLoopBound(exchanger, eventLoop: channel.eventLoop))
        }.get()
    }

    private init(_ channel: any Channel, _ exchanger: NIOLoopBound<HTTPExchanger>) {
        (self.channel, self.exchanger) = (channel, exchanger)
    }

    var isActive: Bool { channel.isActive }

    func close() { channel.close(promise: nil) }

    func waitForEnd() async {
        // It ends with the process at the latest.
        try? await channel.closeFuture.get()
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// - Throws: ``HTTPFailure``, what the body throws, and errors of the channel.
    func exchange(_ request: HTTPRequest, isWhole: Bool, _ limits: Limits) async throws -> HTTPResponse {
        let answer = channel.eventLoop.makePromise(of: HTTPResponse.self)
        let head = request.head(isWhole: isWhole)
        let (body, pieces): (ByteBuffer?, BlobPieces?) =
            switch request.body {
            case .none: (ByteBuffer(), nil)
            case .bytes(let bytes): (ByteBuffer(bytes: bytes), nil)
            case .pieces(let pieces, _): (nil, pieces)
            }
        channel.eventLoop.execute { [exchanger] in
            exchanger.value.begin(
                head, body: body, deadline: limits.deadline, patience: TimeAmount(limits.patience), answer)
        }
        return try await withTaskCancellationHandler {
            guard let pieces else { return try await answer.futureResult.get() }
            let sender = Task { await self.send(pieces, answer) }
            defer { sender.cancel() }
            let response = try await answer.futureResult.get()
            if response.status.code < 300 { await sender.value }
            return response
        } onCancel: {
            fail(CancellationError(), answer)
        }
    }

    private func fail(_ error: any Error, _ answer: EventLoopPromise<HTTPResponse>) {
        channel.eventLoop.execute { [exchanger] in exchanger.value.fail(error, answer) }
    }

    /// Sends a body, no faster than the other side takes it: while one piece goes out the next is fetched.
    private func send(_ pieces: BlobPieces, _ answer: EventLoopPromise<HTTPResponse>) async {
        do {
            var last: EventLoopFuture<Void>?
            for try await piece in pieces {
                try Task.checkCancellation()
                let written = channel.eventLoop.makePromise(of: Void.self)
                channel.writeAndFlush(HTTPClientRequestPart.body(.byteBuffer(piece)), promise: written)
                try await last?.get()
                last = written.futureResult
            }
            try await last?.get()
            channel.eventLoop.execute { [exchanger] in exchanger.value.finish() }
        } catch {
            // An answer that came before the end has ended it.
            if !Task.isCancelled { fail(error, answer) }
        }
    }
}
