/// The manifest of one image (OCI image specification, manifest.md; Docker's image manifest version 2, schema 2).
package struct Manifest: Hashable, Sendable {
    package let mediaType: MediaType
    package let config: Descriptor
    /// From the lowest to the highest.
    package let layers: [Descriptor]
    package let annotations: [String: String]

    package init(
        mediaType: MediaType = .manifest, config: Descriptor, layers: [Descriptor], annotations: [String: String] = [:]
    ) {
        (self.mediaType, self.config, self.layers, self.annotations) = (mediaType, config, layers, annotations)
    }

    package init(bytes: [UInt8]) throws(ImageFormatError) {
        let json = try JSON.document(bytes, limit: DocumentLimit.manifest)
        guard let config = json["config"] else { throw .missingMember("config") }
        guard let layers = json["layers"]?.array else { throw .missingMember("layers") }
        mediaType = json["mediaType"]?.string.map(MediaType.init) ?? .manifest
        guard mediaType.isManifest else { throw .unexpectedMediaType(mediaType.rawValue) }
        self.config = try Descriptor(config)
        var descriptors: [Descriptor] = []
        for layer in layers { descriptors.append(try Descriptor(layer)) }
        self.layers = descriptors
        annotations = Descriptor.annotations(in: json)
    }

    package var bytes: [UInt8] {
        var object: JSONObject = [
            "schemaVersion": .integer(2), "mediaType": .string(mediaType.rawValue), "config": config.json,
            "layers": .array(layers.map(\.json)),
        ]
        if !annotations.isEmpty { object["annotations"] = .sorted(annotations) }
        return JSON.object(object).bytes
    }
}

/// A list of manifests, one a platform or one an image of a layout (OCI image specification, image-index.md).
package struct Index: Hashable, Sendable {
    package let mediaType: MediaType
    package let manifests: [Descriptor]
    package let annotations: [String: String]

    package init(mediaType: MediaType = .index, manifests: [Descriptor], annotations: [String: String] = [:]) {
        (self.mediaType, self.manifests, self.annotations) = (mediaType, manifests, annotations)
    }

    package init(bytes: [UInt8]) throws(ImageFormatError) {
        let json = try JSON.document(bytes, limit: DocumentLimit.manifest)
        guard let manifests = json["manifests"]?.array else { throw .missingMember("manifests") }
        mediaType = json["mediaType"]?.string.map(MediaType.init) ?? .index
        guard mediaType.isIndex else { throw .unexpectedMediaType(mediaType.rawValue) }
        var descriptors: [Descriptor] = []
        for manifest in manifests { descriptors.append(try Descriptor(manifest)) }
        self.manifests = descriptors
        annotations = Descriptor.annotations(in: json)
    }

    package var bytes: [UInt8] {
        var object: JSONObject = [
            "schemaVersion": .integer(2), "mediaType": .string(mediaType.rawValue),
            "manifests": .array(manifests.map(\.json)),
        ]
        if !annotations.isEmpty { object["annotations"] = .sorted(annotations) }
        return JSON.object(object).bytes
    }

    /// The manifest for a platform: an exact variant before the nearest compatible one, the first of equals.
    package func manifest(for platform: Platform) -> Descriptor? {
        var nearest: (descriptor: Descriptor, distance: Int)?
        for manifest in images {
            guard let distance = manifest.platform?.distance(to: platform) else { continue }
            if nearest.map({ distance < $0.distance }) ?? true { nearest = (manifest, distance) }
        }
        return nearest?.descriptor
    }
}
