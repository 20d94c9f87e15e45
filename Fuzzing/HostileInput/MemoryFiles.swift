import Archive
import Inspection
import OCI

struct MemoryBytes: ByteSource {
    let bytes: [UInt8]

    func read(at offset: Int64, count: Int) -> [UInt8] {
        Array(bytes.dropFirst(Int(clamping: max(0, offset))).prefix(max(0, count)))
    }
}

/// The files of an image of one layer, as an archive.
struct MemoryTree {
    private var archive: [UInt8] = []

    mutating func add(_ path: String, _ content: [UInt8], mode: UInt32 = 0o755) {
        archive += TarWriter.encode(
            TarHeader(name: Array(path.utf8), kind: .regular, mode: mode, size: Int64(content.count)))
        archive += content + [UInt8](repeating: 0, count: TarWriter.padding(after: Int64(content.count)))
    }

    var layer: [UInt8] { archive + TarWriter.end }

    func tree() throws -> ImageTree { ImageTree(layers: [try TarLayer(MemoryBytes(bytes: layer))]) }

    /// An ELF header of a static program of this machine.
    static var program: [UInt8] {
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 57)
        (bytes[16], bytes[18]) = (2, 62)
        return bytes
    }

    /// Lets the closure check look at an image whose interpreter starts a file.
    static func check(_ interpreter: String?, _ file: String, _ content: [UInt8], words: [String] = []) throws {
        var files = MemoryTree()
        if let interpreter { files.add(interpreter, program) }
        files.add(file, content)
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.entrypoint = (interpreter.map { ["/" + $0] } ?? []) + words + ["/" + file]
        let report = try ClosureCheck.run(config, files.tree())
        _ = report.findings.count
    }
}
