public import OCI

/// What a base image is made of.
public struct BaseRecipe: Hashable, Sendable {
    /// The name that `FROM` uses: `debian:bookworm-slim`.
    public let name: String
    /// The release: `bookworm`.
    public let suite: String
    public var foundation: Foundation
    /// Packages and what they need, in the syntax of a `Depends` field's items: `apt`, `libc6 (>= 2.36)`.
    public var packages: [String]
    /// Names of packages that must not be in it.
    public var excludedPackages: Set<String> = []
    public var components = ["main"]
    /// Which paths of the packages are left out.
    public var filter = PathFilter([])
    /// Directories with mode 0755 that exist though no package ships them.
    public var directories: [String] = []
    public var files: [File] = []
    public var container = ContainerConfig()
    /// Where the archive is, in the form of ``MirrorConfiguration/option``; nil leaves it to the configuration.
    public var mirror: String?

    public enum Foundation: Hashable, Sendable {
        /// All packages that are essential or of priority `required`, and dpkg's database: packages can be installed on
        /// it, once ``ComposedBase/completion`` has run.
        case minimalSystem
    }

    /// A file that no package ships.
    public struct File: Hashable, Sendable {
        /// Absolute.
        public let path: String
        public let mode: UInt32
        public let text: String

        public init(path: String, mode: UInt32 = 0o644, text: String) {
            (self.path, self.mode, self.text) = (path, mode, text)
        }
    }

    public init(name: String, suite: String, foundation: Foundation, packages: [String]) {
        (self.name, self.suite, self.foundation, self.packages) = (name, suite, foundation, packages)
    }
}

extension BaseRecipe {
    /// The bases that can be composed by name.
    public static let catalog: [BaseRecipe] = ["bookworm", "trixie"].flatMap { [debian($0), slim($0)] }

    /// Other names for the same bases, as the public images have them.
    private static let aliases = [
        "debian:12": "debian:bookworm", "debian:12-slim": "debian:bookworm-slim", "debian:13": "debian:trixie",
        "debian:13-slim": "debian:trixie-slim",
    ]

    /// The catalog's base of a name.
    ///
    /// - Throws: ``DebianError/unknownRecipe(_:)``.
    public static func named(_ name: String) throws(DebianError) -> BaseRecipe {
        let canonical = aliases[name] ?? name
        guard let recipe = catalog.first(where: { $0.name == canonical }) else { throw .unknownRecipe(name) }
        return recipe
    }

    private static func debian(_ suite: String) -> BaseRecipe {
        var packages = ["apt", "ca-certificates"]
        // bookworm's init-system-helpers wants `usrmerge | usr-is-merged`; the root is merged from the start.
        if suite == "bookworm" { packages.append("usr-is-merged") }
        var recipe = BaseRecipe(name: "debian:\(suite)", suite: suite, foundation: .minimalSystem, packages: packages)
        recipe.files = containerFiles
        recipe.container.environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        recipe.container.command = ["bash"]
        return recipe
    }

    private static func slim(_ suite: String) -> BaseRecipe {
        let full = debian(suite)
        var recipe = BaseRecipe(
            name: full.name + "-slim", suite: suite, foundation: full.foundation, packages: full.packages)
        recipe.container = full.container
        recipe.filter = slimFilter
        recipe.files =
            full.files + [
                File(
                    path: "/etc/dpkg/dpkg.cfg.d/docker-slim",
                    text: "# Keeps later installations as slim as the image.\n" + slimFilter.configuration)
            ]
        // Some packages' scripts put links there and fail without the directory.
        recipe.directories = (1...9).map { "/usr/share/man/man\($0)" }
        return recipe
    }

    /// Documents that nobody reads in a container; licences stay.
    private static let slimFilter = PathFilter([
        .exclude("/usr/share/doc/*"), .include("/usr/share/doc/*/copyright"), .exclude("/usr/share/man/*"),
        .exclude("/usr/share/info/*"), .exclude("/usr/share/groff/*"), .exclude("/usr/share/lintian/*"),
        .exclude("/usr/share/linda/*"), .exclude("/usr/share/locale/*"),
        .include("/usr/share/locale/locale.alias"),
    ])

    /// What the public images of Debian set for containers.
    private static let containerFiles: [File] = [
        File(
            path: "/usr/sbin/policy-rc.d", mode: 0o755,
            text: """
                #!/bin/sh
                # Packages must not start services while an image is built.
                exit 101

                """),
        File(
            path: "/etc/dpkg/dpkg.cfg.d/docker-apt-speedup",
            text: """
                # An image that is interrupted is built anew, so its files need not survive a loss of power.
                force-unsafe-io

                """),
        File(
            path: "/etc/apt/apt.conf.d/docker-clean",
            text: """
                // Downloaded packages and apt's caches would only make layers larger.
                DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
                APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
                Dir::Cache::pkgcache "";
                Dir::Cache::srcpkgcache "";

                """),
        File(
            path: "/etc/apt/apt.conf.d/docker-gzip-indexes",
            text: """
                // Package lists take a tenth of their size.
                Acquire::GzipIndexes "true";

                """),
        File(
            path: "/etc/apt/apt.conf.d/docker-no-languages",
            text: """
                // Nobody reads translated package descriptions in a container.
                Acquire::Languages "none";

                """),
        File(
            path: "/etc/apt/apt.conf.d/docker-autoremove-suggests",
            text: """
                // "apt-get purge --auto-remove" removes what only a suggestion kept.
                Apt::AutoRemove::SuggestsImportant "false";

                """),
    ]
}
