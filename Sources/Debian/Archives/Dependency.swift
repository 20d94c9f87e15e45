/// One package that a relation names (Debian policy 7.1): `name[:qualifier] [(op version)] [[archs]] [<profiles>]`.
package struct PackageRelation: Sendable, CustomStringConvertible {
    package let name: String
    /// `any`, `native` or an architecture.
    package let qualifier: String?
    package let constraint: Constraint?

    package struct Constraint: Sendable, CustomStringConvertible {
        package let comparison: Comparison
        package let version: Version

        package init(_ comparison: Comparison, _ version: Version) {
            (self.comparison, self.version) = (comparison, version)
        }

        package func allows(_ candidate: Version) -> Bool {
            let order = Version.compare(candidate, version)
            switch comparison {
            case .earlier: return order < 0
            case .earlierOrEqual: return order <= 0
            case .equal: return order == 0
            case .laterOrEqual: return order >= 0
            case .later: return order > 0
            }
        }

        package var description: String { "\(comparison.rawValue) \(version)" }
    }

    package enum Comparison: String, Sendable {
        case earlier = "<<"
        case earlierOrEqual = "<="
        case equal = "="
        case laterOrEqual = ">="
        case later = ">>"

        /// Reads an operator; `<` and `>` are the old spellings of `<=` and `>=`.
        init?(_ text: some StringProtocol) {
            switch text {
            case "<": self = .earlierOrEqual
            case ">": self = .laterOrEqual
            default: self.init(rawValue: String(text))
            }
        }
    }

    package init(name: String, qualifier: String? = nil, constraint: Constraint? = nil) {
        (self.name, self.qualifier, self.constraint) = (name, qualifier, constraint)
    }

    package var description: String {
        let qualified = qualifier.map { "\(name):\($0)" } ?? name
        return constraint.map { "\(qualified) (\($0))" } ?? qualified
    }
}

/// Alternatives, of which one is enough: `a | b (>= 2)`.
package struct Dependency: Sendable, CustomStringConvertible {
    package let alternatives: [PackageRelation]

    package init(_ alternatives: [PackageRelation]) { self.alternatives = alternatives }

    package var description: String { alternatives.map(\.description).joined(separator: " | ") }

    /// Reads a relation field such as `Depends`.
    ///
    /// What is restricted to other architectures, or to a build profile, is left out.
    ///
    /// - Throws: ``DependencyError`` for text that is no relation.
    package static func parse(_ text: String, architecture: String) throws(DependencyError) -> [Dependency] {
        var dependencies: [Dependency] = []
        for group in text.split(separator: ",") where !group.allSatisfy(\.isWhitespace) {
            var alternatives: [PackageRelation] = []
            for item in group.split(separator: "|", omittingEmptySubsequences: false) {
                var parser = RelationParser(text: item.utf8)
                guard let relation = parser.relation() else { throw DependencyError(text: String(item)) }
                if parser.applies(to: architecture) { alternatives.append(relation) }
            }
            if !alternatives.isEmpty { dependencies.append(Dependency(alternatives)) }
        }
        return dependencies
    }
}

/// Text that is no relation between packages.
package struct DependencyError: Error, Hashable, Sendable {
    package let text: String
}

/// Reads one relation from its text.
private struct RelationParser {
    private var rest: Substring.UTF8View
    private var architectures: [String] = []
    private var hasProfiles = false

    init(text: Substring.UTF8View) { rest = text }

    mutating func relation() -> PackageRelation? {
        skipSpace()
        let name = word(Self.isName)
        guard !name.isEmpty else { return nil }
        var qualifier: String?
        if take(UInt8(ascii: ":")) {
            let text = word(Self.isName)
            guard !text.isEmpty else { return nil }
            qualifier = text
        }
        skipSpace()
        var constraint: PackageRelation.Constraint?
        if take(UInt8(ascii: "(")) {
            guard let found = self.constraint() else { return nil }
            constraint = found
        }
        guard restrictions() else { return nil }
        return rest.isEmpty ? PackageRelation(name: name, qualifier: qualifier, constraint: constraint) : nil
    }

    /// Whether the relation counts on an architecture, once it was read; build profiles are never active.
    func applies(to architecture: String) -> Bool {
        guard !hasProfiles else { return false }
        guard !architectures.isEmpty else { return true }
        if architectures.contains(where: { $0.hasPrefix("!") }) { return !architectures.contains("!" + architecture) }
        return architectures.contains { $0 == architecture || $0 == "any" || $0 == "linux-any" }
    }

    private mutating func constraint() -> PackageRelation.Constraint? {
        skipSpace()
        let comparison = word { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "=") }
        skipSpace()
        let version = word { $0 != UInt8(ascii: ")") && $0 != 0x20 && $0 != 0x09 && $0 != 0x0A }
        skipSpace()
        guard take(UInt8(ascii: ")")), let comparison = PackageRelation.Comparison(comparison),
            let version = Version(version)
        else { return nil }
        return PackageRelation.Constraint(comparison, version)
    }

    /// `[amd64 !i386]` and `<profile>`; false if one is not closed.
    private mutating func restrictions() -> Bool {
        skipSpace()
        while let first = rest.first {
            if take(UInt8(ascii: "[")) {
                let text = word { $0 != UInt8(ascii: "]") }
                architectures += text.split(separator: " ").map(String.init)
                guard take(UInt8(ascii: "]")) else { return false }
            } else if first == UInt8(ascii: "<") {
                _ = word { $0 != UInt8(ascii: ">") }
                hasProfiles = true
                guard take(UInt8(ascii: ">")) else { return false }
            } else {
                return false
            }
            skipSpace()
        }
        return true
    }

    private mutating func skipSpace() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A } }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func word(_ isPart: (UInt8) -> Bool) -> String {
        let part = rest.prefix(while: isPart)
        rest = rest.dropFirst(part.count)
        return String(decoding: part, as: UTF8.self)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
