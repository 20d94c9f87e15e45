import Archive
import TestSupport
import Testing

/// Sparse files, as GNU tar writes them in its four formats, are ordinary files with holes.
@Suite(.enabled("tar or bsdtar is missing") { try await Program.isExpected("tar", "bsdtar") }) struct SparseTests {
    static let formats = [
        "--format=gnu", "--format=posix --sparse-version=0.0", "--format=posix --sparse-version=0.1",
        "--format=posix --sparse-version=1.0",
    ]

    /// Files with holes in front, in the middle, behind, everywhere and nowhere, and one of more pieces than a header has.
    private static let tree = """
        directory=$(mktemp -d); trap 'rm -rf "$directory"' EXIT; cd "$directory"; mkdir tree; cd tree
        truncate -s 3000000 middle; printf data | dd of=middle bs=1 seek=1000000 conv=notrunc status=none
        truncate -s 2000000 front; printf data >> front
        printf data > behind; truncate -s 1000001 behind
        truncate -s 500000 everywhere; printf plain > nowhere; printf '' > nothing
        for i in $(seq 0 59); do printf piece$i | dd of=many bs=1 seek=$((i * 20000)) conv=notrunc status=none; done
        long=$(printf 'n%.0s' $(seq 150)); truncate -s 700000 "$long"; printf end >> "$long"
        cd ..

        """

    @Test(arguments: formats, [1 << 20, 1000, 7])
    func `Holes are zeros`(_ format: String, _ step: Int) async throws {
        let bytes = try await Program.shell(Self.tree + "tar \(format) -S -cf - tree")
        // What the same program makes of the same files without holes.
        let plain = try await Program.shell(Self.tree + "tar --format=posix -cf - tree")
        func files(_ bytes: [UInt8]) throws -> [[UInt8]: [UInt8]] {
            Dictionary(try readTar(bytes, step: step).map { ($0.header.name, $0.content) }) { $1 }
        }
        let found = try files(bytes)
        #expect(found == (try files(plain)))
        #expect(found.count == 9)
        #expect(try readTar(bytes, step: step).allSatisfy { $0.header.size == Int64($0.content.count) })
    }

    @Test(arguments: ["gnutar", "pax"])
    func `Holes of bsdtar are zeros`(_ format: String) async throws {
        let bytes = try await Program.shell(Self.tree + "bsdtar --format=\(format) --read-sparse -cf - tree")
        let plain = try await Program.shell(Self.tree + "tar --format=posix -cf - tree")
        func files(_ bytes: [UInt8]) throws -> [[UInt8]: [UInt8]] {
            Dictionary(try readTar(bytes).map { ($0.header.name, $0.content) }) { $1 }
        }
        #expect(try files(bytes) == files(plain))
    }

    @Test func `Nothing is stored of a hole`() async throws {
        let bytes = try await Program.shell(Self.tree + "tar --format=posix -S -cf - tree/everywhere")
        var reader = TarReader()
        var events: [String] = []
        try bytes.withUnsafeBytes {
            try reader.consume($0) { event in
                switch event {
                case .entry(let header): events.append("entry \(header.size)")
                case .content(let piece): events.append("content \(piece.count)")
                case .hole(let count): events.append("hole \(count)")
                case .endOfEntry: events.append("end of entry")
                case .end: events.append("end")
                }
            }
        }
        #expect(events == ["entry 500000", "hole 500000", "end of entry", "end"])
    }

    /// What else programs leave in archives.
    @Test(arguments: [
        ("a volume's name", "tar --format=gnu -V label -cf - tree/nowhere", ["label", "tree/nowhere"]),
        (
            "an incremental archive", "tar --format=gnu --listed-incremental=snapshot -cf - tree/sub",
            ["tree/sub/", "tree/sub/file"]
        ),
        (
            "global records", "tar --format=posix --pax-option=globexthdr.name=x,comment=hello -cf - tree/nowhere",
            ["tree/nowhere"]
        ),
        ("no end", "tar --format=ustar -cf - tree/nowhere | head -c 1024", ["tree/nowhere"]),
        ("more behind the end", "tar --format=ustar -cf - tree/nowhere; echo garbage", ["tree/nowhere"]),
        ("a name that begins with a dash", "tar --format=v7 -cf - -C tree ./nowhere", ["./nowhere"]),
        ("a size of base 256", "bsdtar --format=gnutar -cf - tree/nowhere", ["tree/nowhere"]),
        ("nothing", "tar -cf - -T /dev/null", []),
    ])
    func `What other programs leave is passed over`(_ what: String, _ command: String, _ expected: [String])
        async throws
    {
        let bytes = try await Program.shell(Self.tree + "mkdir tree/sub; printf x > tree/sub/file\n" + command)
        #expect(try readTar(bytes).map { String(decoding: $0.header.name, as: UTF8.self) } == expected, "\(what)")
    }
}

/// Maps of sparse files that are wrong.
@Suite struct SparseHostileTests {
    private static func sparse(_ records: [(String, String)], content: [UInt8], size: Int64? = nil) -> [UInt8] {
        let header = TarHeader(
            name: Array("file".utf8), kind: .regular, mode: 0o644, size: size ?? Int64(content.count))
        let body = records.flatMap { record("GNU.sparse.\($0.0)", $0.1) }
        return extendedHeader("x", body) + writeTar([TarFile(header: header, content: content)])
    }

