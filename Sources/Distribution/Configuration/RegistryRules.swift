package import OCI

/// Which registries stand in for others, which are not to be asked, and what names without a registry mean: containers'
/// `registries.conf`.
package struct RegistryRules: Hashable, Sendable {
    /// What holds for all names that begin with a prefix.
    package struct Rule: Hashable, Sendable {
        /// A registry, or a registry and the beginning of a path; `*.example` stands for all hosts below a domain.
        package var prefix: String
        /// What stands for the prefix; nil for the prefix itself.
        package var location: String?
        package var isBlocked = false
        package var isInsecure = false
        /// Asked first when something is read, in this order.
        package var mirrors: [Mirror] = []

        package init(prefix: String) { self.prefix = prefix }
    }

    package struct Mirror: Hashable, Sendable {
        /// For which names a mirror is asked: a tag may be an old one there, a digest cannot.
        package enum Use: String, Sendable {
            case all
            case digests = "digest-only"
            case tags = "tag-only"
        }

        /// What stands for the prefix.
        package var location: String
        package var isInsecure: Bool
        /// Nil for all.
        package var use: Use?

        package init(location: String, isInsecure: Bool = false, use: Use? = nil) {
            (self.location, self.isInsecure, self.use) = (location, isInsecure, use)
        }

        func serves(_ kind: NameKind) -> Bool {
            switch use {
            case .all, nil: true
            case .digests: kind == .digest
            case .tags: kind == .tag
            }
        }
    }

    /// How something is asked for.
    package enum NameKind: Sendable {
        case tag, digest
    }

    /// What becomes of a name without a registry for which several are to be searched.
    package enum ShortNames: String, Sendable {
        case enforcing, permissive, disabled
        case unset = ""
    }

    package var rules: [Rule]
    /// Names without a registry, tag and digest, and what they stand for; an empty text takes an earlier file's back.
    package var aliases: [String: String] = [:]
    /// Registries in which names without one are looked for; nil where no file says.
    package var searched: [String]?
    package var shortNames = ShortNames.unset
    /// Helpers that are asked for credentials in this order; `containers-auth.json` stands for the files. Nil where no file says.
    package var credentialHelpers: [String]?

    package init(_ rules: [Rule] = []) { self.rules = rules }

    /// Takes over what a later file says: a rule for the same prefix replaces the earlier one.
    package mutating func add(_ other: RegistryRules) {
        for rule in other.rules {
            if let index = rules.firstIndex(where: { $0.prefix == rule.prefix }) {
                rules[index] = rule
            } else {
                rules.append(rule)
            }
        }
        aliases.merge(other.aliases) { _, later in later }
        searched = other.searched ?? searched
        credentialHelpers = other.credentialHelpers ?? credentialHelpers
        if other.shortNames != .unset { shortNames = other.shortNames }
    }

    /// Where a repository really is: those from which it may be read, the best first, and that to which it is written.
    ///
    /// - Parameter kind: how something of it is asked for.
    /// - Returns: nil when it is blocked.
    func places(
        for repository: RemoteRepository, by kind: NameKind = .tag
    ) -> (mirrors: [RemoteRepository], primary: RemoteRepository)? {
        let name = repository.description
        var best: (rule: Rule, length: Int)?
        for rule in rules {
            guard let length = Self.match(rule.prefix, name) else { continue }
            if best.map({ length > $0.length }) ?? true { best = (rule, length) }
        }
        guard let (rule, length) = best else { return ([], repository) }
        if rule.isBlocked { return nil }
        let rest = String(name.utf8.dropFirst(length)) ?? ""
        let primary = rule.location.flatMap { RemoteRepository(name: $0 + rest) } ?? repository
        return (
            rule.mirrors.filter { $0.serves(kind) }.compactMap { RemoteRepository(name: $0.location + rest) }, primary
        )
    }

    /// Where a name is whose tag or digest a rule names too, the best place first: that rule is the most exact that there can be.
    ///
    /// - Returns: nil where no rule does so; no place where the name is blocked.
    func places(ofExactly reference: ImageReference) -> [ImageReference]? {
        let name = RemoteRepository(reference).description
        let exact = [reference.digest.map { "\(name)@\($0)" }, reference.tag.map { "\(name):\($0)" }].compactMap { $0 }
        guard let rule = exact.lazy.compactMap({ text in rules.first { $0.prefix == text } }).first else { return nil }
        if rule.isBlocked { return [] }
        let kind = reference.digest == nil ? NameKind.tag : .digest
        let locations = rule.mirrors.filter { $0.serves(kind) }.map(\.location)
        return locations.compactMap { reference.moved(to: $0) } + [rule.location.flatMap(reference.moved) ?? reference]
    }

    /// How much of the name the prefix takes; nil when it does not match.
    private static func match(_ prefix: String, _ name: String) -> Int? {
        if prefix.hasPrefix("*.") {
            let host = name.prefix { $0 != "/" }
            // A wildcard stands for the name of a host, whatever its port.
            let domain = host.hasSuffix(prefix.dropFirst()) ? host : host.prefix { $0 != ":" }
            return domain.hasSuffix(prefix.dropFirst()) ? host.utf8.count : nil
        }
        return name == prefix || name.hasPrefix(prefix + "/") ? prefix.utf8.count : nil
    }

    /// Whether a place, a registry or a repository of it, may be asked without a valid certificate: what is said of the longest
    /// location that it lies in.
    func isInsecure(_ place: String) -> Bool {
        var best = (length: 0, isInsecure: false)
        for rule in rules {
            let own = (rule.location ?? rule.prefix, rule.isInsecure)
            for (location, isInsecure) in [own] + rule.mirrors.map({ ($0.location, $0.isInsecure) }) {
                guard let length = Self.match(location, place), length >= best.length else { continue }
                best = (length, isInsecure || (length == best.length && best.isInsecure))
            }
        }
        return best.isInsecure
    }

    /// What a name may mean, in the order in which it is looked for: itself, unless it has no registry and there is an alias
    /// for it, or registries in which such are looked for.
    package func meanings(of reference: ImageReference) -> [ImageReference] {
        guard reference.isShort else { return [reference] }
        let name = reference.familiarName
        let suffix = String(reference.familiar.dropFirst(name.count))
        func named(_ text: String) -> ImageReference? { try? ImageReference(text + suffix) }  // then it is no name
        if let alias = aliases[name], !alias.isEmpty { return named(alias).map { [$0] } ?? [reference] }
        let found = (searched ?? []).compactMap { named("\($0)/\(name)") }
        return found.isEmpty ? [reference] : found
    }

    /// Whether a name with several meanings is to be refused.
    package var refusesAmbiguity: Bool { shortNames == .enforcing }
}

extension ImageReference {
    /// What stands at a location: with its tag or digest, else with this one's. Nil for what is no name.
    fileprivate func moved(to location: String) -> ImageReference? {
        guard let named = try? ImageReference(location) else { return nil }  // the next place tells what is wrong
        guard named.tag == nil, named.digest == nil else { return named }
        // As above.
        return try? ImageReference(location + (tag.map { ":" + $0 } ?? "") + (digest.map { "@\($0)" } ?? ""))
    }
}

extension RemoteRepository {
    /// `registry/path`; nil for anything else.
    init?(name: String) {
        guard let slash = name.firstIndex(of: "/"), slash != name.startIndex else { return nil }
        let path = name[name.index(after: slash)...]
        let isValid = path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#%\"\\".utf8.contains($0) }
        guard !path.isEmpty, isValid else { return nil }
        (registry, self.path) = (String(name[..<slash]), String(path))
    }
}
