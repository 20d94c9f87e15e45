/// Which registries stand in for others, and which are not to be asked: containers' `registries.conf`, version 2.
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
        /// What stands for the prefix.
        package var location: String
        package var isInsecure: Bool

        package init(location: String, isInsecure: Bool = false) {
            (self.location, self.isInsecure) = (location, isInsecure)
        }
    }

    package var rules: [Rule]

    package init(_ rules: [Rule] = []) { self.rules = rules }

    /// Where a repository really is: those from which it may be read, the best first, and that to which it is written.
    ///
    /// - Returns: nil when it is blocked.
    func places(for repository: RemoteRepository) -> (mirrors: [RemoteRepository], primary: RemoteRepository)? {
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
        return (rule.mirrors.compactMap { RemoteRepository(name: $0.location + rest) }, primary)
    }

    /// How much of the name the prefix takes; nil when it does not match.
    private static func match(_ prefix: String, _ name: String) -> Int? {
        if prefix.hasPrefix("*.") {
            let host = name.prefix { $0 != "/" }
            return host.hasSuffix(prefix.dropFirst()) ? host.utf8.count : nil
        }
        return name == prefix || name.hasPrefix(prefix + "/") ? prefix.utf8.count : nil
    }

    /// Registries that may be asked without a valid certificate.
    var insecureRegistries: Set<String> {
        var result: Set<String> = []
        for rule in rules {
            let own = rule.isInsecure ? [rule.location ?? rule.prefix] : []
            for location in own + rule.mirrors.filter(\.isInsecure).map(\.location) {
                result.insert(String(location.prefix { $0 != "/" }))
            }
        }
        return result
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
