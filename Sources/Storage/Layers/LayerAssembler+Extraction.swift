internal import Archive
internal import LinuxSystem
internal import OCI

/// A file of an archive that is being written.
final class ExtractedFile {
    let descriptor: OwnedDescriptor
    let parent: Directory
    let name: [UInt8]

    init(_ descriptor: consuming OwnedDescriptor, parent: Directory, name: [UInt8]) {
        self.descriptor = descriptor
        self.parent = parent
        self.name = name
    }
}

extension LayerAssembler {
    /// Makes an archive's entry in place of what is there, whatever that is, a link too: only a directory on a directory is
    /// merged (moby/go-archive, Unpack). A regular file's content is for the caller to write.
    func extract(
        _ header: TarHeader, to path: ImagePath, linkTarget: ImagePath, owner: (user: UInt32, group: UInt32)?
    ) throws -> ExtractedFile? {
        if header.kind == .directory {
            let real = try directoryPath(path)
            // One that the base has comes up into this layer, for its attributes change.
            _ = try ensureDirectory(real)
            guard let (parent, name) = try place(real) else { return nil }
            try apply(header, real, to: name, in: parent, owner)
            return nil
        }
        guard let (parent, name) = try placeOfNothing(path) else { return nil }
        switch header.kind {
        case .regular:
            return ExtractedFile(try parent.createFile(name, mode: 0o600), parent: parent, name: name)
        case .symbolicLink: try parent.makeSymbolicLink(name, to: header.linkName)
        case .hardLink:
            guard let (other, otherName) = try placeOfFile(linkTarget) else { return nil }
            try parent.makeHardLink(name, to: otherName, in: other)
            return nil
        case .characterDevice:
            try parent.makeNode(
                name, kind: .characterDevice, mode: 0o600, major: header.deviceMajor, minor: header.deviceMinor)
        case .blockDevice:
            try parent.makeNode(
                name, kind: .blockDevice, mode: 0o600, major: header.deviceMajor, minor: header.deviceMinor)
        case .fifo: try parent.makeNode(name, kind: .fifo, mode: 0o600)
        case .directory, .unknown: return nil
        }
        try apply(header, path, to: name, in: parent, owner)
        return nil
    }

    /// An archive's path with the links in front of its last name followed as if the destination were the root, as docker
    /// unpacks (moby, chrootarchive).
    func way(to path: ImagePath, below destination: ImagePath) throws -> ImagePath {
        guard let last = path.name, path.components.count > destination.components.count else { return path }
        // Mostly there are no links.
        if try combined.resolve(path.parent, links: .followAll).path == path.parent { return path }
        var resolved = destination
        var rest = Array(path.parent.components.dropFirst(destination.components.count).reversed())
        var followed = 0
        while let name = rest.popLast() {
            if name.elementsEqual("..".utf8) {
                if resolved != destination { resolved = resolved.parent }
                continue
            }
            let next = resolved.appending(name)
            guard let node = try combined.lookUp(next, links: .keepLast)?.node, node.status.kind == .symbolicLink else {
                resolved = next
                continue
            }
            followed += 1
            guard followed <= Self.linkLimit else { throw StorageError.tooManyLinks(path) }
            let target = try node.readLink()
            if target.first == UInt8(ascii: "/") { resolved = destination }
            rest += target.split(separator: UInt8(ascii: "/")).map(Array.init).filter { !$0.elementsEqual(".".utf8) }
                .reversed()
        }
        return resolved.appending(last)
    }

    private static let linkLimit = 40

    func finishFile(
        _ file: ExtractedFile, _ header: TarHeader, _ path: ImagePath, owner: (user: UInt32, group: UInt32)?
    ) throws {
        try apply(header, path, to: file.name, in: file.parent, owner)
    }

    /// The place of a file that this layer gets another name for: one that only the base has comes up into the layer.
    private func placeOfFile(_ path: ImagePath) throws -> (parent: Directory, name: [UInt8])? {
        guard let (parent, name) = try place(path) else { return nil }
        if try parent.status(name) != nil { return (parent, name) }
        guard let node = try combined.lookUp(path, links: .keepLast)?.node, !node.isDirectory else {
            return (parent, name)
        }
        let source = CopySource(kind: .path(base, path), ownership: .kept)
        let selection = CopySource.Selection(tree: base, path: path, name: name, node: node)
        let place = try ensureDirectory(path.parent)
        let job = Job(source: source, selection: selection, attributes: Attributes())
        // In place of itself: nothing else is there.
        try write(node, from: path, name, in: Place(directory: place.directory, path: place.path, existing: nil), job)
        return (parent, name)
    }

    /// Where an archive's directory goes: what is there and is none makes room.
    private func directoryPath(_ path: ImagePath) throws -> ImagePath {
        let (real, node) = try combined.resolve(path, links: .keepLast)
        guard let node, !node.isDirectory, let (parent, name) = try placeOfNothing(real) else { return real }
        try parent.makeDirectory(name, mode: 0o755)
        // A file that this layer had in its place hid what the base has there.
        if try base.lookUp(real, links: .keepLast)?.node.isDirectory == true {
            try Overlay.markOpaque(name, in: parent)
        }
        return real
    }

    /// The place of a path from which everything is taken away.
    private func placeOfNothing(_ path: ImagePath) throws -> (parent: Directory, name: [UInt8])? {
        guard let (parent, name) = try place(path) else { return nil }
        switch try parent.status(name)?.kind {
        case nil: break
        case .directory:
            try parent.removeTree(name)
            forget(path)
        default: try parent.removeFile(name)
        }
        return (parent, name)
    }

    private func apply(
        _ header: TarHeader, _ path: ImagePath, to name: [UInt8], in parent: Directory,
        _ owner: (user: UInt32, group: UInt32)?
    ) throws {
        try parent.setOwner(name, user: owner?.user ?? header.uid, group: owner?.group ?? header.gid)
        if header.kind != .symbolicLink { try parent.setMode(name, header.mode) }
        for attribute in header.extendedAttributes where !Overlay.isInternal(Array(attribute.name.utf8)) {
            try parent.setExtendedAttribute(Array(attribute.name.utf8), attribute.value, of: name)
        }
        let time = FileTime(seconds: header.modified.seconds, nanoseconds: Int64(header.modified.nanoseconds))
        if header.kind == .directory {
            setLater(time, path, name, in: parent)
        } else {
            try parent.setModified(name, time)
        }
    }
}
