import Bases
import Distribution
package import LinuxSystem
package import OCI

/// Remote files through a client that is made when a file is asked for: most builds fetch none.
package struct SharedRemoteFiles: RemoteFiles {
    package let environment: HostEnvironment

    package init(environment: HostEnvironment) { self.environment = environment }

    @discardableResult
    package func fetch(
        _ url: String, maximumSize: Int64, progress: @Sendable (_ received: Int64, _ total: Int64?) -> Void,
        restart: () throws -> Void, body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> RemoteFileAttributes {
        try await RemoteFileClient.withClient(
            configuration: TransferPolicy(environment), environment: environment.variables
        ) { client in
            try await client.fetch(url, maximumSize: maximumSize, progress: progress, restart: restart, body: body)
        }
    }
}
