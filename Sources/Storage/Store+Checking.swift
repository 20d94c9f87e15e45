internal import LinuxSystem
public import OCI

extension Store {
    /// What ``check(repairing:progress:)`` found.
    public struct CheckReport: Hashable, Sendable {
        public var blobs = 0
        public var layers = 0
        public var images = 0
        /// Bytes that were read.
        public var bytes: Int64 = 0
        public var findings: [Finding] = []
    }

    /// Something that is not as it should be.
    public struct Finding: Hashable, Sendable {
        public enum Subject: Hashable, Sendable {
            case blob(Digest), download(Digest), layer(DiffID), image(Digest), reference(String), cacheRecord(String)
        }

        public enum Problem: Hashable, Sendable {
            /// The bytes do not have the digest that they are stored under.
            case damaged
            case unreadable
            /// What it stands on is not there: the image of a name, the config or a layer of an image.
            case incomplete(missing: String)
            /// Nothing is known of files that are there.
            case undescribed
            /// A blob of an image, unpacked, is not the layer that its config names.
            case mislabelled(DiffID)
        }

        public enum Outcome: Hashable, Sendable {
            case repaired
            /// It was taken away: it can be fetched or made again.
            case removed
            /// Nothing was done: repairing was not asked for.
            case left
            /// It cannot be made again here.
            case lost
        }

        public let subject: Subject
        public let problem: Problem
        public let outcome: Outcome
    }

    /// Verifies every digest and every reference, and repairs what can be repaired.
    ///
    /// - Parameter repairing: false changes nothing.
    /// - Returns: nil when another process uses the store.
    public func check(repairing: Bool) throws -> CheckReport? {
        try withExclusiveUse {
            var check = StoreCheck(store: self, repairs: repairing)
            try check.run()
            return check.report
        }
    }
}

/// One pass over a store: blobs first, for layers are repaired from them, and images last.
private struct StoreCheck {
    let store: Store
    let repairs: Bool
    var report = Store.CheckReport()

    init(store: Store, repairs: Bool) { (self.store, self.repairs) = (store, repairs) }

    mutating func run() throws {
        for digest in try store.content.all() { try check(digest, in: store.content) { .blob($0) } }
        for digest in try store.downloads.all() { try check(digest, in: store.downloads) { .download($0) } }
        // What blobs a layer can be made of again is known by the images that have it.
        var blobs: [DiffID: [Descriptor]] = [:]
        let images = try store.images.ids()
        for id in images {
            for layer in (try? store.images.single(id))?.layers ?? [] { blobs[layer.diffID, default: []] += layer.blobs }  // told below
        }
        for layer in try store.layers.all() {
            try check(layer, Image.Layer(diffID: layer, blobs: (blobs[layer] ?? []) + store.layers.packedBlobs(layer).map(\.blob)))
        }
        for id in images { try check(image: id) }
        try checkReferences()
        for (name, isReadable) in try store.cache.audit() where !isReadable {
            if repairs { try store.cache.remove(name) }
            find(.cacheRecord(name), .unreadable, repairs ? .removed : .left)
        }
    }

    private mutating func find(_ subject: Store.Finding.Subject, _ problem: Store.Finding.Problem, _ outcome: Store.Finding.Outcome) {
        report.findings.append(Store.Finding(subject: subject, problem: problem, outcome: outcome))
    }

    private mutating func check(
        _ digest: Digest, in directory: ContentDirectory, _ subject: (Digest) -> Store.Finding.Subject
    ) throws {
        report.blobs += 1
        // No blob of ours has another algorithm.
        guard digest.algorithm == .sha256 else { return }
        var hasher = ContentHasher()
        var size: Int64 = 0
        try directory.forEachPiece(of: digest) {
            hasher.update($0)
            size += Int64($0.count)
        }
        report.bytes += size
        guard hasher.finalize() != digest else { return }
        if repairs { try directory.remove(digest) }
        find(subject(digest), .damaged, repairs ? .removed : .left)
    }

    private mutating func check(_ id: DiffID, _ layer: Image.Layer) throws {
        report.layers += 1
        guard try store.layers.hasFiles(id) else { return }
        let actual = try? LayerArchive.identify(store.layers.openFiles(id))  // unreadable: not what it should be
        report.bytes += actual?.archiveSize ?? 0
        if let actual, actual.diffID == id {
            guard try store.layers.facts(id) != actual else { return }
            if repairs { try store.layers.record(actual) }
            return find(.layer(id), .undescribed, repairs ? .repaired : .left)
        }
        guard repairs else { return find(.layer(id), .damaged, .left) }
        try store.layers.remove(id)
        let hasBlob = try layer.blobs.contains { try store.content.has($0.digest) }
        guard hasBlob else { return find(.layer(id), .damaged, .removed) }
        do { try store.unpack(layer) } catch StorageError.layerMismatch {
            // An image that names the layer has something else; it is told of with that image.
            return find(.layer(id), .damaged, .removed)
        } catch StorageError.invalidLayer {
            return find(.layer(id), .damaged, .removed)
        }
        find(.layer(id), .damaged, .repaired)
    }

    private mutating func check(image id: Digest) throws {
        report.images += 1
        let image: Image
        do {
            let members = try store.images.members(of: id)
            if members != [id] {
                let ids = Set(try store.images.ids())
                for member in members where !ids.contains(member) {
                    find(.image(id), .incomplete(missing: "image \(member)"), repairs ? .lost : .left)
                }
                for blob in store.images.attestationBlobs(in: try store.images.record(id)) where try !store.content.has(blob) {
                    find(.image(id), .incomplete(missing: "blob \(blob)"), repairs ? .lost : .left)
                }
                return
            }
            image = try store.images.single(id)
        } catch {
            return find(.image(id), .unreadable, repairs ? .lost : .left)
        }
        for layer in image.layers {
            let isThere = try store.layers.hasFiles(layer.diffID) || layer.blobs.contains { try store.content.has($0.digest) }
            if !isThere { find(.image(id), .incomplete(missing: "layer \(layer.diffID)"), repairs ? .lost : .left) }
            try checkBlob(of: layer, id)
        }
    }

    /// Unpacks in passing what was fetched and never used.
    private mutating func checkBlob(of layer: Image.Layer, _ image: Digest) throws {
        guard let blob = try layer.blobs.first(where: { try store.content.has($0.digest) }),
            try !store.layers.isVerified(blob.digest, layer.diffID)
        else { return }
        do {
            let facts = try store.examine(blob, layer.diffID)
            report.bytes += facts.archiveSize
            guard repairs else { return }
            try store.layers.record(facts)
            try store.layers.rememberVerified(blob, of: layer.diffID)
        } catch StorageError.layerMismatch {
            find(.image(image), .mislabelled(layer.diffID), repairs ? .lost : .left)
        } catch StorageError.invalidLayer {
            find(.image(image), .mislabelled(layer.diffID), repairs ? .lost : .left)
        }
    }

    private mutating func checkReferences() throws {
        let images = Set(try store.images.ids())
        for (name, id) in try store.images.namesOnDisk() {
            if let id, images.contains(id) { continue }
            if repairs { try store.images.removeName(name) }
            let missing = id.map { "image \($0)" } ?? "an image's ID"
            find(.reference(String(decoding: name, as: UTF8.self)), .incomplete(missing: missing), repairs ? .removed : .left)
        }
    }
}
