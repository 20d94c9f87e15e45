internal import OCI

/// What differs between two images: files, packages, configs, and the sizes of instructions.
package struct ImageDifference: Sendable {
    package let left: Explanation
    package let right: Explanation
    /// Whether times and history are left out.
    package let isSemantic: Bool
    package private(set) var files: [FileChange] = []
    package private(set) var packages: [PackageChange] = []
    package private(set) var config: [ConfigChange] = []
    package private(set) var steps: [StepChange] = []

    package struct FileChange: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable, CaseIterable {
            case added, removed, renamed, content, type, link, mode, owner, attributes, time
        }

        package let path: [UInt8]
        /// All that differs, the most important first.
        package let kinds: [Kind]
        /// Places among the visible entries of the two images.
        package var left: Int?
        package var right: Int?
        /// Where a renamed file was.
        package var former: [UInt8]?
    }

    package struct PackageChange: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable { case added, removed, upgraded, downgraded }

        package let kind: Kind
        package let name: String
        package let ecosystem: PackageRecord.Ecosystem
        package let left: String?
        package let right: String?
        /// Bytes that its files have more than before.
        package let bytes: Int64
    }

    package struct ConfigChange: Hashable, Sendable {
        package let name: String
        package let left: String?
        package let right: String?
    }

    package struct StepChange: Hashable, Sendable {
        package let text: String
        /// Bytes; nil where the image has no such instruction.
        package let left: Int64?
        package let right: Int64?
        /// The layers of the two images.
        package let leftLayer: Int?
        package let rightLayer: Int?
    }

    package init(_ left: Explanation, _ right: Explanation, isSemantic: Bool = false) {
        (self.left, self.right, self.isSemantic) = (left, right, isSemantic)
        compareFiles()
        comparePackages()
        config = ConfigComparison(left: left.config, right: right.config, isSemantic: isSemantic).changes()
        compareSteps()
    }

    package var isSame: Bool {
        files.isEmpty && packages.isEmpty && config.isEmpty && (isSemantic || left.config.layers == right.config.layers)
    }

    // MARK: Files

    private mutating func compareFiles() {
        let (before, after) = (left.account.visible, right.account.visible)
        var (i, j) = (0, 0)
        while i < before.count || j < after.count {
            if j == after.count || i < before.count && before[i].path.lexicographicallyPrecedes(after[j].path) {
                files.append(FileChange(path: before[i].path, kinds: [.removed], left: i))
                i += 1
            } else if i == before.count || after[j].path.lexicographicallyPrecedes(before[i].path) {
                files.append(FileChange(path: after[j].path, kinds: [.added], right: j))
                j += 1
            } else {
                let kinds = kinds(i, j)
                if !kinds.isEmpty { files.append(FileChange(path: before[i].path, kinds: kinds, left: i, right: j)) }
                (i, j) = (i + 1, j + 1)
            }
        }
        findRenames()
    }

    private func kinds(_ i: Int, _ j: Int) -> [FileChange.Kind] {
        let (before, after) = (left.account.visible[i], right.account.visible[j])
        let (old, new) = (left.account.entry(before), right.account.entry(after))
        let (oldFile, newFile) = (left.account.file(before), right.account.file(after))
        var kinds: [FileChange.Kind] = []
        if let oldFile, let newFile {
            if oldFile.content != newFile.content || oldFile.size != newFile.size { kinds.append(.content) }
        } else if old.kind != new.kind {
            return [.type]
        } else if old.link != new.link {
            kinds.append(.link)
        }
        // The mode of a symbolic link means nothing.
        if old.kind != .symbolicLink, old.mode != new.mode { kinds.append(.mode) }
        if old.user != new.user || old.group != new.group { kinds.append(.owner) }
        if old.attributes != new.attributes { kinds.append(.attributes) }
        if !isSemantic, old.modified != new.modified { kinds.append(.time) }
        return kinds
    }

    /// A file that went and one that came with the same bytes are one that moved.
    private mutating func findRenames() {
        var removed: [[UInt8]: [Int]] = [:]
        for (place, change) in files.enumerated() where change.kinds == [.removed] {
            guard let index = change.left, let file = left.account.file(left.account.visible[index]), file.size > 0
            else { continue }
            removed[file.content, default: []].append(place)
        }
        guard !removed.isEmpty else { return }
        var gone: Set<Int> = []
        for place in files.indices where files[place].kinds == [.added] {
            guard let index = files[place].right, let file = right.account.file(right.account.visible[index]),
                let former = removed[file.content]?.first
            else { continue }
            removed[file.content]?.removeFirst()
            gone.insert(former)
            files[place] = FileChange(
                path: files[place].path, kinds: [.renamed], left: files[former].left, right: index,
                former: files[former].path)
        }
        if !gone.isEmpty { files = files.indices.filter { !gone.contains($0) }.map { files[$0] } }
    }

    // MARK: Packages

    private struct PackageKey: Hashable {
        let ecosystem: PackageRecord.Ecosystem
        let name: String
    }

    private mutating func comparePackages() {
        let (before, after) = (Self.versions(left.packages), Self.versions(right.packages))
        for key in Set(before.keys).union(after.keys).sorted(by: {
            ($0.ecosystem.rawValue, $0.name) < ($1.ecosystem.rawValue, $1.name)
        }) {
            let (old, new) = (before[key] ?? [:], after[key] ?? [:])
            let gone = old.keys.filter { new[$0] == nil }.sorted()
            let came = new.keys.filter { old[$0] == nil }.sorted()
            if gone.count == 1, came.count == 1 {
                let kind: PackageChange.Kind = VersionOrder.isBefore(gone[0], came[0]) ? .upgraded : .downgraded
                packages.append(change(kind, key, gone[0], came[0], (new[came[0]] ?? 0) - (old[gone[0]] ?? 0)))
                continue
            }
            packages += gone.map { change(.removed, key, $0, nil, -(old[$0] ?? 0)) }
            packages += came.map { change(.added, key, nil, $0, new[$0] ?? 0) }
        }
    }

    private func change(
        _ kind: PackageChange.Kind, _ key: PackageKey, _ left: String?, _ right: String?, _ bytes: Int64
    ) -> PackageChange {
        PackageChange(kind: kind, name: key.name, ecosystem: key.ecosystem, left: left, right: right, bytes: bytes)
    }

    /// Bytes by name and version.
    private static func versions(_ set: PackageSet) -> [PackageKey: [String: Int64]] {
        var result: [PackageKey: [String: Int64]] = [:]
        for package in set.packages {
            let key = PackageKey(ecosystem: package.ecosystem, name: package.displayName)
            result[key, default: [:]][package.version, default: 0] = LayerRecord.sum(
                result[key]?[package.version] ?? 0, package.bytes)
        }
        return result
    }

    // MARK: Instructions

    private mutating func compareSteps() {
        var rest: [String: [Int]] = [:]
        for layer in right.account.layers.indices { rest[Self.text(right, layer), default: []].append(layer) }
        for layer in left.account.layers.indices {
            let text = Self.text(left, layer)
            let other = rest[text]?.first
            if other != nil { rest[text]?.removeFirst() }
            let (before, after) = (left.account.sums(of: layer).total, other.map { right.account.sums(of: $0).total })
            if before != after {
                steps.append(StepChange(text: text, left: before, right: after, leftLayer: layer, rightLayer: other))
            }
        }
        for layer in rest.values.flatMap({ $0 }).sorted() {
            let size = right.account.sums(of: layer).total
            steps.append(
                StepChange(text: Self.text(right, layer), left: nil, right: size, leftLayer: nil, rightLayer: layer))
        }
    }

    private static func text(_ explanation: Explanation, _ layer: Int) -> String {
        explanation.steps.indices.contains(layer)
            ? explanation.steps[layer].text ?? "layer \(layer + 1)" : "layer \(layer + 1)"
    }
}

