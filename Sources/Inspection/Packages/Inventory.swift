package import OCI

/// The packages that can be found in an image, of every ecosystem whose traces we know.
package struct Inventory: Sendable {
    /// From Debian's databases: of the release that `/etc/os-release` names.
    package private(set) var components: [Component] = []

    package struct Component: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case debian = "deb"
            case go = "golang"
            case python = "pypi"
            case java = "maven"
            case node = "npm"
        }

        package let kind: Kind
        /// The group of a Java component, the scope of an npm package.
        package var namespace: String?
        package let name: String
        package let version: String
        /// Whoever made it, as the package says.
        package var supplier: String?
        /// An SPDX expression, where the package has one in its own words.
        package var license: String?
        /// The file that says so.
        package let origin: ImagePath
        /// `arch=amd64` and the like, in order.
        var qualifiers: [(name: String, value: String)] = []

        init(_ kind: Kind, _ name: String, _ version: String, origin: ImagePath) {
            (self.kind, self.name, self.version, self.origin) = (kind, name, version, origin)
        }

        package static func == (left: Component, right: Component) -> Bool { left.packageURL == right.packageURL }

        package func hash(into hasher: inout Hasher) { hasher.combine(packageURL) }
    }

    /// Looks through a whole image. Files are opened only where their names promise something, and programs for what Go
    /// wrote into them.
    ///
    /// - Throws: what reading the layers throws.
    package init(_ tree: ImageTree) throws {
        var reader = InventoryReader(tree: tree)
        try reader.readDebian()
        try reader.walk()
        var seen: Set<Component> = []
        components = reader.components.filter { seen.insert($0).inserted }.sorted { $0.packageURL < $1.packageURL }
    }
}

extension Inventory.Component {
    /// The package's URL (package-url specification, 1.0).
    package var packageURL: String {
        let group =
            namespace.map {
                $0.split(separator: "/").map { PackageURL.escaped(String($0)) }.joined(separator: "/") + "/"
            } ?? ""
        let name =
            kind == .go
            ? self.name.split(separator: "/").map { PackageURL.escaped(String($0)) }.joined(separator: "/")
            : PackageURL.escaped(self.name)
        let query = qualifiers.map { "\($0.name)=\(PackageURL.escaped($0.value))" }.joined(separator: "&")
        let place = version.isEmpty ? "" : "@" + PackageURL.escaped(version)
        return "pkg:\(kind.rawValue)/\(group)\(name)\(place)" + (query.isEmpty ? "" : "?" + query)
    }
}
