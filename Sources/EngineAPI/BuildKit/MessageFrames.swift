/// Finds messages in the data of a gRPC stream: a byte, a length, the message (gRPC over HTTP/2, "Length-Prefixed-Message").
package struct MessageFrames {
    /// Bytes of one message, at most; BuildKit's clients send no more.
    package static let limit = 16 << 20

    private var held: [UInt8] = []
    private var start = 0

    package init() {}

    package mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            held.removeFirst(start)
            start = 0
        }
        held += bytes
    }

    /// The next whole message; nil until there is one.
    ///
    /// - Throws: ``GRPCStatus`` for one that is compressed or too long.
    package mutating func next() throws(GRPCStatus) -> [UInt8]? {
        guard held.count - start >= 5 else { return nil }
        guard held[start] == 0 else { throw GRPCStatus(.unimplemented, "messages are not compressed here") }
        let length = held[start + 1..<start + 5].reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.limit else {
            throw GRPCStatus(.resourceExhausted, "a message has more than \(Self.limit) bytes")
        }
        guard held.count - start - 5 >= length else { return nil }
        defer { start += 5 + length }
        return Array(held[start + 5..<start + 5 + length])
    }

    package var isEmpty: Bool { held.count == start }

    package static func frame(_ message: [UInt8]) -> [UInt8] {
        let count = UInt32(truncatingIfNeeded: message.count)
        return [
            0, UInt8(truncatingIfNeeded: count >> 24), UInt8(truncatingIfNeeded: count >> 16),
            UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count),
        ] + message
    }
}
