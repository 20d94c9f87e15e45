/// Why bytes are not a JSON document.
package struct JSONError: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case invalidNumber
        case invalidEscape
        case invalidUTF8
        case tooDeep(limit: Int)
        /// Values, of which each takes more memory than its bytes.
        case tooMany(limit: Int)
        case trailingBytes
    }

    package let reason: Reason
    /// Bytes from the start of the document.
    package let offset: Int
}

extension JSON {
    /// The most values of a document.
    package static let valueLimit = 1 << 20

    /// Reads one document (RFC 8259); depth and number of values are bounded because documents come from strangers, their size
    /// by whoever reads them.
    package static func parse(
        _ bytes: [UInt8], maximumDepth: Int = 128, maximumValues: Int = Self.valueLimit
    ) throws(JSONError) -> JSON {
        var parser = JSONParser(
            bytes: bytes, maximumDepth: maximumDepth, valuesLeft: maximumValues, maximumValues: maximumValues)
        return try parser.document()
    }

    package static func parse(_ text: String) throws(JSONError) -> JSON { try parse(Array(text.utf8)) }
}

private struct JSONParser {
    let bytes: [UInt8]
    let maximumDepth: Int
    var valuesLeft: Int
    let maximumValues: Int
    var offset = 0

    mutating func document() throws(JSONError) -> JSON {
        let value = try value(depth: 0)
        skipWhitespace()
        guard offset == bytes.count else { throw failure(.trailingBytes) }
        return value
    }

    private func failure(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: offset) }

    private mutating func skipWhitespace() {
        while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
    }

    private func peek() throws(JSONError) -> UInt8 {
        guard offset < bytes.count else { throw failure(.unexpectedEnd) }
        return bytes[offset]
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        guard depth < maximumDepth else { throw failure(.tooDeep(limit: maximumDepth)) }
        guard valuesLeft > 0 else { throw failure(.tooMany(limit: maximumValues)) }
        valuesLeft -= 1
        skipWhitespace()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case let byte: throw failure(.unexpectedByte(byte))
        }
    }

    private mutating func literal(_ text: String, _ value: JSON) throws(JSONError) -> JSON {
        for byte in text.utf8 {
            guard try peek() == byte else { throw failure(.unexpectedByte(bytes[offset])) }
            offset += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        offset += 1
        var result = JSONObject()
        skipWhitespace()
        if try peek() == UInt8(ascii: "}") {
            offset += 1
            return .object(result)
        }
        while true {
            skipWhitespace()
            guard try peek() == UInt8(ascii: "\"") else { throw failure(.unexpectedByte(bytes[offset])) }
            let key = try string()
            skipWhitespace()
            guard try peek() == UInt8(ascii: ":") else { throw failure(.unexpectedByte(bytes[offset])) }
            offset += 1
            result.append(key, try value(depth: depth + 1))
            skipWhitespace()
            switch try peek() {
            case UInt8(ascii: ","): offset += 1
            case UInt8(ascii: "}"):
                offset += 1
                return .object(result)
            case let byte: throw failure(.unexpectedByte(byte))
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        offset += 1
        var result: [JSON] = []
        skipWhitespace()
        if try peek() == UInt8(ascii: "]") {
            offset += 1
            return .array(result)
        }
        while true {
            result.append(try value(depth: depth + 1))
            skipWhitespace()
            switch try peek() {
            case UInt8(ascii: ","): offset += 1
            case UInt8(ascii: "]"):
                offset += 1
                return .array(result)
            case let byte: throw failure(.unexpectedByte(byte))
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = offset
        func isDigit(_ index: Int) -> Bool { index < bytes.count && (0x30...0x39).contains(bytes[index]) }
        if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        guard isDigit(offset) else { throw failure(.invalidNumber) }
        if bytes[offset] == UInt8(ascii: "0") {
            offset += 1
        } else {
            while isDigit(offset) { offset += 1 }
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            guard isDigit(offset) else { throw failure(.invalidNumber) }
            while isDigit(offset) { offset += 1 }
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[offset]) { offset += 1 }
            guard isDigit(offset) else { throw failure(.invalidNumber) }
            while isDigit(offset) { offset += 1 }
        }
        return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        var text: [UInt8] = []
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                guard let result = String(validating: text, as: UTF8.self) else { throw failure(.invalidUTF8) }
                return result
            case UInt8(ascii: "\\"):
                offset += 1
                try escape(into: &text)
            case 0..<0x20:
                throw failure(.unexpectedByte(byte))
            default:
                text.append(byte)
                offset += 1
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let byte = try peek()
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let first = try codeUnit()
            var scalar = Unicode.Scalar(UInt32(first))
            if UTF16.isLeadSurrogate(first), offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
                bytes[offset + 1] == UInt8(ascii: "u")
            {
                let mark = offset
                offset += 2
                let second = try codeUnit()
                if UTF16.isTrailSurrogate(second) {
                    scalar = Unicode.Scalar(
                        0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
                } else {
                    offset = mark
                }
            }
            // A lone surrogate has no encoding; it becomes U+FFFD, as in Go's encoding/json.
            text.append(contentsOf: String(Character(scalar ?? "\u{FFFD}")).utf8)
        default:
            throw failure(.invalidEscape)
        }
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        guard offset + 4 <= bytes.count,
            let value = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16),
            bytes[offset] != UInt8(ascii: "+"), bytes[offset] != UInt8(ascii: "-")
        else { throw failure(.invalidEscape) }
        offset += 4
        return value
    }
}
