extension Functions {
    static let addresses: [String: StandardFunction] = [
        "cidrhost": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let network = try AddressRange(given: a.text(0))
            return .text(try network.host(a.whole(1)))
        },
        "cidrnetmask": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            let network = try AddressRange(given: a.text(0))
            guard network.bytes.count == 4 else { throw .invalid(try a.text(0)) }
            return .text(network.mask)
        },
        "cidrsubnet": StandardFunction(3) { a throws(BakeError.FunctionFault) in
            let network = try AddressRange(given: a.text(0))
            return .text(try network.part(a.whole(1), a.whole(2)).text)
        },
        "cidrsubnets": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            let network = try AddressRange(given: a.text(0))
            var result: [BakeValue] = []
            // In units of the smallest range that there can be.
            var next: UInt64 = 0
            for index in 1..<max(1, a.count) {
                let bits = try a.whole(index)
                guard (1...32).contains(bits) else { throw .outOfRange }
                let size = UInt64(1) << UInt64(32 - bits)
                next = (next + size - 1) / size * size
                guard next < 1 << 32 else { throw .outOfRange }
                result.append(.text(try network.part(bits, Int(next / size)).text))
                next += size
            }
            return .list(result)
        },
    ]
}

/// Addresses that begin with the same bits: `10.0.0.0/8`.
struct AddressRange {
    var bytes: [UInt8]
    var length: Int

    init(given text: String) throws(BakeError.FunctionFault) {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let bytes = Self.bytes(String(parts[0])), let length = Int(parts[1]),
            (0...bytes.count * 8).contains(length)
        else { throw .invalid(text) }
        (self.bytes, self.length) = (bytes, length)
        for bit in length..<bytes.count * 8 { self.bytes[bit / 8] &= ~(0x80 >> UInt8(bit % 8)) }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        if !text.contains(":") {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            guard parts.count == 4 else { return nil }
            let bytes = parts.compactMap { $0 }
            return bytes.count == 4 ? bytes : nil
        }
        let halves = Functions.pieces(text, "::")
        guard halves.count <= 2 else { return nil }
        var groups: [[UInt16]] = []
        for half in halves {
            let parts = half.split(separator: ":").map { UInt16($0, radix: 16) }
            guard parts.allSatisfy({ $0 != nil }) else { return nil }
            groups.append(parts.compactMap { $0 })
        }
        let count = groups.reduce(0) { $0 + $1.count }
        guard count <= 8, halves.count == 2 || count == 8 else { return nil }
        let all = groups[0] + Array(repeating: 0, count: 8 - count) + (groups.count == 2 ? groups[1] : [])
        return all.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }

    /// The number is put into the bits that end at `end`.
    private func with(_ number: Int, endingAt end: Int, bits: Int) throws(BakeError.FunctionFault) -> [UInt8] {
        guard bits >= 0, number >= 0, bits >= 62 || number < 1 << bits else { throw .outOfRange }
        var result = bytes
        for bit in 0..<min(bits, 62) where number >> bit & 1 == 1 {
            let place = end - 1 - bit
            result[place / 8] |= 0x80 >> UInt8(place % 8)
        }
        return result
    }

    func host(_ number: Int) throws(BakeError.FunctionFault) -> String {
        let free = bytes.count * 8 - length
        // From the end where it is negative.
        let given = number < 0 && free < 62 ? (1 << free) + number : number
        return Self.text(try with(given, endingAt: bytes.count * 8, bits: free))
    }

    func part(_ bits: Int, _ number: Int) throws(BakeError.FunctionFault) -> AddressRange {
        guard bits >= 0, length + bits <= bytes.count * 8 else { throw .outOfRange }
        var result = self
        result.length = length + bits
        result.bytes = try with(number, endingAt: result.length, bits: bits)
        return result
    }

    var mask: String {
        var mask = [UInt8](repeating: 0, count: bytes.count)
        for bit in 0..<length { mask[bit / 8] |= 0x80 >> UInt8(bit % 8) }
        return Self.text(mask)
    }

    var text: String { "\(Self.text(bytes))/\(length)" }

    private static func text(_ bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        // The longest run of zeros is left out (RFC 5952).
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(1, best.count) { best = start..<end }
            start = max(end, start + 1)
        }
        func part(_ range: Range<Int>) -> String { groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? part(0..<8) : "\(part(0..<best.lowerBound))::\(part(best.upperBound..<8))"
    }
}
