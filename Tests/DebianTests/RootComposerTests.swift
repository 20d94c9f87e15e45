import Archive
import OCI
import Testing

@testable import Debian

@Suite struct RootComposerTests {
    /// Composes packages in the order in which they are given.
    private func compose(
        _ packages: [Deb], filter: PathFilter = PathFilter([]), links: [String] = []
    ) async throws -> [UInt8] {
        let store = MemoryStore()
        let parsed = try debPackages(packages)
        var root = RootComposer(layer: LayerWriter(try await store.writer()), filter: filter, modified: 5)
        for link in links {
            try root.addDirectory("/usr/\(link)")
            try root.addLink("/\(link)", to: "usr/\(link)")
        }
        for (deb, package) in zip(packages, parsed) {
            root.begin(package)
            var reader = DebReader(package: package.name)
            try deb.bytes.withUnsafeBytes { piece in try reader.consume(piece) { try root.consume($0) } }
            try reader.finish()
        }
        return store.bytes(try root.commit().digest)
    }

    private func debPackages(_ packages: [Deb]) throws -> [BinaryPackage] {
        var reader = PackageIndexReader(architecture: "amd64")
        let text = packages.map(\.paragraph).joined(separator: "\n")
        Array(text.utf8).withUnsafeBytes { _ = reader.consume($0) }
        let index = reader.finish()
        return try packages.map { deb in try #require(index.packages(named: deb.name).first) }
    }

    @Test func `Directories stand once, with the first owner's mode`() async throws {
        let bytes = try await compose([
            Deb(
                name: "a",
                data: [
                    .directory("./"), .directory("./var/"), .directory("./var/x/", mode: 0o1777),
                    .file("./var/x/f", "1"),
                ]),
            Deb(
                name: "b",
                data: [.directory("./"), .directory("./var/"), .directory("./var/x/"), .link("./var/l", "x")]),
        ])
        #expect(
            try layerLines(bytes) == [
                "directory 755 0 var/", "directory 1777 0 var/x/", "regular 644 1 var/x/f",
                "symbolicLink 777 0 var/l -> x",
            ])
    }

    @Test func `Entries below a merged directory go where its link leads`() async throws {
        let bytes = try await compose(
            [
                Deb(
                    name: "a",
                    data: [.directory("./bin/"), .file("./bin/sh", "s"), .link("./bin/hard", "./bin/sh", .hardLink)]),
                Deb(name: "b", data: [.directory("./usr/bin/"), .file("./usr/bin/x"), .link("./bin", "usr/bin")]),
            ], links: ["bin"])
        #expect(
            try layerLines(bytes) == [
                "directory 755 0 usr/", "directory 755 0 usr/bin/", "symbolicLink 777 0 bin -> usr/bin",
                "regular 644 1 usr/bin/sh",
                "hardLink 777 0 usr/bin/hard -> usr/bin/sh", "regular 644 0 usr/bin/x",
            ])
    }

    @Test func `Links of packages are followed inside the root`() async throws {
        let bytes = try await compose([
            Deb(name: "a", data: [.directory("./data/"), .link("./abs", "/data"), .link("./late", "data/new")]),
            Deb(name: "b", data: [.directory("./abs/"), .file("./abs/f"), .directory("./late/"), .file("./late/g")]),
        ])
        #expect(
            try layerLines(bytes).suffix(3) == [
                "regular 644 0 data/f", "directory 755 0 data/new/", "regular 644 0 data/new/g",
            ])
    }

    @Test func `What is left out takes its directories with it`() async throws {
        let filter = PathFilter([.exclude("/doc/*"), .include("/doc/*/copyright")])
        let bytes = try await compose(
            [
                Deb(
                    name: "a",
                    data: [
                        .directory("./doc/"), .directory("./doc/a/", mode: 0o750), .file("./doc/a/readme", "long"),
                        .file("./doc/a/copyright", "c"), .directory("./doc/b/"), .file("./doc/b/readme"),
                    ])
            ], filter: filter)
        #expect(
            try layerLines(bytes) == [
                "directory 755 0 doc/", "directory 750 0 doc/a/", "regular 644 1 doc/a/copyright",
            ])
    }

    @Test func `Two packages may not ship one file`() async throws {
        let (a, b) = (Deb(name: "a", data: [.file("./f", "a")]), Deb(name: "b", data: [.file("./f", "b")]))
        await #expect(throws: DebianError.fileConflict(path: "./f", first: "a", second: "b")) {
            try await compose([a, b])
        }
        var replacing = a
        replacing.fields = "Replaces: b\n"
        #expect(try layerFile("f", try await compose([replacing, b])) == "a")
        replacing.fields = "Replaces: b (<< 1)\n"
        await #expect(throws: DebianError.self) { try await compose([replacing, b]) }
    }

    @Test func `Who replaces comes first, and base-files before all`() throws {
        let packages = try debPackages([
            Deb(name: "a"), Deb(name: "b", fields: "Replaces: a\n"), Deb(name: "base-files"),
            Deb(name: "z", fields: "Replaces: b\n"),
            Deb(name: "y", fields: "Replaces: a (<< 1)\n"),
        ])
        #expect(UnpackOrder.sort(packages).map(\.name) == ["base-files", "z", "b", "a", "y"])
        let cycle = try debPackages([Deb(name: "a", fields: "Replaces: b\n"), Deb(name: "b", fields: "Replaces: a\n")])
        #expect(Set(UnpackOrder.sort(cycle).map(\.name)) == ["a", "b"])
    }

    @Test(
        arguments: [
            [.file("/etc/passwd")], [.file("../etc/passwd")], [.file("./a/../../b")],
            [.link("./l", "../.."), .file("./l/x")],
            [.link("./a/l", "../../../etc"), .file("./a/l/x")], [.file("./f"), .file("./f/x")],
            [.link("./l", "l"), .file("./l/x")],
            [.link("./x", "y"), .link("./y", "x"), .directory("./x/")],
        ] as [[Item]]) func `Paths that leave the root are refused`(_ data: [Item]) async throws
    {
        let error = await #expect(throws: DebianError.self) { try await compose([Deb(name: "evil", data: data)]) }
        guard case .invalidPackage(package: "evil", reason: .hostilePath) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        arguments: [
            [.link("./h", "./missing", .hardLink)], [.directory("./d/"), .link("./h", "./d", .hardLink)],
            [Item(header: TarHeader(name: Array("./v".utf8), kind: .unknown(flag: 0x56), mode: 0))],
            [.directory(String(repeating: "d/", count: 3000))],
        ] as [[Item]]) func `Entries that make no sense are refused`(_ data: [Item]) async
    {
        await #expect(throws: DebianError.self) { try await compose([Deb(name: "odd", data: data)]) }
    }

    @Test func `A package that is another than the index says is refused`() async throws {
        var other = Deb(name: "a")
        other.version = "2"
        let package = try #require(try debPackages([Deb(name: "a")]).first)
        var root = RootComposer(
            layer: LayerWriter(try await MemoryStore().writer()), filter: PathFilter([]), modified: 0)
        root.begin(package)
        var reader = DebReader(package: "a")
        #expect(throws: DebianError.invalidPackage(package: "a", reason: .otherPackage("a=2"))) {
            try other.bytes.withUnsafeBytes { piece in try reader.consume(piece) { try root.consume($0) } }
        }
    }
}