/// Versions as people order them: numbers by their values, words by their letters, and what begins with `~` in front.
enum VersionOrder {
    static func isBefore(_ left: String, _ right: String) -> Bool {
        var (a, b) = (Array(left.utf8)[...], Array(right.utf8)[...])
        while !a.isEmpty || !b.isEmpty {
            let (wordA, wordB) = (take(&a, digits: false), take(&b, digits: false))
            if wordA != wordB { return weights(wordA).lexicographicallyPrecedes(weights(wordB)) }
            let (numberA, numberB) = (
                take(&a, digits: true).drop { $0 == 0x30 }, take(&b, digits: true).drop { $0 == 0x30 }
            )
            if numberA.count != numberB.count { return numberA.count < numberB.count }
            if Array(numberA) != Array(numberB) { return numberA.lexicographicallyPrecedes(numberB) }
        }
        return false
    }

    private static func take(_ rest: inout ArraySlice<UInt8>, digits: Bool) -> [UInt8] {
        let part = rest.prefix { (0x30...0x39).contains($0) == digits }
        rest = rest.dropFirst(part.count)
        return Array(part)
    }

    /// Letters before all else, `~` before the end (deb-version(7)).
    private static func weights(_ word: [UInt8]) -> [Int] {
        word.map { byte -> Int in
            let isLetter = (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return byte == UInt8(ascii: "~") ? -1 : isLetter ? Int(byte) : Int(byte) + 256
        } + [0]
    }
}
