import Storage
import Synchronization

/// A client's directory as it was sent last, from which the next transfer takes what is the same (BuildKit's `SharedKeyHint`).
struct KeptTree: Sendable {
    let directory: TemporaryDirectory
    /// What was announced, in its order.
    let stats: [FileStat]

    init(_ directory: TemporaryDirectory, _ stats: [FileStat]) {
        (self.directory, self.stats) = (directory, stats)
    }
}

/// The directories of clients that were sent last, for as long as the server lives.
final class KeptTrees: Sendable {
    /// A directory of a client, by the client's own name for the place and by the directory's name in the build.
    struct Key: Hashable {
        let place: String
        let name: String
    }

    /// Directories, the one that was used the longest ago first.
    private let trees = Mutex<[(key: Key, tree: KeptTree)]>([])
    private static let most = 4
    /// Files of a directory beyond which it is not kept: their names stay in memory.
    private static let fileLimit = 250_000

    func tree(_ key: Key) -> KeptTree? { trees.withLock { trees in trees.last { $0.key == key }?.tree } }

    func keep(_ tree: KeptTree, as key: Key) {
        // Without a name of its own a place cannot be known again.
        guard !key.place.isEmpty, tree.stats.count <= Self.fileLimit else { return }
        let dropped = trees.withLock { trees in
            let before = trees
            trees.removeAll { $0.key == key }
            trees.append((key, tree))
            if trees.count > Self.most { trees.removeFirst() }
            return before
        }
        // Removing files takes time: not while others wait.
        _ = consume dropped
    }
}
