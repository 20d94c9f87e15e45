internal import LinuxSystem
package import OCI

/// What the steps of each build stood on the last time, so that a miss can be explained.
package final class StepMemoryDirectory: Sendable {
    private let directory: Directory

    init(directory: Directory) { self.directory = directory }

    /// - Parameter build: a name that is the same for the same Dockerfile and context.
    /// - Returns: what was kept; nil when there is nothing that can be read.
    package func load(_ build: String) throws -> JSON? {
        guard let bytes = try directory.read(name(build)) else { return nil }
        return try? JSON.parse(bytes)  // damaged: as if it were not there
    }

    package func save(_ memory: JSON, of build: String) throws {
        let bytes = memory.bytes
        if try directory.read(name(build)) == bytes { return }
        try directory.replaceFile(name(build), with: bytes, .recoverable)
    }

    private func name(_ build: String) -> [UInt8] { Array(Digest(sha256: build.utf8).hex.utf8) }
}
