import Archive
import Inspection
import OCI
import TestSupport
import Testing

/// rpm's database, written by SQLite itself.
@Suite struct RPMDatabaseTests {
    /// Two packages: one small, and one whose header takes many pages.
    private static let script = """
        import sqlite3, struct, sys
        def header(tags):
            index, data = b"", b""
            for tag, kind, value in tags:
                if kind == 4:
                    data += b"\\0" * (-len(data) % 4)
                    index += struct.pack(">4i", tag, 4, len(data), len(value)); data += struct.pack(">%di" % len(value), *value)
                else:
                    texts = value if isinstance(value, list) else [value]
                    index += struct.pack(">4i", tag, kind, len(data), len(texts)); data += b"".join(t.encode() + b"\\0" for t in texts)
            return struct.pack(">2i", len(tags), len(data)) + index + data
        def package(name, files, requires):
            return header([(1000, 6, name), (1001, 6, "1.2"), (1002, 6, "3.el9"), (1022, 6, "x86_64"), (1047, 8, [name]), (1049, 8, requires),
                (1116, 4, [0] * len(files)), (1117, 8, files), (1118, 8, ["/usr/bin/"])])
        db = sqlite3.connect(sys.argv[1])
        db.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        db.execute("CREATE TABLE Name (key TEXT)")
        db.execute("INSERT INTO Packages (blob) VALUES (?)", (package("small", ["tool"], ["large", "rpmlib(X)"]),))
        db.execute("INSERT INTO Packages (blob) VALUES (?)", (package("large", ["file%d" % i for i in range(5000)], ["small2"]),))
        for i in range(300): db.execute("INSERT INTO Packages (blob) VALUES (?)", (package("p%d" % i, ["x%d" % i], ["large"]),))
        db.commit()
        """

    @Test(.enabled(if: Files.exists("/usr/bin/python3"))) func packagesOwnTheirFiles() async throws {
        try await Files.withTemporaryDirectory { directory in
            let path = "\(directory)/rpmdb.sqlite"
            let made = try await Command("/usr/bin/python3", ["-c", Self.script, path]).run()
            try #require(made.succeeded, "\(made)")
            let bytes = try Files.bytes(path)
            var layer = AccountedLayer()
            layer.add("etc/os-release", .regular, "ID=\"rocky\"\nVERSION_ID=\"9.3\"\n")
            layer.add("var/lib/rpm/rpmdb.sqlite", .regular, bytes)
            layer.add("usr/bin/tool", .regular, "12345", mode: 0o755)
            layer.add("usr/bin/file4999", .regular, "1")
            let set = PackageSet(ImageAccount([try layer.record()]))
            #expect(set.packages.count == 302)
            let small = try #require(set.packages.first { $0.name == "small" })
            #expect(small.packageURL == "pkg:rpm/rocky/small@1.2-3.el9?arch=x86_64&distro=rocky-9.3")
            #expect(small.bytes == 5)
            #expect(set.packages.first { $0.name == "large" }?.bytes == 1)
            #expect(set.packages.first { $0.name == "large" }?.isRequested == false)
            // Nothing that is damaged traps.
            var generator = SeededGenerator(seed: 7)
            for _ in 0..<200 {
                var damaged = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
                for _ in 0..<20 where !damaged.isEmpty {
                    damaged[Int.random(in: 0..<min(damaged.count, 20_000), using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                var layer = AccountedLayer()
                layer.add("var/lib/rpm/rpmdb.sqlite", .regular, damaged)
                _ = PackageSet(ImageAccount([try layer.record()]))
            }
        }
    }
}
