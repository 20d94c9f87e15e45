internal import OCI

extension BaseRecipe {
    /// Full systems on which packages can be installed.
    static let systems: [BaseRecipe] = ["bookworm", "trixie"].flatMap { [debian($0), slim($0)] }

    /// Other names for the same bases, as the public images have them.
    static let systemAliases = [
        "debian:12": "debian:bookworm", "debian:12-slim": "debian:bookworm-slim", "debian:13": "debian:trixie",
        "debian:13-slim": "debian:trixie-slim",
    ]

    private static func debian(_ suite: String) -> BaseRecipe {
        var packages = ["apt", "ca-certificates"]
        // bookworm's init-system-helpers wants `usrmerge | usr-is-merged`; the root is merged from the start.
        if suite == "bookworm" { packages.append("usr-is-merged") }
        var recipe = BaseRecipe(name: "debian:\(suite)", suite: suite, foundation: .minimalSystem, packages: packages)
        recipe.paths = containerFiles
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
        let configuration = "# Keeps later installations as slim as the image.\n" + slimFilter.configuration
        recipe.paths = full.paths + [RecipePath("/etc/dpkg/dpkg.cfg.d/docker-slim", .text(configuration))]
        // Some packages' scripts put links there and fail without the directory.
        recipe.paths += (1...9).map { RecipePath("/usr/share/man/man\($0)", .directory) }
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
    private static let containerFiles: [RecipePath] = [
        RecipePath(
            "/usr/sbin/policy-rc.d", mode: 0o755,
            .text(
                """
                #!/bin/sh
                # Packages must not start services while an image is built.
                exit 101

                """)),
        RecipePath(
            "/etc/dpkg/dpkg.cfg.d/docker-apt-speedup",
            .text(
                """
                # An image that is interrupted is built anew, so its files need not survive a loss of power.
                force-unsafe-io

                """)),
        RecipePath(
            "/etc/apt/apt.conf.d/docker-clean",
            .text(
                """
                // Downloaded packages and apt's caches would only make layers larger.
                DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
                APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
                Dir::Cache::pkgcache "";
                Dir::Cache::srcpkgcache "";

                """)),
        RecipePath(
            "/etc/apt/apt.conf.d/docker-gzip-indexes",
            .text(
                """
                // Package lists take a tenth of their size.
                Acquire::GzipIndexes "true";

                """)),
        RecipePath(
            "/etc/apt/apt.conf.d/docker-no-languages",
            .text(
                """
                // Nobody reads translated package descriptions in a container.
                Acquire::Languages "none";

                """)),
        RecipePath(
            "/etc/apt/apt.conf.d/docker-autoremove-suggests",
            .text(
                """
                // "apt-get purge --auto-remove" removes what only a suggestion kept.
                Apt::AutoRemove::SuggestsImportant "false";

                """)),
    ]
}
