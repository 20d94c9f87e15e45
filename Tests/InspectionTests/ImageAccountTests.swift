import Archive
import Inspection
import OCI
import TestSupport
import Testing

@Suite struct ImageAccountTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let layers: [[String]]
        /// Bytes.
        let visible, overwritten, deleted: Int64
        let paths: [String]
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "one file", layers: [["a=12345"]], visible: 5, overwritten: 0, deleted: 0, paths: ["a"]),
        Case(
            name: "overwritten", layers: [["a=12345"], ["a=1"]], visible: 1, overwritten: 5, deleted: 0, paths: ["a"]),
        Case(
            name: "deleted", layers: [["d/a=12345", "b=1"], ["-d/a"]], visible: 1, overwritten: 0, deleted: 5,
            paths: ["b"]),
        Case(
            name: "directory deleted", layers: [["d/e/a=123", "d/b=1"], ["-d"]], visible: 0, overwritten: 0, deleted: 4,
            paths: []),
        Case(
            name: "opaque", layers: [["d/a=123", "d/b=1"], ["d/", "d/*", "d/b=22"]], visible: 2, overwritten: 1,
            deleted: 3, paths: ["d", "d/b"]),
        Case(
            name: "opaque mark last", layers: [["d/a=123"], ["d/", "d/c=4", "d/*"]], visible: 1, overwritten: 0,
            deleted: 3, paths: ["d", "d/c"]),
        Case(
            name: "file for directory", layers: [["d/a=123"], ["d=4"]], visible: 1, overwritten: 0, deleted: 3,
            paths: ["d"]),
        Case(
            name: "directory for file", layers: [["d=123"], ["d/", "d/a=4"]], visible: 1, overwritten: 3, deleted: 0,
            paths: ["d", "d/a"]),
        Case(
            name: "implied directory for file", layers: [["d=123"], ["d/a=4"]], visible: 1, overwritten: 0, deleted: 3,
            paths: ["d/a"]),
        Case(
            name: "twice in a layer", layers: [["a=123", "a=4"]], visible: 1, overwritten: 3, deleted: 0, paths: ["a"]),
        Case(
            name: "hard links once", layers: [["a=12345", "b>a", "c>a"]], visible: 5, overwritten: 0, deleted: 0,
            paths: ["a", "b", "c"]),
        Case(
            name: "a name of a link stays", layers: [["a=12345", "b>a"], ["-a"]], visible: 5, overwritten: 0,
            deleted: 0, paths: ["b"]),
        Case(
            name: "all names go", layers: [["a=12345", "b>a"], ["-a", "b=1"]], visible: 1, overwritten: 5, deleted: 0,
            paths: ["b"]),
        Case(
            name: "same again", layers: [["a=12345"], ["a=12345"], ["a=12345"]], visible: 5, overwritten: 10,
            deleted: 0, paths: ["a"]),
        Case(
            name: "deleted and made again", layers: [["a=123"], ["-a"], ["a=4"]], visible: 1, overwritten: 0,
            deleted: 3, paths: ["a"]),
        Case(
            name: "nothing to delete", layers: [["-x", "y/*", "a=1"]], visible: 1, overwritten: 0, deleted: 0,
            paths: ["a"]),
        Case(
            name: "hostile names", layers: [["../../a=1", "/b=22", "./c=3", "d//e=4"]], visible: 5, overwritten: 0,
            deleted: 0, paths: ["a", "b", "c", "d/e"]),
        Case(
            name: "root deleted", layers: [["a=1"], ["-", "b=2"]], visible: 2, overwritten: 0, deleted: 0,
            paths: ["a", "b"]),
        Case(
            name: "link in the way", layers: [["bin@usr/bin", "usr/bin/x=1"], ["bin/y=22"]], visible: 3, overwritten: 0,
            deleted: 0, paths: ["bin/y", "usr/bin/x"]),
    ]

    @Test(arguments: cases) func everyByteIsCountedOnce(_ it: Case) throws {
        let records = try it.layers.map(AccountedLayer.record)
        let account = ImageAccount(records)
        let sums = account.sums
        #expect(sums.visible == it.visible)
        #expect(sums.overwritten == it.overwritten)
        #expect(sums.deleted == it.deleted)
        #expect(sums.total == records.reduce(0) { $0 + $1.size })
        #expect(account.visible.reduce(0) { $0 + $1.bytes } == it.visible)
        #expect(account.visible.map { String(decoding: $0.path, as: UTF8.self) } == it.paths)
    }

    @Test func recordsComeBackAsTheyWere() throws {
        var layer = AccountedLayer()
        layer.add("a", .regular, "hello", user: 4_000_000)
        layer.add("b", .hardLink, link: "a")
        layer.add("c", .symbolicLink, link: "../x")
        layer.add("d/", .directory, mode: 0o1777)
        layer.add("usr/lib/python3/dist-packages/x-1.dist-info/METADATA", .regular, "Name: x\nVersion: 1\n\n")
        layer.add(".wh.gone")
        let record = try layer.record()
        #expect(record.entries.count == 6)
        #expect(record.evidence.count == 1)
        let bytes = record.encoded
        #expect(LayerRecord(encoded: bytes) == record)
        for place in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[place] ^= 0x55
            #expect(LayerRecord(encoded: damaged) == nil)
            #expect(LayerRecord(encoded: Array(bytes[..<place])) == nil)
        }
    }

    @Test(arguments: [1, 7, 511, 512, 4096]) func piecesOfAnySizeGiveTheSame(pieces: Int) throws {
        var layer = AccountedLayer()
        layer.add("app", .regular, Self.goProgram, mode: 0o755)
        layer.add("x.txt", .regular, String(repeating: "x", count: 1000))
        #expect(try layer.record(pieces: pieces) == layer.record())
    }

    /// A program as Go's linker writes one, as far as it is looked at.
    static let goProgram: [UInt8] = {
        let table = "path\texample.org/app\nmod\texample.org/app\t(devel)\t\ndep\texample.org/lib\tv1.2.3\th1:x\n"
        let framed = [UInt8](repeating: 7, count: 16) + Array(table.utf8) + [UInt8](repeating: 8, count: 16)
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46] + [UInt8](repeating: 0, count: 1020)
        bytes += [0xFF] + Array(" Go buildinf:".utf8) + [8, 2] + [UInt8](repeating: 0, count: 16)
        bytes += [6] + Array("go1.22".utf8) + [UInt8(framed.count & 0x7F) | 0x80, UInt8(framed.count >> 7)] + framed
        return bytes + [UInt8](repeating: 0, count: 3000)
    }()

    @Test func modulesOfGoAreFoundInTheStream() throws {
        var layer = AccountedLayer()
        layer.add("app", .regular, Self.goProgram, mode: 0o755)
        let packages = PackageSet(ImageAccount([try layer.record()]))
        #expect(
            packages.packages.map(\.packageURL).sorted() == [
                "pkg:golang/example.org/app", "pkg:golang/example.org/lib@v1.2.3", "pkg:golang/stdlib@1.22",
            ])
        #expect(packages.packages.first { $0.name == "example.org/app" }?.bytes == Int64(Self.goProgram.count))
    }
}
