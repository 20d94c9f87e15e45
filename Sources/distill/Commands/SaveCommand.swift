import ArgumentParser
import Diagnosis
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

struct SaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "save", abstract: "Write images into an archive.")
    @Option(
        name: [.short, .long], help: ArgumentHelp("The archive; standard output if it is missing.", valueName: "file"))
    var output: String?
    @Option(help: ArgumentHelp("oci (an image layout) or docker.", valueName: "kind"))
    var format: String = "docker"
    @Option(
        help: ArgumentHelp(
            "How layers are packed: gzip, zstd or uncompressed; as they are kept if it is missing.", valueName: "kind"))
    var compression: String?
    @Option(
        help: ArgumentHelp("gzip: 0 to 9, 4 if it is missing; zstd: 1 to 22, 3 if it is missing.", valueName: "number"))
    var compressionLevel: Int?
    @OptionGroup var gate: SecretOptions
    @Argument(help: ArgumentHelp("Names or IDs of images.", valueName: "IMAGE"))
    var images: [String]

    func run() async throws {
        guard
            let format = ImageArchiveFormat(
                rawValue: format == "oci-archive" ? "oci" : format == "docker-archive" ? "docker" : format)
        else { throw InvalidOption(name: "--format", value: format, reason: "known are oci and docker") }
        let packing = OutputSpecification.Packing(
            name: compression, level: compressionLevel, isForced: compression != nil)
        let form = try packing.compression {
            InvalidOption(name: "--compression", value: compression ?? "gzip", reason: $0)
        }
        let engine = try Engine.opened(.ofProcess())
        defer { engine.close() }
        let store = engine.store
        let chosen = try Self.select(images, store)
        let check = Task { [gate] in
            for (image, names) in chosen {
                try await gate.check(image, names.first?.familiar ?? image.short, on: engine, pushes: false)
            }
        }
        defer { check.cancel() }
        let selected = try chosen.map { image, names in
            try store.pack(image, form, names: names)
        }
        func write(_ output: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
            var writer = ImageArchiveWriter(store, format: format, sink: ArchiveSink(output: output))
            try writer.write(selected)
        }
        // Who reads the standard output has its bytes at once; a file can wait for the verdict.
        if let output { return try await OutputFile.write(output, if: { try await check.value }, write) }
        try await check.value
        try OutputFile.writeToStandardOutput(write)
    }

    /// Images in the order in which they are named, each once, with the names that were asked for.
    private static func select(_ texts: [String], _ store: Store) throws -> [(id: Digest, names: [ImageReference])] {
        var result: [(id: Digest, names: [ImageReference])] = []
        for text in texts {
            let id = try store.images.resolve(text)
            let reference = try? ImageReference(text).withDefaultTag  // perhaps an ID
            let names =
                try store.images.id(of: reference ?? ImageReference("x")) == id ? [reference].compactMap { $0 } : []
            if let index = result.firstIndex(where: { $0.id == id }) {
                result[index].names += names
            } else {
                result.append((id, names))
            }
        }
        return result
    }
}

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Read images from an archive of docker's or an OCI image layout.")
    @Option(
        name: [.short, .long], help: ArgumentHelp("The archive; standard input if it is missing.", valueName: "file"))
    var input: String?
    @Flag(name: [.short, .long], help: "Do not tell what was loaded.")
    var quiet = false

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        if input == nil, Terminal.isTerminal(0) { throw NamedFileError.terminal }
        let reader = ImageArchiveReader(store)
        try InputFile.forEachPiece(of: input) { try reader.consume($0) }
        for loaded in try reader.finish() where !quiet {
            let names = loaded.names.map { "Loaded image: \($0.familiar)" }
            let lines = names.isEmpty ? ["Loaded image ID: \(loaded.id)"] : names
            StandardStream.output.show(lines.map { "\($0)\n" }.joined())
        }
    }
}
