import SystemPackage

/// A file that an option names, a link to one, a pipe, or standard input.
package enum InputFile {
    /// Reads it in pieces.
    ///
    /// - Parameter path: nil for standard input.
    package static func forEachPiece(of path: String?, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
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
    /// - Throws: ``NamedFileError``.
    package static func open(_ path: String) throws -> OwnedDescriptor {
        do {
            let file = try OwnedDescriptor(opening: FilePath(path))
            guard try file.status().kind != .directory else {
                throw NamedFileError.directory(path: path)
            }
            return file
        } catch let error as SystemCallError {
            throw NamedFileError.unusable(path: path, error.errno)
        }
    }
}
