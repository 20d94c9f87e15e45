import Distribution
import OCI

/// Remote files through a client that is made when the first one is asked for.
struct SharedRemoteFiles: RemoteFiles {
    func fetch(
        _ url: String, maximumSize: Int64, progress: @Sendable (_ received: Int64, _ total: Int64?) -> Void,
        restart: () throws -> Void, body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        throw RemoteFileError.invalidURL(url)
    }
}
