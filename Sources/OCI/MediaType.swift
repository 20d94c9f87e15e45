/// The kind of a blob (OCI image specification, media-types.md, and Docker's image manifest version 2, schema 2).
public struct MediaType: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    public static let index = MediaType(rawValue: "application/vnd.oci.image.index.v1+json")
    public static let manifest = MediaType(rawValue: "application/vnd.oci.image.manifest.v1+json")
    public static let config = MediaType(rawValue: "application/vnd.oci.image.config.v1+json")
    public static let layer = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar")
    public static let layerGzip = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+gzip")
    public static let layerZstd = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+zstd")

    public static let dockerIndex = MediaType(rawValue: "application/vnd.docker.distribution.manifest.list.v2+json")
    public static let dockerManifest = MediaType(rawValue: "application/vnd.docker.distribution.manifest.v2+json")
    public static let dockerConfig = MediaType(rawValue: "application/vnd.docker.container.image.v1+json")
    public static let dockerLayer = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar")
    public static let dockerLayerGzip = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar.gzip")

    /// A statement about an image (in-toto attestation framework).
    public static let statement = MediaType(rawValue: "application/vnd.in-toto+json")

    /// A layer that its licence keeps out of other registries (OCI image specification, "Non-Distributable Layers").
    public var isForeignLayer: Bool {
        rawValue.hasPrefix("application/vnd.oci.image.layer.nondistributable.")
            || rawValue.hasPrefix("application/vnd.docker.image.rootfs.foreign.")
    }

    public var isIndex: Bool { self == .index || self == .dockerIndex }
    public var isManifest: Bool { self == .manifest || self == .dockerManifest }
}
