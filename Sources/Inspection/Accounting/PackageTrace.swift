/// Which kind of description of packages a file is, by its path alone.
package enum PackageTrace: Hashable, Sendable {
    /// dpkg's database, all packages in one file.
    case dpkgStatus
    /// One package of a composed base.
    case dpkgStatusPart
    /// The paths of a package: `info/NAME.list`.
    case dpkgList
    /// The digests of a package of a composed base: `status.d/NAME.md5sums`.
    case dpkgDigests
    case dpkgDiversions
    /// Which packages apt installed for the sake of others.
    case aptStates
    case apkInstalled
    /// What somebody asked apk for.
    case apkWorld
    /// METADATA of a Python distribution.
    case pythonMetadata
    /// Its RECORD: paths, digests, sizes (PEP 376).
    case pythonRecord
    /// An empty file for one that somebody asked for (PEP 376).
    case pythonRequested
    case nodePackage
    /// `node_modules/.package-lock.json`: which packages are for development alone.
    case nodeLock
    case gemSpecification
    case composerInstalled
    case osRelease
    /// rpm's database in the form of SQLite.
    case rpmDatabase

    package init?(_ path: [UInt8]) {
        let text = String(decoding: path, as: UTF8.self)
        if let fixed = Self.fixed[text] {
            self = fixed
        } else if let found = Self.byPlace(text) {
            self = found
        } else {
            return nil
        }
    }

    private static let fixed: [String: PackageTrace] = [
        "var/lib/dpkg/status": .dpkgStatus, "var/lib/dpkg/diversions": .dpkgDiversions,
        "var/lib/apt/extended_states": .aptStates,
        "lib/apk/db/installed": .apkInstalled, "usr/lib/apk/db/installed": .apkInstalled, "etc/apk/world": .apkWorld,
        "var/lib/rpm/rpmdb.sqlite": .rpmDatabase, "usr/lib/sysimage/rpm/rpmdb.sqlite": .rpmDatabase,
        "etc/os-release": .osRelease, "usr/lib/os-release": .osRelease,
    ]

    private static func byPlace(_ path: String) -> PackageTrace? {
        if path.hasPrefix("var/lib/dpkg/info/") { return path.hasSuffix(".list") ? .dpkgList : nil }
        if path.hasPrefix("var/lib/dpkg/status.d/") {
            return path.hasSuffix(".md5sums") ? .dpkgDigests : .dpkgStatusPart
        }
        if path.hasSuffix(".dist-info/METADATA") || path.hasSuffix(".egg-info/PKG-INFO") { return .pythonMetadata }
        if path.hasSuffix(".egg-info") { return .pythonMetadata }
        if path.hasSuffix(".dist-info/RECORD") || path.hasSuffix(".egg-info/installed-files.txt") {
            return .pythonRecord
        }
        if path.hasSuffix(".dist-info/REQUESTED") { return .pythonRequested }
        if path.hasSuffix("node_modules/.package-lock.json") { return .nodeLock }
        if path.hasSuffix("/package.json") { return nodePackage(path) }
        if path.hasSuffix(".gemspec"), path.contains("/specifications/") { return .gemSpecification }
        if path.hasSuffix("vendor/composer/installed.json") { return .composerInstalled }
        return nil
    }

    /// `…/node_modules/name/package.json` or `…/node_modules/@scope/name/package.json`.
    private static func nodePackage(_ path: String) -> PackageTrace? {
        let parts = path.split(separator: "/").dropLast()
        if parts.dropLast().last == "node_modules" { return .nodePackage }
        let scope = parts.dropLast().last
        return scope?.hasPrefix("@") == true && parts.dropLast(2).last == "node_modules" ? .nodePackage : nil
    }

    /// Whether a file's name is that of a Java archive.
    static func isArchive(_ name: ArraySlice<UInt8>) -> Bool {
        guard name.count > 4 else { return false }
        let end = String(decoding: name.suffix(4), as: UTF8.self)
        return end == ".jar" || end == ".war" || end == ".ear"
    }
}
