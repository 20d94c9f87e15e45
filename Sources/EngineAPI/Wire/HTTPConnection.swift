import NIOCore
import NIOHTTP1
import OCI

/// A connection that speaks HTTP/1.1: one request after another.
struct HTTPConnection: Sendable {
    let channel: any Channel
    let parts: InboundQueue<HTTPServerRequestPart>

    /// The head of the next request; nil when the client sends no more.
    func nextHead() async throws -> HTTPRequestHead? {
        while let part = try await parts.next() {
            if case .head(let head) = part { return head }
        }
        return nil
    }

    func write(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes).get() }
}

extension HTTPRequestHead {
    /// By name in lower case.
    var valuesByName: [String: [String]] {
        var result: [String: [String]] = [:]
        for (name, value) in headers { result[name.lowercased(), default: []].append(value) }
        return result
    }
}
