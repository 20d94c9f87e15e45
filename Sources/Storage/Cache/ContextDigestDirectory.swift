internal import LinuxSystem
internal import OCI

/// Remembered digests of files in build contexts, so that an unchanged context costs one stat a file.
package final class ContextDigestDirectory: Sendable {
    private let directory: Directory

    init(directory: Directory) { self.directory = directory }

    /// Reads what is known of a context.
    ///
    /// - Parameter context: the real path of its directory.
    package func load(context: String) throws -> ContextDigests {
        let name = Array(Digest(sha256: context.utf8).hex.utf8)
        var digests = ContextDigests(name: name)
        if let bytes = try directory.read(name, limit: 1 << 30) { digests.read(bytes) }
        return digests
    }

    /// Writes what was learnt; nothing if nothing was.
    package func save(_ digests: ContextDigests) throws {
        guard digests.isChanged else { return }
        try directory.replaceFile(digests.name, with: digests.encoded, .recoverable)
    }
}
