package import OCI
package import Storage

/// How an image came to be, and what each step weighs.
package enum ImageHistory {
    package struct Row: Sendable {
        /// The image that the step gave; nil where there is none.
        package let id: Digest?
        package let entry: HistoryEntry
        /// Bytes in the files of its layer.
        package let size: Int64
    }

    /// The newest first, as docker prints them.
    package static func rows(_ image: Image, _ id: Digest, _ store: Store) throws -> [Row] {
        var layers = image.layers.makeIterator()
        var rows: [Row] = []
        for entry in image.config.history {
            let layer = entry.emptyLayer ? nil : layers.next()
            let size = try layer.map { try store.size(of: $0) } ?? 0
            rows.append(Row(id: nil, entry: entry, size: size))
        }
        // Layers without a history stand for themselves.
        while let layer = layers.next() {
            let entry = HistoryEntry(created: nil, createdBy: "", comment: nil, emptyLayer: false)
            rows.append(Row(id: nil, entry: entry, size: try store.size(of: layer)))
        }
        if let last = rows.popLast() { rows.append(Row(id: id, entry: last.entry, size: last.size)) }
        return rows.reversed()
    }
}
