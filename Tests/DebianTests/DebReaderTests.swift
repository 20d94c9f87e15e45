import Archive
import TestSupport
import Testing

@testable import Debian

@Suite struct DebReaderTests {
    private static let whole = Deb(
        name: "a", controlFiles: [.file("./postinst", "#!/bin/sh\n", mode: 0o755)],
        data: [.directory("./"), .directory("./usr/"), .file("./usr/x", "content")])

    private static func read(_ bytes: [UInt8], step: Int = 100) throws -> [String] {
        var reader = DebReader(package: "a")
        var lines: [String] = []
        try inPieces(bytes, step) { piece in
            try reader.consume(piece) { event in
                switch event {
                case .control(let control):
                    lines.append("control " + control.files.keys.sorted().joined(separator: " "))
                case .data(.entry(let header)): lines.append(String(decoding: header.name, as: UTF8.self))
                case .data(.content(let piece)): lines[lines.count - 1] += "=" + String(decoding: piece, as: UTF8.self)
                case .data: break
                }
            }
        }
        try reader.finish()
        return lines
    }

    @Test(arguments: [100, 100_000]) func `A package is read in pieces`(step: Int) throws {
        let lines = try Self.read(Self.whole.bytes, step: step)
        #expect(lines.first == "control control postinst")
        #expect(
            lines.dropFirst().joined(separator: " ").replacing("content", with: "C").hasPrefix("./ ./usr/ ./usr/x="))
    }

    private static func members(_ names: [String]) -> [UInt8] {
        ar(
            names.map { name in
                switch name {
                case "debian-binary": (name, Array("2.0\n".utf8))
                case "old-binary": ("debian-binary", Array("0.9\n".utf8))
                case "control.tar": (name, tar([.file("control", whole.control)]))
                case "empty-control.tar": ("control.tar", tar([]))
                case "damaged.tar": ("data.tar", Array(tar([.file("x", "y")]).dropLast(1537)))
                case "data.tar.gz": (name, Array("no gzip".utf8))
                default: (name, tar([]))
                }
            })
    }

    @Test(
        arguments: [
            ([], .missingControl), (["control.tar"], .format), (["old-binary", "control.tar", "data.tar"], .format),
            (["debian-binary", "data.tar"], .format), (["debian-binary", "control.tar"], .truncated),
            (["debian-binary", "empty-control.tar", "data.tar"], .missingControl),
            (["debian-binary", "control.tar", "data.tar.lzma"], .format),
            (["debian-binary", "control.tar", "data.tar.gz"], .corrupt),
            (["debian-binary", "control.tar", "damaged.tar"], .truncated),
            (["debian-binary", "other", "control.tar"], .format),
        ] as [([String], DebianError.PackageDefect)])
    func `Other archives are refused`(_ names: [String], _ reason: DebianError.PackageDefect) {
        #expect(throws: DebianError.invalidPackage(package: "a", reason: reason)) { try Self.read(Self.members(names)) }
    }

    @Test func `Unknown members may follow, or have an underscore`() throws {
        #expect(
            try Self.read(Self.members(["debian-binary", "_x", "control.tar", "data.tar", "signature"])) == [
                "control control"
            ])
    }

    @Test(
        .enabled("dpkg-deb is missing") { try await Program.isExpected("dpkg-deb") },
        arguments: ["gzip", "xz", "zstd", "none"])
    func `Packages of dpkg-deb are read`(_ compression: String) async throws {
        let script = """
            directory=$(mktemp -d); trap 'rm -rf "$directory"' EXIT; cd "$directory"; mkdir -p a/DEBIAN a/usr
            cat > a/DEBIAN/control; printf content > a/usr/x; chmod -R go-w .
            dpkg-deb --root-owner-group -Z\(compression) -b a a.deb >&2; cat a.deb
            """
        let bytes = try await Program.shell(script, Array(Self.whole.control.utf8))
        #expect(try Self.read(bytes, step: 100_000) == ["control control", "./", "./usr/", "./usr/x=content"])
    }

    @Test(arguments: 0..<20) func `No damage traps`(_ seed: Int) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            // An error or a package: both are right, only a trap is wrong.
            _ = try? Self.read(generator.damage(Self.whole.bytes), step: Int.random(in: 1...4000, using: &generator))
        }
    }
}
