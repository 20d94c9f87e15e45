import SystemPackage

/// A file that an option names, written beside its place and renamed at the end, so that an interrupted command leaves
/// no half of it.
package enum OutputFile {
    /// - Parameter path: a file, or a link to where it is to be, which stays; what is no regular file (`/dev/stdout`, a FIFO, a
    ///   device) is written in place.
    package static func write(
        _ path: String, _ body: (@escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        guard let draft = try Draft(path) else {
            return try write(to: OwnedDescriptor(overwriting: FilePath(path).followingLinks()), path, body)
        }
        do {
            try write(to: draft.create(), path, body)
            try draft.publish()
        } catch {
            draft.discard()
            throw error
        }
    }

    /// The same, but the file is there only if a function returns that runs meanwhile. What is written in place is written when
    /// it has returned.
    package static func write(
        _ path: String, if permitted: () async throws -> Void,
        _ body: (@escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) async throws {
        guard let draft = try Draft(path) else {
            try await permitted()
            return try write(to: OwnedDescriptor(overwriting: FilePath(path).followingLinks()), path, body)
        }
        do {
            try write(to: draft.create(), path, body)
            try await permitted()
            try draft.publish()
        } catch {
            draft.discard()
            throw error
        }
    }

    /// A file beside the place where it is to be.
    private struct Draft {
        private let directory: Directory
        private let name: [UInt8]
        private let temporary = ProcessFacts.temporaryName

        /// - Returns: nil for what is written in place.
        init?(_ path: String) throws {
            let file = try NamedFileError.naming(path) { try FilePath(path).followingLinks() }
            if let number = OwnedDescriptor.descriptorNumber(file) {
                guard !Terminal.isTerminal(number) else { throw NamedFileError.terminal }
                return nil
            }
            guard let name = file.lastComponent else { throw NamedFileError.directory(path: path) }
            let parent = file.removingLastComponent()
            directory = try NamedFileError.naming(path) { try Directory(opening: parent.isEmpty ? "." : parent) }
            self.name = Array(name.string.utf8)
            switch try directory.status(self.name)?.kind {
            case .directory: throw NamedFileError.directory(path: path)
            case .fifo, .characterDevice, .blockDevice, .socket, .symbolicLink: return nil
            case .regular, nil: break
            }
        }

        func create() throws -> OwnedDescriptor { try directory.createOutput(temporary) }

        func publish() throws { try directory.rename(temporary, to: name, in: directory) }

        func discard() {
            // The error that led here is the one to tell.
            try? directory.removeFile(temporary)
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
