extension PackageIndex {
    /// The fields that are kept; everything else is skipped while reading.
    enum Field: UInt8, CaseIterable, Hashable {
        case package, version, architecture, essential, priority, multiArch, source, depends, preDepends, provides
        case conflicts, breaks, replaces, filename, size, sha256

        var name: StaticString {
            switch self {
            case .package: "Package"
            case .version: "Version"
            case .architecture: "Architecture"
            case .essential: "Essential"
            case .priority: "Priority"
            case .multiArch: "Multi-Arch"
            case .source: "Source"
            case .depends: "Depends"
            case .preDepends: "Pre-Depends"
            case .provides: "Provides"
            case .conflicts: "Conflicts"
            case .breaks: "Breaks"
            case .replaces: "Replaces"
            case .filename: "Filename"
            case .size: "Size"
            case .sha256: "SHA256"
            }
        }
    }

    /// The kept fields of a package.
    func values(of id: Int) -> [(Field, String)] {
        let entry = entries[id]
        var position = entry.start
        var result: [(Field, String)] = []
        bytes.withUnsafeBytes { bytes in
            while position + 5 <= entry.end {
                let length = Int(bytes.loadUnaligned(fromByteOffset: position + 1, as: UInt32.self))
                let end = position + 5 + length
                guard end <= entry.end else { return }
                if let field = Field(rawValue: bytes[position]) {
                    result.append((field, String(decoding: bytes[(position + 5)..<end], as: UTF8.self)))
                }
                position = end
            }
        }
        return result
    }

    func value(_ field: Field, of id: Int) -> String? { values(of: id).first { $0.0 == field }?.1 }
}

/// Reads `Packages` text in pieces of any size into an index.
struct PackageIndexReader {
    /// Bytes of one line, more than which no index has.
    private static let lineLimit = 4 << 20

    private(set) var index: PackageIndex
    private var archive: Int32 = 0
    private let table: [[(PackageIndex.Field, [UInt8])]]
    private var line: [UInt8] = []
    private var start = 0
    private var isKept = true
    private var isEssential = false
    private var isRequired = false
    private var name: String?
    private var provides: [UInt8] = []
    /// The place of the last kept field's length, for continuation lines.
    private var openField: Int?
    private let architecture: [UInt8]

    /// What an index of all packages needs. Memory that is never written costs nothing, and buffers that grow by copying
    /// leave holes of their old sizes behind.
    private static let usualSize = (bytes: 40 << 20, names: 80_000, provided: 40_000)

    init(architecture: String) {
        index = PackageIndex(architecture: architecture)
        index.bytes.reserveCapacity(Self.usualSize.bytes)
        index.byName.reserveCapacity(Self.usualSize.names)
        index.providers.reserveCapacity(Self.usualSize.provided)
        index.entries.reserveCapacity(Self.usualSize.names)
        self.architecture = Array(architecture.utf8)
        var table = [[(PackageIndex.Field, [UInt8])]](repeating: [], count: 16)
        for field in PackageIndex.Field.allCases {
            let name = field.name.withUTF8Buffer { Array($0) }
            table[name.count].append((field, name))
        }
        self.table = table
    }

    /// What follows are the packages of another archive; archives are numbered from 0.
    mutating func begin(archive: Int) {
        endText()
        self.archive = Int32(truncatingIfNeeded: archive)
    }

    /// - Returns: false when a line is longer than any index's.
    mutating func consume(_ piece: UnsafeRawBufferPointer) -> Bool {
        var rest = piece
        while let newline = rest.firstIndex(of: 0x0A) {
            let head = UnsafeRawBufferPointer(rebasing: rest[..<newline])
            if line.isEmpty {
                readLine(head)
            } else {
                line.append(contentsOf: head)
                let whole = line
                line.removeAll(keepingCapacity: true)
                whole.withUnsafeBytes { readLine($0) }
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[(newline + 1)...])
        }
        line.append(contentsOf: rest)
        return line.count <= Self.lineLimit
    }

    consuming func finish() -> PackageIndex {
        endText()
        return index
    }

    private mutating func endText() {
        let whole = line
        line = []
        whole.withUnsafeBytes { readLine($0) }
        endParagraph()
    }

    private mutating func readLine(_ line: UnsafeRawBufferPointer) {
        guard let first = line.first else { return endParagraph() }
        if first == 0x20 || first == 0x09 {
            if let openField { extend(openField, line) }
            return
        }
        openField = nil
        guard let colon = line.prefix(table.count).firstIndex(of: UInt8(ascii: ":")) else { return }
        guard let field = table[colon].first(where: { line.prefix(colon).elementsEqual($0.1) })?.0 else { return }
        var value = line[(colon + 1)...]
        value = value.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = value.last, last == 0x20 || last == 0x0D || last == 0x09 { value = value.dropLast() }
        keep(field, UnsafeRawBufferPointer(rebasing: value))
    }

    private mutating func keep(_ field: PackageIndex.Field, _ value: UnsafeRawBufferPointer) {
        switch field {
        case .package: name = String(decoding: value, as: UTF8.self)
        case .essential: isEssential = value.elementsEqual("yes".utf8)
        case .priority: isRequired = value.elementsEqual("required".utf8)
        case .provides: provides = Array(value)
        case .architecture: isKept = value.elementsEqual("all".utf8) || value.elementsEqual(architecture)
        default: break
        }
        openField = index.bytes.count + 1
        index.bytes.append(field.rawValue)
        appendLength(UInt32(truncatingIfNeeded: value.count))
        index.bytes.append(contentsOf: value)
    }

    private mutating func appendLength(_ length: UInt32) {
        withUnsafeBytes(of: length) { index.bytes.append(contentsOf: $0) }
    }

    /// Adds a continuation line to the field that was kept last.
    private mutating func extend(_ lengthOffset: Int, _ line: UnsafeRawBufferPointer) {
        index.bytes.append(0x0A)
        index.bytes.append(contentsOf: line)
        let length = UInt32(truncatingIfNeeded: index.bytes.count - lengthOffset - 4)
        withUnsafeBytes(of: length) { index.bytes.replaceSubrange(lengthOffset..<lengthOffset + 4, with: $0) }
        if index.bytes[lengthOffset - 1] == PackageIndex.Field.provides.rawValue { provides += line }
    }

    private mutating func endParagraph() {
        defer {
            start = index.bytes.count
            (isKept, isEssential, isRequired, name, openField) = (true, false, false, nil, nil)
            provides.removeAll(keepingCapacity: true)
        }
        guard let name, isKept, index.entries.count < Int(Int32.max) else {
            index.bytes.removeLast(index.bytes.count - start)
            return
        }
        let id = Int32(index.entries.count)
        index.entries.append(
            .init(
                start: start, end: index.bytes.count, archive: archive, isEssential: isEssential, isRequired: isRequired
            ))
        index.byName[name, default: []].append(id)
        for item in provides.split(separator: UInt8(ascii: ",")) {
            let provided = item.drop { $0 == 0x20 || $0 == 0x0A }
                .prefix { $0 != 0x20 && $0 != UInt8(ascii: "(") && $0 != UInt8(ascii: ":") }
            guard !provided.isEmpty else { continue }
            let key = String(decoding: provided, as: UTF8.self)
            if index.providers[key]?.last != id { index.providers[key, default: []].append(id) }
        }
    }
}
