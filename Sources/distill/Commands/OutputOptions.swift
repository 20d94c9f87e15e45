import ArgumentParser
import Engine
import LinuxSystem
import OCI
import Storage

/// What becomes of a build's result.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "DIR, '-', or type=image|oci|docker|tar|local|registry|cacheonly with dest=, name=, push-by-digest=true, platform-split=, compression=gzip|zstd|uncompressed, compression-level=, force-compression=, mode=delete, rewrite-timestamp=true, annotation.NAME=; repeatable.",
            valueName: "output"))
    var output: [String] = []
    @Option(
        help: ArgumentHelp(
            "Note something on the image's manifest, or with TYPE: on its index (index:) or its entry there (manifest-descriptor:); repeatable.",
            valueName: "[type:]name=value"))
    var annotation: [String] = []
    @Flag(help: "As --output type=registry: push the image.")
    var push = false
    @Flag(help: "As --output type=docker: keep the image in the store.")
    var load = false
    @Option(help: ArgumentHelp("Write what was made to a file, as JSON.", valueName: "file"))
    var metadataFile: String?
    @Option(help: ArgumentHelp("Write the image's ID to a file.", valueName: "file"))
    var iidfile: String?
    @Flag(
        help:
            "Give the same image whenever and wherever it is built: no time is later than SOURCE_DATE_EPOCH, else the commit of the context, else 1970."
    )
    var reproducible = false
    @Flag(help: "Build twice without the cache, and tell the first file that differs. Implies --reproducible.")
    var verify = false

    var isReproducible: Bool { reproducible || verify }

    func annotations() throws -> [ImageAnnotations.Note] { try annotation.flatMap(AnnotationOption.notes) }

    /// Every output; an image of the store where none is asked for.
    func outputs() throws -> [OutputSpecification] {
        var outputs = try output.map { try OutputSpecification(parsing: $0) }
        if push, let place = outputs.firstIndex(where: { $0.kind == .image }) {
            outputs[place].pushes = true
        } else if push {
            outputs.append(OutputSpecification(.registry))
        }
        if load { outputs.append(OutputSpecification(.docker)) }
        return outputs.isEmpty ? [OutputSpecification(.image)] : outputs
    }

    /// Whether an output goes to standard output.
    var usesStandardOutput: Bool {
        output.contains {
            // What cannot be parsed was an error before.
            (try? OutputSpecification(parsing: $0)).map {
                $0.destination == .standardOutput || ($0.destination == nil && !$0.isStored && $0.kind != .cacheonly)
            } ?? false
        }
    }

    /// Takes away what an earlier build told, so that nobody takes it for what this one tells if it fails.
    func discardEarlier() throws {
        for path in [iidfile, metadataFile].compactMap({ $0 }) { try HostFiles.discard(path) }
    }

    func write(_ receipt: OutputExport.Receipt) throws {
        if let iidfile { try HostFiles.write(receipt.id.description, to: iidfile) }
        if let metadataFile { try HostFiles.write(receipt.metadata.indentedText + "\n", to: metadataFile) }
    }
}
