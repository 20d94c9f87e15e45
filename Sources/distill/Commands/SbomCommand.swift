import ArgumentParser
import Bases
import Engine
import Inspection
import LinuxSystem
import OCI
import Rendering
import Storage

struct SbomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sbom",
        abstract: "List the packages of an image: Debian's, and those of Go, Python, Java and Node.js.",
        usage: "distill image sbom [OPTIONS] IMAGE")

    @Option(help: ArgumentHelp("spdx-json or cyclonedx-json.", valueName: "kind"))
    var format: String = BillOfMaterials.Format.spdx.rawValue
    @Option(name: [.short, .long], help: ArgumentHelp("Write to a file.", valueName: "file"))
    var output: String?
    @Argument(help: ArgumentHelp("An image's name or ID.", valueName: "IMAGE"))
    var name: String

    func run() async throws {
        guard let format = BillOfMaterials.Format(rawValue: format) else {
            throw InvalidOption(
                name: "--format", value: format,
                reason: "known are \(BillOfMaterials.Format.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let image = try store.images.image(store.images.resolve(name))
        let name = name
        let document = try await store.perform {
            BillOfMaterials(
                try Inventory(StoredTree.open(image, in: store)), name: name, image: image.id,
                created: image.config.created,
                toolVersion: ToolVersion.text
            ).document(format)
        }
        let text = document.indentedText + "\n"
        if let output {
            try HostFiles.write(text, to: output)
        } else {
            StandardStream.output.show(ShownText(json: text))
        }
    }
}
