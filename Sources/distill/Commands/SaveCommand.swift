import ArgumentParser
import LinuxSystem
import OCI
import Storage
import SystemPackage

struct SaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "save", abstract: "Write images into an archive.")
    @Option(name: [.short, .long], help: ArgumentHelp("The archive; standard output if it is missing.", valueName: "file"))
    var output: String?
    @Option(help: ArgumentHelp("oci (an image layout) or docker.", valueName: "kind"))
    var format: String = "docker"
    @Argument(help: ArgumentHelp("Names or IDs of images.", valueName: "IMAGE"))
    var images: [String]

    func run() async throws {
        guard let format = ImageArchiveFormat(rawValue: format == "oci-archive" ? "oci" : format == "docker-archive" ? "docker" : format)
        else { throw UsageError.invalidOption(name: "--format", value: format, reason: "known are oci and docker") }
        let store = try StoreLocation.open()
        let selected = try Self.select(images, store)
        guard let output else {
            guard !Terminal.isTerminal(1) else { throw UsageError.needsTerminal }
            var writer = ImageArchiveWriter(store, format: format) { try StandardStream.output.write($0) }
            return try writer.write(selected)
        }
        try Self.writeFile(output) { file in
            var writer = ImageArchiveWriter(store, format: format) { try file.write($0) }
            try writer.write(selected)
        }
    }

    /// Images in the order in which they are named, each once, with the names that were asked for.
    private static func select(_ texts: [String], _ store: Store) throws -> [(image: Image, names: [ImageReference])] {
        var result: [(image: Image, names: [ImageReference])] = []
        for text in texts {
            let id = try store.images.resolve(text)
            let reference = try? ImageReference(text).withDefaultTag  // perhaps an ID
            let names = try store.images.id(of: reference ?? ImageReference("x")) == id ? [reference].compactMap { $0 } : []
            if let index = result.firstIndex(where: { $0.image.id == id }) {
                result[index].names += names
            } else {
                result.append((try store.images.image(id), names))
            }
        }
        return result
    }

    /// Writes beside the file and renames at the end, so that an interrupted save leaves no half of an archive.
    private static func writeFile(_ path: String, _ body: @escaping (FileSink) throws -> Void) throws {
        let file = FilePath(path)
        guard let name = file.lastComponent else {
            throw UsageError.unreadableFile(path: path, reason: "it is a directory")
        }
        let parent = file.removingLastComponent()
        let directory = try Directory(opening: parent.isEmpty ? "." : parent)
        let temporary = Array(".\(name.string).\(ProcessFacts.identifier)".utf8)
        do {
            try directory.removeFile(temporary)
            try body(FileSink(try directory.createFile(temporary)))
            try directory.rename(temporary, to: Array(name.string.utf8), in: directory)
        } catch {
            // The first error is the one to tell.
            try? directory.removeFile(temporary)
            throw error
        }
    }

    private final class FileSink {
        private let descriptor: OwnedDescriptor
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
        func write(_ bytes: UnsafeRawBufferPointer) throws { try descriptor.write(bytes) }
    }
}

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "load", abstract: "Read images from an archive of docker's or an OCI image layout.")
    @Option(name: [.short, .long], help: ArgumentHelp("The archive; standard input if it is missing.", valueName: "file"))
    var input: String?
    @Flag(name: [.short, .long], help: "Do not tell what was loaded.")
    var quiet = false

    func run() async throws {
        let store = try StoreLocation.open()
        let reader = ImageArchiveReader(store)
        if let input {
            let path = FilePath(input)
            let parent = path.removingLastComponent()
            guard let name = path.lastComponent, let directory = try? Directory(opening: parent.isEmpty ? "." : parent),  // told below
                let file = try? directory.openFile(inRoot: Array(name.string.utf8))  // told below
            else { throw UsageError.unreadableFile(path: input, reason: "it cannot be opened") }
            try file.forEachPiece { try reader.consume($0) }
        } else {
            guard !Terminal.isTerminal(0) else { throw UsageError.needsTerminal }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
            defer { buffer.deallocate() }
            while true {
                let count = try StandardStream.input.read(into: buffer)
                if count == 0 { break }
                try reader.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        for (image, names) in try reader.finish() where !quiet {
            let lines = names.isEmpty ? ["Loaded image ID: \(image.id)"] : names.map { "Loaded image: \($0.familiar)" }
            StandardStream.output.write(lines.map { $0 + "\n" }.joined())
        }
    }
}
