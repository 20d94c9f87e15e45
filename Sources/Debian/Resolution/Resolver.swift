/// Finds a set of packages in which every dependency is met and nothing conflicts, as apt would choose it.
///
/// The latest version of a package comes first, then the first alternative that can be had; what is chosen already is
/// preferred to something new. Choices that more than one package could answer wait until the others are made. The same
/// index and request give the same set.
package struct Resolver: Sendable {
    package let index: PackageIndex
    /// Names that must not be in the set.
    package let excluded: Set<String>
    /// Names that count as installed when a package needs them.
    package let assumed: Set<String>

    package init(index: PackageIndex, excluding excluded: Set<String> = [], assuming assumed: Set<String> = []) {
        self.index = index
        self.excluded = excluded
        self.assumed = assumed
    }

    /// Resolves names and relations such as `apt`, `libc6 (>= 2.36)` or `awk | mawk`.
    ///
    /// - Throws: ``DebianError/unknownPackage(_:)`` and ``DebianError/noSolution(_:)``.
    package func resolve(_ requests: [Dependency]) throws(DebianError) -> Resolution {
        for request in requests where !request.alternatives.contains(where: { isKnown($0.name) }) {
            throw .unknownPackage(request.description)
        }
        var search = PackageSearch(index: index, excluded: excluded, assumed: assumed, requests: requests)
        do { return try search.run() } catch { throw .noSolution(error) }
    }

    /// Resolves packages by name.
    package func resolve(names: [String]) throws(DebianError) -> Resolution {
        try resolve(names.map { Dependency([PackageRelation(name: $0)]) })
    }

    private func isKnown(_ name: String) -> Bool { index.byName[name] != nil || index.providers[name] != nil }
}

/// A set of packages that can be installed together, and why each is in it.
package struct Resolution: Sendable {
    /// Sorted by name.
    package let packages: [BinaryPackage]
    let reasons: [String: Cause]

    /// Why a package was chosen.
    struct Cause: Sendable {
        /// The name of the package that needs it; nil for a request.
        let needer: String?
        let relation: Dependency
    }

    init(chosen: [String: BinaryPackage], reasons: [String: Cause]) {
        packages = chosen.values.sorted { $0.name < $1.name }
        self.reasons = reasons
    }

    /// The chain from the request down to a package; nil if the package is not in the set.
    package func why(_ name: String) -> [Unsolvable.Step]? {
        guard reasons[name] != nil else { return nil }
        let labels = Dictionary(packages.map { ($0.name, $0.label) }, uniquingKeysWith: { first, _ in first })
        return Self.chain(to: name, reasons: reasons) { labels[$0] ?? $0 }
    }

    /// Follows causes upwards. Each package is caused by one that was chosen before it, so the walk ends.
    static func chain(to name: String, reasons: [String: Cause], label: (String) -> String) -> [Unsolvable.Step] {
        var steps: [Unsolvable.Step] = []
        var current: String? = name
        while let package = current, let cause = reasons[package] {
            steps.append(.init(package: cause.needer.map(label), relation: cause.relation.description))
            current = cause.needer
        }
        return steps.reversed()
    }
}
