import Archive
import TestSupport
import Testing

@Suite struct TarOracleTests {
    /// A tree with what tar programs disagree about: long names, links, devices, odd modes and times.
    private static let tree = """
        directory=$(mktemp -d); trap 'rm -rf "$directory"' EXIT; cd "$directory"; mkdir tree; cd tree
        mkdir -p sub/deeper empty; printf hello > sub/file; printf '' > nothing; ln sub/file sub/hard
        ln -s sub/file link; chmod 4755 sub/file; chmod 1777 empty; mkfifo pipe
        long=$(printf 'n%.0s' $(seq 120)); printf long > "sub/$long"; ln -s "sub/$long$long" longlink
        mkdir -p "$long/$long"; printf deep > "$long/$long/file"; printf u > 'grüße'
        find . -exec touch -h -d @1700000000 {} +
        """

    private static let writers: [String] = [
        "tar --format=v7 --exclude=pipe --exclude='*nnnn*' --exclude=longlink",
        "tar --format=ustar --exclude='*nnnn*' --exclude=longlink", "tar --format=gnu", "tar --format=posix",
        "bsdtar --format=pax", "bsdtar --format=gnutar", "bsdtar --format=ustar --exclude='*nnnn*' --exclude=longlink",
    ]

    @Test(.enabled("tar or bsdtar is missing") { try await Program.isExpected("tar", "bsdtar") }, arguments: writers)
    func `Archives of other programs are read as their own listing says`(_ writer: String) async throws {
        let script = Self.tree + "\ncd ..; export LC_ALL=C.UTF-8; "
        let bytes = try await Program.shell(script + "\(writer) --numeric-owner --uid=7 --gid=8 -c -f - tree".gnu)
        let listing = try await Program.shell("LC_ALL=C.UTF-8 tar -t --quoting-style=literal -f -", bytes)
        let files = try readTar(bytes, step: 1000)
        let names = files.map { String(decoding: $0.header.name, as: UTF8.self) }
        #expect(names == String(decoding: listing, as: UTF8.self).split(separator: "\n").map(String.init))
        #expect(
            files.allSatisfy { $0.header.uid == 7 && $0.header.gid == 8 && $0.header.modified.seconds == 1_700_000_000 }
        )
        let file = try #require(files.first { $0.content == Array("hello".utf8) })
        #expect(file.header.mode == 0o4755)
        #expect(files.contains { $0.header.kind == .fifo } != writer.contains("v7"))
        #expect(
            files.contains { $0.header.kind == .hardLink && $0.header.linkName.starts(with: Array("tree/sub/".utf8)) })
        let long = names.contains { $0.hasSuffix("nnn/file") }
        #expect(long != writer.contains("exclude"))
        if long {
            #expect(files.contains { $0.header.kind == .symbolicLink && $0.header.linkName.count == 244 })
        }
    }

    private static let description = """
        import sys, tarfile, io
        kinds = {b'0': 'regular', b'1': 'hardLink', b'2': 'symbolicLink', b'3': 'characterDevice', b'4': 'blockDevice',
                 b'5': 'directory', b'6': 'fifo'}
        data = sys.stdin.buffer.read()
        for m in tarfile.open(fileobj=io.BytesIO(data), errorlevel=2):
            line = f"{kinds[m.type]} {m.mode:o} {m.uid}:{m.gid} {m.size} {int(m.mtime)} {m.name}"
            if m.type == b'5': line += '/'
            if m.linkname: line += ' -> ' + m.linkname
            if m.type in b'34': line += f" {m.devmajor},{m.devminor}"
            print(line)
        """

    @Test(.enabled("python3 is missing") { try await Program.isExpected("python3") })
    func `Python reads what we write`() async throws {
        let bytes = writeTar(variousHeaders.map { TarFile(header: $0) })
        let lines = try await Program.shell(
            "exec python3 -c \"$(cat <<'PYTHON'\n\(Self.description)\nPYTHON\n)\"", bytes)
        let expected = variousHeaders.map { header in
            var header = header
            header.extendedAttributes = []
            return header.line
        }
        #expect(String(decoding: lines, as: UTF8.self).split(separator: "\n").map(String.init) == expected)
    }

    @Test(
        .enabled("tar or bsdtar is missing") { try await Program.isExpected("tar", "bsdtar") },
        arguments: ["tar", "bsdtar"])
    func `Tar programs extract what we write`(_ program: String) async throws {
        var files = [TarFile(header: TarHeader(name: Array("d/".utf8), kind: .directory, mode: 0o755))]
        for (index, name) in ["d/a", "d/grüße", "d/" + String(repeating: "x", count: 150)].enumerated() {
            let content = [UInt8](repeating: 0x61, count: index * 600)
            let header = TarHeader(name: Array(name.utf8), kind: .regular, mode: 0o640, size: Int64(content.count))
            files.append(TarFile(header: header, content: content))
        }
        files.append(
            TarFile(
                header: TarHeader(name: Array("d/l".utf8), kind: .symbolicLink, mode: 0o777, linkName: Array("a".utf8)))
        )
        let script = """
            export LC_ALL=C.UTF-8; directory=$(mktemp -d); trap 'rm -rf "$directory"' EXIT
            \(program) -x -p -f - -C "$directory"; cd "$directory"; find d -printf '%y %m %s %p %l\\n' | sed '/^d/s/ [0-9]* d/ d/' | sort
            """
        let listing = String(decoding: try await Program.shell(script, writeTar(files)), as: UTF8.self)
        #expect(
            listing == """
                d 755 d\u{20}
                f 640 0 d/a\u{20}
                f 640 1200 d/\(String(repeating: "x", count: 150))\u{20}
                f 640 600 d/grüße\u{20}
                l 777 1 d/l a

                """)
    }
}

extension String {
    /// GNU tar's spelling of the owner options.
    fileprivate var gnu: String {
        contains("bsdtar")
            ? self : replacing("--uid=", with: "--owner=").replacing("--gid=", with: "--group=")
    }
}
