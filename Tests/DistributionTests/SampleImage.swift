import OCI
import TestSupport

@testable import Distribution

/// A small image with its blobs, as bytes.
struct SampleImage {
    let layers: [[UInt8]]
    let config: [UInt8]
    let manifest: [UInt8]
    let platform: Platform

    static let repository = "team/app"

    init(
        _ platform: Platform = Platform(os: "linux", architecture: "amd64"), layers count: Int = 3,
        type: MediaType = .manifest
    ) {
        let layers = (0..<count).map { layer in
            (0..<50_000 + layer).map {
                UInt8(truncatingIfNeeded: $0 &* 31 &+ layer &+ platform.architecture.utf8.count)
            }
        }
        var config = ImageConfig(platform: platform)
        config.layers = layers.map { DiffID(Digest(sha256: $0)) }
        self.layers = layers
        self.config = config.bytes
        self.platform = platform
        func descriptor(_ type: MediaType, _ bytes: [UInt8]) -> Descriptor {
            Descriptor(mediaType: type, digest: Digest(sha256: bytes), size: Int64(bytes.count))
        }
        manifest =
            Manifest(
                mediaType: type,
                config: descriptor(type == .manifest ? .config : .dockerConfig, config.bytes),
                layers: layers.map { descriptor(type == .manifest ? .layer : .dockerLayer, $0) }
            ).bytes
    }

    var digest: Digest { Digest(sha256: manifest) }
    var blobs: [[UInt8]] { [config] + layers }
    var digests: Set<Digest> { Set(([manifest] + blobs).map { Digest(sha256: $0) }) }

    var descriptor: Descriptor {
        Descriptor(mediaType: .manifest, digest: digest, size: Int64(manifest.count), platform: platform)
    }

    /// Of the first layer.
    var layer: Descriptor {
        Descriptor(mediaType: .layer, digest: Digest(sha256: layers[0]), size: Int64(layers[0].count))
    }

    func add(to registry: FakeRegistry, tag: String? = "v1", type: MediaType = .manifest) {
        for blob in blobs { registry.addBlob(blob, to: Self.repository) }
        registry.addManifest(manifest, type: type, tag: tag, to: Self.repository)
    }
}

extension FakeRegistry {
    func reference(_ suffix: String = ":v1", repository: String = SampleImage.repository) throws -> ImageReference {
        try ImageReference("\(host)/\(repository)\(suffix)")
    }

    /// Requests as `GET …/blobs/…`, with short digests.
    var lines: [String] {
        requests.map { request in
            request.line.replacing(/sha256:([0-9a-f]{6})[0-9a-f]+/) { "\($0.output.1)" }
        }
    }
}

/// Runs `body` with a client that does not wait between its tries.
func withClient<Result>(
    _ credentials: Credentials = .anonymous, pauses: Pauses = Pauses(),
    configure: (inout RegistryClient.Configuration) -> Void = { _ in }, _ body: (RegistryClient) async throws -> Result
) async throws -> Result {
    var configuration = RegistryClient.Configuration()
    configuration.pause = { pauses.add($0) }
    configure(&configuration)
    return try await RegistryClient.withClient(
        configuration: configuration, environment: [:], credentials: credentials, body)
}
