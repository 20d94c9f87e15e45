/// Where bytes are kept and found by digest: the local store, and a test's memory.
package protocol ContentStore: Sendable {
    func contains(_ digest: Digest) async throws -> Bool

    /// Reads a blob in pieces. The bytes were checked when they were written.
    func read(_ digest: Digest, _ body: (UnsafeRawBufferPointer) throws -> Void) async throws

    /// Starts a blob; its digest is known only at the end.
    func writer() async throws -> any ContentWriter
}

/// A blob that is being written. Dropping it without ``commit(expecting:)`` leaves nothing.
package protocol ContentWriter: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws

    /// Publishes the blob.
    ///
    /// - Parameter expecting: the digest that the bytes must have; nil if it is not known beforehand.
    /// - Returns: digest and size in bytes.
    /// - Throws: ``ContentError`` when the bytes are others than expected; nothing is kept then.
    func commit(expecting: Digest?) throws -> (digest: Digest, size: Int64)
}

/// A store whose blobs can be read by someone who waits between two pieces: for the network, in an upload.
package protocol PiecewiseContent: ContentStore {
    /// Opens a blob at its beginning.
    ///
    /// - Throws: ``ContentError/missing(_:)``.
    func reader(of digest: Digest) async throws -> any ContentReader
}

/// A blob that is being read from its beginning to its end.
package protocol ContentReader: AnyObject {
    /// The next bytes, some hundred KiB at most; nil at the end.
    func next() throws -> [UInt8]?
}

package enum ContentError: Error, Hashable, Sendable {
    case digestMismatch(expected: Digest, actual: Digest)
    case sizeMismatch(expected: Int64, actual: Int64)
    case missing(Digest)
}

/// Files that come from a URL: Debian's mirror, ADD.
package protocol RemoteFiles: Sendable {
    /// Fetches a file, resuming a part that broke off, in pieces of bounded size.
    ///
    /// - Parameters:
    ///   - maximumSize: bytes; a longer answer is an error.
    ///   - progress: called with bytes so far, and the total where the server says it.
    ///   - restart: called when the transfer must begin anew and what was received so far is void.
    /// - Returns: what the server says of the file.
    /// - Throws: ``RemoteFileError``.
    @discardableResult
    func fetch(
        _ url: String, maximumSize: Int64, progress: @Sendable (_ received: Int64, _ total: Int64?) -> Void,
        restart: () throws -> Void, body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> RemoteFileAttributes
}

/// What a server says of a file beside its bytes.
package struct RemoteFileAttributes: Hashable, Sendable {
    /// When the file was last changed, in seconds since 1970; nil where it is not said (RFC 9110, section 8.8.2).
    package var modified: Int64?

    package init(modified: Int64? = nil) { self.modified = modified }
}

package enum RemoteFileError: Error, Hashable, Sendable {
    case invalidURL(String)
    /// The host did not answer, or stopped in the middle and did not come back after several tries.
    case unreachable(url: String, reason: String)
    case status(url: String, code: Int)
    case tooLarge(url: String, limit: Int64)
    case truncated(url: String, expected: Int64, received: Int64)
}
