internal import LinuxSystem
public import OCI

/// The identity of what COPY takes: names, types, modes, owners and bytes, but no times (architecture decision 5).
public struct CopyDigest {
    private var hasher = ContentHasher()
    private let now = FileTime.now
    /// Files that had to be read because their digests were not remembered.
    public private(set) var filesRead = 0

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
        if status.kind == .regular {
            let value = try value(of: node, path, &digests)
            if value.hasExtendedAttributes { try attributes(node) }
            return field(value.digest.bytes)
        }
        try attributes(node)
        switch status.kind {
        case .regular, .fifo, .socket: break
        case .symbolicLink: field(try node.readLink())
        case .characterDevice, .blockDevice: number(UInt64(status.deviceMajor) << 32 | UInt64(status.deviceMinor))
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

    private mutating func attributes(_ node: FileTree.Node) throws {
        for attribute in try node.extendedAttributes() {
            field(attribute.name)
            field(attribute.value)
        }
    }

    private mutating func value(
        of node: FileTree.Node, _ path: ImagePath, _ digests: inout ContextDigests
    ) throws -> ContextDigests.Value {
        let key = path.bytes
        if let known = digests.value(of: key, node.status) { return known }
        filesRead += 1
        var hasher = ContentHasher()
        let file = try node.open()
        try file.forEachPiece { hasher.update($0) }
        let value = ContextDigests.Value(
            digest: FileDigest(hasher), hasExtendedAttributes: try !file.extendedAttributes().isEmpty)
        digests.remember(value, of: key, node.status, now: now)
        return value
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
