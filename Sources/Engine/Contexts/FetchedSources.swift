package import OCI
import Synchronization

/// Remote files, and what was fetched by name: the digests of files and the commits of repositories.
package final class FetchedSources: RemoteFiles {
    private let files: any RemoteFiles
    private let digests = Mutex<[String: Digest]>([:])
    private let commits = Mutex<[String: String]>([:])

    package init(_ files: any RemoteFiles) { self.files = files }

    @discardableResult
    package func fetch(
        _ url: String, maximumSize: Int64, progress: @Sendable (_ received: Int64, _ total: Int64?) -> Void,
        restart: () throws -> Void, body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> RemoteFileAttributes {
        var hasher = ContentHasher()
        let attributes = try await files.fetch(url, maximumSize: maximumSize, progress: progress) {
            hasher = ContentHasher()
            try restart()
        } body: { bytes in
            hasher.update(bytes)
            try body(bytes)
        }
        let digest = hasher.finalize()
        digests.withLock { $0[url] = digest }
        return attributes
    }

    /// The digest of what a URL gave; nil if it was not asked.
    package func digest(of url: String) -> Digest? { digests.withLock { $0[url] } }

    package func remember(commit: String, of repository: String) { commits.withLock { $0[repository] = commit } }

    /// The commit that was checked out of a repository, by the text that names it; nil if none was.
    package func commit(of repository: String) -> String? { commits.withLock { $0[repository] } }
}
