internal import Archive
internal import LinuxSystem
internal import OCI
internal import SystemPackage

/// Unpacks a layer's archive into a directory in overlayfs' format.
///
/// Every name is resolved below the directory's handle: an archive can harm only the layer that it is.
final class LayerUnpacker {
    private let root: Directory
    private let layer: DiffID
    /// nil: whatever the archive is, it is right.
    private let expected: DiffID?
    private let decompressor: DetectingDecompressor?
    private var reader = TarReader()
    private var hasher = ContentHasher()
    private var content = TimelessIdentity()
    private var size: Int64 = 0
    private var archiveSize: Int64 = 0
    /// The last parent that was looked up; archives name neighbours one after another.
    private var lastParent: (path: [UInt8], directory: Directory)?
    private var current: (file: OwnedFile, header: TarHeader, parent: Directory, name: [UInt8], hasHoles: Bool)?
    /// Directories' times are set at the end, for every entry made in one changes them.
    private var directoryTimes: [(path: [UInt8], time: FileTime)] = []

    private final class OwnedFile {
        let descriptor: OwnedDescriptor
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    init(root: Directory, layer: DiffID) {
        (self.root, self.layer, expected) = (root, layer, layer)
        decompressor = DetectingDecompressor()
    }

    /// For an archive, not packed, that another layer was made into.
    init(root: Directory, madeOf layer: DiffID) {
        (self.root, self.layer, expected) = (root, layer, nil)
        decompressor = nil
    }

    /// Unpacks a blob, compressed or not, and checks that it is the layer that it should be.
    ///
    /// - Parameter pieces: calls its argument with the blob's bytes, piece by piece.
    func unpack(_ pieces: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws -> LayerDirectory.Facts {
        try ArchiveFault.told({ StorageError.invalidLayer(layer, entry: "", $0) }) {
            try pieces { bytes in
                if let decompressor { try decompressor.decompress(bytes, consume) } else { try consume(bytes) }
            }
            try decompressor?.finish(consume)
            try reader.finish()
        }
        for (path, time) in directoryTimes.reversed() {
            // A later entry can have replaced the directory.
            guard let parent = try? self.parent(of: path), let name = Self.lastComponent(path) else { continue }
            if try parent.status(name)?.kind == .directory { try parent.setModified(name, time) }
        }
        let actual = DiffID(hasher.finalize())
        if let expected, actual != expected { throw StorageError.layerMismatch(expected: expected, actual: actual) }
        return LayerDirectory.Facts(diffID: actual, content: content.finalize(), size: size, archiveSize: archiveSize)
    }

    private func consume(_ plain: UnsafeRawBufferPointer) throws {
        hasher.update(plain)
        archiveSize += Int64(plain.count)
        var rest = plain
        while let event = try reader.next(&rest) { try handle(event) }
    }

    private func handle(_ event: TarEvent) throws {
        switch event {
        case .entry(let header):
            content.add(header)
            do { try begin(header) } catch let error as SystemCallError where error.isFaultOfEntry {
                throw StorageError.invalidLayer(
                    layer, entry: String(decoding: header.name, as: UTF8.self), .entry(error.errno))
            }
        case .content(let bytes):
            content.update(bytes)
            size += Int64(bytes.count)
            try current?.file.descriptor.write(bytes)
        case .hole(let count):
            Zeros.forEachPiece(count) { content.update($0) }
            size += count
            try current?.file.descriptor.skip(count)
            current?.hasHoles = true
        case .endOfEntry: try finishFile()
        case .end: break
        }
    }

    private static func components(_ path: [UInt8]) -> [[UInt8]] { ImagePath(path)?.components ?? [] }

    private static func lastComponent(_ path: [UInt8]) -> [UInt8]? { components(path).last }

    /// The directory that holds a path's last component, made with its parents where they are missing.
    private func parent(of path: [UInt8]) throws(SystemCallError) -> Directory {
        let components = Self.components(path).dropLast()
        let joined = Array(components.joined(separator: [UInt8(ascii: "/")]))
        if let lastParent, lastParent.path == joined { return lastParent.directory }
        let directory = try openOrMake(joined, Array(components))
        lastParent = (joined, directory)
        return directory
    }

    private func openOrMake(_ path: [UInt8], _ components: [[UInt8]]) throws(SystemCallError) -> Directory {
        do { return try root.openDirectory(inRoot: path) } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return try makeParents(components)
        }
    }

