internal import LinuxSystem
package import OCI

/// The identity of what COPY takes: names, types, modes, owners and bytes, but no times (architecture decision 5).
package struct CopyDigest {
    private var hasher = ContentHasher()
    private let now = FileTime.now
    /// Files that had to be read because their digests were not remembered.
    package private(set) var filesRead = 0
    /// What differs from what was known earlier, the first few files.
    package private(set) var changes: [Change] = []
    private let earlier: ContextDigests?
    /// Directories that count only if something in them does; the outermost first.
    private var pending: [(name: [UInt8], node: FileTree.Node)] = []

    /// A file that is not what it was.
    package enum Change: Hashable, Sendable {
        case content([UInt8])
        case mode([UInt8])
        case added([UInt8])
    }

    /// - Parameter earlier: what to compare with; files that it does not know count as added.
    package init(comparingWith earlier: ContextDigests? = nil) {
        self.earlier = earlier.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Adds a source. Files whose digests are remembered are not read.
    ///
    /// - Throws: ``StorageError/noSuchFile(_:)``, and what reading files throws.
    package mutating func add(_ source: CopySource, remembered digests: inout ContextDigests) throws {
        field(Array("source".utf8))
        switch source.kind {
        case .inline(let name, let content):
            field(Array("inline".utf8))
            field(name)
            field(content)
            return
        case .emptyRoot: return field(Array("empty".utf8))
        case .path, .matching: field(Array((source.ownership == .kept ? "kept" : "root").utf8))
        }
        for selection in try source.selections() {
            if case .underParents(let depth) = source.placement {
                try addParents(of: selection, dropping: depth, source)
            }
            field(selection.name)
            try add(selection.node, selection.path, selection, source, &digests)
        }
    }

    /// Where a selection comes out, and what the directories on the way look like: they are copied too.
    private mutating func addParents(of selection: CopySource.Selection, dropping depth: Int, _ source: CopySource)
        throws
    {
        field(Array("parents".utf8))
        var path = ImagePath.root
        for (index, name) in selection.path.components.enumerated() {
            path = path.appending(name)
            if index < depth { continue }
            field(name)
            guard index < selection.path.components.count - 1,
                let node = try selection.tree.lookUp(path, links: .keepLast)?.node
            else { continue }
            header(node, source)
            try attributes(node)
        }
        field([])
    }

    package consuming func finalize() -> Digest { hasher.finalize() }

    /// Length before content, so that no two lists of fields look alike.
    private mutating func field(_ bytes: [UInt8]) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update($0) }
        hasher.update(bytes)
    }

    private mutating func number(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { hasher.update($0) } }

    private mutating func add(
        _ node: FileTree.Node, _ path: ImagePath, _ selection: CopySource.Selection, _ source: CopySource,
        _ digests: inout ContextDigests
    ) throws {
        let status = node.status
        header(node, source)
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
            try addEntries(of: node, path, selection, source, &digests)
            number(.max)
        }
    }

    private mutating func addEntries(
        of node: FileTree.Node, _ path: ImagePath, _ selection: CopySource.Selection, _ source: CopySource,
        _ digests: inout ContextDigests
    ) throws {
        for (name, child) in try selection.tree.entries(of: node) {
            let childPath = path.appending(name)
            switch source.verdict(childPath, child.isDirectory, in: selection) {
            case .exclude: continue
            case .include:
                for directory in pending {
                    field(directory.name)
                    header(directory.node, source)
                    try attributes(directory.node)
                }
                pending = []
                field(name)
                try add(child, childPath, selection, source, &digests)
            case .descend:
                guard child.isDirectory else { continue }
                pending.append((name, child))
                let depth = pending.count
                try addEntries(of: child, childPath, selection, source, &digests)
                if pending.count == depth { pending.removeLast() } else { number(.max) }
            }
        }
    }

    /// Mode, kind and owner.
    private mutating func header(_ node: FileTree.Node, _ source: CopySource) {
        let status = node.status
        number(UInt64(status.mode) | UInt64(status.kind.code) << 32)
        switch source.ownership {
        case .root: number(0)
        case .kept: number(UInt64(status.user) << 32 | UInt64(status.group))
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
        if let known = digests.value(of: key, node.status) {
            // What another step of this build learnt is known now, and may differ from what was known earlier.
            if earlier != nil { compare(known, key) }
            return known
        }
        filesRead += 1
        var hasher = ContentHasher()
        let file = try node.open()
        try file.forEachPiece { hasher.update($0) }
        let value = ContextDigests.Value(
            digest: FileDigest(hasher), hasExtendedAttributes: try !file.extendedAttributes().isEmpty,
            mode: node.status.mode)
        digests.remember(value, of: key, node.status, now: now)
        compare(value, key)
        return value
    }
}

extension CopyDigest {
    /// The most changes that are told.
    private static let changeLimit = 3

    private mutating func compare(_ value: ContextDigests.Value, _ path: [UInt8]) {
        guard let earlier, changes.count < Self.changeLimit else { return }
        guard let last = earlier.lastValue(of: path) else { return changes.append(.added(path)) }
        if last.digest != value.digest {
            changes.append(.content(path))
        } else if last.mode != value.mode {
            changes.append(.mode(path))
        }
    }

    /// Files that were known earlier and that a source does not have any more; the first few.
    package static func removals(from source: CopySource, since earlier: ContextDigests) throws -> [[UInt8]] {
        guard case .path(let tree, let root) = source.kind else { return [] }
        var result: [[UInt8]] = []
        for path in earlier.paths.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let path = ImagePath(path), path.hasPrefix(root), path != root else { continue }
            let node = try tree.lookUp(path, links: .keepLast)?.node
            let isHidden = node.map { source.filter.verdict(path.relativeBytes, $0.isDirectory) != .include } ?? true
            if isHidden { result.append(path.bytes) }
            if result.count == changeLimit { break }
        }
        return result
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
