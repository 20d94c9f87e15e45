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
    /// Makes an archive's entry; a regular file's content is for the caller to write.
    func extract(
        _ header: TarHeader, to path: ImagePath, linkTarget: ImagePath, owner: (user: UInt32, group: UInt32)?
    ) throws -> ExtractedFile? {
        if header.kind == .directory {
            let (real, node) = try combined.resolve(path, links: .followAll)
            if let node, !node.isDirectory { throw StorageError.notADirectory(path) }
            // One that the base has comes up into this layer, for its attributes change.
            _ = try ensureDirectory(real)
            guard let (parent, name) = try place(real, makingRoom: false) else { return nil }
            try apply(header, to: name, in: parent, owner)
            return nil
        }
        guard let (parent, name) = try place(path, makingRoom: true) else { return nil }
        switch header.kind {
        case .regular:
            return ExtractedFile(try parent.createFile(name, mode: 0o600), parent: parent, name: name)
        case .symbolicLink: try parent.makeSymbolicLink(name, to: header.linkName)
        case .hardLink:
            guard let (other, otherName) = try place(linkTarget, makingRoom: false) else { return nil }
            try parent.makeHardLink(name, to: otherName, in: other)
            return nil
        case .characterDevice:
            try parent.makeNode(name, kind: .characterDevice, mode: 0o600, major: header.deviceMajor, minor: header.deviceMinor)
        case .blockDevice:
            try parent.makeNode(name, kind: .blockDevice, mode: 0o600, major: header.deviceMajor, minor: header.deviceMinor)
        case .fifo: try parent.makeNode(name, kind: .fifo, mode: 0o600)
        case .directory, .unknown: return nil
        }
        try apply(header, to: name, in: parent, owner)
        return nil
    }

    func finishFile(_ file: ExtractedFile, _ header: TarHeader, owner: (user: UInt32, group: UInt32)?) throws {
        try apply(header, to: file.name, in: file.parent, owner)
    }

    private func apply(
        _ header: TarHeader, to name: [UInt8], in parent: Directory, _ owner: (user: UInt32, group: UInt32)?
    ) throws {
        try parent.setOwner(name, user: owner?.user ?? header.uid, group: owner?.group ?? header.gid)
        if header.kind != .symbolicLink { try parent.setMode(name, header.mode) }
        for attribute in header.extendedAttributes where !Overlay.isInternal(Array(attribute.name.utf8)) {
            try parent.setExtendedAttribute(Array(attribute.name.utf8), attribute.value, of: name)
        }
        let time = FileTime(seconds: header.modified.seconds, nanoseconds: Int64(header.modified.nanoseconds))
        if header.kind == .directory { setLater(time, name, in: parent) } else { try parent.setModified(name, time) }
    }
}
