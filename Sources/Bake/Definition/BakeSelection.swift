package import OCI

/// What of a definition is built, with everything that was said about it in its place.
package struct BakeSelection: Hashable, Sendable {
    /// The groups that lead to it, by their names.
    package private(set) var groups: [String: BakeGroup] = [:]
    package private(set) var targets: [String: BakeTarget] = [:]
    /// The names of all targets, each behind those that it stands on.
    package private(set) var order: [String] = []

    /// - Parameters:
    ///   - names: groups, targets, or patterns of names; `default` where there is none.
    ///   - overrides: the texts of `--set`, and what stands for them.
    package init(_ names: [String], of definition: BakeDefinition, overrides: [String] = []) throws(BakeError) {
        var resolution = Resolution(definition, try BakeOverrides(overrides, definition))
        let wanted = try Self.expanded(names.isEmpty ? ["default"] : names, definition)
        for name in wanted {
            let (members, groups) = resolution.members(of: name)
            for member in members where targets[member] == nil {
                targets[member] = try resolution.target(member)
                order.append(member)
            }
            for group in groups { self.groups[group.name] = group }
        }
        addDefault(wanted)
        let selected = order
        order = []
        var path: [String] = []
        for name in selected { try link(name, &resolution, &path) }
    }

    private static func expanded(_ names: [String], _ definition: BakeDefinition) throws(BakeError) -> [String] {
        var result: [String] = []
        for name in names.map(ComposeTargets.name) {
            var found = [name]
            if Glob.isPattern(name) {
                found = (definition.groups.map(\.name) + definition.targets.map(\.name)).filter {
                    Glob.matches(name, $0)
                }
                guard !found.isEmpty else { throw BakeError(.noMatch(name, known: definition.names)) }
            } else if !definition.names.contains(name) {
                throw BakeError(
                    name == "default" && names == ["default"]
                        ? .noDefault(known: definition.names) : .unknownTarget(name, known: definition.names))
            }
            for name in found where !result.contains(name) { result.append(name) }
        }
        return result
    }

    /// What was asked for is a group of its own.
    private mutating func addDefault(_ wanted: [String]) {
        var group = groups["default"] ?? BakeGroup(name: "default", members: [])
        for name in wanted where !(name == "default" && groups["default"] != nil) && !group.members.contains(name) {
            group.members.append(name)
        }
        group.members.sort()
        groups["default"] = group
    }

    /// Adds what a target stands on, and puts it behind that.
    private mutating func link(_ name: String, _ resolution: inout Resolution, _ path: inout [String]) throws(BakeError)
    {
        guard !order.contains(name), let target = targets[name] else { return }
        path.append(name)
        defer { path.removeLast() }
        for other in target.contextTargets {
            if let start = path.firstIndex(of: other) { throw BakeError(.loop(Array(path[start...]) + [other])) }
            if targets[other] == nil {
                var linked = try resolution.target(other)
                linked.outputs = [BakeEntry(.output, "type=cacheonly")]
                linked.isLinked = true
                targets[other] = linked
            }
            try link(other, &resolution, &path)
            try inherit(name, from: other)
        }
        order.append(name)
    }

    private mutating func inherit(_ name: String, from other: String) throws(BakeError) {
        guard let base = targets[other], let target = targets[name] else { return }
        let rights = (base.entitlements ?? []).filter { !(target.entitlements ?? []).contains($0) }
        if !rights.isEmpty { targets[name]?.entitlements = (target.entitlements ?? []) + rights }
        let (platforms, others) = (target.platforms ?? [], base.platforms ?? [])
        guard platforms.count > 1, others.count > 1 else { return }
        guard Set(platforms).isSubset(of: others) else { throw BakeError(.missingPlatforms(other, of: name)) }
    }

    /// As `bake --print` has it.
    package var json: JSON {
        func object(_ members: [(String, JSON)]) -> JSON {
            .object(members.sorted { $0.0 < $1.0 }.reduce(into: JSONObject()) { $0[$1.0] = $1.1 })
        }
        let groups = groups.map { name, group in
            var object: JSONObject = [:]
            object["description"] = group.details.map(JSON.string)
            object["targets"] = JSON.strings(group.members)
            return (name, JSON.object(object))
        }
        return .object(["group": object(groups), "target": object(targets.map { ($0.key, $0.value.json) })])
    }

    /// The long form of `--sbom` and `--provenance`.
    static func attestation(_ type: String, _ text: String) -> BakeEntry {
        switch text {
        case "true", "": BakeEntry(.attestation, "type=\(type)")
        case "false": BakeEntry(.attestation, "type=\(type),disabled=true")
        default: BakeEntry(.attestation, "type=\(type),\(text)")
        }
    }

    /// The texts of `--set` that short options stand for.
    package static func attestationOverride(_ type: String, _ text: String) -> String {
        "*.attest=\(attestation(type, text).text)"
    }
}

/// Names → what they stand for.
private struct Resolution {
    let definition: BakeDefinition
    let overrides: BakeOverrides
    private var visited: [String: BakeTarget?] = [:]

    init(_ definition: BakeDefinition, _ overrides: BakeOverrides) {
        (self.definition, self.overrides) = (definition, overrides)
    }

    /// The targets of a group, of the groups in it, and all these groups.
    func members(of name: String) -> (targets: [String], groups: [BakeGroup]) {
        var (targets, groups, seen) = ([String](), [BakeGroup](), Set<String>())
        var rest = [name]
        while let next = rest.popLast() {
            guard seen.insert(next).inserted else { continue }
            if let group = definition.groups.first(where: { $0.name == next }) {
                groups.append(group)
                // A group in itself is the target of its name.
                if group.members.contains(next), !targets.contains(next) { targets.append(next) }
                rest += group.members.reversed()
            } else {
                targets.append(next)
            }
        }
        return (targets, groups)
    }

    /// A target with what it inherits, its overrides, and what is usual.
    mutating func target(_ name: String) throws(BakeError) -> BakeTarget {
        var result = try inherited(name) ?? BakeTarget(name)
        result.inherits = []
        result.context = result.context ?? "."
        if result.dockerfile ?? "" == "" { result.dockerfile = "Dockerfile" }
        return result
    }

    /// - Returns: nil for one that is asked for by its own ancestors.
    private mutating func inherited(_ name: String) throws(BakeError) -> BakeTarget? {
        if let seen = visited[name] { return seen }
        visited[name] = .some(nil)
        guard let own = definition.target(name) else {
            throw BakeError(.unknownTarget(name, known: definition.names))
        }
        guard visited.count <= BakeDefinition.targetLimit else { throw BakeError(.excess(.targets)) }
        var result = BakeTarget(name)
        for ancestor in own.inherits {
            if let found = try inherited(ancestor) { result.merge(found) }
        }
        result.merge(own)
        try overrides.apply(to: &result)
        result.settle()
        visited[name] = result
        return result
    }
}

/// `*` and `?` in names.
enum Glob {
    static func isPattern(_ text: String) -> Bool { text.contains { $0 == "*" || $0 == "?" } }

    static func matches(_ pattern: String, _ text: String) -> Bool {
        let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
        var (place, index) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while index < text.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = (place, index)
                place += 1
            } else if place < pattern.count, pattern[place] == UInt8(ascii: "?") || pattern[place] == text[index] {
                (place, index) = (place + 1, index + 1)
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                (place, index) = (last.pattern + 1, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
