/// `%XX` in URLs (RFC 3986, section 2.1).
package enum PercentEncoding {
    /// What a part of a URL means; what is no escape stays, and what is no UTF-8 is replaced.
    ///
    /// - Parameters:
    ///   - text: what is encoded, as UTF-8.
    ///   - isQuery: whether `+` is a space (HTML, "application/x-www-form-urlencoded").
    package static func decoded(_ text: String, isQuery: Bool = false) -> String {
        String(decoding: bytes(text, isQuery: isQuery), as: UTF8.self)
    }

    package static func bytes(_ text: String, isQuery: Bool = false) -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, digits.allSatisfy(isDigit),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(isQuery && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return result
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
