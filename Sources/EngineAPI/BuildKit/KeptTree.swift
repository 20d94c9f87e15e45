import Storage
import Synchronization

/// A client's directory as it was sent last, from which the next transfer takes what is the same (BuildKit's `SharedKeyHint`).
struct KeptTree: Sendable {
    let directory: TemporaryDirectory
    let announced: AnnouncedFiles
    let digests: KeptDigests

    init(_ directory: TemporaryDirectory, _ announced: AnnouncedFiles, _ digests: KeptDigests = KeptDigests()) {
        (self.directory, self.announced, self.digests) = (directory, announced, digests)
    }
}

/// The directories of clients that were sent last: at most four, and no more than a number of bytes.
final class KeptTrees: Sendable {
    /// A directory of a client, by the client's own name for the place and by the directory's name in the build.
    ///
    /// Names can be guessed, and who names a file's time and size gets its bytes: a name means something with its client alone.
    struct Key: Hashable {
        let peer: Peer
        let place: String
        let name: String
    }

    /// Directories, the one that was used the longest ago first.
    private let trees = Mutex<[(key: Key, tree: KeptTree)]>([])
    private static let most = 4
    /// Files of a directory beyond which it is not kept: their names stay in memory.
    private static let fileLimit = 250_000
    private let limit: Int64

    /// - Parameter limit: bytes of all.
    init(limit: Int64) { self.limit = limit }

    func tree(_ key: Key) -> KeptTree? { trees.withLock { trees in trees.last { $0.key == key }?.tree } }

    /// Keeps a directory in the place of the one that had the key; others go for it. One that is too large is not kept.
    func keep(_ tree: KeptTree, as key: Key) {
        // Without a name of its own a place cannot be known again.
        guard !key.place.isEmpty else { return }
        let dropped = trees.withLock { trees in
            let before = trees
            trees.removeAll { $0.key == key }
            guard tree.announced.count <= Self.fileLimit, tree.announced.size <= limit else { return before }
            trees.append((key, tree))
            var size = trees.reduce(0) { $0 + $1.tree.announced.size }
            while trees.count > Self.most || size > limit { size -= trees.removeFirst().tree.announced.size }
            return before
        }
        // Removing files takes time: not while others wait.
        _ = consume dropped
    }

    /// Keeps nothing any more; a build that reads a directory has it until it ends.
    func removeAll() {
        let dropped = trees.withLock { trees in
            defer { trees = [] }
            return trees
        }
        _ = consume dropped  // as above
    }
}
