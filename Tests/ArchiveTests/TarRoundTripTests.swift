import Archive
import TestSupport
import Testing

/// Every shape of header that the writer treats in its own way.
let variousHeaders: [TarHeader] = {
    func header(_ name: String, _ kind: TarHeader.Kind = .regular, link: String = "") -> TarHeader {
        TarHeader(name: Array(name.utf8), kind: kind, mode: 0o644, linkName: Array(link.utf8))
    }
    let name100 = String(repeating: "n", count: 100)
    let name101 = name100 + "n"
    let deep = (0..<12).map { "directory-\($0)" }.joined(separator: "/")
    var all = [
        header("a"), header("dir/", .directory), header("link", .symbolicLink, link: "../else where"),
        header("hard", .hardLink, link: "a"), header("pipe", .fifo), header(name100), header(name101),
        header("\(name100)/\(name100)"), header(deep + "/" + name100), header(deep + "/" + name101),
        header(String(repeating: "d/", count: 2000) + "end"), header("grüße/日本"),
        header("to-long", .symbolicLink, link: deep + "/" + name100), header("to-unicode", .symbolicLink, link: "ü"),
        header(deep + "/", .directory), header(String(repeating: "x", count: 155) + "/" + name100),
    ]
    var device = header("null", .characterDevice)
    (device.deviceMajor, device.deviceMinor) = (1, 3)
    all.append(device)
    device = header("disk", .blockDevice)
    (device.deviceMajor, device.deviceMinor) = (259, 2_000_000)
    all.append(device)
    var odd = header("odd")
    (odd.mode, odd.uid, odd.gid) = (0o7755, 2_097_152, .max)
    odd.modified = TarTimestamp(seconds: -86_400)
    all.append(odd)
    odd = header("new")
    odd.modified = TarTimestamp(seconds: 1 << 35)
    odd.extendedAttributes = [
        .init(name: "security.capability", value: [1, 0, 0, 2, 0, 0x0A, 0x3D]), .init(name: "user.empty=", value: [7]),
    ]
    all.append(odd)
    return all
}()

@Suite struct TarRoundTripTests {
    @Test(arguments: variousHeaders) func `A header survives`(_ header: TarHeader) throws {
        var expected = header
        // A record's name ends at its first equals sign, so such an attribute cannot survive.
        expected.extendedAttributes = header.extendedAttributes.map {
            $0.name.hasSuffix("=") ? .init(name: "user.empty", value: [0x3D] + $0.value) : $0
        }
        let files = try readTar(writeTar([TarFile(header: header)]))
        #expect(files.map(\.header) == [expected])
    }

    @Test(arguments: [1, 7, 511, 512, 513, 4096]) func `Pieces of any size give the same files`(step: Int) throws {
        var generator = SeededGenerator(seed: step)
        let files = variousHeaders.map { header in
            var file = TarFile(header: header)
            if header.kind == .regular { file.content = generator.bytes(Int.random(in: 0..<2000, using: &generator)) }
            file.header.size = Int64(file.content.count)
            file.header.extendedAttributes = []
            return file
        }
        let bytes = writeTar(files)
        #expect(try readTar(bytes, step: step) == files)
        #expect(writeTar(files) == bytes)
    }

    @Test func `A file of more than eight gibibytes needs a pax size`() throws {
        var header = TarHeader(name: Array("big".utf8), kind: .regular, mode: 0o600)
        header.size = 1 << 33
        let blocks = TarWriter.encode(header)
        var reader = TarReader()
        var found: [TarHeader] = []
        try blocks.withUnsafeBytes {
            try reader.consume($0) { if case .entry(let header) = $0 { found.append(header) } }
        }
        #expect(found.map(\.size) == [1 << 33])
        #expect(throws: TarError(offset: Int64(blocks.count), reason: .truncated)) { try reader.finish() }
    }

    @Test func `A name that is no UTF-8 is kept`() throws {
        let header = TarHeader(name: [0x66, 0xFF, 0xFE], kind: .regular, mode: 0o644)
        #expect(try readTar(writeTar([TarFile(header: header)])).map(\.header) == [header])
    }

    @Test(arguments: [
        ("1.5", TarTimestamp(seconds: 1, nanoseconds: 500_000_000)),
        ("-1.25", TarTimestamp(seconds: -2, nanoseconds: 750_000_000)),
        ("0", .epoch), ("1700000000.1234567899", TarTimestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789)),
    ]) func `Fractions of a second are read`(text: String, expected: TarTimestamp) throws {
        let body = record("mtime", text)
        let bytes =
            extendedHeader("x", body) + writeTar([TarFile(header: TarHeader(name: [0x61], kind: .regular, mode: 0))])
        #expect(try readTar(bytes).map(\.header.modified) == [expected])
    }

    @Test func `Global records hold until an entry's own`() throws {
        let file = writeTar([TarFile(header: TarHeader(name: Array("file".utf8), kind: .regular, mode: 0))]).dropLast(
            1024)
        let bytes =
            extendedHeader("g", record("uid", "7") + record("SCHILY.xattr.user.a", "1")) + file
            + extendedHeader("x", record("uid", "8") + record("path", "other")) + file
            + extendedHeader("x", record("uid", "")) + file
        let headers = try readTar(bytes).map(\.header)
        #expect(headers.map(\.uid) == [7, 8, 0])
        #expect(headers.map { String(decoding: $0.name, as: UTF8.self) } == ["file", "other", "file"])
        #expect(headers.allSatisfy { $0.extendedAttributes == [.init(name: "user.a", value: [0x31])] })
    }
}

func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n"
    var length = rest.utf8.count
    while "\(length)\(rest)".utf8.count != length { length += 1 }
    return Array("\(length)\(rest)".utf8)
}

func extendedHeader(_ flag: Unicode.Scalar, _ body: [UInt8]) -> [UInt8] {
    var header = TarHeader(name: Array("extension".utf8), kind: .unknown(flag: UInt8(ascii: flag)), mode: 0o644)
    header.size = Int64(body.count)
    return TarWriter.encode(header) + body + [UInt8](repeating: 0, count: TarWriter.padding(after: Int64(body.count)))
}
