package import OCI

/// What a base image is made of.
package struct BaseRecipe: Hashable, Sendable {
    /// The name that `FROM` uses: `debian:bookworm-slim`.
    package var name: String
    /// The release: `bookworm`.
    package let suite: String
    package var foundation: Foundation
    /// Packages and what they need, in the syntax of a `Depends` field's items: `apt`, `libc6 (>= 2.36)`.
    package var packages: [String]
    /// Names of packages that must not be in it.
    package var excludedPackages: Set<String> = []
    /// Names of packages that count as installed when another package needs them, and are left out.
    package var assumedPackages: Set<String> = []
    package var components = ["main"]
    /// Which paths of the packages are left out.
    package var filter = PathFilter([])
    /// What is there besides the packages' files. A path stands here once, and wins over what a package ships.
    package var paths: [RecipePath] = []
    package var users: [RecipeUser] = []
    package var groups: [RecipeGroup] = []
    package var container = ContainerConfig()
    /// The platforms that it is made for; empty for every one that Debian has.
    package var platforms: [Platform] = []
    package var layering = Layering.single
    package var slicing = Slicing.none
    /// Patterns of paths that slicing keeps.
    package var keptPatterns: [String] = []
    /// Where the archive is, in the form of ``MirrorConfiguration/option``; nil leaves it to the configuration.
    package var mirror: String?

    package enum Foundation: Hashable, Sendable {
        /// All packages that are essential or of priority `required`, and dpkg's database: packages can be installed on
        /// it, once ``ComposedBase/completion`` has run.
        case minimalSystem
        /// The packages that are asked for and what they need, and a paragraph of each in `/var/lib/dpkg/status.d`, where
        /// scanners look: no package can be installed on it, and nothing runs while it is made.
        case packages
    }

    package enum Layering: String, Hashable, Sendable, CaseIterable {
        /// One layer.
        case single
        /// A layer for each package, so that images share those that they have in common.
        case package
    }

    package enum Slicing: String, Hashable, Sendable, CaseIterable {
        case none
        /// Only what programs need when they run: no documents, headers, static libraries, completions; and only those
        /// files that something which can be started reaches.
        case runtime
    }

    package init(name: String, suite: String, foundation: Foundation, packages: [String]) {
        (self.name, self.suite, self.foundation, self.packages) = (name, suite, foundation, packages)
    }
}

/// Something in an image that no package ships, or that replaces what one ships.
package struct RecipePath: Hashable, Sendable {
    /// Absolute, without links on the way.
    package let path: String
    /// Permission bits; nil for 0755 of directories and 0644 of files.
    package var mode: UInt32?
    package var user: UInt32 = 0
    package var group: UInt32 = 0
    package let content: Content

    package enum Content: Hashable, Sendable {
        case directory
        case text(String)
        case symbolicLink(target: String)
        /// A directory of links of these names to one target.
        case links(target: String, names: [String])
        /// What the packages' files that match the patterns hold, in the order of their paths. The files themselves are
        /// there or left out as the filter says.
        case joined([String])
        /// A Java key store (JKS) of the certificates in the packages' files that match the patterns.
        case keyStore([String])
    }

    package init(_ path: String, mode: UInt32? = nil, _ content: Content) {
        (self.path, self.mode, self.content) = (path, mode, content)
    }

    var patterns: [String] {
        switch content {
        case .joined(let patterns), .keyStore(let patterns): patterns
        case .directory, .text, .symbolicLink, .links: []
        }
    }
}

/// A line of `/etc/passwd` (passwd(5)).
package struct RecipeUser: Hashable, Sendable {
    package let name: String
    package let identifier: UInt32
    package let group: UInt32
    package var home = "/nonexistent"
    package var shell = "/sbin/nologin"

    package init(_ name: String, _ identifier: UInt32, group: UInt32) {
        (self.name, self.identifier, self.group) = (name, identifier, group)
    }

    var line: String { "\(name):x:\(identifier):\(group):\(name):\(home):\(shell)\n" }
}

/// A line of `/etc/group` (group(5)).
package struct RecipeGroup: Hashable, Sendable {
    package let name: String
    package let identifier: UInt32
    package var members: [String] = []

    package init(_ name: String, _ identifier: UInt32) { (self.name, self.identifier) = (name, identifier) }

    var line: String { "\(name):x:\(identifier):\(members.joined(separator: ","))\n" }
}
