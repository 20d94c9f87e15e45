package import OCI
package import SystemPackage

/// Something that a process sees at a place of its root file system and that is no part of the layer that it writes
/// (Dockerfile reference, "RUN --mount").
package struct Binding: Sendable {
    package enum Source: Sendable {
        /// Files of other layers, from the lowest to the highest.
        case layers([DiffID], path: ImagePath)
        /// Files of a context, as far as a filter lets them through.
        case files(FileTree, filter: FileFilter, path: ImagePath)
        /// A directory that outlives the build.
        case cache(CacheMount, seed: Seed?)
        /// A file that is kept in memory alone.
        case secret([UInt8], mode: UInt32, user: UInt32, group: UInt32)
        /// A socket that is made for this one process.
        case socket(SocketMaker, mode: UInt32, user: UInt32, group: UInt32)
        /// A path of this machine.
        case host(String)
    }

    /// Makes a socket at a path, which is there for as long as what is given back.
    package typealias SocketMaker = @Sendable (_ path: FilePath) throws -> any Sendable

    /// What a cache holds when it is made.
    package struct Seed: Sendable {
        package let layers: [DiffID]
        package let path: ImagePath

        package init(layers: [DiffID], path: ImagePath) { (self.layers, self.path) = (layers, path) }
    }

    package enum Access: Sendable {
        case readOnly
        /// What is written into layers or files is dropped afterwards.
        case readWrite
    }

    package let source: Source
    package let target: ImagePath
    package let access: Access

    package init(source: Source, target: ImagePath, access: Access) {
        (self.source, self.target, self.access) = (source, target, access)
    }
}

/// A named cache directory, and how builds share it. Who owns it, its mode and what it begins with are part of what it is:
/// a mount that asks for other ones is another cache (Dockerfile reference, RUN --mount=type=cache).
package struct CacheMount: Hashable, Sendable {
    package enum Sharing: Hashable, Sendable {
        /// Several processes write at once.
        case shared
        /// A process that finds it in use gets another directory.
        case `private`
        /// A process that finds it in use waits.
        case locked
    }

    package let id: String
    package let sharing: Sharing
    /// Of the directory when it is made.
    package let mode: UInt32
    package let user: UInt32
    package let group: UInt32
    /// The identity of the files that it begins with; nil for an empty one.
    package let seed: String?

    package init(id: String, sharing: Sharing, mode: UInt32, user: UInt32, group: UInt32, seed: String? = nil) {
        (self.id, self.sharing, self.mode, self.user, self.group) = (id, sharing, mode, user, group)
        self.seed = seed
    }

    /// Whether its directory looks as one does that nothing is said about.
    package var isPlain: Bool { user == 0 && group == 0 && mode == 0o755 }

    /// What tells it from other caches of its ID; nil for an empty directory of root's with mode 0755.
    var variant: String? {
        if isPlain, seed == nil { return nil }
        return "\(user):\(group) \(String(mode, radix: 8))" + (seed.map { " " + $0 } ?? "")
    }
}
