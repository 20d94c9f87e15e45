internal import Archive
package import LinuxSystem
package import OCI

extension Store {
    /// An image's root file system, and what is written beside its files.
    package struct RootContent {
        package let image: Image
        /// Where it stands in what is written; empty for the root of that.
        package let directory: String
        /// Further files at its root.
        package let documents: [(name: [UInt8], content: [UInt8])]
        /// The time of everything in it, in seconds since 1970; nil leaves files their own.
        package let time: Int64?

        package init(
            image: Image, directory: String, documents: [(name: [UInt8], content: [UInt8])], time: Int64? = nil
        ) {
            (self.image, self.directory, self.documents, self.time) = (image, directory, documents, time)
        }
    }

    /// Writes images' whole root file systems as one tar, as a process would see them.
    package func writeRootArchive(
        of roots: [RootContent], _ body: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        func emit(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try body($0) } }
        for content in roots {
            let tree = try tree(of: content.image)
            var writer = RootArchive(tree: tree, body: body)
            writer.time = content.time
            let path = content.directory.isEmpty ? [] : Array("\(content.directory)/".utf8)
            func dated(_ header: TarHeader) -> TarHeader {
                var header = header
                if let time = content.time { header.modified = TarTimestamp(seconds: time) }
                return header
            }
            if !path.isEmpty { try emit(TarWriter.encode(dated(TarHeader(name: path, kind: .directory, mode: 0o755)))) }
            if let root = tree.root { try writer.entries(of: root, path: path) }
            for document in content.documents {
                let size = Int64(document.content.count)
                try emit(
                    TarWriter.encode(
                        dated(TarHeader(name: path + document.name, kind: .regular, mode: 0o644, size: size))))
                try emit(document.content + [UInt8](repeating: 0, count: TarWriter.padding(after: size)))
            }
        }
        try emit(TarWriter.end)
    }

    /// Copies an image's whole root file system into a directory, owned by this process as files of a person are. What stands in
    /// the way gives place, links too: nothing is written elsewhere.
    ///
    /// - Parameter isMirror: whether what the image does not have is removed from the directory.
    package func writeRoot(_ content: RootContent, into directory: Directory, isMirror: Bool) throws {
        let tree = try tree(of: content.image)
        if let root = tree.root { try Self.clear(directory, for: root, of: tree, isMirror: isMirror) }
        let assembler = LayerAssembler(root: directory, base: FileTree(layers: []))
        let owner = (user: ProcessFacts.effectiveUser, group: ProcessFacts.effectiveGroup)
        var attributes = LayerAssembler.Attributes(owner: owner)
        attributes.fixed = content.time.map { FileTime(seconds: $0) }
        try assembler.copy(
            CopySource(kind: .path(tree, .root), ownership: .kept), to: .root, intoDirectory: true,
            attributes: attributes)
        _ = try assembler.finish()
    }

    /// Tells the path of everything but directories in an image's root file system.
    package func forEachFile(of image: Image, _ body: (_ path: [UInt8]) throws -> Void) throws {
        let tree = try tree(of: image)
        guard let root = tree.root else { return }
        var pending: [(node: FileTree.Node, path: [UInt8])] = [(root, [])]
        while let (node, path) = pending.popLast() {
            for (name, child) in try tree.entries(of: node) {
                if child.isDirectory {
                    pending.append((child, path + name + [UInt8(ascii: "/")]))
                } else {
                    try body(path + name)
                }
            }
        }
    }

    private func tree(of image: Image) throws -> FileTree {
        for layer in image.layers { try unpack(layer) }
        return try layers.tree(image.layers.map(\.diffID))
    }

    /// Removes what is a directory where the image has none, or the other way, and with `isMirror` what the image does not have.
    private static func clear(_ directory: Directory, for node: FileTree.Node, of tree: FileTree, isMirror: Bool) throws
    {
        var pending = [(directory: directory, node: node)]
        while let (directory, node) = pending.popLast() {
            for name in try directory.names() {
                guard let status = try directory.status(name) else { continue }
                let counterpart = try tree.child(name, of: node)
                if counterpart == nil, !isMirror { continue }
                guard let counterpart, counterpart.isDirectory == (status.kind == .directory) else {
                    try directory.removeTree(name)
                    continue
                }
                if counterpart.isDirectory { pending.append((directory.directory(name), counterpart)) }
            }
        }
    }
}

/// The tar of a merged tree.
struct RootArchive {
    let tree: FileTree
    let body: (UnsafeRawBufferPointer) throws -> Void
    /// The time of all entries, in seconds since 1970; nil leaves them their own.
    var time: Int64?
    /// The first name of each file that has several.
    private var firstNames: [FileIdentity: [UInt8]] = [:]

    private struct FileIdentity: Hashable { let device: UInt64, inode: UInt64 }

    init(tree: FileTree, body: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        (self.tree, self.body) = (tree, body)
    }

    func emit(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try body($0) } }

    /// Writes a directory with all below it, under its own name; without an end of the archive.
    static func write(_ name: String, in parent: Directory, _ body: @escaping (UnsafeRawBufferPointer) throws -> Void)
        throws
    {
        let bytes = Array(name.utf8)
        guard let status = try parent.status(bytes) else { return }
        let tree = FileTree(layers: [try parent.openDirectory(bytes)])
        var writer = RootArchive(tree: tree, body: body)
        let path = bytes + [UInt8(ascii: "/")]
        var header = TarHeader(name: path, kind: .directory, mode: status.mode)
        (header.uid, header.gid) = (status.user, status.group)
        header.modified = TarTimestamp(seconds: status.modified.seconds)
        try writer.emit(TarWriter.encode(header))
        if let root = tree.root { try writer.entries(of: root, path: path) }
    }

    /// - Parameter path: with a trailing slash, or empty for the root, which has no entry of its own.
    mutating func entries(of directory: FileTree.Node, path: [UInt8]) throws {
        for (name, node) in try tree.entries(of: directory) {
            let status = node.status
            guard let kind = TarHeader.Kind(status.kind) else { continue }
            var header = TarHeader(name: path + name, kind: kind, mode: status.mode)
            (header.uid, header.gid) = (status.user, status.group)
            header.modified = TarTimestamp(seconds: time ?? status.modified.seconds)
            if status.links > 1, kind != .directory {
                let identity = FileIdentity(device: status.device, inode: status.inode)
                if let first = firstNames[identity] {
                    (header.kind, header.linkName) = (.hardLink, first)
                    try emit(TarWriter.encode(header))
                    continue
                }
                firstNames[identity] = header.name
            }
            header.setExtendedAttributes(try node.extendedAttributes())
            switch status.kind {
            case .symbolicLink: (header.linkName, header.mode) = (try node.readLink(), 0o777)
            case .characterDevice, .blockDevice:
                (header.deviceMajor, header.deviceMinor) = (status.deviceMajor, status.deviceMinor)
            case .regular: header.size = status.size
            case .directory, .fifo, .socket: break
            }
            try emit(TarWriter.encode(header))
            if kind == .directory { try entries(of: node, path: path + name + [UInt8(ascii: "/")]) }
            if kind == .regular { try content(of: node) }
        }
    }

    private func content(of node: FileTree.Node) throws {
        var seen: Int64 = 0
        try node.open().forEachPiece { bytes in
            seen += Int64(bytes.count)
            guard seen <= node.status.size else { return }
            try body(bytes)
        }
        guard seen == node.status.size else { throw StorageError.damaged(what: "a file of a layer") }
        try emit([UInt8](repeating: 0, count: TarWriter.padding(after: seen)))
    }
}
