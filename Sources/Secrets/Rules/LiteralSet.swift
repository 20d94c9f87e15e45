internal import CScan

/// Literals that are looked for all at once: a table of pairs of bytes lets most of a file go by with one look at every second
/// pair.
struct LiteralSet {
    /// Bytes that a literal has at least, where both its pairs are looked for.
    static let shortest = 3
    /// Bytes of a literal that are compared at most.
    static let longest = 64

    private(set) var texts: [UInt8] = []
    private var candidates: [scan_candidate] = []
    private var heads = [Int32](repeating: -1, count: 1 << 16)
    private var pairs = [UInt8](repeating: 0, count: 1 << 13)
    private(set) var count: UInt32 = 0

    /// - Returns: the literal's number.
    mutating func add(_ literal: [UInt8]) -> Int {
        guard (Self.shortest...Self.longest).contains(literal.count) else { return add(literal, pairsAt: []) }
        let places = 0...(literal.count - 3)
        let best = places.min { Self.weight(literal, $0) < Self.weight(literal, $1) } ?? 0
        return add(literal, pairsAt: [best, best + 1])
    }

    /// - Parameter places: of the pairs that lead to it: with one, only every second occurrence is found, and another literal must
    ///   stand for the others.
    mutating func add(_ literal: [UInt8], pairsAt places: [Int]) -> Int {
        let number = count
        count += 1
        let text = UInt32(texts.count)
        texts += literal
        for at in places where at + 1 < literal.count {
            let pair = Int(literal[at]) | Int(literal[at + 1]) << 8
            candidates.append(
                scan_candidate(
                    text: text, length: UInt32(literal.count), at: UInt32(at), literal: number, next: heads[pair]))
            heads[pair] = Int32(candidates.count - 1)
            pairs[pair >> 3] |= 1 << UInt8(pair & 7)
        }
        return Int(number)
    }

    /// How often the two pairs at a place stand in files, by a rough measure.
    private static func weight(_ literal: [UInt8], _ place: Int) -> Int {
        weight(literal[place]) * weight(literal[place + 1]) + weight(literal[place + 1]) * weight(literal[place + 2])
    }

    private static func weight(_ byte: UInt8) -> Int {
        switch byte {
        case 0, 255: 60
        case 32: 40
        case 97...122: Array("etaoinsr".utf8).contains(byte) ? 30 : 15
        case 48...57: 10
        case 65...90: byte == 81 || byte == 90 || byte == 88 ? 3 : 7
        case 95, 45, 46, 47, 58, 61, 34: 8
        default: 3
        }
    }

    /// Calls a function with each literal that begins in a range, in the order of the pairs that led there.
    func forEach(
        in bytes: UnsafeRawBufferPointer, from start: Int, upTo limit: Int,
        _ body: (_ literal: Int, _ place: Int) -> Void
    ) {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), start < limit, !candidates.isEmpty
        else { return }
        let end = min(bytes.count, limit + Self.longest)
        pairs.withUnsafeBufferPointer { pairs in
            heads.withUnsafeBufferPointer { heads in
                candidates.withUnsafeBufferPointer { candidates in
                    texts.withUnsafeBufferPointer { texts in
                        var literals = scan_literals(
                            pairs: pairs.baseAddress, heads: heads.baseAddress, candidates: candidates.baseAddress,
                            texts: texts.baseAddress)
                        var state = scan_state(place: start, next: start, candidate: -1)
                        var (literal, place): (UInt32, Int) = (0, 0)
                        while scan_next(&literals, base, end, &state, &literal, &place) == 1 {
                            if place >= start, place < limit { body(Int(literal), place) }
                        }
                    }
                }
            }
        }
    }

    /// Writes zeros over the literals.
    mutating func wipe() { Wiping.wipe(&texts) }
}

/// Memory of secrets.
enum Wiping {
    static func wipe(_ bytes: inout [UInt8]) { bytes.withUnsafeMutableBytes { scan_wipe($0.baseAddress, $0.count) } }
}
