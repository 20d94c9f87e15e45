import Archive
import Inspection
import OCI
import TestSupport
import Testing

@Suite struct ImageTreeTests {
    private func tree(_ layers: [String: MemoryLayer.Item]...) -> ImageTree {
        ImageTree(layers: layers.map(MemoryLayer.init))
    }

    @Test func layersHideEachOther() throws {
        let tree = tree(
            ["/a/x": .text("1"), "/a/y": .text("2"), "/b/z": .text("3"), "/c/f": .text("4"), "/d": .text("5")],
            ["/a/x": .whiteout, "/b": .opaque, "/b/new": .text("6"), "/c": .text("7"), "/d/in": .text("8")])
        #expect(try tree.lookUp("/a/x") == nil)
        #expect(try tree.contents(of: "/a/y") == Array("2".utf8))
        #expect(try tree.lookUp("/b/z") == nil)
        #expect(try tree.contents(of: "/c") == Array("7".utf8))
        #expect(try tree.lookUp("/c/f") == nil)
        #expect(try tree.contents(of: "/d/in") == Array("8".utf8))
        let root = try #require(try tree.lookUp("/"))
        #expect(try tree.children(of: root).map(\.path.description) == ["/a", "/b", "/c", "/d"])
    }

    @Test func linksAreFollowedInside() throws {
        let tree = tree([
            "/bin": .link("usr/bin"), "/usr/bin/a": .text("x"), "/loop": .link("loop"),
            "/up": .link("../../../usr/bin/a"),
            "/usr/lib/b": .link("../bin/a"), "/abs": .link("/usr"),
        ])
        for path in ["/bin/a", "/up", "/usr/lib/b", "/abs/lib/b"] {
            #expect(try tree.lookUp(path)?.path.description == "/usr/bin/a", "\(path)")
        }
        #expect(try tree.lookUp("/loop") == nil)
        #expect(try tree.lookUp("/usr/bin/a/b") == nil)
    }

    private static func archive(_ entries: [(String, TarHeader.Kind, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, kind, text) in entries {
            var header = TarHeader(name: Array(name.utf8), kind: kind, mode: 0o755)
            if kind == .regular { header.size = Int64(text.utf8.count) } else { header.linkName = Array(text.utf8) }
            bytes += TarWriter.encode(header) + (kind == .regular ? Array(text.utf8) : [])
            bytes += [UInt8](repeating: 0, count: TarWriter.padding(after: header.size))
        }
        return bytes + TarWriter.end
    }

    @Test func archivesAreReadInPlace() throws {
        let large = String(repeating: "0123456789", count: 5000)
        let layer = try TarLayer(
            MemoryBytes(
                bytes: Self.archive([
                    ("./large", .regular, large), ("./d/small", .regular, "s"), ("./d/.wh.gone", .regular, ""),
                    ("./e/.wh..wh..opq", .regular, ""),
                    ("./l", .symbolicLink, "d"), ("./h", .hardLink, "./d/small"), ("../../out", .regular, "o"),
                ])))
        let tree = ImageTree(layers: [MemoryLayer(["/d/gone": .text("x"), "/e/old": .text("y")]), layer])
        #expect(try tree.contents(of: "/large").map { String(decoding: $0, as: UTF8.self) } == large)
        #expect(try tree.contents(of: "/l/small") == [UInt8(ascii: "s")])
        #expect(try tree.contents(of: "/h") == [UInt8(ascii: "s")])
        #expect(try tree.lookUp("/d/gone") == nil)
        #expect(try tree.lookUp("/e/old") == nil)
        #expect(try tree.contents(of: "/out") == [UInt8(ascii: "o")])
        let node = try #require(try tree.lookUp("/large"))
        #expect(try tree.read(node, at: 49_999, count: 100) == [UInt8(ascii: "9")])
    }

    @Test func damagedArchivesAreErrorsOrShort() throws {
        let whole = Self.archive([("a", .regular, "xyz"), ("b/c", .regular, "uvw")])
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                let tree = ImageTree(layers: [try TarLayer(MemoryBytes(bytes: bytes))])
                _ = try tree.contents(of: "/b/c")
            } catch is TarError {}
        }
    }
}
