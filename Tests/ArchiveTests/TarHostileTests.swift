import Archive
import TestSupport
import Testing

@Suite struct TarHostileTests {
    private static let plain = writeTar([
        TarFile(header: TarHeader(name: Array("file".utf8), kind: .regular, mode: 0o644, size: 3), content: [1, 2, 3])
    ])

    /// The header block with bytes replaced and its checksum made right again.
    private static func patched(_ offset: Int, _ text: [UInt8]) -> [UInt8] {
        var bytes = plain
        bytes.replaceSubrange(offset..<offset + text.count, with: text)
        bytes.replaceSubrange(148..<156, with: repeatElement(0x20, count: 8))
        let sum = String(bytes[..<512].reduce(0) { $0 + Int($1) }, radix: 8)
        let digits = Array((String(repeating: "0", count: 6 - sum.count) + sum).utf8)
        bytes.replaceSubrange(148..<155, with: digits + [0])
        return bytes
    }

    private static let cases: [(name: String, bytes: [UInt8], error: TarError)] = [
        ("letters", Array(repeating: 0x61, count: 512), TarError(offset: 0, reason: .invalidNumber(field: .checksum))),
        ("cut header", Array(plain.prefix(100)), TarError(offset: 100, reason: .truncated)),
        ("cut content", Array(plain.prefix(514)), TarError(offset: 514, reason: .truncated)),
        ("damaged", [0x67] + plain.dropFirst(), TarError(offset: 0, reason: .checksumMismatch)),
        (
            "octal size", patched(124, Array("0000000000x".utf8)),
            TarError(offset: 0, reason: .invalidNumber(field: .size))
        ),
        (
            "negative size", patched(124, Array(repeating: 0xFF, count: 12)),
            TarError(offset: 0, reason: .invalidNumber(field: .size))
        ),
        (
            "size of more than 63 bits", patched(124, [0x80] + Array(repeating: 0xFF, count: 11)),
            TarError(offset: 0, reason: .invalidNumber(field: .size))
        ),
        (
            "owner of more than 32 bits", patched(108, [0x80, 0, 0, 1, 0, 0, 0, 0]),
            TarError(offset: 0, reason: .invalidNumber(field: .uid))
        ),
        ("no name", patched(0, [0, 0, 0, 0]), TarError(offset: 0, reason: .invalidName)),
        (
            "old sparse file without GNU's magic", patched(156, [0x53]),
            TarError(offset: 0, reason: .unknownSparseFormat)
        ),
        (
            "sparse file without a size", extendedHeader("x", record("GNU.sparse.major", "1")) + plain,
            TarError(offset: 1024, reason: .invalidSparseMap)
        ),
        ("long record", extendedHeader("x", Array("99 path=a\n".utf8)), TarError(offset: 0, reason: .invalidRecord)),
        ("short record", extendedHeader("x", Array("1 path=a\n".utf8)), TarError(offset: 0, reason: .invalidRecord)),
        ("no length", extendedHeader("x", Array(" path=a\n".utf8)), TarError(offset: 0, reason: .invalidRecord)),
        ("no equals sign", extendedHeader("x", Array("8 patha\n".utf8)), TarError(offset: 0, reason: .invalidRecord)),
        ("NUL in a name", extendedHeader("x", record("path", "a\u{0}b")), TarError(offset: 0, reason: .invalidName)),
        (
            "nothing behind", extendedHeader("x", record("path", "a")),
            TarError(offset: 1024, reason: .danglingExtendedHeader)
        ),
        (
            "end behind a pax header", extendedHeader("x", record("path", "a")) + TarWriter.end,
            TarError(offset: 1024, reason: .danglingExtendedHeader)
        ),
        (
            "zeros in the middle", [UInt8](repeating: 0, count: 512) + plain,
            TarError(offset: 512, reason: .loneZeroBlock)
        ),
        (
            "pax size", extendedHeader("x", record("size", "-1")) + plain,
            TarError(offset: 1024, reason: .invalidNumber(field: .size))
        ),
        (
            "pax time", extendedHeader("x", record("mtime", "1e9")) + plain,
            TarError(offset: 1024, reason: .invalidNumber(field: .modified))
        ),
        (
            "large pax header", extendedHeader("x", [UInt8](repeating: 0x20, count: TarReader.extendedHeaderLimit + 1)),
            TarError(offset: 0, reason: .extendedHeaderTooLarge(limit: TarReader.extendedHeaderLimit))
        ),
        (
            "long name", extendedHeader("L", [UInt8](repeating: 0x61, count: TarReader.nameLimit + 1)),
            TarError(offset: 0, reason: .nameTooLong(limit: TarReader.nameLimit))
        ),
        (
            "long pax name",
            extendedHeader("x", record("path", String(repeating: "a", count: TarReader.nameLimit + 1))) + plain,
            TarError(offset: 5120, reason: .nameTooLong(limit: TarReader.nameLimit))
        ),
    ]

    @Test(arguments: cases.indices) func `Damage has a reason and a place`(_ index: Int) {
        let sample = Self.cases[index]
        #expect(throws: sample.error, "\(sample.name)") { try readTar(sample.bytes) }
    }

    @Test func `A last block may lack what only fills it`() throws {
        #expect(try readTar(Array(Self.plain.prefix(600))) == readTar(Self.plain))
    }

    @Test func `Global records are bounded together`() {
        let value = String(repeating: "v", count: 600_000)
        let bytes =
            extendedHeader("g", record("SCHILY.xattr.user.a", value))
            + extendedHeader("g", record("SCHILY.xattr.user.b", value))
        #expect(throws: TarError.self) { try readTar(bytes) }
    }

    @Test func `A directory of the first tar has a slash and no content`() throws {
        var bytes = Self.patched(0, Array("old/".utf8))
        bytes.replaceSubrange(257..<265, with: repeatElement(0, count: 8))
        let sum = String(
            bytes[..<512].enumerated().reduce(0) { $0 + ((148..<156).contains($1.0) ? 32 : Int($1.1)) }, radix: 8)
        bytes.replaceSubrange(148..<156, with: Array("  \(sum)".utf8) + [0, 0x20].prefix(6 - sum.count))
        let files = try readTar(bytes)
        #expect(files.map(\.header.line) == ["directory 644 0:0 0 0 old/"])
        #expect(files.map(\.content) == [[]])
    }

    @Test(arguments: 0..<40) func `No damage traps`(_ seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let whole =
            writeTar(variousHeaders.map { TarFile(header: $0) }) + extendedHeader("g", record("uid", "1")) + Self.plain
        for _ in 0..<50 {
            let damaged = generator.damage(whole)
            // An error or files: both are right, only a trap is wrong.
            _ = try? readTar(damaged, step: Int.random(in: 1...5000, using: &generator))
            _ = try? readTar(generator.bytes(1024))
        }
    }
}
