/// By what an image's bytes are put together.
package enum Grouping: String, Hashable, Sendable, CaseIterable {
    case layer, instruction, package, path, reason
}

/// Bytes that belong together, with their parts, the largest first.
package struct ByteGroup: Hashable, Sendable {
    package enum Label: Hashable, Sendable {
        case layer(Int)
        /// Layers of the same instruction.
        case instruction(Int)
        case package(Int)
        /// What no package has, below a directory.
        case unpackaged([UInt8])
        case path([UInt8], isDirectory: Bool)
        case reason(FileReason)
        case overwritten, deleted
        /// So many parts that are not shown one by one.
        case others(Int)
    }

    package let label: Label
    package var bytes: Int64
    package var files: Int
    package var parts: [ByteGroup] = []

    package init(_ label: Label, bytes: Int64 = 0, files: Int = 0) {
        (self.label, self.bytes, self.files) = (label, bytes, files)
    }
}

extension Explanation {
    /// The image's bytes put together; the groups' bytes add up to all bytes of its layers.
    ///
    /// - Parameter limit: parts of each group that stand alone, the rest as one; nil for all.
    package func groups(by grouping: Grouping, limit: Int?) -> [ByteGroup] {
        switch grouping {
        case .layer: layerGroups(limit) { .layer($0) }
        case .instruction: layerGroups(limit) { .instruction($0) }
        case .package: Self.limited(withHidden(visibleGroups { packageLabel($0) }), limit)
        case .reason: Self.limited(reasonGroups(limit), nil)
        case .path: Self.limited(withHidden(pathGroups(limit)), limit)
        }
    }

    /// Largest first, what is behind the limit as one.
    static func limited(_ groups: [ByteGroup], _ limit: Int?) -> [ByteGroup] {
        let sorted = groups.enumerated().sorted { ($1.element.bytes, $0.offset) < ($0.element.bytes, $1.offset) }.map(
            \.element)
        guard let limit, limit < sorted.count - 1 else { return sorted }
        var rest = ByteGroup(.others(sorted.count - limit))
        for group in sorted[limit...] {
            rest.bytes = LayerRecord.sum(rest.bytes, group.bytes)
            rest.files += group.files
        }
        return sorted[..<limit] + [rest]
    }

    /// With what nobody sees, so that everything adds up.
    private func withHidden(_ groups: [ByteGroup]) -> [ByteGroup] {
        let sums = sums
        var result = groups
        if sums.overwritten > 0 { result.append(ByteGroup(.overwritten, bytes: sums.overwritten)) }
        if sums.deleted > 0 { result.append(ByteGroup(.deleted, bytes: sums.deleted)) }
        return result
    }

    private func layerGroups(_ limit: Int?, _ label: (Int) -> ByteGroup.Label) -> [ByteGroup] {
        var contents: [Int: [Int]] = [:]
        for (place, visible) in account.visible.enumerated() where visible.bytes > 0 {
            contents[visible.layer, default: []].append(place)
        }
        return account.layers.indices.map { layer in
            let sums = account.sums(of: layer)
            var group = ByteGroup(label(layer), bytes: sums.total, files: sums.files)
            var parts = visibleGroups(of: contents[layer] ?? []) { packageLabel($0) }
            if sums.overwritten > 0 { parts.append(ByteGroup(.overwritten, bytes: sums.overwritten)) }
            if sums.deleted > 0 { parts.append(ByteGroup(.deleted, bytes: sums.deleted)) }
            group.parts = Self.limited(parts, limit)
            return group
        }
    }

    private func reasonGroups(_ limit: Int?) -> [ByteGroup] {
        var places: [FileReason: [Int]] = [:]
        for place in account.visible.indices where account.visible[place].bytes > 0 {
            places[reasons[place], default: []].append(place)
        }
        let groups = FileReason.allCases.compactMap { reason -> ByteGroup? in
            guard let members = places[reason] else { return nil }
            var group = ByteGroup(.reason(reason))
            group.parts = Self.limited(visibleGroups(of: members) { packageLabel($0) }, limit)
            group.bytes = members.reduce(0) { LayerRecord.sum($0, account.visible[$1].bytes) }
            group.files = members.count
            return group
        }
        return withHidden(groups)
    }

