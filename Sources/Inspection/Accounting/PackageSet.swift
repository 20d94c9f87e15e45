/// The packages of an image, which of its files each owns, and who asked for it.
package struct PackageSet: Sendable {
    package private(set) var packages: [PackageRecord]
    /// For each of the account's visible entries the package that owns it; -1 for none.
    package private(set) var owners: [Int]
    /// Packages by ecosystem and name, what they stand for included.
    private var names: [PackageRecord.Ecosystem: [String: [Int]]] = [:]
    /// The package that leads to each, by required edges alone, or by recommended ones too; nil for what somebody asked for.
    private var parents: [Parent?] = []

    private struct Parent: Hashable {
        let package: Int
        let kind: PackageRecord.Need.Kind
    }

    package init(_ account: ImageAccount) {
        var reader = PackageReader(account)
        reader.read()
        packages = reader.packages
        owners = PackageOwners(account, reader).owners()
        for (place, owner) in owners.enumerated() where owner >= 0 {
            let visible = account.visible[place]
            guard visible.bytes > 0 || account.file(visible) != nil else { continue }
            packages[owner].bytes = LayerRecord.sum(packages[owner].bytes, visible.bytes)
            packages[owner].files += 1
        }
        for (place, package) in packages.enumerated() {
            for name in [package.name, package.displayName] + package.provides {
                names[package.ecosystem, default: [:]][name, default: []].append(place)
            }
        }
        dateDebian(account)
        settleRequests()
        connect()
    }

    // MARK: Since when

    /// Of a database in one file, the layer since which a package stands in it in this version.
    private mutating func dateDebian(_ account: ImageAccount) {
        let path = Array("var/lib/dpkg/status".utf8)
        var states: [(layer: Int, names: Set<String>)] = []
        for (layer, record) in account.layers.enumerated() {
            guard let item = record.evidence.last(where: { record.entries[$0.entry].path == path }) else { continue }
            var names: Set<String> = []
            DatabaseText.forEachParagraph(item.bytes) { fields in
                guard let name = fields["package"], let version = fields["version"],
                    fields["status"]?.hasSuffix(" installed") == true
                else { return }
                names.insert("\(name)\t\(version)\t\(fields["architecture"] ?? "")")
            }
            states.append((layer, names))
        }
        guard states.count > 1 else { return }
        for place in packages.indices where packages[place].origin == path {
            let package = packages[place]
            let label = "\(package.name)\t\(package.version)\t\(package.architecture ?? "")"
            for state in states.reversed() {
                guard state.names.contains(label) else { break }
                packages[place].layer = state.layer
            }
        }
    }

    // MARK: Who asked for it

    private mutating func settleRequests() {
        for ecosystem in PackageRecord.Ecosystem.allCases {
            let members = packages.indices.filter { packages[$0].ecosystem == ecosystem }
            // Where some are marked as asked for, the others are not.
            if ecosystem == .python, members.contains(where: { packages[$0].isRequested == true }) {
                for place in members where packages[place].isRequested == nil { packages[place].isRequested = false }
            }
            guard members.contains(where: { packages[$0].isRequested == nil }) else { continue }
            // Else that which nothing else needs.
            var needed: Set<Int> = []
            for place in members { needed.formUnion(edges(of: place).map(\.package).filter { $0 != place }) }
            for place in members where packages[place].isRequested == nil {
                packages[place].isRequested = !needed.contains(place)
            }
        }
    }

    private func edges(of place: Int) -> [Parent] {
        let package = packages[place]
        return package.needs.flatMap { need in
            // The first alternative that is there is meant.
            let found = need.alternatives.lazy.compactMap { names[package.ecosystem]?[$0] }.first ?? []
            return found.map { Parent(package: $0, kind: need.kind) }
        }
    }

    /// The shortest ways from what was asked for: required edges first, so that a way over a recommendation is the only one.
    private mutating func connect() {
        parents = Array(repeating: nil, count: packages.count)
        var reached = Set(packages.indices.filter { packages[$0].isRequested == true })
        var roots = reached.sorted()
        let edges = packages.indices.map { self.edges(of: $0) }
        while true {
            spread(from: roots, edges, &reached)
            // What only a recommendation leads to, and what that needs.
            var next: [Int] = []
            for place in reached.sorted() {
                for edge in edges[place] where edge.kind == .recommended && reached.insert(edge.package).inserted {
                    parents[edge.package] = Parent(package: place, kind: .recommended)
                    next.append(edge.package)
                }
            }
            if next.isEmpty { return }
            roots = next
        }
    }

    private mutating func spread(from roots: [Int], _ edges: [[Parent]], _ reached: inout Set<Int>) {
        var queue = roots
        var index = 0
        while index < queue.count {
            let place = queue[index]
            index += 1
            for edge in edges[place] where edge.kind == .required && reached.insert(edge.package).inserted {
                parents[edge.package] = Parent(package: place, kind: .required)
                queue.append(edge.package)
            }
        }
    }

    // MARK: Asking

    /// The way from a package that somebody asked for to this one, both included.
    package func chain(to package: Int) -> [Int] {
        var result = [package]
        while let parent = parents[result[result.count - 1]], result.count <= packages.count {
            result.append(parent.package)
        }
        return result.reversed()
    }

    /// Whether only a recommendation leads to a package.
    package func isOnlyRecommended(_ package: Int) -> Bool {
        var current = package
        var steps = 0
        while let parent = parents[current], steps <= packages.count {
            if parent.kind == .recommended { return true }
            current = parent.package
            steps += 1
        }
        return false
    }

    /// Packages of a distribution that are there to build with, and all that is there for their sake alone.
    ///
    /// - Parameter isKept: whether a package, by its place, stays with all that it needs.
    /// - Returns: those that somebody asked for, and everything that would not be there without them.
    func buildTools(_ isKept: (PackageRecord, Int) -> Bool) -> (asked: [Int], dropped: Set<Int>) {
        let members = packages.indices.filter { [.debian, .alpine].contains(packages[$0].ecosystem) }
        let kept = Set(members.filter { isKept(packages[$0], $0) })
        let asked = members.filter {
            !kept.contains($0) && packages[$0].isRequested == true && BuildTools.contains(packages[$0].name)
        }
        guard !asked.isEmpty else { return ([], []) }
        // What nothing leads to stays: nobody knows why it is there.
        let others = members.filter { kept.contains($0) || !asked.contains($0) && parents[$0] == nil }
        let staying = closure(of: others)
        return (asked, closure(of: asked).subtracting(staying))
    }

    private func closure(of roots: [Int]) -> Set<Int> {
        var reached = Set(roots)
        var queue = roots
        while let place = queue.popLast() {
            for edge in edges(of: place) where reached.insert(edge.package).inserted { queue.append(edge.package) }
        }
        return reached
    }

    /// Whether some way leads from what somebody asked for to a package.
    package func isReached(_ package: Int) -> Bool { packages[package].isRequested == true || parents[package] != nil }

    /// The packages that need this one.
    package func dependents(of package: Int) -> [Int] {
        packages.indices.filter { place in place != package && edges(of: place).contains { $0.package == package } }
    }

    /// Packages of a name, of any ecosystem: `curl`, `@scope/name`, or a package URL.
    package func find(_ text: String) -> [Int] {
        packages.indices.filter { place in
            let package = packages[place]
            return package.name == text || package.displayName == text || package.packageURL == text
                || package.packageURL.prefix { $0 != "?" } == text
        }
    }
}
