/// What happened to a path in the layers of an image, and whose it is.
package struct PathStory: Hashable, Sendable {
    package let path: [UInt8]
    /// The place among the visible entries; nil where nobody sees anything.
    package let visible: Int?
    /// Each layer that says something about the path, from the lowest on.
    package let events: [Event]
    /// Bytes of what is seen, with all below a directory.
    package let bytes: Int64
    package let files: Int
    /// Further visible paths with the same bytes, or of the same hard links.
    package let copies: [[UInt8]]
    /// Below a directory: bytes by package, largest first, and without one.
    package let parts: [ByteGroup]

    package struct Event: Hashable, Sendable {
        package let layer: Int
        package let kind: LayerRecord.Entry.Kind
        package let size: Int64
        package let fate: ImageAccount.Fate
    }

    /// - Returns: nil where no layer has anything at the path.
    package init?(_ path: [UInt8], in explanation: Explanation) {
        let account = explanation.account
        var events: [Event] = []
        for (layer, record) in account.layers.enumerated() {
            for (place, entry) in record.entries.enumerated() where entry.path == path {
                let size = entry.head.map { record.entries[$0].size } ?? entry.size
                events.append(Event(layer: layer, kind: entry.kind, size: size, fate: account.fates[layer][place]))
            }
        }
        let below = Self.below(path, account)
        guard !events.isEmpty || !below.isEmpty else { return nil }
        self.path = path
        self.events = events
        visible = account.place(of: path)
        let own = visible.map { [$0] } ?? []
        let places = own + below
        bytes = places.reduce(0) { LayerRecord.sum($0, account.visible[$1].bytes) }
        files = places.filter { account.file(account.visible[$0]) != nil }.count
        copies = visible.map { Self.copies(of: $0, account) } ?? []
        parts = below.isEmpty ? [] : Self.parts(below, explanation)
    }

    /// Visible entries below a directory; they stand together, in the order of bytes.
    private static func below(_ path: [UInt8], _ account: ImageAccount) -> [Int] {
        let prefix = path.isEmpty ? [] : path + [UInt8(ascii: "/")]
        return account.visible.indices.filter {
            account.visible[$0].path.starts(with: prefix) && account.visible[$0].path != path
        }
    }

    private static func copies(of place: Int, _ account: ImageAccount) -> [[UInt8]] {
        guard let file = account.file(account.visible[place]), file.size > 0 else { return [] }
        return account.visible.indices.filter {
            $0 != place && account.file(account.visible[$0])?.content == file.content
        }
        .map { account.visible[$0].path }
    }

    private static func parts(_ places: [Int], _ explanation: Explanation) -> [ByteGroup] {
        var sums: [Int: ByteGroup] = [:]
        for place in places {
            let bytes = explanation.account.visible[place].bytes
            guard bytes > 0 else { continue }
            let owner = explanation.packages.owners[place]
            var group = sums[owner] ?? ByteGroup(owner >= 0 ? .package(owner) : .others(0))
            group.bytes = LayerRecord.sum(group.bytes, bytes)
            group.files += 1
            sums[owner] = group
        }
        return sums.sorted { ($1.value.bytes, $0.key) < ($0.value.bytes, $1.key) }.map(\.value)
    }
}
