import Glibc
import Inspection
import OCI
import TestSupport
import Testing

/// This machine's files as one layer.
private struct HostLayer: LayerFiles {
    func access(at path: ImagePath) -> FileAccess? { nil }

    func entry(at path: ImagePath) -> LayerEntry? {
        var status = stat()
        guard lstat(path.description, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(mode: status.st_mode & 0o7777, size: Int64(status.st_size))
        case S_IFDIR: return .directory(isOpaque: false)
        case S_IFLNK:
            var buffer = [CChar](repeating: 0, count: 4096)
            let count = readlink(path.description, &buffer, buffer.count)
            return .symbolicLink(target: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) })
        default: return .other
        }
    }

    func names(in directory: ImagePath) -> [[UInt8]] { [] }

    func read(_ path: ImagePath, at offset: Int64, count: Int) -> [UInt8] {
        let file = open(path.description, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: count)
        let filled = pread(file, &buffer, count, off_t(offset))
        return Array(buffer.prefix(max(0, filled)))
    }
}

@Suite struct ElfTests {
    private static var tree: ImageTree { ImageTree(layers: [HostLayer()]) }

    private static func programs() async throws -> [String] {
        let outcome = try await Command("find", ["/usr/bin", "-maxdepth", "1", "-type", "f", "-size", "-400k"]).run()
        var result: [String] = []
        for path in outcome.output.split(separator: "\n").map(String.init).sorted() {
            guard let node = try tree.lookUp(path), node.size != nil,
                try tree.read(node, at: 0, count: 4) == [0x7F, 0x45, 0x4C, 0x46]
            else { continue }
            result.append(path)
        }
        return result
    }

    /// What the loader itself would load, by its own word.
    @Test(.enabled("ldd is missing") { try await Program.isExpected("ldd") }) func closuresAreWhatTheLoaderSays()
        async throws
    {
        let programs = try await Self.programs().prefix(60)
        try #require(!programs.isEmpty)
        for path in programs {
            let listed = try await Command("ldd", [path]).run()
            guard listed.succeeded else { continue }
            var expected: Set<String> = []
            for line in listed.output.split(separator: "\n") where line.contains(" => ") {
                expected.insert(String(line.split(separator: " ")[0].drop { $0 == "\t" }))
            }
            let config = ImageConfig(platform: .host)
            let report = try ClosureCheck.run(config, Self.tree, arguments: [path])
            #expect(
                report.findings.filter { $0.name == "MissingLibraries" || $0.name == "MissingSymbolVersion" } == [],
                "\(path)")
            let node = try #require(try Self.tree.lookUp(path))
            let elf = try #require(try Self.tree.elf(node))
            #expect(Set(elf.needed).subtracting(["ld-linux-x86-64.so.2"]).isSubset(of: expected), "\(path)")
        }
    }

    @Test(.enabled("readelf is missing") { try await Program.isExpected("readelf") })
    func dynamicSectionsAreReadAsReadelfDoes() async throws {
        for path in try await Self.programs().prefix(40) {
            let text = try await Command("readelf", ["-dVW", path]).run().output
            func bracketed(_ mark: String) -> [String] {
                text.split(separator: "\n").filter { $0.contains(mark) }.compactMap { line in
                    line.split(separator: "[").last.map { String($0.prefix { $0 != "]" }) }
                }
            }
            let node = try #require(try Self.tree.lookUp(path))
            let elf = try #require(try Self.tree.elf(node))
            #expect(elf.needed == bracketed("(NEEDED)"), "\(path)")
            #expect(elf.runPath?.joined(separator: ":") ?? "" == bracketed("(RUNPATH)").first ?? "", "\(path)")
            let versions = text.split(separator: "\n").filter {
                $0.contains("Flags: none") && $0.contains("Name: ") && !$0.contains("Rev:")
            }
            .compactMap { line in
                line.ranges(of: "Name: ").first.map { String(line[$0.upperBound...].prefix { $0 != " " }) }
            }
            #expect(elf.neededVersions.map(\.version).sorted() == versions.sorted(), "\(path)")
        }
    }

    @Test func damagedFilesHaveLessAndNeverTrap() throws {
        let node = try #require(try Self.tree.lookUp("/bin/sh"))
        let whole = try Self.tree.read(node, limit: 256 << 10)
        var random = SeededGenerator(seed: 3)
        for round in 0..<400 {
            var bytes = round % 4 == 0 ? Array(whole.prefix(Int.random(in: 0...2000, using: &random))) : whole
            for _ in 0..<8 where !bytes.isEmpty {
                bytes[Int.random(in: 0..<min(bytes.count, 4096), using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            let layer = MemoryLayer(["/a": .program(bytes)])
            _ = try ClosureCheck.run(ImageConfig(platform: .host), ImageTree(layers: [layer]), arguments: ["/a"])
        }
    }
}
