import NIOCore
import NIOHTTP1
import NIOSSL

/// The end of a connection of HTTP/1.1: one request and its answer after the other (RFC 9112, section 9.3).
///
/// All of it happens on the connection's event loop.
final class HTTPExchanger: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// A request that was begun.
    private struct Exchange {
        let number: Int
        let answer: EventLoopPromise<HTTPResponse>
        let patience: TimeAmount
        var source: HTTPBody.Producer.Source?
        var deadline: Scheduled<Void>?
        /// Whether all is sent, or nothing more will be.
        var isSent = false
        var isReceived = false
        /// Whether the connection can serve another request behind this one.
        var isLasting = true
        /// Whether the body ends where the connection does.
        var endsWithConnection = false
        /// Bytes that nobody wants and that are read nevertheless, for the connection's sake; nil while the body is taken.
        var discarded: Int?
    }

    /// What is read of a body that nobody wants: a connection costs more.
    private static let worthwhile = 64 << 10

    private var exchange: Exchange?
    private var context: ChannelHandlerContext?
    /// Whether what was asked for has not been taken yet.
    private var isPaused = false
    private var isReadHeld = false
    private var lastRead = NIODeadline.now()
    private var watch: Scheduled<Void>?
    private var count = 0
    /// Told of the end of each exchange and of the connection; false where that is of no more use.
    private let ended: @Sendable (Bool) -> Void

    init(ended: @escaping @Sendable (Bool) -> Void) { self.ended = ended }

    // MARK: Asking

    /// Sends a request's head, and all of its body that is there.
    ///
    /// - Parameters:
    ///   - body: nil where pieces follow.
    ///   - deadline: until when the head of the answer must be there.
    ///   - patience: how long nothing may come once all is sent.
    func begin(
        _ head: HTTPRequestHead, body: ByteBuffer?, deadline: NIODeadline, patience: TimeAmount,
        _ answer: EventLoopPromise<HTTPResponse>
    ) {
        guard let context, context.channel.isActive, exchange == nil else {
            ended(false)
            return answer.fail(HTTPFailure.closed)
        }
        count += 1
        var exchange = Exchange(number: count, answer: answer, patience: patience)
        exchange.deadline = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.fail(HTTPFailure.deadlineExceeded)
        }
        self.exchange = exchange
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        guard let body else { return context.flush() }
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        finish()
    }

    /// The request is sent.
    func finish() {
        guard let context, exchange?.isSent == false else { return }
        exchange?.isSent = true
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        lastRead = .now()
        startWatch()
        conclude()
    }

    /// Ends an exchange that goes on, and the connection.
    func fail(_ error: any Error, _ answer: EventLoopPromise<HTTPResponse>) {
        // It may have ended meanwhile, and the connection serve another one.
        if exchange?.answer.futureResult === answer.futureResult { fail(error) }
    }

    private func fail(_ error: any Error) {
        guard var exchange else { return close() }
        self.exchange = nil
        exchange.deadline?.cancel()
        endWatch()
        exchange.answer.fail(error)
        exchange.source?.finish(error)
        exchange.source = nil
        ended(false)
        close()
    }

    private func close() { context?.close(promise: nil) }

    // MARK: Silence

    /// Looks whether anything came, as often as that may be too long ago.
    private func startWatch() {
        guard let context, let exchange else { return }
        let due = lastRead + exchange.patience
        watch?.cancel()
        watch = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            // What is not read is the taker's time.
            if self.isPaused { self.lastRead = .now() }
            if self.lastRead + exchange.patience <= .now() { self.fail(HTTPFailure.silent) } else { self.startWatch() }
        }
    }

    private func endWatch() {
        watch?.cancel()
        watch = nil
    }

    // MARK: Answers

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = .now()
        switch unwrapInboundIn(data) {
        case .head(let head): receive(head, context)
        case .body(let piece): receive(piece)
        case .end: receiveEnd()
        }
    }

    private func receive(_ head: HTTPResponseHead, _ context: ChannelHandlerContext) {
        guard var exchange else { return close() }
        exchange.deadline?.cancel()
        exchange.deadline = nil
        exchange.isLasting = head.isKeepAlive
        if !exchange.isSent, head.status.code >= 300 {
            // Nothing more is sent of what is not wanted, and so the next request would have no beginning.
            (exchange.isSent, exchange.isLasting) = (true, false)
        }
        exchange.endsWithConnection =
            !head.headers.contains(name: "Content-Length") && !head.headers.contains(name: "Transfer-Encoding")
        let (source, body) = HTTPBody.make(HTTPBodyDemand(self, exchange.number, on: context.eventLoop))
        exchange.source = source
        self.exchange = exchange
        if exchange.isSent, watch == nil { startWatch() }
        exchange.answer.succeed(HTTPResponse(status: head.status, headers: head.headers, body: body))
    }

    private func receive(_ piece: ByteBuffer) {
        if let discarded = exchange?.discarded {
            exchange?.discarded = discarded + piece.readableBytes
            if discarded + piece.readableBytes > Self.worthwhile { fail(HTTPFailure.closed) }
            return
        }
        switch exchange?.source?.yield(piece) {
        case .stopProducing: isPaused = true
        case .produceMore, .dropped, nil: break
        }
    }

    private func receiveEnd() {
        let source = exchange?.source
        exchange?.source = nil
        exchange?.isReceived = true
        isPaused = false
        conclude()
        // Whoever has taken the body may ask for the connection at once.
        source?.finish()
    }

    /// Ends an exchange of which all is sent and received.
    private func conclude() {
        guard let exchange, exchange.isSent, exchange.isReceived else { return }
        self.exchange = nil
        endWatch()
        let isLasting = exchange.isLasting && context?.channel.isActive == true
        ended(isLasting)
        if isLasting { readHeld() } else { close() }
    }

    // MARK: Demand

    /// The taker of an exchange's body has room again.
    func takeMore(of number: Int) {
        guard isPaused, exchange?.number == number else { return }
        isPaused = false
        lastRead = .now()
        readHeld()
    }

    /// Nobody takes an exchange's body any more.
    func discardRest(of number: Int) {
        guard let exchange, exchange.number == number, exchange.source != nil, exchange.discarded == nil else { return }
        guard exchange.isLasting else { return fail(HTTPFailure.closed) }
        self.exchange?.discarded = 0
        isPaused = false
        readHeld()
    }

    private func readHeld() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { isReadHeld = true } else { context.read() }
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        if exchange == nil { ended(false) } else { fail(HTTPFailure.closed) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // Where the body's length is known, its end is seen without that of TLS.
        case NIOSSLError.uncleanShutdown where exchange?.endsWithConnection != true: break
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection: fail(HTTPFailure.closed)
        default: fail(error)
        }
    }
}
