internal import LinuxSystem
package import OCI

extension Store {
    /// What a kind of content takes, in bytes.
    package struct Usage: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable, CaseIterable {
            case images = "Images"
            case buildCache = "Build Cache"
            case cacheMounts = "Cache Mounts"
            case downloads = "Downloads"
        }

        package let kind: Kind
        package let count: Int
        /// Of these, how many something needs: images with a name.
        package let active: Int
        package let size: Int64
        /// What `system prune` would give back.
        package let reclaimable: Int64
    }

    /// Bytes in a layer's files; of one that was fetched and never unpacked, bytes of its blob.
    package func size(of layer: Image.Layer) throws -> Int64 {
        try layers.facts(layer.diffID)?.size ?? layer.blobs.first?.size ?? 0
    }

    /// What the store holds; layers that several images share count once.
    package func usage() throws -> [Usage] {
        let sizes = try LayerSizes(self)
        let images = try self.images.list()
        let named = images.filter(\.isNamed)
        let all = try sizes.bytes(of: layersAndBlobs(of: images.map(\.id)))
        let needed = try sizes.bytes(of: layersAndBlobs(of: named.map(\.id)))
        let cached = try cache.layers().subtracting(layersAndBlobs(of: images.map(\.id)).layers)
        let cacheSize = try sizes.bytes(of: (cached, []))
        let mounts = try cacheMounts.usage()
        let mountSize = mounts.reduce(0) { $0 + $1.size }
        var downloaded: Int64 = 0
        let downloads = try self.downloads.all()
        for digest in downloads { downloaded += try self.downloads.size(of: digest) ?? 0 }
        return [
            Usage(kind: .images, count: images.count, active: named.count, size: all, reclaimable: all - needed),
            Usage(kind: .buildCache, count: cached.count, active: 0, size: cacheSize, reclaimable: cacheSize),
            Usage(kind: .cacheMounts, count: mounts.count, active: 0, size: mountSize, reclaimable: mountSize),
            Usage(kind: .downloads, count: downloads.count, active: 0, size: downloaded, reclaimable: downloaded),
        ]
    }

    private typealias Parts = (layers: Set<DiffID>, blobs: Set<Digest>)

    private func layersAndBlobs(of images: [Digest]) throws -> Parts {
        var parts: Parts = ([], [])
        for id in images {
            guard let members = try? self.images.members(of: id) else { continue }  // damaged: `system check` tells
            if let record = try? self.images.record(id) {  // the same holds here
                parts.blobs.formUnion(try self.images.attestationBlobs(in: record))
            }
            for image in members.compactMap({ try? self.images.single($0) }) {  // the same holds here
                parts.layers.formUnion(image.layers.map(\.diffID))
                parts.blobs.formUnion(image.layers.flatMap(\.blobs).map(\.digest))
            }
        }
        return parts
    }

    private struct LayerSizes {
        let store: Store

        init(_ store: Store) throws { self.store = store }

        func bytes(of parts: Parts) throws -> Int64 {
            var sum: Int64 = 0
            for layer in parts.layers where try store.layers.hasAnyFiles(layer) {
                sum += try store.layers.facts(layer)?.size ?? 0
            }
            for blob in parts.blobs { sum += try store.content.size(of: blob) ?? 0 }
            return sum
        }
    }
}
