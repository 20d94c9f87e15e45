internal import Archive
package import LinuxSystem
internal import OCI

/// Where the files of an image layout go: an archive or a directory.
package protocol LayoutSink {
    func directory(_ name: String) throws

    /// Takes a file.
    ///
    /// - Parameters:
    ///   - size: bytes.
    ///   - write: calls its argument with the file's bytes, piece by piece.
    /// - Throws: ``OCI/ContentError/sizeMismatch(expected:actual:)`` when that is another number of bytes, and what `write` throws.
    func file(_ name: String, size: Int64, _ write: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws

    func end() throws
}

/// A layout as one tar.
package struct ArchiveSink: LayoutSink {
    private let output: (UnsafeRawBufferPointer) throws -> Void

    package init(output: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.output = output }

    package func directory(_ name: String) throws {
        try emit(TarWriter.encode(TarHeader(name: Array(name.utf8), kind: .directory, mode: 0o755)))
    }

    package func file(_ name: String, size: Int64, _ write: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void)
        throws
    {
        try emit(TarWriter.encode(TarHeader(name: Array(name.utf8), kind: .regular, mode: 0o644, size: size)))
        var written: Int64 = 0
        try write { bytes in
            written += Int64(bytes.count)
            try output(bytes)
        }
        guard written == size else { throw ContentError.sizeMismatch(expected: size, actual: written) }
        try emit([UInt8](repeating: 0, count: TarWriter.padding(after: size)))
    }

    package func end() throws { try emit(TarWriter.end) }

    private func emit(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try output($0) } }
}

/// A layout as files of a directory; those that are there with the same size stay, for their names are digests.
package struct DirectorySink: LayoutSink {
    private let root: Directory

    package init(_ root: Directory) { self.root = root }

    package func directory(_ name: String) throws {
        try root.ensureDirectory(Array(name.utf8).dropLastSlash)
    }

    package func file(_ name: String, size: Int64, _ write: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void)
        throws
    {
        let path = Array(name.utf8)
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        let parent = try slash.map { try root.openDirectory(Array(path[..<$0])) } ?? root
        let last = slash.map { Array(path[($0 + 1)...]) } ?? path
        if slash != nil, try parent.status(last)?.size == size { return }
        let temporary = ProcessFacts.temporaryName
        do {
            let file = try parent.createFile(temporary)
            var written: Int64 = 0
            try write { bytes in
                written += Int64(bytes.count)
                try file.write(bytes)
            }
            guard written == size else { throw ContentError.sizeMismatch(expected: size, actual: written) }
            try parent.rename(temporary, to: last, in: parent)
        } catch {
            // The first error is the one to tell.
            try? parent.removeFile(temporary)
            throw error
        }
    }

    package func end() throws {}
}

extension [UInt8] {
    fileprivate var dropLastSlash: [UInt8] { last == UInt8(ascii: "/") ? Array(dropLast(1)) : self }
}
