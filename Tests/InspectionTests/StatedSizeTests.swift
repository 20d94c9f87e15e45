import Archive
import OCI
import Synchronization
import Testing

@testable import Inspection

/// A file that answers as a file system does: no place behind 2^63, and no memory for more than it has.
private final class StrictFile: LayerFiles {
    private let layer: MemoryLayer
    private let size: Int64
    private let largest = Mutex<Int64>(0)

    init(_ bytes: [UInt8], at path: String) {
        layer = MemoryLayer([path: .program(bytes)])
        size = Int64(bytes.count)
    }

    /// Bytes, of the longest reading.
    var largestReading: Int64 { largest.withLock { $0 } }

    func access(at path: ImagePath) -> FileAccess? { layer.access(at: path) }

    func entry(at path: ImagePath) -> LayerEntry? { layer.entry(at: path) }

    func names(in directory: ImagePath) -> [[UInt8]] { layer.names(in: directory) }

    func read(_ path: ImagePath, at offset: Int64, count: Int) throws -> [UInt8] {
        guard offset >= 0, !offset.addingReportingOverflow(Int64(count)).overflow else { throw OutOfRange() }
        largest.withLock { $0 = max($0, Int64(count)) }
        return layer.read(path, at: min(offset, size), count: count)
    }

    private struct OutOfRange: Error {}
}

/// Small files that say of themselves that they are large: what they say costs nothing.
@Suite struct StatedSizeTests {
    /// A 64-bit ELF file: the numbers of its header by their places (elf(5)).
    private static func elf(_ size: Int, _ numbers: [Int: UInt64], wide: Set<Int> = [32, 40]) -> [UInt8] {
        var bytes = staticProgram() + [UInt8](repeating: 0, count: size - 64)
        for (place, value) in numbers { put(value, at: place, width: wide.contains(place) ? 8 : 2, in: &bytes) }
        return bytes
    }

