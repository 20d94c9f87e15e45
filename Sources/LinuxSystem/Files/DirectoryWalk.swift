internal import CLinux
internal import Glibc
internal import SystemPackage

/// Everything below a directory, depth first, without following links: names of one directory are sorted by their bytes,
/// and a directory comes before what is in it, if the caller enters it.
///
/// At any depth it holds two descriptors: the way up is `..`, and a directory that is not the one from which the walk
/// came (moved meanwhile) ends it with `.staleNFSFileHandle`. It does not recurse.
///
/// ```
/// var walk = try DirectoryWalk(root)
/// while let step = try walk.next() {
///     if case .entry(let name) = step, try walk.current.status(name)?.kind == .directory { try walk.enter(name) }
/// }
/// ```
package struct DirectoryWalk: Sendable {
    package enum Step: Sendable {
        /// A name in ``current``.
        case entry([UInt8])
        /// A directory that was entered is done: its name in ``current``.
        case left([UInt8])
    }

    private struct Level: Sendable {
        let name: [UInt8]
        let identity: FileStatus.Identity
        /// What is still to come, the next last.
        var names: [[UInt8]]
    }

    private let root: Directory
    private var levels: [Level]
    /// The directory that holds what ``next()`` told.
    package private(set) var current: Directory
    /// The way from the root to ``current``, with a slash at its end; empty for the root.
    package private(set) var path: [UInt8] = []

    package init(_ root: Directory) throws(SystemCallError) {
        (self.root, current) = (root, root)
        levels = [Level(name: [], identity: try root.status().identity, names: try root.names().reversed())]
    }

    /// How many directories lie between the root and what is told: 0 for the root's own entries.
    package var depth: Int { levels.count - 1 }

    /// The next name or the end of a directory; nil at the end of the walk.
    package mutating func next() throws(SystemCallError) -> Step? {
        if let name = levels[levels.count - 1].names.popLast() { return .entry(name) }
        guard levels.count > 1, let left = levels.popLast() else { return nil }
        if levels.count == 1 {
            current = root
        } else {
            let parent = try current.openKept([UInt8(ascii: "."), UInt8(ascii: ".")])
            guard try parent.status().identity == levels[levels.count - 1].identity else {
                throw SystemCallError(
                    call: "openat", path: String(decoding: path, as: UTF8.self) + "..", errno: .staleNFSFileHandle)
            }
            current = parent
        }
        path.removeLast(left.name.count + 1)
        return .left(left.name)
    }

    /// Goes into the directory that ``next()`` has just told.
    package mutating func enter(_ name: [UInt8]) throws(SystemCallError) {
        let directory = try current.openKept(name)
        let level = Level(
            name: name, identity: try directory.status().identity, names: try directory.names().reversed())
        levels.append(level)
        current = directory
        path += name + [UInt8(ascii: "/")]
    }
}
