/// What an ELF file says about how it starts and what it needs (System V ABI; GNU symbol versioning).
///
/// Only the parts that matter are read: headers, the dynamic section, its strings and its versions. Everything is bounded,
/// and a file that lies about its parts has none.
package struct Elf: Sendable {
    package enum Kind: Sendable { case executable, shared, other }

    package let kind: Kind
    package let machine: Machine
    package let is64Bit: Bool
    /// The loader that the kernel starts; nil for a static program or a library.
    package private(set) var interpreter: String?
    package private(set) var name: String?
    /// Names of libraries in the order in which they are loaded (DT_NEEDED).
    package private(set) var needed: [String] = []
    /// Libraries for which this one only stands: they must be there (DT_FILTER).
    private(set) var filtered: [String] = []
    /// Whether the loader looks for what it needs in none of its usual places (DF_1_NODEFLIB).
    private(set) var skipsDefaults = false
    /// Whether it is for Linux, or says nothing of its system (EI_OSABI).
    let isForLinux: Bool
    package private(set) var runPath: [String]?
    package private(set) var searchPath: [String]?
    /// Versions of symbols that it needs of a library.
    package private(set) var neededVersions: [(library: String, version: String)] = []
    package private(set) var definedVersions: [String] = []
    /// How many bytes the file must have for what is loaded of it.
    package private(set) var contentEnd: Int64 = 0
    /// Where it begins; 0 for a library, which is none that can be started.
    package let entryPoint: UInt64
    /// The names of its dynamic symbols and libraries, NUL after each.
    package private(set) var strings: [UInt8] = []
    package let sections: [Section]

    package struct Section: Sendable {
        package let name: String
        /// In the file.
        package let offset: Int64
        package let size: Int64
    }

    /// An architecture by its number in the header.
    package struct Machine: Hashable, Sendable {
        package let number: UInt16

        /// The architecture in Go's word; nil for one that no image has.
        package var architecture: String? {
            switch number {
            case 3: "386"
            case 21: "ppc64le"
            case 22: "s390x"
            case 40: "arm"
            case 62: "amd64"
            case 183: "arm64"
            case 243: "riscv64"
            default: nil
            }
        }

        /// The names of its directories below `/usr/lib`, as Debian has them.
        var tuple: String? {
            switch number {
            case 3: "i386-linux-gnu"
            case 21: "powerpc64le-linux-gnu"
            case 22: "s390x-linux-gnu"
            case 40: "arm-linux-gnueabihf"
            case 62: "x86_64-linux-gnu"
            case 183: "aarch64-linux-gnu"
            case 243: "riscv64-linux-gnu"
            default: nil
            }
        }
    }

    static let magic: [UInt8] = [0x7F, 0x45, 0x4C, 0x46]

    /// Reads a file in parts.
    ///
    /// - Parameter read: gives bytes at a place, fewer at the end.
    /// - Returns: nil for a file that is no ELF file.
    package init?(_ read: @escaping (_ offset: Int64, _ count: Int) throws -> [UInt8]) throws {
        let head = try read(0, 64)
        guard head.starts(with: Self.magic), head.count >= 52, let layout = Layout(head.span) else { return nil }
        // System V, and GNU's; ARM has a number of its own.
        isForLinux = [0, 3, 97].contains(head[7])
        kind = layout.type == 2 ? .executable : layout.type == 3 ? .shared : .other
        machine = Machine(number: layout.machine)
        is64Bit = layout.is64Bit
        var reader = ElfReader(layout: layout, read: read)
        try reader.readSegments()
        contentEnd = reader.contentEnd
        entryPoint = layout.entryPoint
        sections = try reader.sections()
        interpreter = reader.interpreter
        try readDynamic(&reader)
    }

    private mutating func readDynamic(_ reader: inout ElfReader) throws {
        let dynamic = try reader.dynamic()
        strings = try reader.strings(dynamic)
        for entry in dynamic where entry.tag == 1 { reader.text(strings, entry.value).map { needed.append($0) } }
        for entry in dynamic where entry.tag == 0x7FFF_FFFF {
            reader.text(strings, entry.value).map { filtered.append($0) }
        }
        skipsDefaults = dynamic.contains { $0.tag == 0x6FFF_FFFB && $0.value & 0x800 != 0 }
        name = firstText(14, dynamic, &reader)
        searchPath = firstText(15, dynamic, &reader).map(Self.paths)
        runPath = firstText(29, dynamic, &reader).map(Self.paths)
        neededVersions = try reader.neededVersions(dynamic, strings)
        definedVersions = try reader.definedVersions(dynamic, strings)
    }

    private func firstText(_ tag: UInt64, _ dynamic: [ElfReader.Entry], _ reader: inout ElfReader) -> String? {
        dynamic.first { $0.tag == tag }.flatMap { reader.text(strings, $0.value) }
    }

    private static func paths(_ text: String) -> [String] { text.split(separator: ":").map(String.init) }
}

/// Where an ELF file's tables are.
struct ElfLayout {
    let is64Bit: Bool
    let isBigEndian: Bool
    let type: UInt16
    let machine: UInt16
    let entryPoint: UInt64
    let programHeaders: (offset: Int64, size: Int, count: Int)
    let sectionHeaders: (offset: Int64, size: Int, count: Int, names: Int)

    init?(_ head: Span<UInt8>) {
        guard head.count >= 52, head[4] == 1 || head[4] == 2, head[5] == 1 || head[5] == 2 else { return nil }
        is64Bit = head[4] == 2
        isBigEndian = head[5] == 2
        let big = isBigEndian
        func short(_ offset: Int) -> Int { head.number(offset, isBigEndian: big, as: UInt16.self).map(Int.init) ?? 0 }
        type = UInt16(short(16))
        machine = UInt16(short(18))
        func place(_ offset: Int) -> Int64 {
            let value: UInt64? =
                head[4] == 2
                ? head.number(offset, isBigEndian: big)
                : head.number(offset, isBigEndian: big, as: UInt32.self).map(UInt64.init)
            return value.flatMap { Int64(exactly: $0) } ?? 0
        }
        entryPoint = UInt64(clamping: place(24))
        if is64Bit {
            guard head.count >= 64 else { return nil }
            programHeaders = (place(32), short(54), short(56))
            sectionHeaders = (place(40), short(58), short(60), short(62))
        } else {
            programHeaders = (place(28), short(42), short(44))
            sectionHeaders = (place(32), short(46), short(48), short(50))
        }
    }
}

private typealias Layout = ElfLayout
