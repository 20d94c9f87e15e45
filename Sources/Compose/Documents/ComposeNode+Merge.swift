extension ComposeNode {
    /// An earlier file with a later one laid over it (Compose specification, "Merge").
    package func merged(with later: ComposeNode) throws(ComposeError) -> ComposeNode {
        try Self.merge(self, later, path: [])?.settled ?? ComposeNode(.null, at: later.place)
    }

    /// What the marks leave of a file that is laid over nothing.
    package var settled: ComposeNode {
        var result = self
        result.mark = nil
        switch content {
        case .null, .scalar: break
        case .list(let items): result.content = .list(items.filter { $0.mark != .reset }.map(\.settled))
        case .mapping(let members):
            result.content = .mapping(
                members.filter { $0.value.mark != .reset }.map { .init($0.key, at: $0.place, $0.value.settled) })
        }
        return result
    }

    /// - Parameter path: the keys that lead here.
    /// - Returns: nil where nothing is left.
    private static func merge(_ earlier: ComposeNode, _ later: ComposeNode, path: [String]) throws(ComposeError)
        -> ComposeNode?
    {
        switch later.mark {
        case .reset: return nil
        case .override: return later.settled
        case nil: break
        }
        if later.isNull {
            // None takes one value away, and adds nothing to several.
            if case .scalar = earlier.content { return later }
            return isReplaced(path) ? later : earlier
        }
        if earlier.isNull || isReplaced(path) { return later }
        let (earlier, later) = (try earlier.normalized(path), try later.normalized(path))
        switch (earlier.content, later.content) {
        case (.mapping(let first), .mapping(let second)):
            return ComposeNode(.mapping(try merge(first, second, path)), at: later.place)
        case (.list(let first), .list(let second)):
            let known = Set(first.map(\.content))
            return ComposeNode(.list(first + second.filter { !known.contains($0.content) }), at: later.place)
        default: return later
        }
    }

    private static func merge(_ first: [Member], _ second: [Member], _ path: [String]) throws(ComposeError) -> [Member]
    {
        var result = first.map(Optional.some)
        var places = Dictionary(first.enumerated().map { ($1.key, $0) }) { first, _ in first }
        for member in second {
            guard let place = places[member.key], let earlier = result[place] else {
                guard member.value.mark != .reset else { continue }
                places[member.key] = result.count
                result.append(member)
                continue
            }
            result[place] = try merge(earlier.value, member.value, path: path + [member.key]).map {
                .init(member.key, at: member.place, $0)
            }
        }
        return result.compactMap { $0 }
    }

    /// Commands are whole: a later one has nothing of an earlier one.
    private static func isReplaced(_ path: [String]) -> Bool {
        guard path.count > 2, path[0] == "services" else { return false }
        return [["command"], ["entrypoint"], ["healthcheck", "test"]].contains(Array(path[2...]))
    }

    /// The one form that can be merged where a key has several.
    private func normalized(_ path: [String]) throws(ComposeError) -> ComposeNode {
        guard path.count > 2, path[0] == "services" else { return self }
        let key = path[2...].joined(separator: ".")
        switch key {
        case "environment", "labels", "annotations", "build.args", "build.labels", "build.additional_contexts":
            return try asMapping(key, separators: ["="])
        case "extra_hosts", "build.extra_hosts": return try asMapping(key, separators: ["=", ":"])
        case "depends_on", "networks":
            guard case .list(let items) = content else { return self }
            var members: [Member] = []
            for item in items {
                members.append(Member(try item.text(key), at: item.place, ComposeNode(.null, at: item.place)))
            }
            return ComposeNode(.mapping(members), at: place)
        case "build":
            guard case .scalar = content else { return self }
            return ComposeNode(.mapping([Member("context", at: place, self)]), at: place)
        case "env_file", "tmpfs", "dns":
            guard case .scalar = content else { return self }
            return ComposeNode(.list([self]), at: place)
        default: return self
        }
    }

    private func asMapping(_ key: String, separators: [Character]) throws(ComposeError) -> ComposeNode {
        guard case .list = content else { return self }
        let members = try pairs(key, separators: separators).map { pair in
            Member(pair.name, at: pair.place, ComposeNode(pair.value.map { .scalar($0) } ?? .null, at: pair.place))
        }
        return ComposeNode(.mapping(members), at: place)
    }
}
