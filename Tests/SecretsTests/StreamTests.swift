import Archive
import OCI
import Testing

@testable import Secrets

/// Secrets are found wherever in the stream of a layer they stand.
@Suite struct StreamTests {
    private func token(_ seed: UInt64) -> String {
        var chance = Chance(seed)
        return "ghp_\(chance.mixed(36))"
    }

    @Test func overBordersOfPieces() throws {
        let token = Array(token(1).utf8)
        for start in [
            65_536 - 20, 65_536 - 512 - 20, (1 << 20) - 20, (1 << 20) + 16_384 - 20, (1 << 20) + 32_768 - 20, 2_500_001,
        ] {
            var content = [UInt8](repeating: UInt8(ascii: "."), count: 3 << 20)
            content.replaceSubrange(start..<start + token.count, with: token)
            content[start - 1] = 32
            let found = try Scan.findings("a", content)
            #expect(found.map(\.offset) == [Int64(start)], "\(start)")
        }
    }

    @Test(arguments: [1, 7, 511, 513, 4096]) func inPiecesOfAnySize(_ piece: Int) throws {
        let found = try Scan.findings("a", Array("x \(token(2)) y".utf8), piece: piece)
        #expect(found.map(\.rule) == [.githubToken])
        #expect(found.first?.offset == 2)
    }

    @Test func atEvenAndOddPlaces() throws {
        for start in 0..<9 { #expect(try Scan.findings(String(repeating: " ", count: start) + token(3)).count == 1) }
    }

    @Test func alignmentsOfWhatHasOneByteOfItsOwn() throws {
        var chance = Chance(31)
        let (bot, azure) = (
            "\(chance.text(9, "123456789")):\(chance.mixed(35))", "\(chance.text(3))8Q~\(chance.mixed(34))"
        )
        for start in 0..<6 {
            #expect(
                try Scan.findings(String(repeating: " ", count: start) + bot).map(\.rule) == [.botToken], "\(start)")
            #expect(
                try Scan.findings(String(repeating: " ", count: start) + azure).map(\.rule) == [.azureClientSecret],
                "\(start)")
        }
    }

    @Test func inNamesAndLinks() throws {
        let token = token(4)
        var archive = TarWriter.encode(TarHeader(name: Array("a/\(token)".utf8), kind: .regular, mode: 0o644))
        archive += TarWriter.encode(
            TarHeader(name: Array("b".utf8), kind: .symbolicLink, mode: 0o777, linkName: Array("/x/\(token)".utf8)))
        let found = try Scan.result(archive + TarWriter.end, SecretScanner()).findings
        #expect(found.map(\.part) == [.name, .linkTarget])
        #expect(found.map(\.path) == ["a/…", "b"])
    }

    @Test func whatIsShownHoldsNone() {
        let token = token(14)
        #expect(SecretScanner().redacted("RUN echo \(token) > /x") == "RUN echo … > /x")
        #expect(SecretScanner().redacted("RUN make") == "RUN make")
        #expect(
            SecretScanner([KnownValue(.secret("t"), Array("v4lue-of-it".utf8))]).redacted("echo v4lue-of-it")
                == "echo …")
    }

    @Test func inWideText() throws {
        let text = "password of the token: \(token(5))\r\n"
        for (mark, isBig) in [([0xFF, 0xFE] as [UInt8], false), ([0xFE, 0xFF], true), ([], false)] {
            let bytes = mark + text.utf8.flatMap { isBig ? [0, $0] : [$0, 0] }
            #expect(try Scan.findings("a.txt", bytes).map(\.rule) == [.githubToken], "\(isBig)")
        }
    }

    @Test func inArchivesOneLevelDeep() throws {
        let inner = Scan.layer([("deep/key.txt", Array(token(6).utf8))])
        #expect(try Scan.findings("a.tar", inner).map(\.member).contains("deep/key.txt"))
    }

    @Test func packagesFilesAreKnownByDigest() throws {
        let content = Array("test key \(token(7))\n".utf8)
        var hasher = FileChecksumHasher()
        content.withUnsafeBytes { hasher.update($0) }
        let sums = hasher.finish()
        let hex = sums.md5.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let lists: [(String, String)] = [
            ("var/lib/dpkg/info/x.md5sums", "\(hex)  usr/lib/x\n"),
            (
                "usr/lib/python3/x.dist-info/RECORD",
                "x.py,sha256=\(Base64.encode(sums.sha256).replacing("=", with: "").replacing("+", with: "-").replacing("/", with: "_")),10\n"
            ),
            ("lib/apk/db/installed", "F:usr\nR:x\nZ:Q1\(Base64.encode(sums.sha1))\n"),
        ]
        for (name, list) in lists {
            let layer = Scan.layer([(name, Array(list.utf8)), ("usr/lib/x", content)])
            #expect(try Scan.result(layer, SecretScanner()).findings.count == 1)
            #expect(try checksums(layer).contains(sums), "\(name)")
        }
        // What `pip install .` put there is somebody's own, whatever stands first.
        let own = (
            "usr/lib/python3/x.dist-info/direct_url.json", Array("{\"dir_info\": {}, \"url\": \"file:///src\"}".utf8)
        )
        let record = (lists[1].0, Array(lists[1].1.utf8))
        for files in [[record, own], [own, record]] { #expect(try !checksums(Scan.layer(files)).contains(sums)) }
        #expect(try !checksums(Scan.layer([("srv/x.md5sums", Array(lists[0].1.utf8))])).contains(sums))
    }

    private func checksums(_ layer: [UInt8]) throws -> PackageChecksums {
        var packages = LayerPackages()
        try layer.withUnsafeBytes { try packages.consume($0) }
        return packages.checksums
    }

    @Test func layersSayWhatTheyHide() throws {
        var archive = TarWriter.encode(TarHeader(name: Array("a/.wh.key".utf8), kind: .regular, mode: 0o600))
        archive += TarWriter.encode(TarHeader(name: Array("b/".utf8), kind: .directory, mode: 0o755))
        archive += TarWriter.encode(TarHeader(name: Array("b/.wh..wh..opq".utf8), kind: .regular, mode: 0o600))
        archive += TarWriter.encode(TarHeader(name: Array("c".utf8), kind: .regular, mode: 0o600)) + TarWriter.end
        var paths = LayerPaths()
        try archive.withUnsafeBytes { try paths.consume($0) }
        #expect(["a/key", "b/x", "b/x/y", "c", "c/d"].allSatisfy(paths.hides))
        #expect(!["a/other", "a", "b", "d"].contains(where: paths.hides))
    }

    @Test func aCommentAllows() throws {
        let token = token(8)
        #expect(try Scan.findings("# distill:allow-secret github-token test fixture\nx = \(token)\n").isEmpty)
        #expect(try Scan.findings("x = \(token) # distill:allow-secret github-token made up\n").isEmpty)
        #expect(try Scan.findings("x = \(token) # distill:allow-secret github-token\n").count == 1)
        #expect(try Scan.findings("x = \(token) # distill:allow-secret jwt other rule\n").count == 1)
    }

    @Test func foreignBytesEndNothing() throws {
        var chance = Chance(77)
        let parts = RuleBook.all.flatMap(\.literals) + ["\\n", "\n", "=", ": ", "\"", "-----BEGIN ", "{", "<", "'"]
        for _ in 0..<200 {
            var content: [UInt8] = []
            for _ in 0..<60 {
                content +=
                    Array(parts[Int(chance.next() % UInt64(parts.count))].utf8) + chance.bytes(Int(chance.next() % 4))
            }
            _ = try Scan.findings("x", content)
        }
    }
}