    /// The package of a file, else the directory that tells most of it.
    private func packageLabel(_ place: Int) -> ByteGroup.Label {
        if let owner = owner(place) { return .package(owner) }
        let parts = account.visible[place].path.split(separator: UInt8(ascii: "/"))
        let depth =
            parts.first.map {
                ["usr", "opt", "var", "home", "root", "srv"].contains(String(decoding: $0, as: UTF8.self))
            } == true ? 3 : 2
        // The file itself never: a directory has all of what is in it.
        let shown = parts.prefix(max(1, min(depth, parts.count - 1)))
        return .unpackaged(Array(shown.joined(separator: [UInt8(ascii: "/")])))
    }

    private func visibleGroups(_ label: (Int) -> ByteGroup.Label) -> [ByteGroup] {
        visibleGroups(of: Array(account.visible.indices), label)
    }

    private func visibleGroups(of places: [Int], _ label: (Int) -> ByteGroup.Label) -> [ByteGroup] {
        var order: [ByteGroup.Label] = []
        var sums: [ByteGroup.Label: ByteGroup] = [:]
        for place in places where account.visible[place].bytes > 0 {
            let label = label(place)
            if sums[label] == nil { order.append(label) }
            var group = sums[label] ?? ByteGroup(label)
            group.bytes = LayerRecord.sum(group.bytes, account.visible[place].bytes)
            group.files += 1
            sums[label] = group
        }
        return order.compactMap { sums[$0] }
    }

    // MARK: The tree of paths

    private func pathGroups(_ limit: Int?) -> [ByteGroup] {
        var top = PathTree()
        for visible in account.visible where visible.bytes > 0 { top.add(visible.path, visible.bytes) }
        return top.groups(limit: limit, atLeast: limit == nil ? 0 : max(1, account.sums.visible / 100))
    }
}

/// Directories with the bytes below them.
struct PathTree {
    private struct Node {
        var bytes: Int64 = 0
        var files = 0
        var children: [[UInt8]: Int] = [:]
    }

    /// Parts of a path that are told apart.
    private static let depthLimit = 12

    private var nodes = [Node()]

    mutating func add(_ path: [UInt8], _ bytes: Int64) {
        var node = 0
        count(bytes, at: node)
        for part in path.split(separator: UInt8(ascii: "/"), maxSplits: Self.depthLimit - 1) {
            let name = Array(part)
            let next = nodes[node].children[name] ?? nodes.count
            if next == nodes.count {
                nodes[node].children[name] = next
                nodes.append(Node())
            }
            node = next
            count(bytes, at: node)
        }
    }

    private mutating func count(_ bytes: Int64, at node: Int) {
        nodes[node].bytes = LayerRecord.sum(nodes[node].bytes, bytes)
        nodes[node].files += 1
    }

    /// - Parameter atLeast: bytes of a directory whose parts are told.
    func groups(limit: Int?, atLeast: Int64) -> [ByteGroup] { groups(of: 0, [], limit, atLeast, depth: 0) }

    private func groups(of node: Int, _ path: [UInt8], _ limit: Int?, _ atLeast: Int64, depth: Int) -> [ByteGroup] {
        let children = nodes[node].children.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let all = children.map { name, child in
            let full = path.isEmpty ? name : path + [UInt8(ascii: "/")] + name
            var group = ByteGroup(
                .path(full, isDirectory: !nodes[child].children.isEmpty), bytes: nodes[child].bytes,
                files: nodes[child].files)
            if nodes[child].bytes >= atLeast, depth + 1 < (limit == nil ? Self.depthLimit : 4) {
                group.parts = groups(of: child, full, limit, atLeast, depth: depth + 1)
            }
            return group
        }
        return Explanation.limited(all, limit)
    }
}
