/// What pax records say of a sparse file: GNU's formats 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files").
struct SparseRecords: Sendable {
    static let prefix = Array("GNU.sparse.".utf8)

    private(set) var name: [UInt8]?
    private var realSize: Int64?
    private var major: Int64?
    private var minor: Int64?
    /// Offsets and lengths by turns: of 0.0 from records that repeat, of 0.1 from one.
    private var numbers: [Int64] = []

    /// - Parameter key: without the prefix.
    mutating func store(_ key: some Collection<UInt8>, _ value: [UInt8]) throws(TarError.Reason) {
        switch String(decoding: key, as: UTF8.self) {
        case "name":
            guard !value.isEmpty, !value.contains(0) else { throw .invalidName }
            name = value
        case "size", "realsize": realSize = try Self.number(value)
        case "major": major = try Self.number(value)
        case "minor": minor = try Self.number(value)
        case "offset":
            guard numbers.count % 2 == 0 else { throw .invalidSparseMap }
            try append(Self.number(value))
        case "numbytes":
            guard numbers.count % 2 == 1 else { throw .invalidSparseMap }
            try append(Self.number(value))
        case "map":
            numbers = []
            for part in value.split(
                separator: UInt8(ascii: ","), omittingEmptySubsequences: !value.contains(UInt8(ascii: ",")))
            {
                try append(Self.number(part))
            }
        // The number of pieces, which is seen from the pieces.
        case "numblocks": _ = try Self.number(value)
        default: break
        }
    }

    private mutating func append(_ number: Int64) throws(TarError.Reason) {
        guard numbers.count < 2 * SparseMap.pieceLimit else { throw .invalidSparseMap }
        numbers.append(number)
    }

    private static func number(_ text: some Collection<UInt8>) throws(TarError.Reason) -> Int64 {
        guard !text.isEmpty, text.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(String(decoding: text, as: UTF8.self))
        else {
            throw .invalidSparseMap
        }
        return number
    }

    enum Form {
        case whole(SparseMap)
        /// The map stands in front of the bytes.
        case textInFront(realSize: Int64)
    }

    /// What the records come to; nil where they speak of no sparse file.
    func form() throws(TarError.Reason) -> Form? {
        if let major {
            guard let realSize else { throw .invalidSparseMap }
            guard major == 1, minor ?? 0 == 0 else {
                // 0.0 and 0.1 have no such record as a rule, but may.
                guard major == 0 else { throw .unknownSparseFormat }
                return .whole(try SparseMap(realSize: realSize, numbers: numbers))
            }
            return .textInFront(realSize: realSize)
        }
        guard let realSize else {
            guard numbers.isEmpty else { throw .invalidSparseMap }
            return nil
        }
        return .whole(try SparseMap(realSize: realSize, numbers: numbers))
    }
}
