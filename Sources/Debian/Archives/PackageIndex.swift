internal import OCI

/// The binary packages of several archives, kept as the bytes that matter and read one at a time when they are asked
/// for.
///
/// An index of 63,000 packages is 50 MB of text; the resolver looks at some hundreds of them.
package struct PackageIndex: Sendable {
    package let architecture: String

    /// The kept fields of all packages: for each a field's number, four bytes of length, and the value.
    var bytes: [UInt8] = []
    var entries: [Entry] = []
    /// By name, in the order of the archives.
    var byName: [String: [Int32]] = [:]
    var providers: [String: [Int32]] = [:]

    struct Entry: Sendable {
        let start: Int
        let end: Int
        let archive: Int32
        let isEssential: Bool
        let isRequired: Bool
    }

    package init(architecture: String) { self.architecture = architecture }

    package var count: Int { entries.count }

    /// All versions of a package, the latest first; archives that were read earlier first among equals.
    package func packages(named name: String) -> [BinaryPackage] {
        let all = (byName[name] ?? []).compactMap { package(Int($0)) }
        return all.count < 2
            ? all
            : all.enumerated().sorted { ($1.element.version, $0.offset) < ($0.element.version, $1.offset) }.map(
                \.element)
    }

    /// Packages that provide a name, in every version.
    func packages(providing name: String) -> [BinaryPackage] { (providers[name] ?? []).compactMap { package(Int($0)) } }

    /// Names of the packages that are essential, or of priority `required`, in their latest version; sorted.
    package func namesOfMinimalSystem() -> [String] {
        var names: Set<String> = []
        for (index, entry) in entries.enumerated() where entry.isEssential || entry.isRequired {
            if let name = value(.package, of: index) { names.insert(name) }
        }
        return names.filter { name in
            guard let latest = packages(named: name).first else { return false }
            return latest.isEssential || latest.priority == .required
        }.sorted()
    }

    /// Reads a package; nil if its paragraph lacks what a package must have.
    package func package(_ id: Int) -> BinaryPackage? {
        guard entries.indices.contains(id) else { return nil }
        let fields = Dictionary(values(of: id), uniquingKeysWith: { first, _ in first })
        guard let name = fields[.package], let version = fields[.version].flatMap({ Version($0) }),
            let filename = fields[.filename], let size = fields[.size].flatMap({ Int64($0) }),
            (0...DocumentLimit.blob).contains(size),
            let hex = fields[.sha256]
        else { return nil }
        // A package without a usable digest cannot be checked, so it does not exist for us; the same goes for one whose
        // relations cannot be read.
        guard let digest = try? Digest(algorithm: .sha256, hex: hex) else { return nil }
        func relations(_ field: Field) throws(DependencyError) -> [Dependency] {
            guard let text = fields[field] else { return [] }
            return try Dependency.parse(text, architecture: architecture)
        }
        do {
            return BinaryPackage(
                id: id, name: name, version: version, architecture: fields[.architecture] ?? architecture,
                isEssential: fields[.essential] == "yes", priority: .init(fields[.priority]),
                multiArch: fields[.multiArch].flatMap(BinaryPackage.MultiArch.init) ?? .no,
                source: fields[.source].map { String($0.prefix { $0 != " " }) } ?? name,
                dependencies: try relations(.preDepends) + relations(.depends),
                provides: try relations(.provides).flatMap(\.alternatives),
                conflicts: try relations(.conflicts).flatMap(\.alternatives)
                    + relations(.breaks).flatMap(\.alternatives),
                replaces: try relations(.replaces).flatMap(\.alternatives), filename: filename, size: size,
                digest: digest,
                archive: Int(entries[id].archive))
        } catch { return nil }
    }
}
