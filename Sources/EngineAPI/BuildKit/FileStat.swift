/// A file as it travels between a client and a builder (fsutil, `types.Stat`).
package struct FileStat: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case regular, directory, symbolicLink, hardLink, other
    }

    /// Relative, without a slash at its end.
    package var path = ""
    /// Go's FileMode: its type bits are not those of stat(2).
    package var mode: UInt32 = 0
    package var user: UInt32 = 0
    package var group: UInt32 = 0
    package var size: Int64 = 0
    /// Nanoseconds since 1970.
    package var modified: Int64 = 0
    /// Of a symbolic link its target, of a hard link the earlier path.
    package var link = ""
    /// Extended attributes that a build copies, by name; of others nothing is kept.
    var attributes: [[UInt8]: [UInt8]] = [:]

    package init() {}

    private static let directory: UInt32 = 1 << 31
    private static let symbolicLink: UInt32 = 1 << 27
    /// Device, pipe, socket, character device, and irregular files.
    private static let others: UInt32 = 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19
    private static let special: [(go: UInt32, unix: UInt32)] = [
        (1 << 23, 0o4000), (1 << 22, 0o2000), (1 << 20, 0o1000),
    ]

    package var kind: Kind {
        if mode & Self.directory != 0 { return .directory }
        if mode & Self.symbolicLink != 0 { return .symbolicLink }
        if mode & Self.others != 0 { return .other }
        return link.isEmpty ? .regular : .hardLink
    }

    /// 07777 of chmod(2).
    package var permissions: UInt32 {
        Self.special.reduce(mode & 0o777) { mode & $1.go != 0 ? $0 | $1.unix : $0 }
    }

    package mutating func set(_ kind: Kind, permissions: UInt32) {
        mode = Self.special.reduce(permissions & 0o777) { permissions & $1.unix != 0 ? $0 | $1.go : $0 }
        switch kind {
        case .directory: mode |= Self.directory
        case .symbolicLink: mode |= Self.symbolicLink | 0o777
        default: break
        }
    }

    package init(_ bytes: [UInt8]) throws {
        try ProtobufReader.forEachField(bytes) { field, value in
            switch field {
            case 1: path = value.text
            case 2: mode = UInt32(truncatingIfNeeded: value.number)
            case 3: user = UInt32(truncatingIfNeeded: value.number)
            case 4: group = UInt32(truncatingIfNeeded: value.number)
            case 5: size = value.number
            case 6: modified = value.number
            case 7: link = value.text
            case 10: try takeAttribute(value.data)
            default: break
            }
        }
    }

    /// An entry of the map of attributes. What overlayfs reads of a lower layer means something to this machine, and is nobody's to set.
    private mutating func takeAttribute(_ bytes: [UInt8]) throws {
        var (name, content): ([UInt8], [UInt8]) = ([], [])
        try ProtobufReader.forEachField(bytes) { field, value in
            if field == 1 { name = value.data } else if field == 2 { content = value.data }
        }
        let isCopied =
            name.elementsEqual("security.capability".utf8)
            || name.starts(with: "user.".utf8) && !name.starts(with: "user.overlay.".utf8)
        if isCopied, !name.contains(0), name.count < 256, attributes.count < 64 { attributes[name] = content }
    }

    package var bytes: [UInt8] {
        ProtobufWriter.message { stat in
            stat.string(1, path)
            stat.integer(2, Int64(mode))
            stat.integer(3, Int64(user))
            stat.integer(4, Int64(group))
            stat.integer(5, size)
            stat.integer(6, modified)
            stat.string(7, link)
            for (name, value) in attributes.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                stat.message(10) { entry in
                    entry.data(1, name)
                    entry.data(2, value)
                }
            }
        }
    }

    /// The names on the way to the file.
    ///
    /// - Throws: ``APIError/unsafePath(_:)`` for a path that leads out, or that is not written plainly.
    package func components() throws(APIError) -> [String] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count < 1024, path.utf8.count < 4096, !path.utf8.contains(0),
            parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count < 256 })
        else { throw .unsafePath(path) }
        return parts
    }
}

/// A packet of a transfer of files (fsutil, `types.Packet`).
package struct FilePacket: Hashable, Sendable {
    package enum Kind: Int64, Sendable {
        case stat = 0
        case request = 1
        case data = 2
        case end = 3
        case failure = 4
    }

    package var kind: Kind
    package var stat: FileStat?
    package var id: UInt32 = 0
    package var data: [UInt8] = []

    package init(_ kind: Kind, id: UInt32 = 0, data: [UInt8] = [], stat: FileStat? = nil) {
        (self.kind, self.id, self.data, self.stat) = (kind, id, data, stat)
    }

    package init(_ bytes: [UInt8]) throws {
        self.init(.stat)
        try ProtobufReader.forEachField(bytes) { field, value in
            switch field {
            case 1:
                guard let known = Kind(rawValue: value.number) else { throw ProtobufError.malformed }
                kind = known
            case 2: stat = try FileStat(value.data)
            case 3: id = UInt32(truncatingIfNeeded: value.number)
            case 4: data = value.data
            default: break
            }
        }
    }

    package var bytes: [UInt8] {
        ProtobufWriter.message { packet in
            packet.integer(1, kind.rawValue)
            if let stat { packet.message(2, stat.bytes) }
            packet.integer(3, Int64(id))
            packet.data(4, data)
        }
    }
}

/// The order in which files travel: by names, with a directory right before what is in it.
package struct FileOrder {
    private var last: [String] = []
    /// The directories on the way to the last path, each below the one before.
    private var open: [[String]] = []

    package init() {}

    /// - Returns: false for a path that may not come after those before.
    package mutating func admits(_ path: [String], isDirectory: Bool) -> Bool {
        guard !path.isEmpty, last.isEmpty || Self.precedes(last, path) else { return false }
        let depth = open.lastIndex { path.starts(with: $0) }.map { $0 + 1 } ?? 0
        guard path.count == 1 || depth > 0 && open[depth - 1].count == path.count - 1 else { return false }
        last = path
        open.removeSubrange(depth...)
        if isDirectory { open.append(path) }
        return true
    }

    /// Names are compared byte by byte, and a slash is below all of them.
    private static func precedes(_ one: [String], _ other: [String]) -> Bool {
        for (left, right) in zip(one, other) where left != right {
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        return one.count < other.count
    }
}
