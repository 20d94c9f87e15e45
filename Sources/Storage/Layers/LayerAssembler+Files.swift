internal import Archive
internal import LinuxSystem
internal import OCI

extension LayerAssembler {
    /// Above this many bytes a file is copied in the kernel, which can share blocks where the file system does.
    private static let largeFile: Int64 = 1 << 20

    /// Writes a copy of anything but a directory.
    func write(_ node: FileTree.Node, from source: ImagePath, _ name: [UInt8], in place: Place, _ job: Job) throws {
        try makeRoom(name, in: place)
        let status = node.status
        let path = place.path.appending(name)
        var header = TarHeader(name: path.relativeBytes, kind: .regular, mode: job.attributes.mode(status.mode, false))
        header.setOwner(job.owner(status))
        let modified = job.attributes.time(status.modified)
        header.modified = TarTimestamp(seconds: modified.seconds)
        switch status.kind {
        case .regular: return try writeRegular(node, from: source, &header, modified, name, in: place)
        case .symbolicLink:
            header.kind = .symbolicLink
            header.mode = 0o777
            header.linkName = try node.readLink()
            try place.directory.makeSymbolicLink(name, to: header.linkName)
        case .characterDevice, .blockDevice, .fifo:
            guard let kind = TarHeader.Kind(status.kind) else { return }
            header.kind = kind
            if kind != .fifo { (header.deviceMajor, header.deviceMinor) = (status.deviceMajor, status.deviceMinor) }
            try place.directory.makeNode(
                name, kind: status.kind, mode: 0o600, major: status.deviceMajor, minor: status.deviceMinor)
        case .socket: return try writeSocket(&header, modified, name, in: place, job)
        case .directory: return
        }
        if header.owner != creator { try place.directory.setOwner(name, user: header.uid, group: header.gid) }
        if status.kind != .symbolicLink { try place.directory.setMode(name, header.mode) }
        let attributes = try node.extendedAttributes()
        for attribute in attributes {
            try place.directory.setExtendedAttribute(attribute.name, attribute.value, of: name)
        }
        header.setExtendedAttributes(attributes)
        try place.directory.setModified(name, modified)
        identity.entry(path, header)
    }

    /// A socket of a context comes out as an empty file, as it does where contexts are sent to a daemon; between stages
    /// sockets stay behind.
    private func writeSocket(
        _ header: inout TarHeader, _ modified: FileTime, _ name: [UInt8], in place: Place, _ job: Job
    ) throws {
        guard job.source.ownership == .root else { return }
        identity.entry(place.path.appending(name), header)
        _ = identity.endFile()
        let file = try place.directory.createFile(name, mode: 0o600)
        if header.owner != creator { try file.setOwner(user: header.uid, group: header.gid) }
        try file.setMode(header.mode)
        try file.setModified(modified)
    }

    private func writeRegular(
        _ node: FileTree.Node, from source: ImagePath, _ header: inout TarHeader, _ modified: FileTime, _ name: [UInt8],
        in place: Place
    ) throws {
        let status = node.status
        let path = place.path.appending(name)
        let file = FileIdentity(device: status.device, inode: status.inode)
        if status.links > 1, let first = copiedFiles[file] {
            try place.directory.makeHardLink(name, to: first.name, in: first.directory)
            header.kind = .hardLink
            header.linkName = first.path.relativeBytes
            identity.entry(path, header)
            digests?.remember(first.value, of: source.bytes, status, now: now)
            return
        }
        let input = try node.open()
        let attributes = try input.extendedAttributes().filter { !Overlay.isInternal($0.name) }
        // What is read counts, and the size is that of this moment: the file may be a log that grows, or be written anew.
        header.size = try input.status().size
        header.setExtendedAttributes(attributes)
        identity.entry(path, header)
        let output = try place.directory.createReadableFile(name, mode: 0o600)
        try copyContents(of: input, size: header.size, to: output)
        let value = ContextDigests.Value(
            digest: identity.endFile() ?? FileDigest(ContentHasher()), hasExtendedAttributes: !attributes.isEmpty,
            mode: status.mode)
        try learn(value, source, status, try input.status())

        // The owner first: a change of owner takes set-user-ID away, and capabilities.
        if header.owner != creator { try output.setOwner(user: header.uid, group: header.gid) }
        if header.mode != 0o600 { try output.setMode(header.mode) }
        for attribute in attributes { try output.setExtendedAttribute(attribute.name, attribute.value) }
        try output.setModified(modified)
        if status.links > 1 {
            copiedFiles[file] = Copy(directory: place.directory, name: name, path: path, value: value)
        }
    }

    /// Notes what a file was when it was copied, and whether that is what the key was made of.
    private func learn(_ value: ContextDigests.Value, _ source: ImagePath, _ before: FileStatus, _ after: FileStatus)
        throws
    {
        guard let known = digests else { return }
        let isSame = before.size == after.size && before.modified == after.modified && before.changed == after.changed
        if known.value(of: source.bytes, before) != value { copiedOtherFiles = true }
        digests?.remember(value, of: source.bytes, before, now: now)
        if !isSame {
            copiedOtherFiles = true
            digests?.pin(value, of: source.bytes)
        }
    }

    /// Copies a file's bytes, no more than it had, and shows them to the layer's identity on the way.
    private func copyContents(of input: borrowing OwnedDescriptor, size: Int64, to output: borrowing OwnedDescriptor)
        throws
    {
        let isLarge = size >= Self.largeFile
        if isLarge {
            _ = try output.copyContents(of: input, limit: size)
            // What was written is what counts.
            try output.seek(to: 0)
        }
        var seen: Int64 = 0
        while seen < size {
            let count = min(
                try isLarge ? output.read(into: buffer) : input.read(into: buffer), Int(clamping: size - seen))
            // It has become shorter, which the layer's identity notices.
            if count == 0 { break }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            seen += Int64(count)
            identity.bytes(piece)
            if !isLarge { try output.write(piece) }
        }
    }

    func writeInline(_ content: [UInt8], to target: ImagePath, _ attributes: Attributes) throws {
        guard let name = target.name else { throw StorageError.notADirectory(target) }
        let place = try ensureDirectory(target.parent, attributes)
        try makeRoom(name, in: place)
        var header = TarHeader(
            name: target.relativeBytes, kind: .regular, mode: attributes.mode(0o644, false), size: Int64(content.count))
        header.setOwner(attributes.owner ?? creator)
        header.modified = TarTimestamp(seconds: made.seconds)
        identity.entry(target, header)
        content.withUnsafeBytes { identity.bytes($0) }
        _ = identity.endFile()
        let file = try place.directory.createFile(name, mode: 0o600)
        try file.write(content)
        if let owner = attributes.owner { try file.setOwner(user: owner.user, group: owner.group) }
        try file.setMode(header.mode)
        try file.setModified(made)
    }
}

extension TarHeader {
    var owner: (user: UInt32, group: UInt32) { (uid, gid) }

    mutating func setOwner(_ owner: (user: UInt32, group: UInt32)) { (uid, gid) = (owner.user, owner.group) }

    mutating func setExtendedAttributes(_ attributes: [(name: [UInt8], value: [UInt8])]) {
        extendedAttributes = attributes.map { .init(name: String(decoding: $0.name, as: UTF8.self), value: $0.value) }
    }
}
