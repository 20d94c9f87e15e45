import Archive
import Inspection
import OCI

/// A layer in memory: paths and what is there.
struct MemoryLayer: LayerFiles {
    enum Item {
        case file([UInt8], mode: UInt32 = 0o644)
        case link(String)
        case directory
        /// A directory of root's alone.
        case closed
        case opaque
        case whiteout

        static func text(_ text: String, mode: UInt32 = 0o644) -> Item { .file(Array(text.utf8), mode: mode) }
        static func program(_ text: String) -> Item { .file(Array(text.utf8), mode: 0o755) }
        static func program(_ bytes: [UInt8]) -> Item { .file(bytes, mode: 0o755) }
    }

    private var items: [ImagePath: Item] = [.root: .directory]

    init(_ items: [String: Item]) {
        for (name, item) in items {
            guard let path = ImagePath(name) else { continue }
            var parent = path.parent
            while self.items[parent] == nil {
                self.items[parent] = .directory
                parent = parent.parent
            }
            self.items[path] = item
        }
    }

    func entry(at path: ImagePath) -> LayerEntry? {
        switch items[path] {
        case nil: nil
        case .file(let bytes, let mode): .file(mode: mode, size: Int64(bytes.count))
        case .link(let target): .symbolicLink(target: Array(target.utf8))
        case .directory, .closed: .directory(isOpaque: false)
        case .opaque: .directory(isOpaque: true)
        case .whiteout: .whiteout
        }
    }

    /// Files and directories are root's; directories are open.
    func access(at path: ImagePath) -> FileAccess? {
        switch items[path] {
        case .file(_, let mode): FileAccess(mode: mode, user: 0, group: 0)
        case .directory, .opaque: FileAccess(mode: 0o755, user: 0, group: 0)
        case .closed: FileAccess(mode: 0o700, user: 0, group: 0)
        case .link, .whiteout, nil: nil
        }
    }

    func names(in directory: ImagePath) -> [[UInt8]] {
        items.keys.filter { !$0.isRoot && $0.parent == directory }.compactMap(\.name)
    }

    func read(_ path: ImagePath, at offset: Int64, count: Int) -> [UInt8] {
        guard case .file(let bytes, _) = items[path] else { return [] }
        return Array(bytes.dropFirst(Int(offset)).prefix(count))
    }
}

struct MemoryBytes: ByteSource {
    let bytes: [UInt8]

    func read(at offset: Int64, count: Int) -> [UInt8] {
        Array(bytes.dropFirst(Int(min(offset, Int64(bytes.count)))).prefix(count))
    }
}

/// The smallest static program: an ELF header of a 64-bit machine.
func staticProgram(machine: UInt8 = 62) -> [UInt8] {
    var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 57)
    (bytes[16], bytes[18]) = (2, machine)
    return bytes
}

/// A zip archive of stored members.
func zip(_ members: [(String, [UInt8])]) -> [UInt8] {
    func little(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    var (archive, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, content) in members {
        let sizes = little(0, 4) + little(content.count, 4) + little(content.count, 4)
        let start = archive.count
        archive +=
            [0x50, 0x4B, 3, 4] + little(0, 10) + sizes + little(name.utf8.count, 2) + little(0, 2) + Array(name.utf8)
            + content
        directory +=
            [0x50, 0x4B, 1, 2] + little(0, 12) + sizes + little(name.utf8.count, 2) + little(0, 12) + little(start, 4)
            + Array(name.utf8)
    }
    let end = [0x50, 0x4B, 5, 6] + little(0, 4) + little(members.count, 2) + little(members.count, 2)
    return archive + directory + end + little(directory.count, 4) + little(archive.count, 4) + little(0, 2)
}

/// A program for amd64 that asks for a loader and nothing else.
func dynamicProgram(loader: String) -> [UInt8] {
    var header = staticProgram()
    // Where the program headers are, how long one is and how many there are (elf(5)).
    (header[32], header[54], header[56]) = (64, 56, 1)
    var interpreter = [UInt8](repeating: 0, count: 56)
    // PT_INTERP: the text behind the header.
    (interpreter[0], interpreter[8], interpreter[32]) = (3, 120, UInt8(loader.utf8.count + 1))
    return header + interpreter + Array(loader.utf8) + [0]
}

/// A Java class with an empty method `main` (The Java Virtual Machine Specification, 4.1).
///
/// - Parameter parent: its superclass.
func javaClass(_ name: String, parent: String = "java/lang/Object", release: UInt8 = 17) -> [UInt8] {
    func short(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
    func text(_ value: String) -> [UInt8] { [1] + short(value.utf8.count) + Array(value.utf8) }
    // 1 and 2 the class, 3 and 4 its superclass, 5 and 6 the method's name and type, 7 "Code".
    let pool =
        text(name) + [7] + short(1) + text(parent) + [7] + short(3) + text("main") + text("([Ljava/lang/String;)V")
        + text("Code")
    let code: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1, 0xB1, 0, 0, 0, 0]
    let method = short(9) + short(5) + short(6) + short(1) + short(7) + [0, 0] + short(code.count) + code
    return [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, release + 44] + short(8) + pool + short(0x21) + short(2) + short(4)
        + short(0) + short(0) + short(1) + method + short(0)
}
