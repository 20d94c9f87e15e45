/// Where the stored pieces of a sparse file lie; what is between them are zeros (GNU tar manual, "Storing Sparse Files").
struct SparseMap: Hashable, Sendable {
    /// Bytes that the archive holds, and where in the file they belong.
    struct Piece: Hashable, Sendable {
        let offset: Int64
        let count: Int64
    }

    /// How many pieces a file may have.
    static let pieceLimit = 1 << 20

    private(set) var pieces: [Piece] = []
    /// Bytes of the file, zeros included.
    let realSize: Int64

    init(realSize: Int64) { self.realSize = realSize }

    /// Bytes that the archive holds of the file. Pieces are in order and inside the file, so the sum is no larger than it.
    var storedSize: Int64 { pieces.reduce(0) { $0 + $1.count } }

    /// Adds a piece behind the others.
    ///
    /// - Throws: ``TarError/Reason/invalidSparseMap`` when it does not lie behind the last one and inside the file.
    mutating func add(offset: Int64, count: Int64) throws(TarError.Reason) {
        let start = pieces.last.map { $0.offset + $0.count } ?? 0
        guard pieces.count < Self.pieceLimit, offset >= start, count >= 0, count <= realSize, offset <= realSize - count
        else {
            throw .invalidSparseMap
        }
        pieces.append(Piece(offset: offset, count: count))
    }

    /// The map of offsets and lengths by turns.
    init(realSize: Int64, numbers: some Collection<Int64>) throws(TarError.Reason) {
        self.init(realSize: realSize)
        guard realSize >= 0, numbers.count % 2 == 0 else { throw .invalidSparseMap }
        var offset: Int64?
        for number in numbers {
            if let start = offset {
                try add(offset: start, count: number)
                offset = nil
            } else {
                offset = number
            }
        }
    }
}

/// The map of GNU's format 1.0, which stands in front of the file's bytes: the number of pieces, then the offset and the
/// length of each, in decimal digits, one a line, padded to a block.
struct SparseText: Sendable {
    private var numbers: [Int64] = []
    private var current: Int64?

    /// Takes the next block.
    ///
    /// - Returns: offsets and lengths by turns, once all are there; what is left of the block is padding.
    mutating func take(_ block: some Sequence<UInt8>) throws(TarError.Reason) -> ArraySlice<Int64>? {
        for byte in block {
            switch byte {
            case 0x30...0x39:
                let (product, overflows) = (current ?? 0).multipliedReportingOverflow(by: 10)
                let (sum, isTooLarge) = product.addingReportingOverflow(Int64(byte & 15))
                guard !overflows, !isTooLarge else { throw .invalidSparseMap }
                current = sum
            case 0x0A:
                guard let number = current else { throw .invalidSparseMap }
                numbers.append(number)
                current = nil
                guard numbers[0] <= Int64(SparseMap.pieceLimit) else { throw .invalidSparseMap }
                if Int64(numbers.count) == 1 + 2 * numbers[0] { return numbers.dropFirst() }
            default: throw .invalidSparseMap
            }
        }
        return nil
    }
}

/// Zeros that nobody stored.
package enum Zeros {
    /// Hands over so many zeros in pieces.
    package static func forEachPiece(_ count: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        guard count > 0 else { return }
        let piece = [UInt8](repeating: 0, count: Int(min(count, 64 << 10)))
        try piece.withUnsafeBytes { zeros in
            var rest = count
            while rest > 0 {
                let length = Int(min(rest, Int64(zeros.count)))
                try body(UnsafeRawBufferPointer(rebasing: zeros.prefix(length)))
                rest -= Int64(length)
            }
        }
    }
}
