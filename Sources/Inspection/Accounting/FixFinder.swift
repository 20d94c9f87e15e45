internal import OCI

/// Finds what would make an image smaller; each finding is a set of files that would not be there, so that savings are
/// computed and never guessed.
struct FixFinder {
    /// Bytes of a file, fewer than which a second copy is no finding.
    private static let duplicateMinimum: Int64 = 4 << 10
    /// Bytes, fewer than which nothing is told.
    private static let minimum: Int64 = 1

    let account: ImageAccount
    let packages: PackageSet
    let steps: [LayerStep]
    let config: ImageConfig
    /// Names of each file in its layer, and how many of them were taken into a finding.
    private var nameCounts: [Fix.File: Int] = [:]

    init(_ account: ImageAccount, _ packages: PackageSet, _ steps: [LayerStep], _ config: ImageConfig) {
        (self.account, self.packages, self.steps, self.config) = (account, packages, steps, config)
        for (layer, record) in account.layers.enumerated() {
            for entry in record.entries {
                guard let head = entry.head else { continue }
                nameCounts[Fix.File(layer: layer, entry: head), default: 1] += 1
            }
        }
    }

    /// - Parameter program: what starting the image is known to read.
    func fixes(_ program: Explanation.Program) -> [Fix] {
        hidden() + caches() + uses() + recommended() + buildTools(program) + leftovers() + development() + duplicates()
    }

    /// Whether an instruction of this image's own Dockerfile made a layer, as far as that is known.
    private func isOwn(_ layer: Int) -> Bool { layer < steps.count ? steps[layer].isBase != true : true }

    private func isMade(by kind: LayerStep.Kind, _ layer: Int) -> Bool {
        layer < steps.count && steps[layer].kind == kind
    }

    // MARK: What nobody sees

    private func hidden() -> [Fix] {
        var groups: [Fix.Kind: [Fix.File]] = [:]
        var contents: [Int: [PathKey: [UInt8]]] = [:]
        for hidden in account.hidden where isOwn(hidden.layer) && hidden.size > 0 {
            let file = Fix.File(layer: hidden.layer, entry: hidden.entry)
            switch hidden.fate {
            case .visible: break
            case .deleted(let layer): groups[.deletedLater(by: layer), default: []].append(file)
            case .overwritten(let layer):
                let known = contents[layer] ?? account.contents(of: layer)
                contents[layer] = known
                let isSame = known[PathKey(hidden.path)] == account.layers[hidden.layer].entries[hidden.entry].content
                groups[isSame ? .ownership(by: layer) : .overwritten(by: layer), default: []].append(file)
            }
        }
        return groups.map { kind, files in
            let layer: Int? =
                switch kind {
                case .ownership(let by), .overwritten(let by), .deletedLater(let by): by
                default: nil
                }
            return Fix(kind, layer: layer, files: files)
        }
    }

    // MARK: What is left behind

    private struct Key: Hashable {
        let kind: Fix.Kind
        let layer: Int?
    }

    private func caches() -> [Fix] {
        grouped { _, visible in
            // Only what an instruction wrote: what a base has is the base's.
            guard isOwn(visible.layer), !isMade(by: .copy, visible.layer), let cache = PathClass.cache(visible.path)
            else { return nil }
            return Key(kind: .cache(cache), layer: visible.layer)
        }
    }

    private func uses() -> [Fix] {
        let locale = config.container.environment.first { $0.hasPrefix("LANG=") || $0.hasPrefix("LC_ALL=") }
            .map { String($0.drop { $0 != "=" }.dropFirst()) }
        return grouped { _, visible in
            guard isOwn(visible.layer), PathClass.cache(visible.path) == nil,
                let use = PathClass.use(visible.path, locale: locale)
            else { return nil }
            let kind: Fix.Kind =
                switch use {
                case .documentation, .manual, .cache, .contextLeftover: .documentation
                case .locale: .locales
                case .headers, .staticLibrary: .headers
                case .tests: .tests
                case .sourceMap: .sourceMaps
                }
            return Key(kind: kind, layer: visible.layer)
        }
    }

