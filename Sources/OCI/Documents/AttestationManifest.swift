/// The manifest that holds what is said about one image, beside that image's own in an index (BuildKit, "Image
/// attestation storage").
///
/// Each layer is one statement. The config is there because a manifest has one; nothing runs it.
package struct AttestationManifest: Hashable, Sendable {
    /// The digest of the manifest that the statements are about.
    package let image: Digest
    package let statementBytes: [[UInt8]]
    package let configBytes: [UInt8]
    package let manifestBytes: [UInt8]

    /// - Parameters:
    ///   - statements: what is said of the image, in the order of the layers.
    ///   - image: the digest of the image's manifest, which becomes the subject of every statement.
    package init(_ statements: [Statement], about image: Digest) {
        self.image = image
        statementBytes = statements.map { $0.about(image).bytes }
        let layers = zip(statements, statementBytes).map { statement, bytes in
            Descriptor(
                mediaType: .statement, digest: Digest(sha256: bytes), size: Int64(bytes.count),
                annotations: [Annotation.predicateType: statement.predicateType])
        }
        configBytes =
            JSON.object([
                "architecture": .string(Platform.unknown.architecture), "os": .string(Platform.unknown.os),
                "config": .object([:]),
                "rootfs": .object(["type": .string("layers"), "diff_ids": .strings(layers.map(\.digest.description))]),
            ]).bytes
        let config = Descriptor(mediaType: .config, digest: Digest(sha256: configBytes), size: Int64(configBytes.count))
        manifestBytes = Manifest(config: config, layers: layers).bytes
    }

    /// How an index names it, so that nobody takes it for an image to run.
    package var descriptor: Descriptor {
        Descriptor(
            mediaType: .manifest, digest: Digest(sha256: manifestBytes), size: Int64(manifestBytes.count),
            platform: .unknown,
            annotations: [
                Annotation.referenceDigest: image.description, Annotation.referenceType: Annotation.attestationManifest,
            ])
    }

    /// Every blob of it, the manifest last.
    package var documents: [[UInt8]] { statementBytes + [configBytes, manifestBytes] }

    enum Annotation {
        static let referenceType = "vnd.docker.reference.type"
        static let referenceDigest = "vnd.docker.reference.digest"
        static let attestationManifest = "attestation-manifest"
        static let predicateType = "in-toto.io/predicate-type"
    }
}

extension Descriptor {
    /// The digest of the manifest that this one says something about; nil for an image's own.
    package var subject: Digest? {
        // What is no digest says nothing.
        annotations[AttestationManifest.Annotation.referenceDigest].flatMap { try? Digest($0) }
    }

    /// The type of the statement that this is a layer with; nil for what is none.
    fileprivate var predicateType: String? { annotations[AttestationManifest.Annotation.predicateType] }
}

extension Manifest {
    /// The statement of a type among those that an attestation manifest holds; nil where none of a size to be read is there.
    package func statement(_ type: String) -> Descriptor? {
        layers.first { $0.predicateType == type && $0.size <= DocumentLimit.statement }
    }
}

extension Index {
    /// The manifests that are images: without those that say something about others.
    package var images: [Descriptor] {
        manifests.filter { $0.annotations[AttestationManifest.Annotation.referenceType] == nil }
    }
}
