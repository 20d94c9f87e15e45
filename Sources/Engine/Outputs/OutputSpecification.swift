package import OCI
package import Storage

/// One `--output`: what becomes of a build's result (docker's buildx, "--output").
package struct OutputSpecification {
    package enum Kind: String, CaseIterable {
        /// An image of the store.
        case image
        /// An OCI image layout.
        case oci
        /// An archive for `docker load`; without a destination an image of the store, as docker's own.
        case docker
        /// The root file system as one tar.
        case tar
        /// The root file system as files.
        case local
        /// An image of the store that is pushed.
        case registry
        /// Nothing: what was done stays in the build cache.
        case cacheonly
    }

    package enum Destination: Equatable {
        case standardOutput
        case path(String)
    }

    package var kind: Kind
    package var destination: Destination?
    /// Names beside those of `--tag`.
    package var names: [ImageReference] = []
    /// nil: what is usual for the kind.
    package var compression: LayerCompression?
    package var pushes: Bool
    /// What is pushed has its digest for a name and no tag; the image of the store has no name either.
    package var isPushedByDigest = false
    /// Whether the image of the store gets the names; else they are the registry's alone.
    package var isNamedHere = true
    /// Whether it is pushed to a registry without a certificate that is believed, or without TLS.
    package var allowsInsecure = false
    /// tar and local: whether each platform has a directory of its own; nil: where there are several.
    package var splitsPlatforms: Bool?
    /// oci and docker: one archive and not a directory.
    package var isArchive = true
    /// local: what the image does not have is removed from the directory.
    package var isMirror = false
    /// Times of files are not later than SOURCE_DATE_EPOCH.
    package var rewritesTimestamps = false
    package var annotations: [ImageAnnotations.Note] = []

    package init(_ kind: Kind) { (self.kind, pushes) = (kind, kind == .registry) }

    /// Whether the result is an image of the store.
    package var isStored: Bool { kind == .image || kind == .registry || (kind == .docker && destination == nil) }
}
