internal import OCI

/// Reads every description of packages that a process sees in an image: the packages, and who owns which path.
struct PackageReader {
    let account: ImageAccount
    private(set) var packages: [PackageRecord] = []
    /// Claims of paths, in the order in which they count: the first has it.
    private(set) var claims: [(path: [UInt8], package: Int)] = []
    /// Claims of directories with all that is in them.
    private(set) var directories: [[UInt8]: Int] = [:]
    private(set) var distribution = (id: "debian", version: "")
    /// Evidence by what it is, in the order of paths.
    private var found: [(trace: PackageTrace?, path: [UInt8], layer: Int, bytes: [UInt8])] = []
    private var debians: [String: Int] = [:]
    private var distributions: [[UInt8]: Int] = [:]
    private var diversions: [[UInt8]: (target: [UInt8], owner: String)] = [:]

    init(_ account: ImageAccount) {
        self.account = account
        collect()
    }

    private mutating func collect() {
        for visible in account.visible {
            guard let bytes = account.evidence(visible) else { continue }
            found.append((PackageTrace(visible.path), visible.path, visible.layer, bytes))
        }
    }

    mutating func read() {
        for item in found where item.trace == .osRelease { readRelease(item.bytes) }
        for item in found where item.trace == .dpkgDiversions { readDiversions(item.bytes) }
        for item in found where item.trace == .dpkgStatus || item.trace == .dpkgStatusPart {
            readDebian(item.bytes, item.path, item.layer, isPart: item.trace == .dpkgStatusPart)
        }
        for item in found where item.trace == .dpkgList || item.trace == .dpkgDigests {
            readDebianPaths(item.bytes, item.path, item.trace)
        }
        for item in found where item.trace == .aptStates { readStates(item.bytes) }
        for item in found where item.trace == .apkInstalled { readAlpine(item.bytes, item.path, item.layer) }
        for item in found where item.trace == .rpmDatabase { readRPM(item.bytes, item.path, item.layer) }
        for item in found where item.trace == .apkWorld { readWorld(item.bytes) }
        for item in found where item.trace == .pythonMetadata { readPython(item.bytes, item.path, item.layer) }
        for item in found where item.trace == .pythonRecord { readPythonRecord(item.bytes, item.path) }
        for item in found where item.trace == .pythonRequested {
            if let package = distributions[Self.parent(item.path)] { packages[package].isRequested = true }
        }
        for item in found where item.trace == .nodePackage { readNode(item.bytes, item.path, item.layer) }
        for item in found where item.trace == .nodeLock { readNodeLock(item.bytes, item.path) }
        for item in found where item.trace == .gemSpecification { readGem(item.bytes, item.path, item.layer) }
        for item in found where item.trace == .composerInstalled { readComposer(item.bytes, item.path, item.layer) }
        for item in found where item.trace == nil { readBinary(item.bytes, item.path, item.layer) }
    }

