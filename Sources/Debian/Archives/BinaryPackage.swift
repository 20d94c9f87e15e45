package import OCI

/// What an index says about one binary package (Debian policy 5.3, DebianRepository/Format "Packages").
package struct BinaryPackage: Sendable, Identifiable {
    /// The place in the index that it came from.
    package let id: Int
    package let name: String
    package let version: Version
    /// `amd64`, `all`.
    package let architecture: String
    package let isEssential: Bool
    package let priority: Priority
    package let multiArch: MultiArch
    /// The source package's name.
    package let source: String
    /// `Pre-Depends`, then `Depends`.
    package let dependencies: [Dependency]
    package let provides: [PackageRelation]
    /// `Conflicts` and `Breaks`.
    package let conflicts: [PackageRelation]
    package let replaces: [PackageRelation]
    /// Below the archive's URI.
    package let filename: String
    /// Bytes of the package file.
    package let size: Int64
    package let digest: Digest
    /// Which of the index's archives has it.
    package let archive: Int

    package enum Priority: Int, Comparable, Sendable {
        case required, important, standard, optional, extra

        init(_ text: String?) {
            switch text {
            case "required": self = .required
            case "important": self = .important
            case "standard": self = .standard
            case "extra": self = .extra
            default: self = .optional
            }
        }

        package static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
    }

    /// The package's URL (type `deb`), which names no mirror.
    package var packageURL: String {
        let version = PackageURL.escaped(version.description)
        return "pkg:deb/debian/\(PackageURL.escaped(name))@\(version)?arch=\(PackageURL.escaped(architecture))"
    }

    /// How a package serves packages of other architectures (Debian's MultiarchSpec).
    package enum MultiArch: String, Sendable {
        case no, same, foreign, allowed
    }

    /// `name=version`, as apt writes it.
    package var label: String { "\(name)=\(version)" }
}

extension BinaryPackage {
    /// Whether this package is what a relation names, by its own name and version.
    func matches(_ relation: PackageRelation) -> Bool {
        relation.name == name && accepts(qualifier: relation.qualifier)
            && (relation.constraint?.allows(version) ?? true)
    }

    /// Whether this package provides what a relation names. A versioned relation needs a versioned provision (policy
    /// 7.5).
    func provides(_ relation: PackageRelation) -> Bool {
        guard accepts(qualifier: relation.qualifier) else { return false }
        return provides.contains { provided in
            guard provided.name == relation.name else { return false }
            guard let constraint = relation.constraint else { return true }
            guard let version = provided.constraint, version.comparison == .equal else { return false }
            return constraint.allows(version.version)
        }
    }

    func satisfies(_ relation: PackageRelation) -> Bool { matches(relation) || provides(relation) }

    /// `:any` needs `Multi-Arch: allowed`; in one architecture every other qualifier is that architecture's.
    private func accepts(qualifier: String?) -> Bool { qualifier != "any" || multiArch == .allowed }
}
