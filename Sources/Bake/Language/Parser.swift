/// Text → syntax (HCL native syntax specification). Depth and size are bounded.
struct Parser {
    var scanner: Scanner
    /// How many values the one that is read is inside of.
    var depth = 0

    /// More levels than people write, and few enough for the stack.
    static let depthLimit = 48
    static let sizeLimit = 4 << 20

    init(_ bytes: [UInt8], file: Int) { scanner = Scanner(bytes, file: file) }

    /// Reads a whole file.
    mutating func document() throws(Fault) -> Body {
        guard scanner.bytes.count <= Self.sizeLimit else { throw scanner.failure(.excess(.size)) }
        let body = try body()
        guard scanner.peek == nil else { throw scanner.failure(.syntax(expected: "a block or an attribute")) }
        return body
    }

    /// Reads up to the brace that closes the body, or to the end.
    private mutating func body() throws(Fault) -> Body {
        try deeper()
        defer { depth -= 1 }
        var body = Body()
        while true {
            try scanner.skipLines()
            guard let byte = scanner.peek, byte != UInt8(ascii: "}") else { return body }
            let start = scanner.index
            guard let name = scanner.name() else {
                throw scanner.failure(.syntax(expected: "the name of a block or an attribute"))
            }
            let spot = scanner.spot(from: start)
            try scanner.skipSpace()
            if scanner.peek == UInt8(ascii: "="), scanner.peek(1) != UInt8(ascii: "=") {
                scanner.index += 1
                guard !body.attributes.contains(where: { $0.name == name }) else {
                    throw Fault(.duplicateAttribute(name), at: spot)
                }
                body.attributes.append(Attribute(name: name, spot: spot, expression: try expression()))
            } else {
                body.blocks.append(try block(name, spot))
            }
            try endOfItem()
        }
    }

    private mutating func endOfItem() throws(Fault) {
        try scanner.skipSpace()
        switch scanner.peek {
        case nil, 0x0A, UInt8(ascii: "}"): return
        default: throw scanner.failure(.syntax(expected: "the end of the line"))
        }
    }

    private mutating func block(_ type: String, _ spot: Spot) throws(Fault) -> Block {
        var labels: [String] = []
        while true {
            try scanner.skipSpace()
            if scanner.take("{") { break }
            if scanner.peek == UInt8(ascii: "\"") {
                scanner.index += 1
                labels.append(try label())
            } else if let name = scanner.name() {
                labels.append(name)
            } else {
                throw scanner.failure(.syntax(expected: labels.isEmpty ? "'=', a name or '{'" : "'{'"))
            }
        }
        let body = try body()
        guard scanner.take("}") else { throw scanner.failure(.syntax(expected: "'}'")) }
        return Block(type: type, labels: labels, body: body, spot: spot)
    }

    /// The rest of a text in which nothing is put in.
    private mutating func label() throws(Fault) -> String {
        let parts = try template(until: .quote)
        switch parts.count {
        case 0: return ""
        case 1: if case .text(let text) = parts[0] { return text }
        default: break
        }
        throw scanner.failure(.syntax(expected: "a name without '${'"))
    }

    mutating func deeper() throws(Fault) {
        depth += 1
        guard depth <= Self.depthLimit else { throw scanner.failure(.excess(.depth)) }
    }
}
