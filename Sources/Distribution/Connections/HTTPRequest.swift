import NIOCore
import NIOHTTP1

/// One request as its sender sees it (RFC 9110, section 3.4).
struct HTTPRequest: Sendable {
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        case pieces(BlobPieces, length: Int64)
    }

    var method = HTTPMethod.GET
    var url: HTTPURL
    var headers = HTTPHeaders()
    var body = Body.none
    /// How its origin is spoken to over TLS, where that is not as every other.
    var security: TransportSecurity?

    init(url: HTTPURL) { self.url = url }

    /// Whether it can be sent again where nobody knows whether it was done: it is safe (RFC 9110, section 9.2.1). The end of an upload
    /// by PUT is not: the upload is gone when it has arrived.
    var isRepeatable: Bool { method == .GET || method == .HEAD }

    /// The head as it goes over the wire (RFC 9112, section 3).
    ///
    /// - Parameter isWhole: whether the target is the whole address, as a proxy wants it.
    func head(isWhole: Bool) -> HTTPRequestHead {
        var headers = headers
        headers.replaceOrAdd(name: "Host", value: url.origin.authority)
        switch body {
        case .none where method == .GET || method == .HEAD || method == .DELETE: break
        case .none: headers.replaceOrAdd(name: "Content-Length", value: "0")
        case .bytes(let bytes): headers.replaceOrAdd(name: "Content-Length", value: "\(bytes.count)")
        case .pieces(_, let length): headers.replaceOrAdd(name: "Content-Length", value: "\(length)")
        }
        let target = isWhole ? url.text : url.target
        return HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: headers)
    }
}

/// One answer: its head, and what comes of its body as it is asked for.
struct HTTPResponse: Sendable {
    let status: HTTPResponseStatus
    let headers: HTTPHeaders
    let body: HTTPBody
}

/// The bytes of an answer; they come once.
struct HTTPBody: AsyncSequence, Sendable {
    typealias Producer = NIOThrowingAsyncSequenceProducer<
        ByteBuffer, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, HTTPBodyDemand
    >

    fileprivate let pieces: Producer

    /// Pieces that are there before the connection is read on, and how many make it stop.
    private static let watermark = (low: 2, high: 6)

    /// - Parameter demand: told when more can be taken, and when nothing more is wanted.
    static func make(_ demand: HTTPBodyDemand) -> (source: Producer.Source, body: HTTPBody) {
        let made = Producer.makeSequence(
            backPressureStrategy: .init(lowWatermark: watermark.low, highWatermark: watermark.high),
            finishOnDeinit: true, delegate: demand)
        return (made.source, HTTPBody(pieces: made.sequence))
    }

    func makeAsyncIterator() -> Producer.AsyncIterator { pieces.makeAsyncIterator() }
}

/// What the taker of a body wants of the connection that it comes from.
final class HTTPBodyDemand: NIOAsyncSequenceProducerDelegate {
    private let exchanger: NIOLoopBound<HTTPExchanger>
    private let loop: any EventLoop
    private let number: Int

    /// - Parameter number: that of the exchange.
    init(_ exchanger: HTTPExchanger, _ number: Int, on loop: any EventLoop) {
        (self.exchanger, self.loop, self.number) = (NIOLoopBound(exchanger, eventLoop: loop), loop, number)
    }

    func produceMore() { loop.execute { [exchanger, number] in exchanger.value.takeMore(of: number) } }

    func didTerminate() { loop.execute { [exchanger, number] in exchanger.value.discardRest(of: number) } }
}