    private static func put(_ value: UInt64, at place: Int, width: Int, in bytes: inout [UInt8]) {
        for index in 0..<width { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (index * 8)) }
    }

    /// The longest reading of everything that looks into a program.
    private static func inspect(_ bytes: [UInt8], at path: String = "/app") throws -> Int64 {
        let file = StrictFile(bytes, at: path)
        let tree = ImageTree(layers: [file])
        _ = try Inventory(tree)
        _ = try ClosureCheck.run(
            ImageConfig(platform: Platform(os: "linux", architecture: "amd64")), tree, arguments: [path])
        return file.largestReading
    }

    @Test(arguments: [32, 40]) func tablesOfAnElfFileEndWithIt(table: Int) throws {
        // 65,535 entries of 65,535 bytes: 4 GiB in a file of 576 bytes.
        let bytes = Self.elf(576, [table: 64, 54: 0xFFFF, 56: 0xFFFF, 58: 0xFFFF, 60: 0xFFFF, 62: 1])
        #expect(try Self.inspect(bytes) <= 576)
    }

    /// Two sections, whose names are at the end: of them the second is where Go has its modules.
    private static func sections(offset: UInt64, size: UInt64) -> [UInt8] {
        let names = Array("\0.go.buildinfo\0.gopclntab\0".utf8)
        var bytes = elf(64 + 3 * 64, [40: 64, 58: 64, 60: 3, 62: 0]) + names
        put(256, at: 64 + 24, width: 8, in: &bytes)
        put(UInt64(names.count), at: 64 + 32, width: 8, in: &bytes)
        for (index, name) in [(1, 1), (2, 15)] {
            put(UInt64(name), at: 64 + index * 64, width: 4, in: &bytes)
            put(offset, at: 64 + index * 64 + 24, width: 8, in: &bytes)
            put(size, at: 64 + index * 64 + 32, width: 8, in: &bytes)
        }
        return bytes
    }

    private static let places: [[UInt64]] = [
        [0x7FFF_FFFF_FFFF_FFF0, 0x7FFF_FFFF_FFFF_FFFF], [.max, .max], [64, 0x7FFF_FFFF_FFFF_FFFF],
        [0x7FFF_FFFF_FFFF_FFFF, 1], [1 << 40, 1 << 40],
    ]

    @Test(arguments: places) func sectionsFarBehindTheEndAreNoFailure(place: [UInt64]) throws {
        let bytes = Self.sections(offset: place[0], size: place[1])
        #expect(try Self.inspect(bytes) <= Int64(bytes.count))
    }

    /// A library whose dynamic section names the same long text again and again.
    private static func dynamic(tag: UInt64, count: Int) -> [UInt8] {
        let textStart = 64 + 2 * 56 + (count + 2) * 16
        let total = UInt64(textStart + 4096)
        var bytes = elf(textStart, [32: 64, 54: 56, 56: 2]) + [UInt8](repeating: 0x61, count: 4096)
        for (index, part) in [(1, UInt64(0), total), (2, 176, UInt64(count + 2) * 16)].enumerated() {
            put(UInt64(part.0), at: 64 + index * 56, width: 4, in: &bytes)
            put(part.1, at: 64 + index * 56 + 8, width: 8, in: &bytes)
            put(part.1, at: 64 + index * 56 + 16, width: 8, in: &bytes)
            put(part.2, at: 64 + index * 56 + 32, width: 8, in: &bytes)
        }
        let entries = [(UInt64(5), UInt64(textStart)), (10, 4096)] + (0..<count).map { (tag, UInt64($0 % 16)) }
        for (index, entry) in entries.enumerated() {
            put(entry.0, at: 176 + index * 16, width: 8, in: &bytes)
            put(entry.1, at: 184 + index * 16, width: 8, in: &bytes)
        }
        return bytes
    }

    @Test func namesOfAnElfFileAreNotLongerThanTheFileByFar() throws {
        let bytes = Self.dynamic(tag: 1, count: 50_000)
        let elf = try #require(try Elf { offset, count in Array(bytes.dropFirst(Int(offset)).prefix(count)) })
        #expect(!elf.needed.isEmpty)
        #expect(elf.needed.reduce(0) { $0 + $1.utf8.count } <= 4 << 20)
    }

    /// Versions that lead to one another, none of which is kept (VER_FLG_WEAK): a table of n bytes has n² of them.
    @Test(.timeLimit(.minutes(1))) func versionsThatLeadToOneAnotherEnd() throws {
        let table = 200 << 10
        var bytes = Self.elf(64 + 2 * 56 + 4 * 16, [32: 64, 54: 56, 56: 2]) + [UInt8](repeating: 1, count: table)
        let total = UInt64(bytes.count)
        for (index, part) in [(1, UInt64(0), total), (2, 176, UInt64(64))].enumerated() {
            Self.put(UInt64(part.0), at: 64 + index * 56, width: 4, in: &bytes)
            Self.put(part.1, at: 64 + index * 56 + 8, width: 8, in: &bytes)
            Self.put(part.1, at: 64 + index * 56 + 16, width: 8, in: &bytes)
            Self.put(part.2, at: 64 + index * 56 + 32, width: 8, in: &bytes)
        }
        // Strings, needs and their versions are the same bytes: the file's name or the flags, no offset, and a step of 16.
        for index in stride(from: 240, to: bytes.count - 4, by: 4) {
            Self.put([0, 2, 0, 16][index / 4 % 4], at: index, width: 4, in: &bytes)
        }
        let entries: [(UInt64, UInt64)] = [(5, 240), (10, 16), (0x6FFF_FFFE, 240), (0x6FFF_FFFC, 240)]
        for (index, entry) in entries.enumerated() {
            Self.put(entry.0, at: 176 + index * 16, width: 8, in: &bytes)
            Self.put(entry.1, at: 184 + index * 16, width: 8, in: &bytes)
        }
        let elf = try #require(try Elf { offset, count in Array(bytes.dropFirst(Int(offset)).prefix(count)) })
        #expect(elf.neededVersions.count + elf.definedVersions.count <= 8192)
    }

    /// Entries of one library; all names and paths are one long text, and their number is a lie.
    @Test func theLoadersCacheIsNotLongerThanItsFileByFar() {
        var bytes = Array("glibc-ld.so.cache1.1".utf8) + [UInt8](repeating: 0xFF, count: 28)
        let text = UInt64(48 + 20_000 * 24)
        for index in 0..<20_000 {
            bytes += [UInt8](repeating: 0, count: 24)
            for place in [4, 8] {
                Self.put(text + UInt64(index % 2), at: 48 + index * 24 + place, width: 4, in: &bytes)
            }
        }
        bytes += [UInt8](repeating: 0x61, count: 4096)
        let cache = LoaderCache(bytes)
        let found = [0, 1].flatMap { cache.candidates(String(repeating: "a", count: 4096 - $0)) }
        #expect(!found.isEmpty)
        #expect(found.reduce(0) { $0 + $1.utf8.count } <= LoaderCache.sizeLimit)
    }

    @Test(arguments: [UInt32(22), 1 << 16, 16 << 20, 1 << 30, .max]) func directoriesOfArchivesEndWithThem(size: UInt32)
        throws
    {
        // An archive of its end alone, which speaks of a directory of so many bytes.
        var bytes: [UInt8] = [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0xFF, count: 18)
        Self.put(UInt64(size), at: 12, width: 4, in: &bytes)
        Self.put(0, at: 16, width: 4, in: &bytes)
        #expect(try Self.inspect(bytes, at: "/app.jar") <= 22)
    }

    @Test func membersOfArchivesEndWithThem() throws {
        var bytes = zip([("META-INF/maven/a/b/pom.properties", Array("artifactId=b\nversion=1\n".utf8))])
        let directory = try #require((0..<bytes.count - 4).last { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
        for (place, value) in [(20, 0x000F_FFFF), (24, 0x000F_FFFF), (42, 0xFFFF_FFF0)] as [(Int, UInt64)] {
            Self.put(value, at: directory + place, width: 4, in: &bytes)
        }
        #expect(try Self.inspect(bytes, at: "/app.jar") <= Int64(bytes.count))
    }

    @Test(arguments: [Int64.max, 1 << 62, 1 << 40]) func filesOfALayerEndWithIt(size: Int64) throws {
        let header = TarWriter.encode(TarHeader(name: Array("app".utf8), kind: .regular, mode: 0o755, size: size))
        let layer = try TarLayer(MemoryBytes(bytes: header + staticProgram()))
        let path = try #require(ImagePath("/app"))
        let read = try (layer as any LayerFiles).read(path, at: size - 1, count: 16)
        #expect(read == [])
        let tree = ImageTree(layers: [layer])
        #expect(try Inventory(tree).components == [])
    }

    /// A database of packages may have a paragraph every second byte.
    @Test func databasesAreReadAParagraphAtATime() throws {
        let text =
            String(repeating: "a:\n\n", count: 50_000) + "Package: last\nVersion: 1\nStatus: install ok installed"
        let tree = ImageTree(layers: [MemoryLayer(["/var/lib/dpkg/status": .text(text)])])
        #expect(try Inventory(tree).components.map(\.name) == ["last"])
    }
}
