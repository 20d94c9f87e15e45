/// What a blob is, where it is and how large it is (OCI image specification, descriptor.md).
package struct Descriptor: Hashable, Sendable {
    package let mediaType: MediaType
    package let digest: Digest
    /// Bytes.
    package let size: Int64
    package let platform: Platform?
    package let annotations: [String: String]

    package init(
        mediaType: MediaType, digest: Digest, size: Int64, platform: Platform? = nil,
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.annotations = annotations
    }

    package init(_ json: JSON) throws(ImageFormatError) {
        guard let type = json["mediaType"]?.string else { throw .missingMember("mediaType") }
        guard let text = json["digest"]?.string else { throw .missingMember("digest") }
        guard let size = json["size"]?.integer, size >= 0 else { throw .missingMember("size") }
        guard size <= DocumentLimit.blob else { throw .impossibleSize(size) }
        do { digest = try Digest(text) } catch { throw .invalidDigest(text) }
        mediaType = MediaType(rawValue: type)
        self.size = size
        platform = json["platform"].flatMap(Platform.init)
        annotations = Self.annotations(in: json)
    }

    /// The member `annotations` of a descriptor, manifest or index.
    static func annotations(in json: JSON) -> [String: String] {
        var result: [String: String] = [:]
        for member in json["annotations"]?.object?.members ?? [] { result[member.key] = member.value.string }
        return result
    }

    /// The same content with further annotations.
    package func adding(annotations more: [String: String]) -> Descriptor {
        guard !more.isEmpty else { return self }
        return Descriptor(
            mediaType: mediaType, digest: digest, size: size, platform: platform,
            annotations: annotations.merging(more) { _, new in new })
    }

    package var json: JSON {
        var object: JSONObject = [
            "mediaType": .string(mediaType.rawValue), "digest": .string(digest.description), "size": .integer(size),
        ]
        if let platform { object["platform"] = platform.json }
        if !annotations.isEmpty { object["annotations"] = .sorted(annotations) }
        return .object(object)
    }
}

extension JSON {
    /// An object of strings with its members sorted by name, so that the same values give the same bytes.
    package static func sorted(_ values: [String: String]) -> JSON {
        var object = JSONObject()
        for (key, value) in values.sorted(by: { $0.key < $1.key }) { object[key] = .string(value) }
        return .object(object)
    }
}

/// Why a manifest, an index or a config cannot be read.
package enum ImageFormatError: Error, Hashable, Sendable {
    case notJSON(JSONError)
    case missingMember(String)
    case invalidDigest(String)
    /// The document says that it is something else than what was asked for.
    case unexpectedMediaType(String)
    /// The config names a different number of layers than the manifest.
    case layerCountMismatch(manifest: Int, config: Int)
    /// The document itself; bytes.
    case tooLarge(limit: Int)
    case tooManyLayers(Int, limit: Int)
    /// A blob of so many bytes does not exist.
    case impossibleSize(Int64)
}
