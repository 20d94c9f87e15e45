internal import Archive
internal import LinuxSystem
internal import OCI

/// The archive of a layer's directory: the same files give the same bytes.
///
/// Entries are sorted by the bytes of their names, a directory before what is in it; times are whole seconds; whiteouts
/// and opaque directories are written as OCI's image specification says (layer.md).
enum LayerArchive {
    /// Reads the files once and tells what layer they are.
    static func identify(_ files: Directory) throws -> LayerDirectory.Facts {
        var hasher = ContentHasher()
        var archiveSize: Int64 = 0
        let (content, size) = try written(files, latest: .max, TimelessIdentity()) { bytes in
            hasher.update(bytes)
            archiveSize += Int64(bytes.count)
        }
        guard let content else { throw StorageError.damaged(what: "archive") }
        return LayerDirectory.Facts(
            diffID: DiffID(hasher.finalize()), content: content, size: size, archiveSize: archiveSize)
    }

    /// Writes the archive.
    ///
    /// - Parameter latest: later times of files become this one, in seconds since 1970.
    static func write(
        _ files: Directory, latest: Int64 = .max, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        _ = try written(files, latest: latest, nil, body)
    }

    /// - Parameter identity: for that of the files without times.
    /// - Returns: it, where it is asked for, and the bytes in regular files.
    private static func written(
        _ files: Directory, latest: Int64, _ identity: TimelessIdentity?,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> (content: Digest?, size: Int64) {
        try withoutActuallyEscaping(body) { body in
            var writer = Writer(latest: latest, content: identity, body: body)
            try writer.entries(below: files)
            try writer.emit(TarWriter.end)
            return (writer.content?.finalize(), writer.size)
        }
    }

    private struct Writer {
        let latest: Int64
        let body: (UnsafeRawBufferPointer) throws -> Void
        /// Of the files without times, which costs as much as the archive's own; nil where nobody asks.
        var content: TimelessIdentity?
        var size: Int64 = 0
        /// The first name of each file that has several.
        private var firstNames: [FileIdentity: [UInt8]] = [:]

        private struct FileIdentity: Hashable { let device: UInt64, inode: UInt64 }

        init(latest: Int64, content: TimelessIdentity?, body: @escaping (UnsafeRawBufferPointer) throws -> Void) {
            (self.latest, self.content, self.body) = (latest, content, body)
        }

        func emit(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try body($0) } }

        /// Writes everything below a directory, which has no entry of its own.
        mutating func entries(below root: Directory) throws {
            var walk = try DirectoryWalk(root)
            while let step = try walk.next() {
                guard case .entry(let name) = step, let status = try walk.current.status(name) else { continue }
                try entry(name, status, in: walk.current, path: walk.path)
                if status.kind == .directory { try walk.enter(name) }
            }
        }

        /// - Parameter path: of the directory, with a slash at its end; empty for the root.
        private mutating func entry(_ name: [UInt8], _ status: FileStatus, in directory: Directory, path: [UInt8])
            throws
        {
            if status.isWhiteout {
                guard let hidden = Whiteout.entry(name).name else { return }
                try header(TarHeader(name: path + hidden, kind: .regular, mode: 0o600))
                return
            }
            guard let kind = TarHeader.Kind(status.kind) else { return }
            var header = TarHeader(name: path + name, kind: kind, mode: status.mode)
            (header.uid, header.gid) = (status.user, status.group)
            header.modified = TarTimestamp(seconds: min(latest, status.modified.seconds))
            if status.links > 1, status.kind != .directory {
                let identity = FileIdentity(device: status.device, inode: status.inode)
                if let first = firstNames[identity] {
                    header.kind = .hardLink
                    header.linkName = first
                    try self.header(header)
                    return
                }
                firstNames[identity] = header.name
            }
            header.setExtendedAttributes(try directory.extendedAttributes(name).filter { !Overlay.isInternal($0.name) })
            switch status.kind {
            case .directory:
                try self.header(header)
                if try directory.isOpaque(name), let mark = Whiteout.opaque.name {
                    try self.header(
                        TarHeader(name: path + name + [UInt8(ascii: "/")] + mark, kind: .regular, mode: 0o600))
                }
            case .regular:
                header.size = status.size
                try self.header(header)
                try contents(of: name, size: status.size, in: directory)
            case .symbolicLink:
                header.linkName = try directory.readLink(name)
                header.mode = 0o777
                try self.header(header)
            case .characterDevice, .blockDevice:
                (header.deviceMajor, header.deviceMinor) = (status.deviceMajor, status.deviceMinor)
                try self.header(header)
            case .fifo: try self.header(header)
            case .socket: break
            }
        }

        private mutating func header(_ header: TarHeader) throws {
            try emit(TarWriter.encode(header))
            content?.add(header)
        }

        private mutating func contents(of name: [UInt8], size expected: Int64, in directory: Directory) throws {
            guard expected > 0 else { return }
            var seen: Int64 = 0
            var content = content
            try directory.openFile(name).forEachPiece { bytes in
                seen += Int64(bytes.count)
                guard seen <= expected else { return }
                content?.update(bytes)
                try body(bytes)
            }
            self.content = content
            guard seen == expected else {
                throw StorageError.damaged(what: String(decoding: name, as: UTF8.self))
            }
            size += expected
            try emit([UInt8](repeating: 0, count: TarWriter.padding(after: expected)))
        }
    }
}

extension TarHeader.Kind {
    /// Sockets have no place in an archive.
    init?(_ kind: FileStatus.Kind) {
        switch kind {
        case .regular: self = .regular
        case .directory: self = .directory
        case .symbolicLink: self = .symbolicLink
        case .characterDevice: self = .characterDevice
        case .blockDevice: self = .blockDevice
        case .fifo: self = .fifo
        case .socket: return nil
        }
    }
}