    static func parent(_ path: [UInt8]) -> [UInt8] {
        path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[..<$0]) } ?? []
    }

    mutating func add(_ package: PackageRecord) -> Int {
        packages.append(package)
        return packages.count - 1
    }

    mutating func claim(_ path: [UInt8], for package: Int) { claims.append((path, package)) }

    mutating func claimDirectory(_ path: [UInt8], for package: Int) {
        if directories[path] == nil { directories[path] = package }
    }

    mutating func update(_ package: Int, _ change: (inout PackageRecord) -> Void) { change(&packages[package]) }

    private mutating func readRelease(_ bytes: [UInt8]) {
        for line in DatabaseText.lines(bytes).map({ String(decoding: $0, as: UTF8.self) }) {
            let value = line.split(separator: "=", maxSplits: 1).last.map { $0.filter { $0 != "\"" } } ?? ""
            if line.hasPrefix("ID=") { distribution.id = value }
            if line.hasPrefix("VERSION_ID=") { distribution.version = value }
        }
    }

    // MARK: Debian

    /// Three lines each: the diverted path, where it went, and who asked (dpkg-divert(1)).
    private mutating func readDiversions(_ bytes: [UInt8]) {
        let lines = DatabaseText.lines(bytes)
        for index in stride(from: 0, to: lines.count - 2, by: 3) {
            guard let from = DatabaseText.path(lines[index]), let target = DatabaseText.path(lines[index + 1]) else {
                continue
            }
            diversions[from] = (target, String(decoding: lines[index + 2], as: UTF8.self))
        }
    }

    private mutating func readDebian(_ bytes: [UInt8], _ path: [UInt8], _ layer: Int, isPart: Bool) {
        DatabaseText.forEachParagraph(bytes) { fields in
            guard let name = fields["package"], let version = fields["version"] else { return }
            if !isPart, fields["status"]?.hasSuffix(" installed") != true { return }
            var package = PackageRecord(.debian, name, version, origin: path)
            package.namespace = distribution.id
            package.release = distribution.version
            package.architecture = fields["architecture"]
            package.layer = layer
            for field in ["pre-depends", "depends"] {
                package.needs += DatabaseText.alternatives(fields[field] ?? "").map {
                    .init(kind: .required, alternatives: $0)
                }
            }
            package.needs += DatabaseText.alternatives(fields["recommends"] ?? "").map {
                .init(kind: .recommended, alternatives: $0)
            }
            package.provides = DatabaseText.alternatives(fields["provides"] ?? "").flatMap { $0 }
            let place = add(package)
            debians[name] = debians[name] ?? place
            if let architecture = package.architecture { debians["\(name):\(architecture)"] = place }
            if isPart { claim(path, for: place) }
            for line in (fields["conffiles"] ?? "").split(separator: "\n") {
                guard let file = line.split(separator: " ").first, let path = DatabaseText.path(file.utf8) else {
                    continue
                }
                claim(path, for: place)
            }
        }
    }

    private mutating func readDebianPaths(_ bytes: [UInt8], _ path: [UInt8], _ trace: PackageTrace?) {
        let file = String(decoding: path[(path.lastIndex(of: UInt8(ascii: "/")) ?? 0)...].dropFirst(), as: UTF8.self)
        let name = file.split(separator: ".").dropLast().joined(separator: ".")
        guard let package = debians[name] ?? debians[String(name.prefix { $0 != ":" })] else { return }
        claim(path, for: package)
        for line in DatabaseText.lines(bytes) {
            // In lists of digests the path follows 32 digits and two spaces.
            guard let path = DatabaseText.path(trace == .dpkgDigests ? line.dropFirst(34) : line) else { continue }
            if let diversion = diversions[path], diversion.owner != name {
                claim(diversion.target, for: package)
            } else {
                claim(path, for: package)
            }
        }
    }

    private mutating func readStates(_ bytes: [UInt8]) {
        for package in packages.indices
        where packages[package].ecosystem == .debian && packages[package].isRequested == nil {
            packages[package].isRequested = true
        }
        DatabaseText.forEachParagraph(bytes) { fields in
            guard let name = fields["package"], fields["auto-installed"] == "1" else { return }
            let known = fields["architecture"].flatMap { debians["\(name):\($0)"] } ?? debians[name]
            if let known { packages[known].isRequested = false }
        }
    }

    /// The Debian package of a name.
    func debian(_ name: String) -> Int? { debians[name] }

    // MARK: Alpine

    /// `P:`, `V:`, `A:`, `D:`, `p:` of each package, then `F:` directories and `R:` files (apk-tools, "installed database").
    private mutating func readAlpine(_ bytes: [UInt8], _ path: [UInt8], _ layer: Int) {
        var (current, folder): (Int?, [UInt8]) = (nil, [])
        var name = ""
        for line in DatabaseText.lines(bytes) where line.count > 2 && line[line.startIndex + 1] == UInt8(ascii: ":") {
            let value = line.dropFirst(2)
            let text = String(decoding: value, as: UTF8.self)
            switch line[line.startIndex] {
            case UInt8(ascii: "P"): name = text
            case UInt8(ascii: "V"):
                var package = PackageRecord(.alpine, name, text, origin: path)
                (package.namespace, package.release, package.layer) = (distribution.id, distribution.version, layer)
                current = add(package)
            case UInt8(ascii: "A"): if let current { packages[current].architecture = text }
            case UInt8(ascii: "D"):
                let names = text.split(separator: " ").filter { !$0.hasPrefix("!") }.map { Self.alpineName($0) }
                if let current { packages[current].needs = names.map { .init(kind: .required, alternatives: [$0]) } }
            case UInt8(ascii: "p"):
                if let current { packages[current].provides = text.split(separator: " ").map { Self.alpineName($0) } }
            case UInt8(ascii: "F"): folder = Array(value)
            case UInt8(ascii: "R"):
                if let current { claim((folder.isEmpty ? [] : folder + [UInt8(ascii: "/")]) + value, for: current) }
            default: break
            }
        }
    }

    private static func alpineName(_ text: Substring) -> String { String(text.prefix { !"<>=~@".contains($0) }) }

    private mutating func readWorld(_ bytes: [UInt8]) {
        let world = Set(
            String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map { Self.alpineName($0) })
        for place in packages.indices where packages[place].ecosystem == .alpine {
            packages[place].isRequested = world.contains(packages[place].name)
        }
    }

    // MARK: Python

    private mutating func readPython(_ bytes: [UInt8], _ path: [UInt8], _ layer: Int) {
        // The description follows the first empty line, and several fields stand more than once.
        var (name, version, needs): (String?, String?, [String]) = (nil, nil, [])
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let text = String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            if text.isEmpty { break }
            if name == nil, text.hasPrefix("Name: ") { name = String(text.dropFirst(6)) }
            if version == nil, text.hasPrefix("Version: ") { version = String(text.dropFirst(9)) }
            // What only an extra asks for may be there or not.
            if text.hasPrefix("Requires-Dist: "), !text.contains("extra ==") {
                needs.append(Self.requirement(text.dropFirst(15)))
            }
        }
        guard let name, let version else { return }
        var package = PackageRecord(.python, DatabaseText.pythonName(name), version, origin: path)
        package.layer = layer
        package.needs = needs.map { .init(kind: .required, alternatives: [$0]) }
        let place = add(package)
        claim(path, for: place)
        let folder = Self.parent(path)
        if folder.last == UInt8(ascii: "o"), folder.suffix(5).elementsEqual("-info".utf8) {
            distributions[folder] = distributions[folder] ?? place
            claimDirectory(folder, for: place)
        }
    }

    /// The name of a requirement (PEP 508).
    private static func requirement(_ text: Substring) -> String {
        DatabaseText.pythonName(text.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) })
    }

    private mutating func readPythonRecord(_ bytes: [UInt8], _ path: [UInt8]) {
        let folder = Self.parent(path)
        guard let package = distributions[folder] else { return }
        let isRecord = path.suffix(6).elementsEqual("RECORD".utf8)
        // Of an egg the paths count from the directory of the list.
        let base = isRecord ? Self.parent(folder) : folder
        for line in DatabaseText.lines(bytes) {
            let name = isRecord ? Self.firstField(line) : Array(line)
            guard let name,
                let found = ImagePath(name.first == UInt8(ascii: "/") ? name : base + [UInt8(ascii: "/")] + name)
            else { continue }
            claim(found.relativeBytes, for: package)
        }
    }

    /// The first field of a line of comma-separated values (RFC 4180).
    private static func firstField(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        guard line.first == UInt8(ascii: "\"") else {
            let field = line.prefix { $0 != UInt8(ascii: ",") }
            return field.isEmpty ? nil : Array(field)
        }
        var result: [UInt8] = []
        var rest = line.dropFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") {
                guard rest.first == byte else { return result }
                rest = rest.dropFirst()
            }
            result.append(byte)
        }
        return result
    }
}
