/// Writes a message of Protocol Buffers (protobuf.dev, "Encoding"). Fields that are empty are left out, as in proto3.
package struct ProtobufWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func key(_ field: Int, _ kind: UInt64) { varint(UInt64(field) << 3 | kind) }

    package mutating func integer(_ field: Int, _ value: Int64) {
        guard value != 0 else { return }
        key(field, 0)
        varint(UInt64(bitPattern: value))
    }

    package mutating func flag(_ field: Int, _ value: Bool) { integer(field, value ? 1 : 0) }

    package mutating func string(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

    package mutating func data(_ field: Int, _ value: [UInt8]) { if !value.isEmpty { message(field, value) } }

    package mutating func strings(_ field: Int, _ values: some Sequence<String>) {
        for value in values { message(field, Array(value.utf8)) }
    }

    /// A message, even an empty one.
    package mutating func message(_ field: Int, _ value: [UInt8]) {
        key(field, 2)
        varint(UInt64(value.count))
        bytes += value
    }

    package mutating func message(_ field: Int, _ fill: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        fill(&inner)
        message(field, inner.bytes)
    }

    /// `map<string, …>`, sorted: the bytes are the same each time.
    package mutating func map(_ field: Int, _ values: [String: [UInt8]]) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            message(field) { entry in
                entry.string(1, name)
                entry.data(2, value)
            }
        }
    }

    package static func message(_ fill: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        fill(&writer)
        return writer.bytes
    }
}
