internal import LinuxSystem
package import OCI
internal import SystemPackage

extension Store {
    /// What ``check(repairing:progress:)`` found.
    package struct CheckReport: Hashable, Sendable {
        package var blobs = 0
        package var layers = 0
        package var images = 0
        /// Layers that another program wrote and whose archives are gone: nothing tells whether their files are right.
        package var uncompared = 0
        /// Bytes that were read.
        package var bytes: Int64 = 0
        package var findings: [Finding] = []
    }

    /// Something that is not as it should be.
    package struct Finding: Hashable, Sendable {
        package enum Subject: Hashable, Sendable {
            case blob(Digest)
            case download(Digest)
            case layer(DiffID)
            case image(Digest)
            case reference(String)
            case cacheRecord(String)
        }

        package enum Problem: Hashable, Sendable {
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

        package enum Outcome: Hashable, Sendable {
            case repaired
            /// It was taken away: it can be fetched or made again.
            case removed
            /// Nothing was done: repairing was not asked for.
            case left
            /// It cannot be made again here.
            case lost
        }

        package let subject: Subject
        package let problem: Problem
        package let outcome: Outcome
    }

    /// Verifies every digest and every reference, and repairs what can be repaired.
    ///
    /// - Parameter repairing: false changes nothing.
    /// - Returns: nil when another process uses the store.
    package func check(repairing: Bool) throws -> CheckReport? {
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
            for layer in try layers(of: id) { blobs[layer.diffID, default: []] += layer.blobs }
        }
        for layer in try store.layers.all() {
            try check(layer, Image.Layer(diffID: layer, blobs: blobs[layer] ?? []))
        }
        for id in images { try check(image: id) }
        try checkReferences()
        for (name, isReadable) in try store.cache.audit() where !isReadable {
            if repairs { try store.cache.remove(name) }
            find(.cacheRecord(name), .unreadable, repairs ? .removed : .left)
        }
    }

    private mutating func find(
        _ subject: Store.Finding.Subject, _ problem: Store.Finding.Problem, _ outcome: Store.Finding.Outcome
    ) {
        report.findings.append(Store.Finding(subject: subject, problem: problem, outcome: outcome))
    }

    private mutating func check(
        _ digest: Digest, in directory: ContentDirectory, _ subject: (Digest) -> Store.Finding.Subject
    ) throws {
        report.blobs += 1
        var hasher = DigestHasher(digest.algorithm)
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
        guard try store.layers.hasAnyFiles(id) else { return }
        let actual: LayerDirectory.Facts?
        do { actual = try LayerArchive.identify(store.layers.openFiles(id)) } catch StorageError.damaged {
            actual = nil
        }
        report.bytes += actual?.archiveSize ?? 0
        if let actual, actual.diffID == id {
            if try store.layers.facts(id) != actual {
                if repairs { try store.layers.record(actual, by: .ourselves) }
                find(.layer(id), .undescribed, repairs ? .repaired : .left)
            } else if repairs, try store.layers.author(id) == .unknown {
                try store.layers.record(actual, by: .ourselves)
            }
            if repairs { try store.layers.noteVerified(id) }
            return
        }
        if try store.layers.author(id) == .unknown {
            // Another program's archive: its files alone do not tell whether they are right.
            if let compared = try store.layers.comparedContent(id), compared == actual?.content {
                return repairs ? try store.layers.noteVerified(id) : ()
            }
            guard let fresh = try unpacked(layer) else {
                if try store.layers.comparedContent(id) == nil {
                    report.uncompared += 1
                    return
                }
                return try remove(id)
            }
            let right = try LayerArchive.identify(fresh.directory.directory.openDirectory(Array("fs".utf8))).content
            let isRight = right == actual?.content
            if repairs { try store.layers.record(fresh.facts, by: .unknown, comparedContent: right) }
            if isRight { return repairs ? try store.layers.noteVerified(id) : () }
            guard repairs else { return find(.layer(id), .damaged, .left) }
            try store.layers.replaceFiles(by: fresh.directory.path.appending("fs"), in: store.workspace(), fresh.facts)
            return find(.layer(id), .damaged, .repaired)
        }
        guard repairs, let fresh = try unpacked(layer) else { return try remove(id) }
        try store.layers.replaceFiles(by: fresh.directory.path.appending("fs"), in: store.workspace(), fresh.facts)
        find(.layer(id), .damaged, .repaired)
    }

    /// Takes a damaged layer away that nothing here can mend.
    private mutating func remove(_ id: DiffID) throws {
        if repairs { try store.layers.remove(id) }
        find(.layer(id), .damaged, repairs ? .removed : .left)
    }

    /// A layer's files once more, from a blob that holds them; nil if none does.
    private func unpacked(_ layer: Image.Layer) throws -> (directory: TemporaryDirectory, facts: LayerDirectory.Facts)?
    {
        for blob in try layer.blobs + store.layers.sources(layer.diffID) where try store.content.has(blob.digest) {
            let directory = try store.makeTemporaryDirectory()
            do {
                let facts = try store.layers.unpack(blob, layer.diffID, from: store.content, into: directory.directory)
                return (directory, facts)
            } catch StorageError.layerMismatch {
                // An image that names the layer has something else; it is told of with that image.
            } catch StorageError.invalidLayer {}
        }
        return nil
    }

    /// An image's layers; none where it cannot be read, which is told with the image.
    private func layers(of id: Digest) throws -> [Image.Layer] {
        try unlessDamaged { try store.images.single(id).layers } ?? []
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
                for blob in try store.images.attestationBlobs(in: try store.images.record(id))
                where try !store.content.has(blob) {
                    find(.image(id), .incomplete(missing: "blob \(blob)"), repairs ? .lost : .left)
                }
                return
            }
            image = try store.images.single(id)
        } catch let error as SystemCallError {
            // This machine's failure, not the image's.
            throw error
        } catch {
            return find(.image(id), .unreadable, repairs ? .lost : .left)
        }
        for layer in image.layers {
            let isThere =
                try store.layers.hasAnyFiles(layer.diffID) || layer.blobs.contains { try store.content.has($0.digest) }
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
            find(
                .reference(String(decoding: name, as: UTF8.self)), .incomplete(missing: missing),
                repairs ? .removed : .left)
        }
    }
}
