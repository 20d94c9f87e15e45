internal import OCI

/// Signed tokens in three parts (RFC 7519, RFC 7515).
enum JSONWebToken {
    /// - Parameter place: of the point before the second part.
    static func match(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let start = window.start(of: .token, before: place, atMost: 2048)
        guard window.has("eyJ", at: start), place - start >= 16 else { return [] }
        let payloadEnd = window.end(of: .token, from: place + 1, atMost: 8192)
        guard window[payloadEnd] == UInt8(ascii: ".") else { return [] }
        let end = window.end(of: .token, from: payloadEnd + 1, atMost: 2048)
        guard end - payloadEnd > 16, let header = part(window, start..<place), header["alg"]?.string != nil,
            let payload = part(window, place + 1..<payloadEnd), payload.object != nil
        else { return [] }
        let value = window.array(start..<end)
        guard !Placeholder.covers(value) else { return [] }
        var match = SecretMatch(.jwt, start..<end, value)
        match.expiry = payload["exp"]?.integer
        return [match]
    }

    private static func part(_ window: ScanWindow, _ range: Range<Int>) -> JSON? {
        let text = window.array(range).map { byte in
            byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
        }
        guard let bytes = Base64.decode(String(decoding: text, as: UTF8.self)) else { return nil }
        return try? JSON.parse(bytes, maximumDepth: 16, maximumValues: 1024)  // no JSON is no token
    }
}
