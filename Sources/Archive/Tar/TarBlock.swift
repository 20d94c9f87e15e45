/// One header block of 512 bytes, and how its fields are written.
struct TarBlock {
    let bytes: [UInt8]
    let offset: Int64

    private enum Format { case v7, ustar, star, gnu }

    var typeFlag: UInt8 { bytes[156] }

    private var format: Format {
        let magic = bytes[257..<265]
        if magic.elementsEqual("ustar  \0".utf8) { return .gnu }
        guard magic.prefix(6).elementsEqual("ustar\0".utf8) else { return .v7 }
        return bytes[508..<512].elementsEqual("tar\0".utf8) ? .star : .ustar
    }

    /// The sum of all bytes with the checksum's own field as spaces; some old writers summed signed bytes.
    func verifyChecksum() throws(TarError) {
        let expected = try number(148..<156, .checksum)
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        for (index, byte) in bytes.enumerated() {
            let value = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
            unsigned += Int64(value)
            signed += Int64(Int8(bitPattern: value))
        }
        guard expected == unsigned || expected == signed else { throw error(.checksumMismatch) }
    }

    func size() throws(TarError) -> Int64 {
        let size = try number(124..<136, .size)
        guard size >= 0 else { throw error(.invalidNumber(field: .size)) }
        return size
    }

    func header(overriddenBy extensions: TarExtensions) throws(TarError) -> TarHeader {
        var header = TarHeader(name: name, kind: TarHeader.Kind(flag: typeFlag), mode: 0)
        let mode = try number(100..<108, .mode)
        header.mode = UInt32(truncatingIfNeeded: mode) & 0o7777
        header.uid = try identifier(108..<116, .uid, extensions.integer("uid"))
        header.gid = try identifier(116..<124, .gid, extensions.integer("gid"))
        if header.kind.hasContent {
            header.size = try number(124..<136, .size, overriddenBy: extensions.integer("size"))
            guard header.size >= 0 else { throw error(.invalidNumber(field: .size)) }
        }
        if let text = extensions["mtime"] {
            guard let time = TarTimestamp(decimal: text) else { throw error(.invalidNumber(field: .modified)) }
            header.modified = time
        } else {
            header.modified = TarTimestamp(seconds: try number(136..<148, .modified))
        }
        if header.kind == .hardLink || header.kind == .symbolicLink { header.linkName = field(157..<257) }
        if format != .v7, header.kind == .characterDevice || header.kind == .blockDevice {
            header.deviceMajor = try identifier(329..<337, .deviceMajor, .absent)
            header.deviceMinor = try identifier(337..<345, .deviceMinor, .absent)
        }
        do { try extensions.applyNames(to: &header) } catch { throw self.error(error) }
        guard !header.name.isEmpty else { throw error(.invalidName) }
        return header
    }

    /// The pieces and the size of a sparse file in GNU's old format, and whether blocks with further pieces follow.
    func sparseFile() throws(TarError) -> (map: SparseMap, isContinued: Bool) {
        guard format == .gnu else { throw error(.unknownSparseFormat) }
        let realSize = try number(483..<495, .size)
        guard realSize >= 0 else { throw error(.invalidNumber(field: .size)) }
        var map = SparseMap(realSize: realSize)
        try addPieces(to: &map, from: 386, count: 4)
        return (map, bytes[482] != 0)
    }

    /// Adds the pieces of a block that continues an old sparse file's header.
    ///
    /// - Returns: whether another follows.
    func continueSparse(_ map: inout SparseMap) throws(TarError) -> Bool {
        try addPieces(to: &map, from: 0, count: 21)
        return bytes[504] != 0
    }

    private func addPieces(to map: inout SparseMap, from start: Int, count: Int) throws(TarError) {
        for index in 0..<count {
            let place = start + 24 * index
            // The first that says nothing is the last.
            guard bytes[place] != 0 else { return }
            let offset = try number(place..<place + 12, .size)
            let length = try number(place + 12..<place + 24, .size)
            do { try map.add(offset: offset, count: length) } catch { throw self.error(error) }
        }
    }

    private var name: [UInt8] {
        let name = field(0..<100)
        let prefix: [UInt8]
        switch format {
        case .v7, .gnu: return name
        case .ustar: prefix = field(345..<500)
        case .star: prefix = field(345..<476)
        }
        return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    }

    private func field(_ range: Range<Int>) -> [UInt8] { Array(bytes[range].prefix { $0 != 0 }) }

    private func identifier(
        _ range: Range<Int>, _ field: TarError.Field, _ record: TarExtensions.IntegerRecord
    ) throws(TarError) -> UInt32 {
        let number = try number(range, field, overriddenBy: record)
        guard let identifier = UInt32(exactly: number) else { throw error(.invalidNumber(field: field)) }
        return identifier
    }

    private func number(
        _ range: Range<Int>, _ field: TarError.Field, overriddenBy record: TarExtensions.IntegerRecord
    ) throws(TarError) -> Int64 {
        switch record {
        case .absent: return try number(range, field)
        case .value(let value): return value
        case .invalid: throw error(.invalidNumber(field: field))
        }
    }

    /// Octal digits between spaces and NULs, or GNU's base-256: a set high bit, then a two's complement number.
    private func number(_ range: Range<Int>, _ field: TarError.Field) throws(TarError) -> Int64 {
        let text = bytes[range]
        guard let first = text.first else { return 0 }
        if first & 0x80 != 0 {
            let isNegative = first & 0x40 != 0
            var value: Int64 = isNegative ? -1 : 0
            for (index, byte) in text.enumerated() {
                let bits = index == 0 ? (isNegative ? byte : byte & 0x7F) : byte
                guard value >> 55 == (isNegative ? -1 : 0) else { throw error(.invalidNumber(field: field)) }
                value = value << 8 | Int64(bits)
            }
            return value
        }
        let digits = text.drop { $0 == 0x20 || $0 == 0 }.prefix { $0 != 0x20 && $0 != 0 }
        var value: Int64 = 0
        for byte in digits {
            guard (0x30...0x37).contains(byte) else { throw error(.invalidNumber(field: field)) }
            value = value << 3 | Int64(byte & 7)
        }
        return value
    }

    private func error(_ reason: TarError.Reason) -> TarError { TarError(offset: offset, reason: reason) }
}

extension TarTimestamp {
    /// Reads pax's decimal seconds with an optional fraction: `-1.5` is half a second before -1.
    init?(decimal text: [UInt8]) {
        let isNegative = text.first == UInt8(ascii: "-")
        let parts = text.dropFirst(isNegative ? 1 : 0).split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty,
            parts.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } }),
            let seconds = Int64(String(decoding: whole, as: UTF8.self))
        else { return nil }
        let fraction = parts.count > 1 ? Array(parts[1].prefix(9)) : []
        var nanoseconds: UInt32 = 0
        for index in 0..<9 {
            nanoseconds = nanoseconds * 10 + (index < fraction.count ? UInt32(fraction[index] & 15) : 0)
        }
        if isNegative, nanoseconds > 0 {
            guard seconds < Int64.max else { return nil }
            self.init(seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds)
        } else {
            self.init(seconds: isNegative ? -seconds : seconds, nanoseconds: nanoseconds)
        }
    }
}