    private static func text(_ text: String, _ data: [UInt8] = []) -> [UInt8] {
        let map = Array(text.utf8)
        return map + [UInt8](repeating: 0, count: TarWriter.padding(after: Int64(map.count))) + data
    }

    private static let version = [("major", "1"), ("minor", "0"), ("name", "f"), ("realsize", "100")]

    private static let cases: [(name: String, bytes: [UInt8], reason: TarError.Reason)] = [
        (
            "pieces overlap",
            sparse([("size", "100"), ("map", "0,10,5,10")], content: [UInt8](repeating: 1, count: 20)),
            .invalidSparseMap
        ),
        (
            "a piece ends behind the file",
            sparse([("size", "9"), ("map", "0,10")], content: [UInt8](repeating: 1, count: 10)), .invalidSparseMap
        ),
        (
            "more is stored than is named", sparse([("size", "100"), ("map", "0,1")], content: [1, 2]),
            .invalidSparseMap
        ),
        (
            "less is stored than is named", sparse([("size", "100"), ("map", "0,3")], content: [1, 2]),
            .invalidSparseMap
        ),
        ("an offset without a length", sparse([("size", "100"), ("map", "0")], content: []), .invalidSparseMap),
        ("an empty number", sparse([("size", "100"), ("map", "0,,1,1")], content: []), .invalidSparseMap),
        ("a sign", sparse([("size", "-1"), ("map", "0,0")], content: []), .invalidSparseMap),
        (
            "numbers near the end",
            sparse([("size", "9223372036854775807"), ("map", "9223372036854775807,9223372036854775807")], content: []),
            .invalidSparseMap
        ),
        ("too large a number", sparse([("size", "9223372036854775808")], content: []), .invalidSparseMap),
        ("a length in front of an offset", sparse([("size", "1"), ("numbytes", "1")], content: []), .invalidSparseMap),
        ("pieces without a size", sparse([("map", "0,0")], content: []), .invalidSparseMap),
        (
            "another version", sparse([("major", "2"), ("minor", "0"), ("realsize", "1")], content: []),
            .unknownSparseFormat
        ),
        (
            "zeros for years", sparse([("size", "9223372036854775807"), ("map", "0,0")], content: []),
            .holesTooLarge(limit: TarReader.holeLimit)
        ),
        ("1.0 without a map", sparse(version, content: []), .invalidSparseMap),
        ("1.0 with letters", sparse(version, content: text("a\n")), .invalidSparseMap),
        ("1.0 with too many pieces", sparse(version, content: text("99999999\n")), .invalidSparseMap),
        ("1.0 that overflows", sparse(version, content: text("99999999999999999999\n")), .invalidSparseMap),
        ("1.0 whose map does not end", sparse(version, content: text("3\n1\n1\n")), .invalidSparseMap),
        ("1.0 with less than it names", sparse(version, content: text("1\n0\n10\n", [1, 2])), .invalidSparseMap),
    ]

    @Test(arguments: cases.indices) func `A wrong map has a reason`(_ index: Int) {
        let sample = Self.cases[index]
        do {
            _ = try readTar(sample.bytes)
            Issue.record("\(sample.name): nothing was found")
        } catch let error as TarError {
            #expect(error.reason == sample.reason, "\(sample.name)")
        } catch { Issue.record("\(sample.name): \(error)") }
    }

    @Test(arguments: 0..<30) func `No damage traps`(_ seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let whole =
            Self.sparse(Self.version, content: Self.text("2\n0\n3\n90\n10\n", [UInt8](repeating: 7, count: 13)))
            + Self.sparse([("size", "100"), ("map", "0,10,50,10")], content: [UInt8](repeating: 1, count: 20))
        for _ in 0..<100 {
            // An error or files: both are right, only a trap is wrong.
            _ = try? readTar(generator.damage(whole), step: Int.random(in: 1...2000, using: &generator))
        }
    }
}

/// A stream whose first bytes come one at a time is what it is.
@Suite struct DetectionTests {
    @Test(arguments: [1, 2, 3, 5, 6, 7])
    func `Small pieces tell as much as large ones`(_ step: Int) async throws {
        let plain = Array("some text that is packed".utf8)
        for program in ["gzip -c", "xz -c", "zstd -qc", "bzip2 -c", "cat"] {
            let packed = try await Program.shell(program, plain)
            let decompressor = DetectingDecompressor()
            var output: [UInt8] = []
            try inPieces(packed, step) { try decompressor.decompress($0) { output += $0 } }
            try decompressor.finish { output += $0 }
            #expect(output == plain, "\(program)")
        }
    }

    @Test func `A stream of less than a magic number is plain`() throws {
        for text in ["", "a", "abcd"] {
            let decompressor = DetectingDecompressor()
            var output: [UInt8] = []
            try inPieces(Array(text.utf8), 1) { try decompressor.decompress($0) { output += $0 } }
            try decompressor.finish { output += $0 }
            #expect(output == Array(text.utf8))
        }
    }
}
