package import OCI

/// The packages of a base, down to their bytes: what `distill base lock` writes.
///
/// It names no mirror. The same recipe and lock give the same image wherever the packages can be had.
package struct PackageLock: Hashable, Sendable {
    static let version: Int64 = 1

    /// The recipe's file, as seen from the lock's directory, or its name in the catalog.
    package var recipe: String
    package var suite: String
    /// Seconds since 1970 of the youngest suite: the time of the image.
    package var date: Int64
    /// The suites that were read, and the dates of their Release files.
    package var releases: [Release]
    /// By Debian's name of the architecture.
    package var packages: [String: [Package]]

    package struct Release: Hashable, Sendable {
        package let suite: String
        /// RFC 3339.
        package let date: String
    }

    package struct Package: Hashable, Sendable {
        package let name: String
        package let version: String
        package let architecture: String
        package let digest: Digest
        /// Bytes.
        package let size: Int64
        /// Below the archive's URI.
        package let filename: String
        package let suite: String
        /// The fields that decide in which order packages are unpacked.
        let replaces: String
        let multiArch: String

        package var label: String { "\(name)=\(version)" }
    }

    /// A change between two locks.
    package struct Change: Hashable, Sendable {
        package let name: String
        package let architecture: String
        /// Nil for a package that is new.
        package let old: String?
        /// Nil for a package that is gone.
        package let new: String?
        /// Where the new version is.
        package let suite: String
    }

    /// What another lock of the same recipe has in place of this one's packages; sorted by name.
    package func changes(to other: PackageLock) -> [Change] {
        var result: [Change] = []
        for architecture in Set(packages.keys).union(other.packages.keys).sorted() {
            func byName(_ lock: PackageLock) -> [String: Package] {
                Dictionary(
                    (lock.packages[architecture] ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            }
            let (old, new) = (byName(self), byName(other))
            for name in Set(old.keys).union(new.keys).sorted() where old[name]?.digest != new[name]?.digest {
                result.append(
                    Change(
                        name: name, architecture: architecture, old: old[name]?.version, new: new[name]?.version,
                        suite: new[name]?.suite ?? old[name]?.suite ?? ""))
            }
        }
        return result
    }
}

extension PackageLock {
    /// The lock's text.
    package var text: String {
        var architectures = JSONObject()
        for (name, list) in packages.sorted(by: { $0.key < $1.key }) { architectures[name] = .array(list.map(\.json)) }
        let releases = releases.map { JSON.object(["suite": .string($0.suite), "date": .string($0.date)]) }
        return JSON.object([
            "version": .integer(Self.version), "recipe": .string(recipe), "suite": .string(suite),
            "date": .integer(date),
            "releases": .array(releases), "packages": .object(architectures),
        ]).indentedText + "\n"
    }

    /// Reads a lock.
    ///
    /// - Throws: ``DebianError/invalidLock(member:)`` with the member that is missing or of another form.
    package init(parsing bytes: [UInt8]) throws(DebianError) {
        let json: JSON
        do { json = try JSON.parse(bytes) } catch { throw .invalidLock(member: "") }
        guard json["version"]?.integer == Self.version else { throw .invalidLock(member: "version") }
        guard let recipe = json["recipe"]?.string else { throw .invalidLock(member: "recipe") }
        guard let suite = json["suite"]?.string else { throw .invalidLock(member: "suite") }
        guard let date = json["date"]?.integer else { throw .invalidLock(member: "date") }
        (self.recipe, self.suite, self.date) = (recipe, suite, date)
        releases = (json["releases"]?.array ?? []).compactMap { item in
            guard let suite = item["suite"]?.string, let date = item["date"]?.string else { return nil }
            return Release(suite: suite, date: date)
        }
        packages = [:]
        for member in json["packages"]?.object?.members ?? [] {
            var list: [Package] = []
            for item in member.value.array ?? [] {
                guard let package = Package(item) else {
                    throw .invalidLock(member: "packages.\(member.key)[\(list.count)]")
                }
                list.append(package)
            }
            packages[member.key] = list
        }
        guard !packages.isEmpty else { throw .invalidLock(member: "packages") }
    }
}

extension PackageLock.Package {
    init(_ package: BinaryPackage, suite: String) {
        self.init(
            name: package.name, version: package.version.description, architecture: package.architecture,
            digest: package.digest, size: package.size, filename: package.filename, suite: suite,
            replaces: package.replaces.map(\.description).joined(separator: ", "), multiArch: package.multiArch.rawValue
        )
    }

    fileprivate init?(_ json: JSON) {
        guard let name = json["name"]?.string, let version = json["version"]?.string, Version(version) != nil,
            let architecture = json["architecture"]?.string, let hex = json["sha256"]?.string,
            let size = json["size"]?.integer, (0...DocumentLimit.blob).contains(size),
            let filename = json["filename"]?.string,
            !filename.hasPrefix("/"), !filename.split(separator: "/").contains(".."), let suite = json["suite"]?.string
        else { return nil }
        // Text that is no digest makes this no package.
        guard let digest = try? Digest(algorithm: .sha256, hex: hex) else { return nil }
        self.init(
            name: name, version: version, architecture: architecture, digest: digest, size: size, filename: filename,
            suite: suite, replaces: json["replaces"]?.string ?? "", multiArch: json["multi-arch"]?.string ?? "no")
    }

    fileprivate var json: JSON {
        var object: JSONObject = [
            "name": .string(name), "version": .string(version), "architecture": .string(architecture),
            "sha256": .string(digest.hex), "size": .integer(size), "filename": .string(filename),
            "suite": .string(suite),
        ]
        if !replaces.isEmpty { object["replaces"] = .string(replaces) }
        if multiArch != "no" { object["multi-arch"] = .string(multiArch) }
        return .object(object)
    }

    /// The package as an index would have it, without what only the resolver needs.
    ///
    /// - Parameter archive: its place among the archives.
    func binaryPackage(archive: Int) throws(DebianError) -> BinaryPackage {
        guard let version = Version(version) else { throw .invalidLock(member: name) }
        let relations: [Dependency]
        do { relations = try Dependency.parse(replaces, architecture: architecture) } catch {
            throw .invalidLock(member: name)
        }
        return BinaryPackage(
            id: archive, name: name, version: version, architecture: architecture, isEssential: false,
            priority: .optional,
            multiArch: .init(rawValue: multiArch) ?? .no, source: name, dependencies: [], provides: [], conflicts: [],
            replaces: relations.flatMap(\.alternatives), filename: filename, size: size, digest: digest,
            archive: archive)
    }
}
