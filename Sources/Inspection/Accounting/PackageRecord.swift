internal import OCI

/// A package in an image, with what its ecosystem's database says of it.
package struct PackageRecord: Hashable, Sendable {
    package enum Ecosystem: String, Hashable, Sendable, CaseIterable {
        case debian = "deb"
        case alpine = "apk"
        case redHat = "rpm"
        case python = "pypi"
        case node = "npm"
        case ruby = "gem"
        case php = "composer"
        case java = "maven"
        case go = "golang"
    }

    package let ecosystem: Ecosystem
    /// The group of a Java component, the scope of an npm package, the distribution of a Debian or Alpine one.
    package var namespace: String?
    package let name: String
    package let version: String
    package var architecture: String?
    /// `VERSION_ID` of the distribution.
    package var release: String?
    /// Where the description is that names it.
    package let origin: [UInt8]
    /// The layer since which it is there in this version.
    package var layer = 0
    /// Whether somebody asked for it; nil where nothing says so.
    package var isRequested: Bool?
    /// Whether it is there for development alone, as a lock file says.
    package var isForDevelopment = false
    /// Names that it needs, alternatives in one group.
    package var needs: [Need] = []
    /// Further names that it stands for.
    package var provides: [String] = []
    /// Bytes of the files that it owns.
    package var bytes: Int64 = 0
    package var files = 0

    package struct Need: Hashable, Sendable {
        package enum Kind: Hashable, Sendable { case required, recommended }

        package let kind: Kind
        package let alternatives: [String]
    }

    init(_ ecosystem: Ecosystem, _ name: String, _ version: String, origin: [UInt8]) {
        (self.ecosystem, self.name, self.version, self.origin) = (ecosystem, name, version, origin)
    }

    /// The package's URL (package-url specification, 1.0).
    package var packageURL: String {
        func escaped(_ text: String) -> String {
            text.split(separator: "/", omittingEmptySubsequences: false).map { PackageURL.escaped(String($0)) }.joined(
                separator: "/")
        }
        var text = "pkg:\(ecosystem.rawValue)/" + (namespace.map { escaped($0) + "/" } ?? "") + escaped(name)
        if !version.isEmpty { text += "@" + PackageURL.escaped(version) }
        var qualifiers: [String] = []
        if let architecture { qualifiers.append("arch=" + PackageURL.escaped(architecture)) }
        if let release, let namespace, !release.isEmpty {
            qualifiers.append("distro=" + PackageURL.escaped("\(namespace)-\(release)"))
        }
        return qualifiers.isEmpty ? text : text + "?" + qualifiers.joined(separator: "&")
    }

    /// As people write it: `org.example:thing`, `@scope/thing`.
    package var displayName: String {
        switch ecosystem {
        case .java: namespace.map { $0.isEmpty ? name : "\($0):\(name)" } ?? name
        case .node, .php: namespace.map { "\($0)/\(name)" } ?? name
        case .debian, .alpine, .redHat, .python, .ruby, .go: name
        }
    }
}
