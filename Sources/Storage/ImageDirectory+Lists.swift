internal import LinuxSystem
public import OCI

/// Images for several platforms under one name. The list's ID is the digest of an index of its images.
extension ImageDirectory {
    /// Stores a list of images that are here.
    ///
    /// - Parameter index: names the images' manifests.
    /// - Returns: the list's ID.
    public func putList(_ index: Index, of images: [Image]) throws -> Digest {
        let id = try content.put(index.bytes)
        let sizes = try images.map { try record($0.id)["size"]?.integer }
        var object: JSONObject = [:]
        if !sizes.contains(nil) { object["size"] = .integer(sizes.reduce(0) { $0 + ($1 ?? 0) }) }
        if let created = images.compactMap(\.config.created).max() { object["created"] = .string(created) }
        object["platform"] = .string(images.map(\.config.platform.description).joined(separator: ","))
        object["manifest"] = .string(id.description)
        object["images"] = .strings(images.map(\.id.description))
        try self.images.replaceFile(Array(id.hex.utf8), with: JSON.object(object).bytes)
        return id
    }

    /// The images of a list; the image itself if it is none.
    public func members(of id: Digest) throws -> [Digest] {
        let members = Self.members(in: try record(id))
        return members.isEmpty ? [id] : members
    }

    static func members(in record: JSON) -> [Digest] {
        (record["images"]?.strings ?? []).compactMap { try? Digest($0) }  // damaged: `system check` tells
    }

    /// The image of a name for a platform: the nearest of a list; a single image whatever its platform is.
    public func image(named reference: ImageReference, for platform: Platform = .host) throws -> Image? {
        guard let id = try id(of: reference) else { return nil }
        return try image(id, for: platform)
    }

    /// An image, or the one of a list that is nearest to a platform; the first if none serves.
    public func image(_ id: Digest, for platform: Platform = .host) throws -> Image {
        let members = try members(of: id)
        guard members != [id] else { return try single(id) }
        let images = try members.map { try single($0) }
        let nearest = images.enumerated().compactMap { index, image in
            image.config.platform.distance(to: platform).map { (distance: $0, index: index) }
        }.min { ($0.distance, $0.index) < ($1.distance, $1.index) }
        guard let chosen = nearest.map({ images[$0.index] }) ?? images.first else { throw StorageError.noSuchImage(id.description) }
        return chosen
    }

    /// What an image's record says of its layers and documents, whether its config can be read or not.
    func parts(of id: Digest) throws -> (layers: [DiffID], blobs: [Digest]) {
        let record = try record(id)
        let entries = record["layers"]?.array ?? []
        let layers = entries.compactMap { $0["diffID"]?.string.flatMap { try? Digest($0) }.map(DiffID.init) }  // damaged: none
        let blobs = entries.flatMap { $0["blobs"]?.array ?? [] }.compactMap { $0["digest"]?.string }
        let documents = [id.description, record["manifest"]?.string].compactMap { $0 }
        return (layers, (blobs + documents).compactMap { try? Digest($0) })  // damaged: none
    }

    /// IDs of images that some list has, without the lists themselves.
    func listed() throws -> Set<Digest> {
        // One that cannot be read lists nothing; `system check` tells.
        Set(try ids().flatMap { id in (try? record(id)).map { Self.members(in: $0) } ?? [] })
    }

    /// Removes a record; with a list go its images that have no name and are in no other list.
    func remove(_ id: Digest) throws {
        // What cannot be read lists nothing.
        let members = (try? record(id)).map { Self.members(in: $0) } ?? []
        try images.removeFile(Array(id.hex.utf8))
        guard !members.isEmpty else { return }
        let named = Set(try names().map(\.id))
        let listed = try listed()
        for member in members where !named.contains(member) && !listed.contains(member) {
            try images.removeFile(Array(member.hex.utf8))
        }
    }
}
