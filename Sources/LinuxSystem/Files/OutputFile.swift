import SystemPackage

/// A file that an option names, written beside its place and renamed at the end, so that an interrupted command leaves
/// no half of it.
package enum OutputFile {
    /// - Parameter path: a file, or a link to where it is to be, which stays; what is no regular file (`/dev/stdout`, a FIFO, a
    ///   device) is written in place.
    package static func write(
        _ path: String, _ body: (@escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let file = try FilePath(path).followingLinks()
        if let number = OwnedDescriptor.descriptorNumber(file) {
            guard !Terminal.isTerminal(number) else { throw NamedFileError.terminal }
            return try write(to: OwnedDescriptor(overwriting: file), path, body)
        }
        guard let name = file.lastComponent else {
            throw NamedFileError.directory(path: path)
        }
        let parent = file.removingLastComponent()
        let directory = try Directory(opening: parent.isEmpty ? "." : parent)
        let final = Array(name.string.utf8)
        switch try directory.status(final)?.kind {
        case .directory: throw NamedFileError.directory(path: path)
        case .fifo, .characterDevice, .blockDevice, .socket, .symbolicLink:
            return try write(to: OwnedDescriptor(overwriting: file), path, body)
        case .regular, nil: break
        }
        let temporary = ProcessFacts.temporaryName
        do {
            try write(to: directory.createOutput(temporary), path, body)
            try directory.rename(temporary, to: final, in: directory)
        } catch {
            // The first error is the one to tell.
            try? directory.removeFile(temporary)
            throw error
        }
    }

    /// Writes to standard output, which must not be a terminal.
    package static func writeToStandardOutput(
        _ body: (@escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        guard !Terminal.isTerminal(1) else { throw NamedFileError.terminal }
        try body { try StandardStream.output.write($0) }
    }

    private static func write(
        to file: consuming OwnedDescriptor, _ path: String,
        _ body: (@escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let sink = Sink(file)
        try body { bytes in
            do throws(SystemCallError) { try sink.descriptor.write(bytes) } catch {
                throw SystemCallError(call: error.call, path: path, errno: error.errno)
            }
        }
    }

    private final class Sink {
        let descriptor: OwnedDescriptor
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    /// A directory that an option names, made with its parents where it is missing.
    package static func directory(_ path: String) throws -> Directory { try directory(FilePath(path)) }

    private static func directory(_ path: FilePath) throws -> Directory {
        do { return try Directory(opening: path) } catch  where error.errno == .noSuchFileOrDirectory {
            guard let name = path.lastComponent else { throw error }
            let above = path.removingLastComponent()
            let parent = try directory(above.isEmpty ? "." : above)
            try parent.makeOutputDirectory(Array(name.string.utf8))
            return try parent.openDirectory(Array(name.string.utf8))
        }
    }
}
