import LinuxSystem
import SystemPackage

/// A file that an option names, a link to one, a pipe, or standard input.
enum InputFile {
    /// Reads it in pieces.
    ///
    /// - Parameter path: nil for standard input.
    static func forEachPiece(of path: String?, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if let path { return try open(path).forEachPiece(body) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = try StandardStream.input.read(into: buffer)
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Opens a file by a person's path, whose links are followed.
    ///
    /// - Throws: ``UsageError/unreadableFile(path:reason:)``.
    static func open(_ path: String) throws -> OwnedDescriptor {
        do {
            let file = try OwnedDescriptor(opening: FilePath(path))
            guard try file.status().kind != .directory else {
                throw UsageError.unreadableFile(path: path, reason: "it is a directory")
            }
            return file
        } catch let error as SystemCallError {
            throw UsageError.unreadableFile(path: path, reason: ErrorReport.reason(error.errno))
        }
    }
}
