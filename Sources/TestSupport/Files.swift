import Glibc
import SystemPackage

/// Files of a test, by paths as text.
package enum Files {
    package static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

    package static func bytes(_ path: String) throws -> [UInt8] {
        let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
        return try descriptor.closeAfter {
            var content: [UInt8] = []
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
            defer { piece.deallocate() }
            while true {
                let count = try descriptor.read(into: piece)
                if count == 0 { return content }
                content += piece[..<count]
            }
        }
    }

    /// Writes a file and the directories that lead to it.
    ///
    /// - Parameter mode: the permissions of a new file.
    package static func write(_ content: String, to path: String, mode: UInt32 = 0o644) throws {
        try write(Array(content.utf8), to: path, mode: mode)
    }

    package static func write(_ content: [UInt8], to path: String, mode: UInt32 = 0o644) throws {
        try makeDirectory(FilePath(path).removingLastComponent().string)
        let descriptor = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate], permissions: FilePermissions(rawValue: mode))
        _ = try descriptor.closeAfter { try descriptor.writeAll(content) }
    }

    /// Makes a directory and those above it.
    package static func makeDirectory(_ path: String) throws {
        if path.isEmpty || exists(path) { return }
        try makeDirectory(FilePath(path).removingLastComponent().string)
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Bytes; nil when there is no such file.
    package static func size(_ path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// Runs `body` with a new directory and removes it afterwards.
    ///
    /// - Parameter parent: where the directory is made; the default is `TMPDIR` or `/tmp`.
    package static func withTemporaryDirectory<Result>(
        in parent: String? = nil, _ body: (_ path: String) async throws -> Result
    ) async throws -> Result {
        let path = try makeTemporaryDirectory(in: parent)
        let result: Result
        do {
            result = try await body(path)
        } catch {
            try await remove(path)
            throw error
        }
        try await remove(path)
        return result
    }

    /// A new directory that stays until somebody removes it.
    package static func makeTemporaryDirectory(in parent: String? = nil) throws -> String {
        let parent = parent ?? environmentVariable("TMPDIR") ?? "/tmp"
        var template = Array("\(parent)/distill-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func remove(_ path: String) async throws {
        _ = try await Command("rm", ["-rf", "--one-file-system", path]).run()
    }
}

/// A variable of the tests' own environment; nil when it is not set or empty.
package func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
}
