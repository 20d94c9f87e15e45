internal import LinuxSystem
package import OCI

extension Store {
    /// Everything that takes room, one by one.
    package struct DetailedUsage: Sendable {
        package struct ImageUse: Sendable {
            package let summary: ImageDirectory.Summary
            /// Bytes that other images have too.
            package let shared: Int64
            package let unique: Int64
        }

        /// A layer that the build cache names.
        package struct CachedLayer: Sendable {
            package let layer: DiffID
            package let size: Int64
            /// Seconds since 1970.
            package let lastUsed: Int64
            /// Whether an image has it too.
            package let isInImage: Bool
        }

        package let images: [ImageUse]
        package let layers: [CachedLayer]
        package let mounts: [CacheMountDirectory.Entry]
        package let kinds: [Usage]
    }

    package func detailedUsage() throws -> DetailedUsage {
        let summaries = try images.list()
        let parts = try summaries.map { try images.parts(of: $0.id).layers }
        var counts: [DiffID: Int] = [:]
        for layer in parts.joined() { counts[layer, default: 0] += 1 }
        let uses = try zip(summaries, parts).map { summary, layers in
            let unique = try layers.filter { counts[$0] == 1 }.reduce(Int64(0)) {
                try $0 + (self.layers.facts($1)?.size ?? 0)
            }
            return DetailedUsage.ImageUse(
                summary: summary, shared: max(0, summary.size - unique), unique: min(unique, summary.size))
        }
        var used: [DiffID: Int64] = [:]
        for entry in try cache.entries() {
            if let layer = entry.layer { used[layer] = max(used[layer] ?? 0, entry.lastUsed) }
        }
        let cached = try used.map { layer, time in
            DetailedUsage.CachedLayer(
                layer: layer, size: try layers.facts(layer)?.size ?? 0, lastUsed: time, isInImage: counts[layer] != nil)
        }
        return DetailedUsage(
            images: uses,
            layers: cached.sorted { ($0.lastUsed, $0.layer.description) > ($1.lastUsed, $1.layer.description) },
            mounts: try cacheMounts.usage().sorted { ($0.lastUsed, $0.id ?? "") > ($1.lastUsed, $1.id ?? "") },
            kinds: try usage())
    }
}
