package import LinuxSystem
package import OCI
package import SystemPackage

/// The files of a stack of layers as a process in it would see them, read without a mount.
///
/// The layers are directories in overlayfs' own format; the rules for whiteouts and opaque directories are those of the
/// kernel (Documentation/filesystems/overlayfs.rst). A plain directory, such as a build context, is a stack of one.
package struct FileTree: Sendable {
    /// From the highest to the lowest.
    let layers: [Directory]

    /// - Parameter layers: from the lowest to the highest.
    package init(layers: [Directory]) { self.layers = layers.reversed() }

    /// The tree of one directory of this machine.
    package init(opening path: FilePath) throws { layers = [try Directory(opening: path)] }

    /// Whether there is not even a root: `scratch`.
    package var isEmpty: Bool { layers.isEmpty }

    /// A file in the tree, and the directory handle and name through which it is reached.
    package struct Node: Sendable {
        package let status: FileStatus
        /// The layers' directories that together hold this directory's entries, the highest first; for anything else
        /// the one that holds the name.
        let directories: [Directory]
        /// The name in `directories[0]`; empty for a directory.
        let name: [UInt8]
        /// How many directories lie above it in the tree.
        let depth: Int

        package var isDirectory: Bool { status.kind == .directory }

        /// Whether it is a regular file that somebody may execute.
        package var isExecutable: Bool { status.kind == .regular && status.mode & 0o111 != 0 }
    }

    /// Symbolic links that are followed in one look-up (path_resolution(7)).
    private static let linkLimit = 40

    var root: Node? {
        guard let top = layers.first, let status = try? top.status() else { return nil }  // an open handle has a status
        return Node(status: status, directories: layers, name: [], depth: 0)
    }

    package enum LinkPolicy: Sendable {
        /// The last component is taken as it is.
        case keepLast
        case followAll
    }

    /// Finds a path. Links are followed inside the tree, never out of it.
    ///
    /// - Returns: the real path and the file; nil if there is none.
    package func lookUp(_ path: ImagePath, links: LinkPolicy) throws -> (path: ImagePath, node: Node)? {
        let (real, node) = try resolve(path, links: links)
        return node.map { (real, $0) }
    }

    /// The mode of the directory that a path leads to, which what is mounted there without a mode of its own takes over.
    ///
    /// - Returns: permissions and the bits above them, as in chmod(2); nil if there is no directory.
    package func directoryMode(_ path: ImagePath) throws -> UInt32? {
        guard let node = try lookUp(path, links: .followAll)?.node, node.isDirectory else { return nil }
        return node.status.mode & 0o7777
    }

    /// Finds where a path leads, whether or not something is there: what exists is followed, the rest is taken as it is.
    package func resolve(_ path: ImagePath, links: LinkPolicy) throws -> (path: ImagePath, node: Node?) {
        guard let root else { return (path, nil) }
        var resolved = ImagePath.root
        var ancestors = [root]
        var rest = Array(path.components.reversed())
        var followed = 0
        while let component = rest.popLast() {
            if component == [UInt8(ascii: "."), UInt8(ascii: ".")] {
                if ancestors.count > 1 { ancestors.removeLast() }
                resolved = resolved.parent
                continue
            }
            let node = ancestors[ancestors.count - 1]
            guard node.isDirectory, let next = try child(component, of: node) else {
                let tail = ([component] + rest.reversed()).joined(separator: [UInt8(ascii: "/")])
                return (ImagePath(resolved.bytes + [UInt8(ascii: "/")] + tail) ?? resolved, nil)
            }
            if next.status.kind == .symbolicLink, !(rest.isEmpty && links == .keepLast) {
                followed += 1
                guard followed <= Self.linkLimit else { throw StorageError.tooManyLinks(path) }
                let target = try next.readLink()
                if target.first == UInt8(ascii: "/") {
                    ancestors.removeLast(ancestors.count - 1)
                    resolved = .root
                }
                let parts = target.split(separator: UInt8(ascii: "/")).map(Array.init)
                rest += parts.filter { $0 != [UInt8(ascii: ".")] }.reversed()
                continue
            }
            ancestors.append(next)
            resolved = resolved.appending(component)
        }
        return (resolved, ancestors[ancestors.count - 1])
    }

    /// Directories that lie in one another: a path of more names than this is too long for the kernel (PATH_MAX).
    private static let depthLimit = 2048

    /// One entry of a directory; nil if it has none of this name.
    func child(_ name: [UInt8], of directory: Node) throws -> Node? {
        let depth = directory.depth + 1
        guard depth <= Self.depthLimit else {
            throw SystemCallError(call: "openat", path: String(decoding: name, as: UTF8.self), errno: .fileNameTooLong)
        }
        var parts: [Directory] = []
        var first: FileStatus?
        for layer in directory.directories {
            guard let status = try layer.status(name) else { continue }
            // In a stack of one too: what is marked as gone is gone in the image whatever lies below.
            if status.isWhiteout { break }
            guard status.kind == .directory else {
                // A file below a directory is hidden by it, and hides what is below itself.
                if first == nil { return Node(status: status, directories: [layer], name: name, depth: depth) }
                break
            }
            first = first ?? status
            parts.append(layer.directory(name))
            if layers.count > 1, try layer.isOpaque(name) { break }
        }
        return first.map { Node(status: $0, directories: parts, name: [], depth: depth) }
    }

    /// The names in a directory, sorted by their bytes.
    func names(of directory: Node) throws -> [[UInt8]] {
        guard directory.directories.count > 1 else {
            return try directory.directories.first?.names() ?? []
        }
        var seen: Set<[UInt8]> = []
        for layer in directory.directories { seen.formUnion(try layer.names()) }
        return seen.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The entries of a directory, sorted by the bytes of their names; whiteouts are left out.
    package func entries(of directory: Node) throws -> [(name: [UInt8], node: Node)] {
        var result: [(name: [UInt8], node: Node)] = []
        for name in try names(of: directory) {
            if let node = try child(name, of: directory) { result.append((name, node)) }
        }
        return result
    }

    /// The content of a regular file, links followed; empty if it is missing.
    package func read(_ path: ImagePath, limit: Int = 16 << 20) throws -> [UInt8] {
        guard let (_, node) = try lookUp(path, links: .followAll), node.status.kind == .regular else { return [] }
        return try node.open().readAll(limit: limit)
    }

    /// The users and groups that the tree's account files name.
    package func accounts() throws -> Accounts {
        guard let passwd = ImagePath("/etc/passwd"), let group = ImagePath("/etc/group") else {
            return Accounts(passwd: [], group: [])
        }
        return Accounts(passwd: try read(passwd), group: try read(group))
    }
}

extension FileTree.Node {
    /// Opens a regular file.
    func open() throws(SystemCallError) -> OwnedDescriptor { try directories[0].openFile(name) }

    func readLink() throws(SystemCallError) -> [UInt8] { try directories[0].readLink(name) }

    func extendedAttributes() throws(SystemCallError) -> [(name: [UInt8], value: [UInt8])] {
        try directories[0].extendedAttributes(name.isEmpty ? [UInt8(ascii: ".")] : name)
            .filter { !Overlay.isInternal($0.name) }
    }
}

/// The marks that overlayfs leaves in a layer.
enum Overlay {
    static let opaque = Array((UserNamespace.attributePrefix + "overlay.opaque").utf8)
    static let opaqueValue = Array("y".utf8)
    /// The same mark for fuse-overlayfs: it reads overlayfs' own mark of an ordinary user since its release 1.8 alone.
    static let opaqueForProgram = Array((OverlayProgram.attributePrefix + "opaque").utf8)

    /// Marks a directory: what lower layers have in it is hidden.
    static func markOpaque(_ name: [UInt8], in directory: Directory) throws(SystemCallError) {
        try directory.setExtendedAttribute(opaque, opaqueValue, of: name)
        // Other kernels mount overlayfs themselves, and earlier versions of Distill take this mark for an image's own.
        guard !UserNamespace.isInitial, ProcessFacts.kernelIsOlder(than: 5, 11) else { return }
        try directory.setExtendedAttribute(opaqueForProgram, opaqueValue, of: name)
    }

    /// Attributes of the kernel's or the host's that are not part of an image.
    static func isInternal(_ attribute: [UInt8]) -> Bool {
        attribute.starts(with: "trusted.".utf8) || attribute.starts(with: "user.overlay.".utf8)
            || attribute.starts(with: OverlayProgram.attributePrefix.utf8)
            || attribute.elementsEqual("security.selinux".utf8)
    }
}

extension Directory {
    /// Whether a directory hides what lower layers have in it.
    func isOpaque(_ name: [UInt8]) throws(SystemCallError) -> Bool {
        try extendedAttribute(Overlay.opaque, of: name) == Overlay.opaqueValue
    }
}
