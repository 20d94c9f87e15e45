internal import LinuxSystem
public import OCI

/// The identity of what COPY takes: names, types, modes, owners and bytes, but no times (architecture decision 5).
public struct CopyDigest {
    private var hasher = ContentHasher()
    private let now = FileTime.now

    public init() {}

    /// Adds a source. Files whose digests are remembered are not read.
    ///
    /// - Throws: ``StorageError/noSuchFile(_:)``, and what reading files throws.
    public mutating func add(_ source: CopySource, remembered digests: inout ContextDigests) throws {
        field(Array("source".utf8))
        if case .inline(let name, let content) = source.kind {
            field(name)
            field(content)
            return
        }
        for selection in try source.selections() {
            field(selection.path.name ?? [])
            try add(selection.node, selection.path, selection.tree, source, &digests)
        }
    }

    public consuming func finalize() -> Digest { hasher.finalize() }

    /// Length before content, so that no two lists of fields look alike.
    private mutating func field(_ bytes: [UInt8]) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update($0) }
        hasher.update(bytes)
    }

    private mutating func number(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { hasher.update($0) } }

    private mutating func add(
        _ node: FileTree.Node, _ path: ImagePath, _ tree: FileTree, _ source: CopySource, _ digests: inout ContextDigests
    ) throws {
        let status = node.status
        number(UInt64(status.mode) | UInt64(status.kind.code) << 32)
        switch source.ownership {
        case .root: number(0)
        case .kept: number(UInt64(status.user) << 32 | UInt64(status.group))
        }
        for attribute in try node.extendedAttributes() {
            field(attribute.name)
            field(attribute.value)
        }
        switch status.kind {
        case .regular: field(try digest(of: node, path, &digests))
        case .symbolicLink: field(try node.readLink())
        case .characterDevice, .blockDevice: number(UInt64(status.deviceMajor) << 32 | UInt64(status.deviceMinor))
        case .fifo, .socket: break
        case .directory:
            for (name, child) in try tree.entries(of: node) {
                let childPath = path.appending(name)
                let verdict = source.filter.verdict(childPath.relativeBytes, child.isDirectory)
                if verdict == .exclude || (verdict == .descend && !child.isDirectory) { continue }
                field(name)
                try add(child, childPath, tree, source, &digests)
            }
            number(.max)
        }
    }

    private func digest(of node: FileTree.Node, _ path: ImagePath, _ digests: inout ContextDigests) throws -> [UInt8] {
        if let known = digests.digest(of: path.bytes, node.status) { return known }
        var hasher = ContentHasher()
        try node.open().forEachPiece { hasher.update($0) }
        let digest = Array(hasher.finalize().hex.utf8)
        digests.remember(digest, of: path.bytes, node.status, now: now)
        return digest
    }
}

extension FileStatus.Kind {
    /// A number that stays the same for ever, for cache keys.
    var code: UInt8 {
        switch self {
        case .regular: 0
        case .directory: 1
        case .symbolicLink: 2
        case .characterDevice: 3
        case .blockDevice: 4
        case .fifo: 5
        case .socket: 6
        }
    }
}
