internal import LinuxSystem
internal import OCI
package import SystemPackage

/// Directories with the data of applications, by name. Nothing but ``remove(_:)`` removes them.
package struct VolumeDirectory: Sendable {
    private let store: Store

    init(store: Store) { self.store = store }

    private static let name = Array("volumes".utf8)

    private var path: FilePath { store.path.appending("volumes") }

    private func directory() throws -> Directory {
        try store.root.ensureDirectory(Self.name, mode: 0o700)
        try store.makePrivate(Self.name)
        return try store.root.openDirectory(Self.name)
    }

    package func exists(_ name: String) throws -> Bool { try directory().status(Array(name.utf8)) != nil }

    /// The host path of a volume, made if it is missing.
    ///
    /// - Parameter seed: what a new one begins with; a path that the layers do not have is an empty directory.
    package func path(of name: String, seed: Binding.Seed?) throws -> FilePath {
        let directory = try directory()
        let bytes = Array(name.utf8)
        if try directory.status(bytes) == nil {
            // Made beside it and renamed, so that nobody sees half of what it begins with.
            let temporary = ProcessFacts.temporaryName
            try directory.makeDirectory(temporary)
            try store.fill(directory, temporary, with: seed)
            if try !directory.renameIfAbsent(temporary, to: bytes, in: directory) {
                try directory.removeTree(temporary)
            }
        }
        return path.appending(name)
    }

    /// - Returns: whether there was such a volume.
    @discardableResult
    package func remove(_ name: String) throws -> Bool {
        let directory = try directory()
        guard try directory.status(Array(name.utf8)) != nil else { return false }
        try directory.discardTree(Array(name.utf8))
        try directory.sweepDiscarded()
        return true
    }
}

extension Store {
    /// A directory that goes with the returned value, and that begins as a volume does.
    package func makeTemporaryVolume(seed: Binding.Seed) throws -> TemporaryDirectory {
        let made = try makeTemporaryDirectory()
        let name = Array("data".utf8)
        try made.directory.makeDirectory(name)
        try fill(made.directory, name, with: seed)
        return made
    }

    /// Gives a new directory the owner, the mode and the content of a directory of an image.
    fileprivate func fill(_ directory: Directory, _ name: [UInt8], with seed: Binding.Seed?) throws {
        guard let seed else { return }
        let tree = try layers.tree(seed.layers)
        guard let (_, node) = try tree.lookUp(seed.path, links: .followAll), node.isDirectory else { return }
        try BindingMounts.copy(
            CopySource(kind: .path(tree, seed.path), ownership: .kept), into: directory.openDirectory(name))
        try directory.setOwner(name, user: node.status.user, group: node.status.group)
        try directory.setMode(name, node.status.mode)
    }
}
