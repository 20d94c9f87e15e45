/// Every byte of an image, once: each regular file of each layer is visible, overwritten by a later layer, or deleted by one
/// (OCI image specification, layer.md, "Applying Changesets").
package struct ImageAccount: Sendable {
    /// From the lowest to the highest.
    package let layers: [LayerRecord]
    /// What became of each entry of each layer; of a hard link of the whole set, at its first name.
    package private(set) var fates: [[Fate]]
    /// What a process sees, sorted by the bytes of paths.
    package private(set) var visible: [Visible] = []
    private var places: [PathKey: Int] = [:]
    /// Of each layer: where an entry's evidence is.
    private let evidence: [[Int: Int]]

    package enum Fate: Hashable, Sendable {
        case visible
        /// The layer that has something else at the path.
        case overwritten(by: Int)
        /// The layer that took the path away.
        case deleted(by: Int)
    }

    /// Something that a process sees.
    package struct Visible: Hashable, Sendable {
        package let path: [UInt8]
        package let layer: Int
        /// The place among the layer's entries.
        package let entry: Int
        /// Bytes that count here: a set of hard links counts at its first visible name.
        package let bytes: Int64
    }

    package init(_ layers: [LayerRecord]) {
        self.layers = layers
        evidence = layers.map { record in
            Dictionary(record.evidence.enumerated().map { ($1.entry, $0) }) { _, last in last }
        }
        var merge = LayerMerge(layers)
        merge.run()
        fates = merge.fates
        settleLinks()
        collect(merge)
    }

    /// A set of hard links is seen if one of its names is.
    private mutating func settleLinks() {
        for (layer, record) in layers.enumerated() {
            for (place, entry) in record.entries.enumerated() {
                guard let head = entry.head else { continue }
                fates[layer][head] = Self.better(fates[layer][head], fates[layer][place])
            }
        }
    }

    private static func better(_ one: Fate, _ other: Fate) -> Fate {
        switch (one, other) {
        case (.visible, _), (_, .visible): .visible
        case (.overwritten, _): one
        case (.deleted, .overwritten): other
        case (.deleted, .deleted): one
        }
    }

    private mutating func collect(_ merge: LayerMerge) {
        var counted: Set<Int> = []
        let rows = merge.present().sorted { $0.path.lexicographicallyPrecedes($1.path) }
        visible.reserveCapacity(rows.count)
        for row in rows {
            let entry = layers[row.layer].entries[row.entry]
            var bytes: Int64 = 0
            if entry.kind == .file || entry.head != nil {
                let head = entry.head ?? row.entry
                // The same number for no two files: a layer has less than 2³² entries.
                if counted.insert(row.layer << 32 | head).inserted { bytes = layers[row.layer].entries[head].size }
            }
            places[PathKey(row.path)] = visible.count
            visible.append(Visible(path: row.path, layer: row.layer, entry: row.entry, bytes: bytes))
        }
    }

    package func entry(_ visible: Visible) -> LayerRecord.Entry { layers[visible.layer].entries[visible.entry] }

    /// The regular file behind a name: of a hard link, the one that it shares.
    package func file(_ visible: Visible) -> LayerRecord.Entry? {
        let entry = entry(visible)
        if entry.kind == .file { return entry }
        return entry.head.map { layers[visible.layer].entries[$0] }
    }

    /// What a file that is seen says of packages; nil where it says nothing.
    package func evidence(_ visible: Visible) -> [UInt8]? {
        let place = entry(visible).head ?? visible.entry
        return evidence[visible.layer][place].map { layers[visible.layer].evidence[$0].bytes }
    }

    /// The place among ``visible`` of what is seen at a path, links not followed.
    package func place(of path: [UInt8]) -> Int? { places[PathKey(path)] }

    /// What is seen at a path, links not followed.
    package func lookUp(_ path: [UInt8]) -> Visible? { places[PathKey(path)].map { visible[$0] } }
}

extension ImageAccount {
    /// Bytes of regular files, each once.
    package struct Sums: Hashable, Sendable {
        package var visible: Int64 = 0
        package var overwritten: Int64 = 0
        package var deleted: Int64 = 0
        /// Regular files, hard links once.
        package var files = 0

        package init() {}

        package var total: Int64 { LayerRecord.sum(visible, waste) }
        package var waste: Int64 { LayerRecord.sum(overwritten, deleted) }

        mutating func add(_ size: Int64, _ fate: Fate) {
            files += 1
            switch fate {
            case .visible: visible = LayerRecord.sum(visible, size)
            case .overwritten: overwritten = LayerRecord.sum(overwritten, size)
            case .deleted: deleted = LayerRecord.sum(deleted, size)
            }
        }

        package static func + (left: Sums, right: Sums) -> Sums {
            var sums = Sums()
            sums.visible = LayerRecord.sum(left.visible, right.visible)
            sums.overwritten = LayerRecord.sum(left.overwritten, right.overwritten)
            sums.deleted = LayerRecord.sum(left.deleted, right.deleted)
            sums.files = left.files + right.files
            return sums
        }
    }

    /// Of one layer; the three parts are the layer's size.
    package func sums(of layer: Int) -> Sums {
        var sums = Sums()
        for (entry, fate) in zip(layers[layer].entries, fates[layer]) where entry.kind == .file {
            sums.add(entry.size, fate)
        }
        return sums
    }

    package var sums: Sums { layers.indices.reduce(Sums()) { $0 + sums(of: $1) } }

    /// A regular file that nobody sees.
    package struct Hidden: Hashable, Sendable {
        package let path: [UInt8]
        package let layer: Int
        package let entry: Int
        package let size: Int64
        package let fate: Fate
    }

    /// Regular files that a later layer hides, the largest first.
    package var hidden: [Hidden] {
        var result: [Hidden] = []
        for (layer, record) in layers.enumerated() {
            for (place, entry) in record.entries.enumerated()
            where entry.kind == .file && fates[layer][place] != .visible {
                result.append(
                    Hidden(path: entry.path, layer: layer, entry: place, size: entry.size, fate: fates[layer][place]))
            }
        }
        return result.sorted { ($1.size, $0.layer, $0.entry) < ($0.size, $1.layer, $1.entry) }
    }
}
