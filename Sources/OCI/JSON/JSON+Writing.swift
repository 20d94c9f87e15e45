extension JSON {
    /// The document's bytes without white space: the form that Distill digests and stores.
    package var bytes: [UInt8] {
        var result: [UInt8] = []
        write(into: &result, indent: nil, level: 0)
        return result
    }

    /// The document as text, indented for people by four spaces a level, as `docker inspect` prints.
    package var indentedText: String { text(indentedBy: 4) }

    /// The document as text, with so many spaces a level.
    package func text(indentedBy spaces: Int) -> String {
        var result: [UInt8] = []
        write(into: &result, indent: spaces, level: 0)
        return String(decoding: result, as: UTF8.self)
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    private func write(into output: inout [UInt8], indent: Int?, level: Int) {
        switch self {
        case .null: output += Array("null".utf8)
        case .bool(let value): output += Array((value ? "true" : "false").utf8)
        case .number(let text): output += Array(text.utf8)
        case .string(let text): Self.write(text, into: &output)
        case .array(let items):
            Self.write(
                open: "[", close: "]", count: items.count, into: &output, indent: indent, level: level
            ) { index, output in
                items[index].write(into: &output, indent: indent, level: level + 1)
            }
        case .object(let object):
            let members = object.members
            Self.write(
                open: "{", close: "}", count: members.count, into: &output, indent: indent, level: level
            ) { index, output in
                Self.write(members[index].key, into: &output)
                output.append(UInt8(ascii: ":"))
                if indent != nil { output.append(UInt8(ascii: " ")) }
                members[index].value.write(into: &output, indent: indent, level: level + 1)
            }
        }
    }

    private static func write(
        open: Unicode.Scalar, close: Unicode.Scalar, count: Int, into output: inout [UInt8], indent: Int?, level: Int,
        item: (Int, inout [UInt8]) -> Void
    ) {
        func newline(_ level: Int) {
            guard let indent else { return }
            output.append(0x0A)
            output.append(contentsOf: repeatElement(0x20, count: indent * level))
        }
        output.append(UInt8(ascii: open))
        for index in 0..<count {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            newline(level + 1)
            item(index, &output)
        }
        if count > 0 { newline(level) }
        output.append(UInt8(ascii: close))
    }

    private static func write(_ text: String, into output: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case 0x0A: output += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0D: output += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: output += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20: output += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
