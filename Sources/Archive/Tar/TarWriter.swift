/// Writes tar archives: ustar where it suffices, with a pax header where it does not.
///
/// The same headers give the same bytes. User and group names are empty, pax records sorted, fractions of a second
/// dropped, and directories end in `/`.
package enum TarWriter {
    /// The two blocks of zeros that end an archive.
    package static let end = [UInt8](repeating: 0, count: 2 * TarReader.blockSize)

    /// The number of zero bytes that follow content of a size, so that the next header starts on a block.
    package static func padding(after size: Int64) -> Int {
        Int((Int64(TarReader.blockSize) - size % Int64(TarReader.blockSize)) % Int64(TarReader.blockSize))
    }

    /// The blocks in front of an entry's content. A name ends at its first NUL byte.
    package static func encode(_ header: TarHeader) -> [UInt8] {
        var header = header
        header.name = Array(header.name.prefix { $0 != 0 })
        header.linkName = Array(header.linkName.prefix { $0 != 0 })
        if header.kind == .directory, header.name.last != UInt8(ascii: "/") { header.name.append(UInt8(ascii: "/")) }
        header.size = header.kind.hasContent ? max(0, header.size) : 0

        var block = Block(typeFlag: header.kind.flag)
        var records = PaxRecords()
        writeNames(of: header, into: &block, &records)
        block.set(100, width: 8, octal: Int64(header.mode & 0o7777))
        block.set(108, width: 8, octal: Int64(header.uid), orRecord: "uid", &records)
        block.set(116, width: 8, octal: Int64(header.gid), orRecord: "gid", &records)
        block.set(124, width: 12, octal: header.size, orRecord: "size", &records)
        block.set(136, width: 12, octal: header.modified.seconds, orRecord: "mtime", &records)
        if header.kind == .characterDevice || header.kind == .blockDevice {
            block.set(329, width: 8, octal: Int64(header.deviceMajor))
            block.set(337, width: 8, octal: Int64(header.deviceMinor))
        }
        for attribute in header.extendedAttributes {
            records.add(TarExtensions.attributePrefix + Array(attribute.name.utf8), attribute.value)
        }
        return extendedHeader(records, for: header) + block.finished()
    }

    private static func writeNames(of header: TarHeader, into block: inout Block, _ records: inout PaxRecords) {
        if !isASCII(header.name) {
            records.add("path", header.name)
            block.set(0, width: 100, text: replacingNonASCII(header.name))
        } else if header.name.count <= 100 {
            block.set(0, width: 100, text: header.name)
        } else if let slash = splitPoint(header.name) {
            block.set(345, width: 155, text: Array(header.name[..<slash]))
            block.set(0, width: 100, text: Array(header.name[(slash + 1)...]))
        } else {
            records.add("path", header.name)
            block.set(0, width: 100, text: header.name)
        }
        guard header.kind == .hardLink || header.kind == .symbolicLink else { return }
        if !isASCII(header.linkName) || header.linkName.count > 100 { records.add("linkpath", header.linkName) }
        block.set(157, width: 100, text: replacingNonASCII(header.linkName))
    }

    /// Where a long name parts into ustar's prefix (155 bytes) and name (100 bytes); neither may be empty.
    private static func splitPoint(_ name: [UInt8]) -> Int? {
        let slash = name.prefix(156).dropLast(name.count <= 156 ? 1 : 0).lastIndex(of: UInt8(ascii: "/"))
        guard let slash, slash > 0, name.count - slash - 1 <= 100, slash + 1 < name.count else { return nil }
        return slash
    }

    private static func extendedHeader(_ records: PaxRecords, for header: TarHeader) -> [UInt8] {
        guard !records.isEmpty else { return [] }
        let body = records.encoded()
        var block = Block(typeFlag: UInt8(ascii: "x"))
        let base = header.name.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
        block.set(0, width: 100, text: Array("PaxHeaders/".utf8) + replacingNonASCII(base))
        block.set(100, width: 8, octal: 0o644)
        block.set(108, width: 8, octal: 0)
        block.set(116, width: 8, octal: 0)
        block.set(124, width: 12, octal: Int64(body.count))
        block.set(136, width: 12, octal: 0)
        return block.finished() + body + [UInt8](repeating: 0, count: padding(after: Int64(body.count)))
    }

    private static func isASCII(_ name: [UInt8]) -> Bool { name.allSatisfy { $0 < 0x80 } }

    private static func replacingNonASCII(_ name: [UInt8]) -> [UInt8] {
        name.map { $0 < 0x80 ? $0 : UInt8(ascii: "_") }
    }
}

/// The records of a pax header.
private struct PaxRecords {
    private var values: [(key: [UInt8], value: [UInt8])] = []

    var isEmpty: Bool { values.isEmpty }

    mutating func add(_ key: String, _ value: [UInt8]) { add(Array(key.utf8), value) }

    mutating func add(_ key: [UInt8], _ value: [UInt8]) { values.append((key, value)) }

    /// Sorted by key. Names that are no UTF-8 need `hdrcharset`, which sorts in front of the names (POSIX pax).
    func encoded() -> [UInt8] {
        var values = values
        let names = values.filter { $0.key.elementsEqual("path".utf8) || $0.key.elementsEqual("linkpath".utf8) }
        if names.contains(where: { String(validating: $0.value, as: UTF8.self) == nil }) {
            values.append((Array("hdrcharset".utf8), Array("BINARY".utf8)))
        }
        var body: [UInt8] = []
        for (key, value) in values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let rest = key.count + value.count + 3
            var length = rest + String(rest).utf8.count
            length = rest + String(length).utf8.count
            body += Array("\(length) ".utf8) + key + [UInt8(ascii: "=")] + value + [0x0A]
        }
        return body
    }
}

/// A header block while it is written.
private struct Block {
    private var bytes = [UInt8](repeating: 0, count: TarReader.blockSize)

    init(typeFlag: UInt8) {
        bytes[156] = typeFlag
        bytes.replaceSubrange(257..<265, with: Array("ustar\u{0}00".utf8))
        set(329, width: 8, octal: 0)
        set(337, width: 8, octal: 0)
    }

    /// Cuts what does not fit.
    mutating func set(_ offset: Int, width: Int, text: [UInt8]) {
        let fitting = text.prefix(width)
        bytes.replaceSubrange(offset..<offset + fitting.count, with: fitting)
    }

    /// Digits with leading zeros and a closing NUL; false if the value does not fit.
    @discardableResult
    mutating func set(_ offset: Int, width: Int, octal value: Int64) -> Bool {
        guard value >= 0, value >> (3 * (width - 1)) == 0 else { return false }
        for index in 0..<width - 1 {
            bytes[offset + index] = 0x30 | UInt8(truncatingIfNeeded: value >> (3 * (width - 2 - index)) & 7)
        }
        return true
    }

    mutating func set(_ offset: Int, width: Int, octal value: Int64, orRecord key: String, _ records: inout PaxRecords)
    {
        guard !set(offset, width: width, octal: value) else { return }
        set(offset, width: width, octal: 0)
        records.add(key, Array(String(value).utf8))
    }

    /// The block with its checksum: six digits, NUL, space.
    consuming func finished() -> [UInt8] {
        bytes.replaceSubrange(148..<156, with: repeatElement(0x20, count: 8))
        let sum = bytes.reduce(Int64(0)) { $0 + Int64($1) }
        set(148, width: 7, octal: sum)
        bytes[154] = 0
        return bytes
    }
}
