/// An address of the Internet as its bytes, four or sixteen: what rules about ranges are compared with.
struct NetworkAddress: Hashable, Sendable {
    let bytes: [UInt8]

    /// - Parameter text: `192.0.2.1`, or an IPv6 address in any of its forms (RFC 4291, section 2.2), with brackets or without.
    init?(_ text: some StringProtocol) {
        let inner = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : String(text)
        guard let bytes = inner.contains(":") ? Self.six(inner) : Self.four(inner) else { return nil }
        // The same host as by its address of IPv4 (section 2.5.5.2).
        let isMapped =
            bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10..<12].allSatisfy { $0 == 0xFF }
        self.bytes = isMapped ? Array(bytes[12...]) : bytes
    }

    private static func four(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part in
            part.utf8.count <= 3 && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt8(part) : nil
        }
        return bytes.count == 4 ? bytes : nil
    }

    private static func six(_ text: String) -> [UInt8]? {
        let halves = split(text)
        // An address of IPv4 stands at the end, and nowhere else.
        guard let front = groups(halves.front), halves.back == nil || !halves.front.contains(".") else { return nil }
        guard let rest = halves.back else { return front.count == 16 ? front : nil }
        guard let back = groups(rest), front.count + back.count <= 14 else { return nil }
        return front + Array(repeating: 0, count: 16 - front.count - back.count) + back
    }

    /// What stands before and behind the `::`, which stands for as many zeros as are missing.
    private static func split(_ text: String) -> (front: Substring, back: Substring?) {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix("::") { return (text[..<index], text[text.index(index, offsetBy: 2)...]) }
            index = text.index(after: index)
        }
        return (text[...], nil)
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains("."), let last = four(part) { return bytes + last }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }),
                let group = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
        }
        return bytes
    }
}

/// Addresses with the same beginning: `10.0.0.0/8`, `fd00::/8` (RFC 4632).
struct AddressRange: Hashable, Sendable {
    private let base: NetworkAddress
    /// Bits that are the same.
    private let length: Int

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = NetworkAddress(parts[0]),
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(parts[1]), length <= base.bytes.count * 8
        else { return nil }
        (self.base, self.length) = (base, length)
    }

    func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        for (index, (one, other)) in zip(address.bytes, base.bytes).enumerated() {
            let bits = min(8, max(0, length - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            if one & mask != other & mask { return false }
        }
        return true
    }
}
