/// The bases that can be composed by name.
package enum BaseCatalog {
    /// The names that belong to the catalog: no registry is asked for them.
    package static let namespace = "distroless/"

    /// The tags of each distroless base.
    package static let tags = ["latest", "nonroot", "debug", "debug-nonroot"]

    /// The recipes of a name, the one to try first in front.
    ///
    /// `distroless/cc` stands for the newest release that the mirror has: `distroless/cc-debian13`, then
    /// `distroless/cc-debian12`. A tag chooses among ``tags``.
    ///
    /// - Returns: none for a name that the catalog does not have.
    package static func recipes(named text: String) -> [BaseRecipe] {
        let canonical = BaseRecipe.systemAliases[text] ?? text
        if let system = BaseRecipe.systems.first(where: { $0.name == canonical }) { return [system] }
        guard let name = DistrolessName(text) else { return [] }
        return CatalogSuite.all.compactMap { suite in
            guard name.suite == nil || name.suite == suite.version else { return nil }
            return DistrolessCatalog.recipe(name.base, suite, tag: name.tag)
        }
    }

    /// The recipes of a name.
    ///
    /// - Throws: ``DebianError/unknownRecipe(_:)``.
    package static func named(_ text: String) throws(DebianError) -> [BaseRecipe] {
        let found = recipes(named: text)
        guard !found.isEmpty else { throw .unknownRecipe(text) }
        return found
    }

    /// What `base ls` lists: each base once, with its first tag.
    package static var all: [BaseRecipe] {
        BaseRecipe.systems
            + CatalogSuite.all.reversed().flatMap { suite in
                DistrolessCatalog.bases.compactMap { DistrolessCatalog.recipe($0, suite, tag: "latest") }
            }
    }

    /// Bytes of a base's files on amd64 in the newest release, when this was written.
    package static func typicalSize(of text: String) -> Int64? {
        guard let name = DistrolessName(text) else { return nil }
        let sizes: [String: Int64] = [
            "static": 1_400_000, "base-nossl": 14_000_000, "base": 23_000_000, "cc": 26_000_000, "python3": 53_000_000,
            "perl": 83_000_000, "nodejs": 130_000_000, "java17": 229_000_000, "java21": 231_000_000,
            "java25": 273_000_000,
        ]
        return sizes[name.base].map { $0 + (name.tag.hasPrefix("debug") ? 2_000_000 : 0) }
    }

    /// The catalog's name for a public image such as `gcr.io/distroless/java17-debian12:nonroot`; nil for other images.
    package static func name(ofPublic repository: String, domain: String, tag: String?) -> String? {
        guard domain == "gcr.io", repository.hasPrefix(namespace) else { return nil }
        return repository + (tag.map { ":" + $0 } ?? "")
    }
}

/// A name below `distroless/`: `distroless/java17-debian12:nonroot`.
struct DistrolessName {
    let base: String
    /// `12`; nil where the name leaves it to the mirror.
    let suite: String?
    let tag: String

    init?(_ text: String) {
        guard text.hasPrefix(BaseCatalog.namespace) else { return nil }
        let parts = text.dropFirst(BaseCatalog.namespace.count)
            .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        tag = parts.count == 2 ? parts[1] : "latest"
        guard let name = parts.first, BaseCatalog.tags.contains(tag) else { return nil }
        if let range = name.range(ofSuffix: "-debian") {
            base = String(name[..<range.lowerBound])
            suite = String(name[range.upperBound...])
        } else {
            base = name
            suite = nil
        }
    }
}

extension String {
    /// The last place of a word in the text.
    fileprivate func range(ofSuffix word: String) -> Range<String.Index>? { ranges(of: word).last }
}
