internal import LinuxSystem
internal import OCI
internal import Synchronization

/// Remembered digests of files in build contexts, so that an unchanged context costs one stat a file.
package final class ContextDigestDirectory: Sendable {
    private let directory: Directory

    init(directory: Directory) { self.directory = directory }

    /// Reads what is known of a context.
    package func load(_ place: ContextMemory) throws -> ContextDigests {
        switch place {
        case .store(let path):
            let name = Array(Digest(sha256: path.utf8).hex.utf8)
            var digests = ContextDigests(name: name)
            if let bytes = try directory.read(name, limit: 1 << 30) { digests.read(bytes) }
            return digests
        case .kept(let kept): return kept.load()
        }
    }

    /// Writes what was learnt; nothing if nothing was.
    package func save(_ digests: ContextDigests, _ place: ContextMemory) throws {
        guard digests.isChanged else { return }
        switch place {
        case .store:
            try directory.replaceFile(digests.name, .recoverable) { file throws(SystemCallError) in
                try digests.encode { piece throws(SystemCallError) in try file.write(piece) }
            }
        case .kept(let kept): kept.save(digests)
        }
    }
}

/// Where it is remembered what a context's files are.
package enum ContextMemory: Sendable {
    /// In the store, under the real path of the directory.
    case store(path: String)
    case kept(KeptDigests)
}

/// What is known of the files of a directory that nobody else writes to, for as long as somebody holds it.
package final class KeptDigests: Sendable {
    /// Bytes beyond which nothing is remembered: about 100,000 files.
    private static let limit = 16 << 20
    private let encoded: Mutex<[UInt8]>

    /// - Parameter earlier: of the directory from which files were taken over by further names.
    package init(since earlier: KeptDigests? = nil) { encoded = Mutex(earlier?.encoded.withLock { $0 } ?? []) }

    fileprivate func load() -> ContextDigests {
        var digests = ContextDigests(name: [], areOwn: true)
        digests.read(encoded.withLock { $0 })
        return digests
    }

    fileprivate func save(_ digests: ContextDigests) {
        let bytes = digests.encoded
        encoded.withLock { $0 = bytes.count <= Self.limit ? bytes : [] }
    }
}
