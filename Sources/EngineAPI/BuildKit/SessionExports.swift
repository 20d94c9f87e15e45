import Engine
import LinuxSystem
import OCI
import Storage
import SystemPackage

/// What becomes of a build for a client: images of the store, and files that it gets.
struct SessionExports: Sendable {
    private struct Delivery: Sendable {
        let index: Int
        let directory: TemporaryDirectory
        /// A file in the directory; nil for the directory's files.
        let file: String?
    }

    private(set) var outputs: [OutputSpecification] = []
    private var deliveries: [Delivery] = []
    private(set) var storesImage = false

    init(_ exporters: [SolveRequest.Entry], _ store: Store) throws {
        for (index, exporter) in exporters.enumerated() { try add(exporter, index, store) }
        if exporters.isEmpty { outputs = [OutputSpecification(.cacheonly)] }
    }

    private mutating func add(_ exporter: SolveRequest.Entry, _ index: Int, _ store: Store) throws {
        let attributes = exporter.attributes
        var output: OutputSpecification
        switch exporter.type {
        case "", "moby", "image", "registry":
            output = OutputSpecification(.image)
            output.pushes = attributes["push"] == "true" || exporter.type == "registry"
            output.isPushedByDigest = attributes["push-by-digest"] == "true"
            output.isNamedHere = attributes["store"] != "false"
            output.allowsInsecure = attributes["registry.insecure"] == "true"
            storesImage = true
        case "oci", "docker", "tar":
            guard let kind = OutputSpecification.Kind(rawValue: exporter.type) else {
                throw APIError.unsupportedExporter(exporter.type)
            }
            output = OutputSpecification(kind)
            output.destination = .path(try deliver(index, "out.tar", store))
        case "local":
            output = OutputSpecification(.local)
            output.destination = .path(try deliver(index, nil, store))
        default: throw APIError.unsupportedExporter(exporter.type)
        }
        output.names = try (attributes["name"] ?? "").split(separator: ",").map { try BuildWords.name(String($0)) }
        output.rewritesTimestamps = attributes["rewrite-timestamp"] == "true"
        output.splitsPlatforms = attributes["platform-split"].map { $0 != "false" }
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            let note = try AnnotationOption.note(field: name, value: value) {
                InvalidOption(name: name, value: value, reason: $0)
            }
            if let note { output.annotations.append(note) }
        }
        let level = attributes["compression-level"].flatMap { Int($0) }
        let packing = OutputSpecification.Packing(
            name: attributes["compression"], level: level, isForced: attributes["force-compression"] == "true")
        output.compression = try packing.compression {
            InvalidOption(name: "compression", value: attributes["compression"] ?? "", reason: $0)
        }
        outputs.append(output)
    }

    private mutating func deliver(_ index: Int, _ file: String?, _ store: Store) throws -> String {
        let directory = try store.makeTemporaryDirectory()
        deliveries.append(Delivery(index: index, directory: directory, file: file))
        return (file.map { directory.path.appending($0) } ?? directory.path).string
    }

    var title: String {
        storesImage || outputs.isEmpty
            ? "exporting to image" : deliveries.isEmpty ? "exporting cache" : "exporting to client"
    }

    /// Sends the files.
    func deliver(to session: ClientSession) async throws {
        for delivery in deliveries {
            try await session.client.call(
                ClientSession.fileSend, [("buildkit-attachable-exporter-id", String(delivery.index))]
            ) { stream in
                if let file = delivery.file {
                    try await FileSender.sendFile(delivery.directory.path.appending(file), stream)
                } else {
                    var sender = FileSender(try Directory(opening: delivery.directory.path))
                    try await sender.send(stream)
                }
            }
        }
    }

    /// ExporterResponse
    func response(_ receipt: OutputExport.Receipt) -> [String: String] {
        guard storesImage || deliveries.contains(where: { $0.file != nil }) else { return [:] }
        var response = [
            "containerimage.digest": receipt.root.digest.description,
            "containerimage.config.digest": receipt.configDigest.description,
            "containerimage.descriptor": Base64.encode(receipt.root.json.bytes),
        ]
        if !receipt.names.isEmpty { response["image.name"] = receipt.names.map(\.description).joined(separator: ",") }
        return response
    }
}
