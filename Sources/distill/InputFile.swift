import LinuxSystem
import SystemPackage

/// A file that an option names, or standard input.
enum InputFile {
    /// Reads it in pieces.
    ///
    /// - Parameter path: nil for standard input.
    static func forEachPiece(of path: String?, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if let path {
            let file = FilePath(path)
            let parent = file.removingLastComponent()
            guard let name = file.lastComponent, let directory = try? Directory(opening: parent.isEmpty ? "." : parent),  // told below
                let opened = try? directory.openFile(inRoot: Array(name.string.utf8))  // told below
            else { throw UsageError.unreadableFile(path: path, reason: "it cannot be opened") }
            return try opened.forEachPiece(body)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = try StandardStream.input.read(into: buffer)
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
