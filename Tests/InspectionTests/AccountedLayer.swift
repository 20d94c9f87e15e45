import Archive
import Inspection
import OCI

/// A layer's record, made of an archive that a few lines describe.
struct AccountedLayer {
    private var bytes: [UInt8] = []

    mutating func add(
        _ name: String, _ kind: TarHeader.Kind = .regular, _ content: String = "", mode: UInt32 = 0o644,
        link: String = "", user: UInt32 = 0
    ) {
        add(name, kind, Array(content.utf8), mode: mode, link: link, user: user)
    }

    mutating func add(
        _ name: String, _ kind: TarHeader.Kind, _ content: [UInt8], mode: UInt32 = 0o644, link: String = "",
        user: UInt32 = 0
    ) {
        var header = TarHeader(
            name: Array(name.utf8), kind: kind, mode: mode, size: Int64(content.count), linkName: Array(link.utf8))
        header.modified = TarTimestamp(seconds: 1_700_000_000)
        header.uid = user
        bytes += TarWriter.encode(header) + content
        bytes += [UInt8](repeating: 0, count: TarWriter.padding(after: Int64(content.count)))
    }

    /// The archive in pieces of a size.
    func record(pieces: Int = 1 << 20) throws -> LayerRecord {
        var recorder = LayerRecorder()
        let archive = bytes + TarWriter.end
        var place = 0
        while place < archive.count {
            let end = min(archive.count, place + pieces)
            try archive.withUnsafeBytes { try recorder.update(UnsafeRawBufferPointer(rebasing: $0[place..<end])) }
            place = end
        }
        return try recorder.finish()
    }

    /// `name=content`, `name/`, `-name` for a whiteout, `name/*` for an opaque mark, `name>target` for a hard link, `name@target`
    /// for a symbolic one.
    static func record(_ items: [String]) throws -> LayerRecord {
        var layer = AccountedLayer()
        for item in items { layer.add(item: item) }
        return try layer.record()
    }

    private mutating func add(item: String) {
        if item.hasPrefix("-") {
            let path = item.dropFirst()
            let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
            return add("\(path[..<slash]).wh.\(path[slash...])")
        }
        if item.hasSuffix("/*") { return add("\(item.dropLast())" + ".wh..wh..opq") }
        if item.hasSuffix("/") { return add(item, .directory, mode: 0o755) }
        for (mark, kind) in [(Character(">"), TarHeader.Kind.hardLink), ("@", .symbolicLink)] {
            if let place = item.firstIndex(of: mark) {
                return add(String(item[..<place]), kind, link: String(item[item.index(after: place)...]))
            }
        }
        let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        add(String(parts[0]), .regular, parts.count > 1 ? String(parts[1]) : "")
    }
}
