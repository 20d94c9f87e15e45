/// Reads the tables of an ELF file.
struct ElfReader {
    /// Bytes of one table.
    private static let tableLimit = 16 << 20
    /// Bytes of a table of versions.
    private static let versionLimit: UInt64 = 256 << 10
    /// Entries of a table, more than which no real file has.
    private static let entryLimit = 4096
    /// Bytes of all texts together.
    private static let textLimit = 4 << 20

    let layout: ElfLayout
    let read: (_ offset: Int64, _ count: Int) throws -> [UInt8]
    private(set) var interpreter: String?
    private var texts = TextBudget(limit: Self.textLimit)
    /// The end of what is loaded, in the file.
    private(set) var contentEnd: Int64 = 0
    private var segments: [(address: UInt64, offset: UInt64, size: UInt64)] = []
    private var dynamicPart: (offset: UInt64, size: UInt64)?

    struct Entry {
        let tag: UInt64
        let value: UInt64
    }

    init(layout: ElfLayout, read: @escaping (_ offset: Int64, _ count: Int) throws -> [UInt8]) {
        (self.layout, self.read) = (layout, read)
    }

    private func word(_ bytes: [UInt8], _ offset: Int) -> UInt64? {
        layout.is64Bit
            ? bytes.span.number(offset, isBigEndian: layout.isBigEndian)
            : bytes.span.number(offset, isBigEndian: layout.isBigEndian, as: UInt32.self).map(UInt64.init)
    }

    private func half(_ bytes: [UInt8], _ offset: Int) -> UInt32? {
        bytes.span.number(offset, isBigEndian: layout.isBigEndian)
    }

    mutating func text(_ bytes: [UInt8], _ offset: UInt64) -> String? {
        Int(exactly: offset).flatMap { texts.text(in: bytes, at: $0) }
    }

    private func part(_ offset: UInt64, _ size: UInt64) throws -> [UInt8] {
        guard let offset = Int64(exactly: offset), size <= UInt64(Self.tableLimit), size > 0 else { return [] }
        return try read(offset, Int(size))
    }

    /// A table of headers: two numbers of 16 bits can tell of four GiB.
    private func headers(_ table: (offset: Int64, size: Int, count: Int), minimum: Int) throws -> [UInt8] {
        guard table.size >= minimum, table.count > 0, table.offset > 0 else { return [] }
        return try part(UInt64(table.offset), UInt64(table.size * table.count))
    }

    mutating func readSegments() throws {
        let (offset, size, count) = layout.programHeaders
        let table = try headers((offset, size, count), minimum: layout.is64Bit ? 56 : 32)
        for index in 0..<count {
            let start = index * size
            let fields = layout.is64Bit ? (offset: 8, address: 16, size: 32) : (offset: 4, address: 8, size: 16)
            guard let type = half(table, start), let place = word(table, start + fields.offset),
                let address = word(table, start + fields.address), let length = word(table, start + fields.size)
            else { return }
            switch type {
            case 1:
                segments.append((address, place, length))
                if let end = Int64(exactly: place &+ length), place <= place &+ length {
                    contentEnd = max(contentEnd, end)
                }
            case 2: dynamicPart = (place, length)
            case 3 where interpreter == nil: interpreter = text(try part(place, min(length, 4096)), 0)
            default: break
            }
        }
    }

    mutating func sections() throws -> [Elf.Section] {
        let (offset, size, count, names) = layout.sectionHeaders
        let table = try headers((offset, size, count), minimum: layout.is64Bit ? 64 : 40)
        let fields = layout.is64Bit ? (offset: 24, size: 32) : (offset: 16, size: 20)
        func place(_ index: Int) -> (UInt64, UInt64)? {
            guard let place = word(table, index * size + fields.offset),
                let length = word(table, index * size + fields.size)
            else { return nil }
            return (place, length)
        }
        guard names < count, let (start, length) = place(names) else { return [] }
        let texts = try part(start, length)
        var result: [Elf.Section] = []
        for index in 0..<count {
            guard let (place, length) = place(index), let name = half(table, index * size) else { break }
            guard let offset = Int64(exactly: place), let bytes = Int64(exactly: length) else { continue }
            result.append(Elf.Section(name: text(texts, UInt64(name)) ?? "", offset: offset, size: bytes))
        }
        return result
    }

    func dynamic() throws -> [Entry] {
        guard let (offset, size) = dynamicPart else { return [] }
        let table = try part(offset, size)
        let width = layout.is64Bit ? 8 : 4
        var result: [Entry] = []
        for start in stride(from: 0, to: table.count - 2 * width + 1, by: 2 * width) {
            guard result.count < Self.entryLimit, let tag = word(table, start), let value = word(table, start + width),
                tag != 0
            else { break }
            result.append(Entry(tag: tag, value: value))
        }
        return result
    }

    /// The bytes at an address of the running program.
    private func part(at address: UInt64, _ size: UInt64) throws -> [UInt8] {
        guard
            let segment = segments.first(where: { address >= $0.address && address - $0.address < $0.size })
        else { return [] }
        let (place, isTooLarge) = segment.offset.addingReportingOverflow(address - segment.address)
        return isTooLarge ? [] : try part(place, min(size, segment.size - (address - segment.address)))
    }

    func strings(_ dynamic: [Entry]) throws -> [UInt8] {
        guard let address = dynamic.first(where: { $0.tag == 5 })?.value,
            let size = dynamic.first(where: { $0.tag == 10 })?.value
        else { return [] }
        return try part(at: address, size)
    }

    /// GNU's table of needed versions (DT_VERNEED).
    mutating func neededVersions(_ dynamic: [Entry], _ strings: [UInt8]) throws -> [(library: String, version: String)]
    {
        guard let address = dynamic.first(where: { $0.tag == 0x6FFF_FFFE })?.value else { return [] }
        let table = try part(at: address, Self.versionLimit)
        var result: [(library: String, version: String)] = []
        var (place, steps) = (0, 0)
        while steps < Self.entryLimit, let file = half(table, place + 4), let library = text(strings, UInt64(file)),
            let first = half(table, place + 8),
            let next = half(table, place + 12)
        {
            var entry = place + Int(first)
            while steps < Self.entryLimit, let flags = half(table, entry + 4), let name = half(table, entry + 8),
                let step = half(table, entry + 12), let version = text(strings, UInt64(name))
            {
                // Entries may lead to one another, and the weak ones are not kept.
                steps += 1
                // A weak version may be missing (VER_FLG_WEAK); the flags are the lower or upper half of a word.
                let isWeak = (layout.isBigEndian ? flags >> 16 : flags & 0xFFFF) & 2 != 0
                if !isWeak { result.append((library, version)) }
                if step == 0 { break }
                entry += Int(step)
            }
            if next == 0 { break }
            place += Int(next)
            steps += 1
        }
        return result
    }

    /// GNU's table of defined versions (DT_VERDEF); the first is the library's own name.
    mutating func definedVersions(_ dynamic: [Entry], _ strings: [UInt8]) throws -> [String] {
        guard let address = dynamic.first(where: { $0.tag == 0x6FFF_FFFC })?.value else { return [] }
        let table = try part(at: address, Self.versionLimit)
        var result: [String] = []
        var (place, steps) = (0, 0)
        while steps < Self.entryLimit, let first = half(table, place + 12), let next = half(table, place + 16) {
            if let name = half(table, place + Int(first)), let text = text(strings, UInt64(name)) {
                result.append(text)
            }
            if next == 0 { break }
            place += Int(next)
            steps += 1
        }
        return result
    }
}