    private func makeParents(_ components: [[UInt8]]) throws(SystemCallError) -> Directory {
        var path: [UInt8] = []
        var directory = root
        for component in components {
            path += (path.isEmpty ? [] : [UInt8(ascii: "/")]) + component
            do { directory = try root.openDirectory(inRoot: path) } catch {
                guard error.errno == .noSuchFileOrDirectory else { throw error }
                try directory.makeDirectory(component)
                // Whatever umask this process has.
                try directory.setMode(component, 0o755)
                directory = try root.openDirectory(inRoot: path)
            }
        }
        return directory
    }

    private func begin(_ header: TarHeader) throws {
        if header.isVolumeName { return }
        // A file that was named twice is a link to itself the second time.
        if header.kind == .hardLink, Self.components(header.linkName) == Self.components(header.name) { return }
        guard let name = Self.lastComponent(header.name) else {
            if header.kind == .directory { try apply(header, to: [UInt8(ascii: ".")], in: root) }
            return
        }
        let parent = try parent(of: header.name)
        switch Whiteout(name: name) {
        case .entry(let hidden):
            if try parent.status(hidden) == nil { try parent.makeWhiteout(hidden) }
            return
        case .opaque:
            try Overlay.markOpaque([UInt8(ascii: ".")], in: parent)
            return
        case .reserved: return
        case nil: break
        }
        let existing = try parent.status(name)
        if header.kind == .directory, existing?.kind == .directory {
            try apply(header, to: name, in: parent)
            return
        }
        if existing != nil {
            lastParent = nil
            try parent.removeTree(name)
        }
        try make(header, name, in: parent)
    }

    private func make(_ header: TarHeader, _ name: [UInt8], in parent: Directory) throws {
        switch header.kind {
        case .regular:
            current = (OwnedFile(try parent.createFile(name, mode: 0o600)), header, parent, name, false)
            return
        case .directory: try parent.makeDirectory(name, mode: 0o700)
        case .symbolicLink: try parent.makeSymbolicLink(name, to: header.linkName)
        case .hardLink:
            guard let target = Self.lastComponent(header.linkName) else { return }
            try parent.makeHardLink(name, to: target, in: try self.parent(of: header.linkName))
            return
        case .characterDevice:
            try parent.makeNode(
                name, kind: .characterDevice, mode: 0o600, major: header.deviceMajor, minor: header.deviceMinor)
        case .blockDevice:
            try parent.makeNode(
                name, kind: .blockDevice, mode: 0o600, major: header.deviceMajor, minor: header.deviceMinor)
        case .fifo: try parent.makeNode(name, kind: .fifo, mode: 0o600)
        case .unknown(let flag):
            throw StorageError.invalidLayer(
                layer, entry: String(decoding: header.name, as: UTF8.self), .unknownType(flag))
        }
        try apply(header, to: name, in: parent)
    }

    private func finishFile() throws {
        guard let (file, header, parent, name, hasHoles) = current else { return }
        current = nil
        if hasHoles { try file.descriptor.setSize(header.size) }
        try apply(header, to: name, in: parent)
    }

    /// Owner first, for chown(2) clears set-id bits and capabilities.
    private func apply(_ header: TarHeader, to name: [UInt8], in parent: Directory) throws {
        try parent.setOwner(name, user: header.uid, group: header.gid)
        if header.kind != .symbolicLink { try parent.setMode(name, header.mode) }
        for attribute in header.extendedAttributes where !Overlay.isInternal(Array(attribute.name.utf8)) {
            do { try parent.setExtendedAttribute(Array(attribute.name.utf8), attribute.value, of: name) } catch {
                // A file system without attributes of this kind: the file itself is right.
                guard error.errno == .notSupported else { throw error }
            }
        }
        let time = FileTime(seconds: header.modified.seconds, nanoseconds: Int64(header.modified.nanoseconds))
        if header.kind == .directory {
            directoryTimes.append((header.name, time))
        } else {
            try parent.setModified(name, time)
        }
    }
}
