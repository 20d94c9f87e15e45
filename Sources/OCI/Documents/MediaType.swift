/// The kind of a blob (OCI image specification, media-types.md, and Docker's image manifest version 2, schema 2).
package struct MediaType: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    package static let index = MediaType(rawValue: "application/vnd.oci.image.index.v1+json")
    package static let manifest = MediaType(rawValue: "application/vnd.oci.image.manifest.v1+json")
    package static let config = MediaType(rawValue: "application/vnd.oci.image.config.v1+json")
    package static let layer = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar")
    package static let layerGzip = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+gzip")
    package static let layerZstd = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+zstd")

    package static let dockerIndex = MediaType(rawValue: "application/vnd.docker.distribution.manifest.list.v2+json")
    package static let dockerManifest = MediaType(rawValue: "application/vnd.docker.distribution.manifest.v2+json")
    package static let dockerConfig = MediaType(rawValue: "application/vnd.docker.container.image.v1+json")
    package static let dockerLayer = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar")
    package static let dockerLayerGzip = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar.gzip")

    /// A statement about an image (in-toto attestation framework).
    package static let statement = MediaType(rawValue: "application/vnd.in-toto+json")

    /// A layer that its licence keeps out of other registries (OCI image specification, "Non-Distributable Layers").
    package var isForeignLayer: Bool {
        rawValue.hasPrefix("application/vnd.oci.image.layer.nondistributable.")
            || rawValue.hasPrefix("application/vnd.docker.image.rootfs.foreign.")
    }

    package var isIndex: Bool { self == .index || self == .dockerIndex }
    package var isManifest: Bool { self == .manifest || self == .dockerManifest }
}
