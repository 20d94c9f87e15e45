internal import LinuxSystem
internal import OCI

/// What the store notes of a layer, in its file `info`.
struct LayerInfo {
    var facts: LayerDirectory.Facts
    var author: LayerDirectory.Author
    /// What the files were, without times, when they were last compared with the layer's archive.
    var comparedContent: Digest?
    var origin: Origin

    /// Where the layer's files come from, by which it is seen whether they are still what was written.
    struct Origin: Hashable {
        /// The boot of the machine under which they were written; nil where they are on the disk.
        var boot: String?
        /// The inode of their directory; nil where an earlier version wrote them.
        var inode: UInt64?

        /// Of files that nothing is known of.
        static let unknown = Origin(boot: "unknown")
    }

    init(facts: LayerDirectory.Facts, author: LayerDirectory.Author, comparedContent: Digest?, origin: Origin) {
        (self.facts, self.author, self.comparedContent, self.origin) = (facts, author, comparedContent, origin)
    }

    private enum Member {
        static let size = "size"
        static let archive = "archive"
        static let content = "content"
        static let own = "own"
        static let files = "files"
        static let boot = "boot"
        static let inode = "inode"
    }

    /// - Returns: nil for bytes that are damaged.
    init?(_ layer: DiffID, _ bytes: [UInt8]) {
        // damaged: as if it were not there
        guard let json = try? JSON.parse(bytes), let size = json[Member.size]?.integer,
            let content = json[Member.content]?.string.flatMap({ try? Digest($0) }),
            let archive = json[Member.archive]?.integer, (0...DocumentLimit.blob).contains(size),
            (0...DocumentLimit.blob).contains(archive)
        else { return nil }
        facts = LayerDirectory.Facts(diffID: layer, content: content, size: size, archiveSize: archive)
        author = json[Member.own] == .bool(true) ? .ourselves : .unknown
        comparedContent = json[Member.files]?.string.flatMap { try? Digest($0) }  // damaged: never compared
        origin = Origin(boot: json[Member.boot]?.string, inode: json[Member.inode]?.string.flatMap { UInt64($0) })
    }

    var bytes: [UInt8] {
        var object: JSONObject = [
            Member.size: .integer(facts.size), Member.archive: .integer(facts.archiveSize),
            Member.content: .string(facts.content.description),
        ]
        if author == .ourselves { object[Member.own] = .bool(true) }
        if let comparedContent { object[Member.files] = .string(comparedContent.description) }
        if let boot = origin.boot { object[Member.boot] = .string(boot) }
        if let inode = origin.inode { object[Member.inode] = .string(String(inode)) }
        return JSON.object(object).bytes
    }
}

extension LayerDirectory {
    private static let infoName = Array("info".utf8)

    /// - Returns: nil where nothing is known, or what is known is damaged.
    func info(_ layer: DiffID) throws -> LayerInfo? {
        guard let bytes = try directory.read(name(layer) + [UInt8(ascii: "/")] + Self.infoName, limit: 4096) else {
            return nil
        }
        return LayerInfo(layer, bytes)
    }

    func write(_ info: LayerInfo) throws {
        let layer = name(info.facts.diffID)
        try directory.ensureDirectory(layer)
        try directory.openDirectory(layer).replaceFile(Self.infoName, with: info.bytes, .recoverable)
    }
}
