internal import LinuxSystem
package import OCI

/// Images for several platforms under one name. The list's ID is the digest of an index of its images.
extension ImageDirectory {
    /// Stores a list of images that are here, with what is said about them.
    ///
    /// - Returns: the list's ID; nil for one image of which nothing is said, which needs no list.
    package func putList(_ list: ArchivedImage) throws -> Digest? {
        guard let index = list.index else { return nil }
        let id = try content.put(index.bytes)
        let configs = try list.images.map { try ImageConfig(bytes: $0.configBytes) }
        let sizes = try list.images.map { try record($0.configDigest)["size"]?.integer }
        var object: JSONObject = [:]
        if !sizes.contains(nil) { object["size"] = .integer(sizes.reduce(0) { $0 + ($1 ?? 0) }) }
        if let created = configs.compactMap(\.created).max() { object["created"] = .string(created) }
        object["platform"] = .string(configs.map(\.platform.description).joined(separator: ","))
        object["manifest"] = .string(id.description)
        object["images"] = .strings(list.images.map(\.configDigest.description))
        let attestations = try list.images.compactMap { try putAttestation(of: $0) }
        if !attestations.isEmpty { object["attestations"] = .array(attestations) }
        try images.replaceFile(Array(id.hex.utf8), with: JSON.object(object).bytes)
        return id
    }

    /// What is noted on a list's index and on its entries; nothing for an image that is no list.
    package func notes(of id: Digest) throws -> ImageAnnotations {
        guard try !Self.members(in: record(id)).isEmpty else { return ImageAnnotations() }
        return ImageAnnotations(on: try Index(bytes: content.bytes(of: id)))
    }

    /// Stores what is said about an image, and gives the entry of its list's record.
    private func putAttestation(of image: PackedImage) throws -> JSON? {
        guard let attestation = image.attestation else { return nil }
        for document in attestation.documents { try content.put(document) }
        return .object([
            "image": .string(image.configDigest.description),
            "manifest": .string(attestation.descriptor.digest.description),
        ])
    }

    /// What is said about the images of a list, by the images' IDs.
    package func statements(of id: Digest) throws -> [Digest: [Statement]] {
        var result: [Digest: [Statement]] = [:]
        for (image, manifest) in Self.attestations(in: try record(id)) {
            let layers = try Manifest(bytes: content.bytes(of: manifest)).layers
            result[image, default: []] += try layers.map { try Statement(bytes: content.bytes(of: $0.digest)) }
        }
        return result
    }

    private static func attestations(in record: JSON) -> [(image: Digest, manifest: Digest)] {
        (record["attestations"]?.array ?? []).compactMap { entry in
            guard let image = entry["image"]?.string, let manifest = entry["manifest"]?.string,
                let image = try? Digest(image), let manifest = try? Digest(manifest)  // damaged: `system check` tells
            else { return nil }
            return (image, manifest)
        }
    }

    /// The blobs that hold what is said about the images of a record, as far as their manifests can be read.
    func attestationBlobs(in record: JSON) throws -> [Digest] {
        try Self.attestations(in: record).flatMap { _, manifest in
            // `system check` tells
            let document = try unlessDamaged { try Manifest(bytes: content.bytes(of: manifest)) }
            return [manifest] + (document.map { [$0.config.digest] + $0.layers.map(\.digest) } ?? [])
        }
    }

    /// The images of a list; the image itself if it is none.
    package func members(of id: Digest) throws -> [Digest] {
        let members = Self.members(in: try record(id))
        return members.isEmpty ? [id] : members
    }

    static func members(in record: JSON) -> [Digest] {
        (record["images"]?.strings ?? []).compactMap { try? Digest($0) }  // damaged: `system check` tells
    }

    /// The image of a name for a platform: the nearest of a list; a single image whatever its platform is.
    package func image(named reference: ImageReference, for platform: Platform = .host) throws -> Image? {
        guard let id = try id(meantBy: reference) else { return nil }
        return try image(id, for: platform)
    }

    /// An image, or the one of a list that is nearest to a platform; the first if none serves.
    package func image(_ id: Digest, for platform: Platform = .host) throws -> Image {
        let members = try members(of: id)
        guard members != [id] else { return try single(id) }
        let images = try members.map { try single($0) }
        let nearest = images.enumerated().compactMap { index, image in
            image.config.platform.distance(to: platform).map { (distance: $0, index: index) }
        }.min { ($0.distance, $0.index) < ($1.distance, $1.index) }
        guard let chosen = nearest.map({ images[$0.index] }) ?? images.first else {
            throw StorageError.noSuchImage(id.description)
        }
        return chosen
    }

    /// What an image's record says of its layers and documents, whether its config can be read or not.
    func parts(of id: Digest) throws -> (layers: [DiffID], blobs: [Digest]) {
        let record = try record(id)
        let entries = record["layers"]?.array ?? []
        // damaged: none
        let layers = entries.compactMap { $0["diffID"]?.string.flatMap { try? Digest($0) }.map(DiffID.init) }
        let blobs = entries.flatMap { $0["blobs"]?.array ?? [] }.compactMap { $0["digest"]?.string }
        let documents = [id.description, record["manifest"]?.string, record["config"]?.string].compactMap { $0 }
        // damaged: none
        return try (layers, (blobs + documents).compactMap { try? Digest($0) } + attestationBlobs(in: record))
    }

    /// IDs of images that some list has, without the lists themselves.
    func listed() throws -> Set<Digest> {
        // One that cannot be read lists nothing; `system check` tells.
        Set(try ids().flatMap { id in try unlessDamaged { try record(id) }.map { Self.members(in: $0) } ?? [] })
    }

    /// Removes a record; with a list go its images that have no name and are in no other list.
    func remove(_ id: Digest) throws {
        // What cannot be read lists nothing.
        let members = try unlessDamaged { try record(id) }.map { Self.members(in: $0) } ?? []
        try images.removeFile(Array(id.hex.utf8))
        guard !members.isEmpty else { return }
        let named = Set(try names().map(\.id))
        let listed = try listed()
        for member in members where !named.contains(member) && !listed.contains(member) {
            try images.removeFile(Array(member.hex.utf8))
        }
    }
}
