internal import LinuxSystem
package import OCI

/// What a name without a registry may stand for on this machine.
package typealias NameMeanings = @Sendable (ImageReference) -> [ImageReference]

/// Images and the names that they go by.
///
/// An image's record holds what the config does not: where its layers' bytes are, and its manifest if it came with one.
package final class ImageDirectory: Sendable {
    let images: Directory
    private let references: Directory
    let content: ContentDirectory
    private let layers: LayerDirectory
    private let keptListing: KeptListing
    private let meanings: NameMeanings

    struct Places {
        let images: Directory
        let references: Directory
        /// Where the list of images is kept.
        let root: Directory
    }

    init(_ places: Places, content: ContentDirectory, layers: LayerDirectory, meanings: @escaping NameMeanings) {
        (images, references) = (places.images, places.references)
        (self.content, self.layers, self.meanings) = (content, layers, meanings)
        keptListing = KeptListing(in: places.root)
    }

    /// What a list of images shows of one, without reading its config.
    package struct Summary: Hashable, Sendable {
        package let id: Digest
        /// Its names, sorted; none for an image whose names were given to others.
        package let references: [ImageReference]
        /// RFC 3339.
        package let created: String?
        /// Bytes in the files of all layers; of a layer that was fetched and never unpacked, bytes of its blob.
        package let size: Int64
        /// Whether such a layer is among them.
        package let isPacked: Bool
        package let layerCount: Int
        /// The digest of the manifest that it came with.
        package let manifest: Digest?
        package let platform: String

        /// Whether somebody gave it a name: what a failed step left has one only to be looked into, and goes as the build cache goes.
        package var isNamed: Bool { references.contains { $0.familiarName != ImageDirectory.failedBuild } }
    }

    /// The name of images of what failed steps left.
    package static let failedBuild = "failed-build"

    // MARK: Storing

    /// Stores an image whose layers are in the store, without a name.
    ///
    /// - Parameter size: bytes in the files of all layers; nil while that is not known.
    package func put(_ image: Image, size: Int64?) throws {
        if try isKept(image, size) { return }
        try content.put(image.configBytes)
        if let manifest = image.manifestBytes { try content.put(manifest) }
        var object: JSONObject = [:]
        if let size { object["size"] = .integer(size) }
        if let created = image.config.created { object["created"] = .string(created) }
        object["platform"] = .string(image.config.platform.description)
        if let manifest = image.manifestBytes {
            object["manifest"] = .string(Digest(sha256: manifest).description)
            // Where that is not its SHA-256, which is the image's ID.
            let config = try Manifest(bytes: manifest).config.digest
            if config != image.id { object["config"] = .string(config.description) }
        }
        object["layers"] = .array(
            image.layers.map { layer in
                .object(["diffID": .string(layer.diffID.description), "blobs": .array(layer.blobs.map(\.json))])
            })
        try images.replaceFile(Array(image.id.hex.utf8), with: JSON.object(object).bytes)
    }

    /// Whether a record is there that says as much of an image; its time of writing becomes now. Writing safely takes as
    /// long as all the rest of a build in which nothing changed.
    private func isKept(_ image: Image, _ size: Int64?) throws -> Bool {
        let name = Array(image.id.hex.utf8)
        // A damaged one is written anew.
        guard let bytes = try images.read(name), let known = try? JSON.parse(bytes), try content.has(image.id) else {
            return false
        }
        guard known["size"] != nil || size == nil else { return false }
        let manifest = known["manifest"]?.string
        guard image.manifestBytes.map({ Digest(sha256: $0).description == manifest }) ?? true else { return false }
        for digest in try parts(of: image.id).blobs where try !content.has(digest) { return false }
        guard known["layers"]?.array?.count == image.layers.count else { return false }
        let blobs = known["layers"]?.array?.map { ($0["blobs"]?.array ?? []).count } ?? []
        guard zip(blobs, image.layers).allSatisfy({ $0 >= $1.blobs.count }) else { return false }
        try images.setModified(name, .now)
        return true
    }

    /// Gives an image a name, which any other image loses.
    package func tag(_ id: Digest, _ reference: ImageReference) throws {
        if try self.id(of: reference) == id { return }
        try references.replaceFile(Self.name(reference), with: Array((id.description + "\n").utf8))
    }

    /// - Returns: false if nothing has this name.
    package func untag(_ reference: ImageReference) throws -> Bool {
        guard try references.status(Self.name(reference)) != nil else { return false }
        try references.removeFile(Self.name(reference))
        return true
    }

    // MARK: Finding

    package func id(of reference: ImageReference) throws -> Digest? {
        try id(named: Self.name(reference.withDefaultTag))
    }

    /// The image of a name, else, where it has no registry, of the first of its meanings of which there is one.
    func id(meantBy reference: ImageReference) throws -> Digest? {
        if let id = try id(of: reference) { return id }
        guard reference.isShort else { return nil }
        for meaning in meanings(reference) {
            if let id = try id(of: meaning) { return id }
        }
        return nil
    }

    /// What a name's file says; nil if it is missing or damaged.
    private func id(named name: [UInt8]) throws -> Digest? {
        guard let text = try references.read(name, limit: 4096) else { return nil }
        return try? Digest(String(decoding: text.dropLast(1), as: UTF8.self))  // damaged: as if it were not there
    }

    /// Finds an image by a name or by the beginning of its ID, as docker does.
    ///
    /// - Throws: ``StorageError/noSuchImage(_:)`` or ``StorageError/ambiguousImage(_:)``.
    package func resolve(_ text: String) throws -> Digest {
        // What is no reference may be an ID.
        if let reference = try? ImageReference(text), let id = try id(meantBy: reference) { return id }
        let hex = text.hasPrefix("sha256:") ? String(text.dropFirst("sha256:".count)) : text
        guard !hex.isEmpty, hex.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
            throw StorageError.noSuchImage(text)
        }
        let matches = try ids().filter { $0.hex.hasPrefix(hex) }
        guard matches.count <= 1 else { throw StorageError.ambiguousImage(text) }
        guard let match = matches.first else { throw StorageError.noSuchImage(text) }
        return match
    }

    /// An image that is no list.
    package func single(_ id: Digest) throws -> Image {
        let json = try record(id)
        let configBytes = try content.bytes(of: id)
        let layers = try (json["layers"]?.array ?? []).map { layer in
            guard let diffID = layer["diffID"]?.string else { throw StorageError.damaged(what: "image \(id)") }
            return Image.Layer(
                diffID: DiffID(try Digest(diffID)), blobs: try (layer["blobs"]?.array ?? []).map { try Descriptor($0) })
        }
        if let manifest = json["manifest"]?.string {
            return try Image(manifestBytes: try content.bytes(of: Digest(manifest)), configBytes: configBytes)
        }
        return try Image(configBytes: configBytes, layers: layers)
    }

    func record(_ id: Digest) throws -> JSON {
        guard let bytes = try images.read(Array(id.hex.utf8)) else { throw StorageError.noSuchImage(id.description) }
        do { return try JSON.parse(bytes) } catch { throw StorageError.damaged(what: "image \(id)") }
    }

    func ids() throws -> [Digest] {
        try images.names().compactMap {
            try? Digest(algorithm: .sha256, hex: String(decoding: $0, as: UTF8.self))  // others are temporary files
        }
    }

    /// Every name and the image that has it.
    package func names() throws -> [(reference: ImageReference, id: Digest)] {
        try references.names().compactMap { name in
            // temporary
            guard let reference = try? ImageReference(Self.text(name)), let id = try id(named: name) else { return nil }
            return (reference, id)
        }
    }

    /// Every name as its file is called, and what it says.
    func namesOnDisk() throws -> [(name: [UInt8], id: Digest?)] {
        try references.names().filter { $0.first != UInt8(ascii: ".") }.map { name in
            let text = try references.read(name, limit: 4096) ?? []
            return (name, try? Digest(String(decoding: text.dropLast(1), as: UTF8.self)))  // the caller tells
        }
    }

    func removeName(_ name: [UInt8]) throws { try references.removeFile(name) }

    /// When an image's record was written, in seconds since 1970.
    func written(_ id: Digest) throws -> Int64 { try images.status(Array(id.hex.utf8))?.modified.seconds ?? 0 }

    /// All images, those without a name last, each with its names; the parts of a list only if they have names of their own.
    package func list() throws -> [Summary] {
        let stamp = try KeptListing.Stamp([images, references])
        if let kept = keptListing.summaries(at: stamp) { return kept }
        let summaries = try readList()
        keptListing.keep(summaries, at: stamp)
        return summaries
    }

    private func readList() throws -> [Summary] {
        var names: [Digest: [ImageReference]] = [:]
        for (reference, id) in try self.names() { names[id, default: []].append(reference) }
        // Removed meanwhile, or damaged: `system check` tells.
        let records = try ids().compactMap { id in (try? record(id)).map { (id: id, json: $0) } }
        let listed = Set(records.flatMap { Self.members(in: $0.json) })
        let documents = Dictionary(records.map { ($0.id, $0.json) }) { first, _ in first }
        var known: [DiffID: Int64?] = [:]
        return try records.compactMap { id, json in
            if listed.contains(id), names[id] == nil { return nil }
            let size = try size(in: [json] + Self.members(in: json).compactMap { documents[$0] }, &known)
            return Summary(
                id: id, references: Self.sorted(names[id] ?? []),
                created: json["created"]?.string, size: size.bytes, isPacked: size.isPacked,
                layerCount: json["layers"]?.array?.count ?? 0,
                manifest: json["manifest"]?.string.flatMap { try? Digest($0) },  // shown as none
                platform: json["platform"]?.string ?? "")
        }
    }

    private static func sorted(_ references: [ImageReference]) -> [ImageReference] {
        references.count < 2 ? references : references.sorted { $0.description < $1.description }
    }

    /// The size that a record tells, else that of the layers which it and its images have.
    ///
    /// - Parameter known: of layers that were looked up already.
    private func size(in records: [JSON], _ known: inout [DiffID: Int64?]) throws -> (bytes: Int64, isPacked: Bool) {
        if let size = records.first?["size"]?.integer { return (size, false) }
        var (sum, isPacked): (Int64, Bool) = (0, false)
        for entry in records.flatMap({ $0["layers"]?.array ?? [] }) {
            // Damaged: as if it were not there.
            guard let layer = entry["diffID"]?.string.flatMap({ try? Digest($0) }).map(DiffID.init) else { continue }
            let size = try known[layer] ?? layers.facts(layer)?.size
            known[layer] = .some(size)
            if size == nil { isPacked = true }
            sum += size ?? entry["blobs"]?.array?.first?["size"]?.integer ?? 0
        }
        return (sum, isPacked)
    }

    /// A file name for a reference: its full form, with the slashes escaped.
    private static func name(_ reference: ImageReference) -> [UInt8] {
        reference.description.utf8.flatMap { $0 == UInt8(ascii: "/") ? escapedSlash : [$0] }
    }

    /// What a file name stands for. References hold no `%`.
    private static func text(_ name: [UInt8]) -> String {
        var (bytes, rest) = ([UInt8](), name[...])
        bytes.reserveCapacity(name.count)
        while let first = rest.first {
            let isSlash = first == escapedSlash[0] && rest.starts(with: escapedSlash)
            bytes.append(isSlash ? UInt8(ascii: "/") : first)
            rest.removeFirst(isSlash ? escapedSlash.count : 1)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let escapedSlash = Array("%2f".utf8)
}