    private func recommended() -> [Fix] {
        grouped { [owners = packages.owners] place, visible in
            guard owners[place] >= 0 else { return nil }
            let package = packages.packages[owners[place]]
            guard package.ecosystem == .debian, isOwn(package.layer), package.layer == visible.layer,
                packages.isOnlyRecommended(owners[place])
            else { return nil }
            return Key(kind: .recommends, layer: package.layer)
        }
    }

    private func buildTools(_ program: Explanation.Program) -> [Fix] {
        guard !program.files.isEmpty else { return [] }
        let used = Set(
            account.visible.indices.filter { program.files.contains(account.visible[$0].path) }.map {
                packages.owners[$0]
            })
        let tools = packages.buildTools { !isOwn($0.layer) || used.contains($1) }
        let found = grouped { [owners = packages.owners] place, visible in
            guard tools.dropped.contains(owners[place]), isOwn(visible.layer) else { return nil }
            return Key(kind: .buildTools([]), layer: visible.layer)
        }
        return found.map { fix in
            let asked = tools.asked.filter { packages.packages[$0].layer == fix.layer }
            let names = (asked.isEmpty ? tools.asked : asked).map { packages.packages[$0].name }
            return Fix(.buildTools(names.sorted()), layer: fix.layer, files: fix.files)
        }
    }

    private func leftovers() -> [Fix] {
        var names: [Int: Set<String>] = [:]
        let found = grouped { _, visible in
            guard isOwn(visible.layer), isMade(by: .copy, visible.layer), !steps[visible.layer].isFromStage,
                let name = PathClass.leftover(visible.path)
            else { return nil }
            names[visible.layer, default: []].insert(name)
            return Key(kind: .contextLeftovers([]), layer: visible.layer)
        }
        return found.map { fix in
            Fix(.contextLeftovers(fix.layer.flatMap { names[$0] }?.sorted() ?? []), layer: fix.layer, files: fix.files)
        }
    }

    private func development() -> [Fix] {
        grouped { place, visible in
            guard packages.owners[place] >= 0 else { return nil }
            let package = packages.packages[packages.owners[place]]
            guard package.isForDevelopment, isOwn(visible.layer) else { return nil }
            return Key(kind: .developmentPackages(package.ecosystem), layer: visible.layer)
        }
    }

    /// Visible files, put together by what `key` says; of hard links only whole sets.
    private func grouped(_ key: (Int, ImageAccount.Visible) -> Key?) -> [Fix] {
        var groups: [Key: [Fix.File]] = [:]
        var names: [Key: [Fix.File: Int]] = [:]
        for (place, visible) in account.visible.enumerated() {
            let entry = account.entry(visible)
            guard entry.kind == .file || entry.head != nil, let key = key(place, visible) else { continue }
            let file = Fix.File(layer: visible.layer, entry: entry.head ?? visible.entry)
            let count = (names[key]?[file] ?? 0) + 1
            names[key, default: [:]][file] = count
            if count == nameCounts[file] ?? 1 { groups[key, default: []].append(file) }
        }
        return groups.map { Fix($0.key.kind, layer: $0.key.layer, files: $0.value) }.filter {
            account.bytes(of: $0.files) >= Self.minimum
        }
    }

    // MARK: The same bytes twice

    private func duplicates() -> [Fix] {
        var seen: [PathKey: Fix.File] = [:]
        var extra: [Fix.File] = []
        for visible in account.visible where visible.bytes >= Self.duplicateMinimum && isOwn(visible.layer) {
            let entry = account.entry(visible)
            let file = Fix.File(layer: visible.layer, entry: entry.head ?? visible.entry)
            let content = account.layers[file.layer].entries[file.entry].content
            guard !content.isEmpty else { continue }
            if let first = seen[PathKey(content)] {
                // Links cross no layer.
                if first.layer == file.layer { extra.append(file) }
            } else {
                seen[PathKey(content)] = file
            }
        }
        return extra.isEmpty ? [] : [Fix(.duplicates, layer: nil, files: extra)]
    }
}

extension ImageAccount {
    /// The digests of the files that a layer has, by their paths.
    fileprivate func contents(of layer: Int) -> [PathKey: [UInt8]] {
        var result: [PathKey: [UInt8]] = [:]
        for entry in layers[layer].entries where entry.kind == .file { result[PathKey(entry.path)] = entry.content }
        return result
    }
}
