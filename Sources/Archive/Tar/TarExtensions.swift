/// What extended headers said about the entry that follows: pax records and GNU's long names.
struct TarExtensions: Sendable {
    enum Scope { case entry, archive }

    enum IntegerRecord {
        case absent, invalid
        case value(Int64)
    }

    /// What pax records say of the entry as a sparse file.
    private(set) var sparse: SparseRecords?
    var longName: [UInt8]?
    var longLink: [UInt8]?
    private var entry: [[UInt8]: [UInt8]] = [:]
    private var archive: [[UInt8]: [UInt8]] = [:]
    private var archiveSize = 0

    static let attributePrefix = Array("SCHILY.xattr.".utf8)
    private static let known = Set(["path", "linkpath", "size", "uid", "gid", "mtime"].map { Array($0.utf8) })

    /// Whether nothing waits for an entry.
    var isEmpty: Bool { entry.isEmpty && longName == nil && longLink == nil && sparse == nil }

    mutating func endEntry() {
        sparse = nil
        entry.removeAll(keepingCapacity: true)
        (longName, longLink) = (nil, nil)
    }

    /// A record's value; an entry's empty record takes a global one back.
    subscript(key: String) -> [UInt8]? {
        let key = Array(key.utf8)
        guard let value = entry[key] ?? archive[key], !value.isEmpty else { return nil }
        return value
    }

    func integer(_ key: String) -> IntegerRecord {
        guard let text = self[key] else { return .absent }
        return Int64(String(decoding: text, as: UTF8.self)).map { .value($0) } ?? .invalid
    }

    /// Reads records of the form `25 path=some/long/name\n`, the length counting itself and the newline.
    mutating func readRecords(_ bytes: [UInt8], scope: Scope) throws(TarError.Reason) {
        var rest = bytes[...]
        while let first = rest.first {
            // Some writers pad with NUL bytes.
            if first == 0, rest.allSatisfy({ $0 == 0 }) { return }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard digits.count <= 7, let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 1, length <= rest.count
            else { throw .invalidRecord }
            let record = rest.prefix(length)
            rest = rest.dropFirst(length)
            let body = record.dropFirst(digits.count)
            guard body.first == 0x20, body.last == 0x0A, let equals = body.firstIndex(of: UInt8(ascii: "=")) else {
                throw .invalidRecord
            }
            let key = Array(body[body.startIndex.advanced(by: 1)..<equals])
            try store(key, Array(body[equals.advanced(by: 1)..<body.endIndex.advanced(by: -1)]), scope)
        }
    }

    private mutating func store(_ key: [UInt8], _ value: [UInt8], _ scope: Scope) throws(TarError.Reason) {
        if key.starts(with: SparseRecords.prefix) {
            // In a global header they say nothing: every file has a map of its own.
            guard case .entry = scope else { return }
            var records = sparse ?? SparseRecords()
            sparse = nil
            try records.store(key.dropFirst(SparseRecords.prefix.count), value)
            sparse = records
            return
        }
        let isAttribute = key.starts(with: Self.attributePrefix)
        guard isAttribute || Self.known.contains(key) else { return }
        if !isAttribute, value.contains(0) { throw .invalidName }
        switch scope {
        case .entry: entry[key] = value
        case .archive:
            archiveSize += key.count + value.count
            guard archiveSize <= TarReader.extendedHeaderLimit else {
                throw .extendedHeaderTooLarge(limit: TarReader.extendedHeaderLimit)
            }
            archive[key] = value
        }
    }

    /// Puts names and extended attributes in place. Where both exist, a pax record counts, not GNU's.
    func applyNames(to header: inout TarHeader) throws(TarError.Reason) {
        // GNU's name of a sparse file: its `path` is one that other programs may make of it.
        if let name = sparse?.name ?? self["path"] ?? longName { header.name = name }
        if header.kind == .hardLink || header.kind == .symbolicLink, let link = self["linkpath"] ?? longLink {
            header.linkName = link
        }
        guard header.name.count <= TarReader.nameLimit, header.linkName.count <= TarReader.nameLimit else {
            throw .nameTooLong(limit: TarReader.nameLimit)
        }
        guard !(entry.isEmpty && archive.isEmpty) else { return }
        for (key, value) in archive.merging(entry, uniquingKeysWith: { $1 })
        where key.starts(with: Self.attributePrefix) {
            guard let name = String(validating: key.dropFirst(Self.attributePrefix.count), as: UTF8.self),
                !name.isEmpty,
                !name.utf8.contains(0)
            else { throw .invalidRecord }
            header.extendedAttributes.append(.init(name: name, value: value))
        }
        header.extendedAttributes.sort { $0.name < $1.name }
    }
}
