/// Reads the fields of a message of Protocol Buffers. Foreign bytes: lengths are checked, nothing is allocated for what is not there.
package struct ProtobufReader {
    /// A field's value as it travels.
    package enum Value: Hashable, Sendable {
        case integer(UInt64)
        case bytes(ArraySlice<UInt8>)

        package var number: Int64 { if case .integer(let value) = self { Int64(bitPattern: value) } else { 0 } }
        package var flag: Bool { number != 0 }
        package var data: [UInt8] { if case .bytes(let value) = self { Array(value) } else { [] } }
        package var text: String {
            if case .bytes(let value) = self { String(decoding: value, as: UTF8.self) } else { "" }
        }
    }

    private var rest: ArraySlice<UInt8>

    package init(_ bytes: some Sequence<UInt8>) { rest = Array(bytes)[...] }

    /// - Throws: ``ProtobufError`` for bytes that are no message.
    package static func forEachField(_ bytes: [UInt8], _ body: (_ field: Int, Value) throws -> Void) throws {
        var reader = ProtobufReader(bytes)
        while let (field, value) = try reader.next() { try body(field, value) }
    }

    private mutating func next() throws -> (Int, Value)? {
        guard !rest.isEmpty else { return nil }
        let key = try varint()
        guard let field = Int(exactly: key >> 3), field > 0 else { throw ProtobufError.malformed }
        switch key & 7 {
        case 0: return (field, .integer(try varint()))
        case 1: return (field, .integer(try fixed(8)))
        case 2:
            guard let count = Int(exactly: try varint()), count <= rest.count else { throw ProtobufError.malformed }
            defer { rest = rest.dropFirst(count) }
            return (field, .bytes(rest.prefix(count)))
        case 5: return (field, .integer(try fixed(4)))
        default: throw ProtobufError.malformed
        }
    }

    private mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw ProtobufError.malformed }
            if shift < 64 { value |= UInt64(byte & 0x7F) << shift }
            if byte < 0x80 { return value }
        }
        throw ProtobufError.malformed
    }

    private mutating func fixed(_ count: Int) throws -> UInt64 {
        guard rest.count >= count else { throw ProtobufError.malformed }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// `map<string, bytes>` and `map<string, string>`.
    package static func entry(_ bytes: [UInt8]) throws -> (name: String, value: [UInt8]) {
        var (name, value) = ("", [UInt8]())
        try forEachField(bytes) { field, found in
            if field == 1 { name = found.text } else if field == 2 { value = found.data }
        }
        return (name, value)
    }
}

/// Bytes that are no message.
package enum ProtobufError: Error, Hashable, Sendable { case malformed }
