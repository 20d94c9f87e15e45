internal import OCI

/// The packages of languages whose packages are directories or files.
extension PackageReader {
    mutating func readNode(_ bytes: [UInt8], _ path: [UInt8], _ layer: Int) {
        // A file that is no JSON describes no package.
        guard let json = try? JSON.parse(bytes), let name = json["name"]?.string, let version = json["version"]?.string
        else { return }
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        var package = PackageRecord(.node, parts.last ?? name, version, origin: path)
        if parts.count == 2 { package.namespace = parts[0] }
        package.layer = layer
        let names = json["dependencies"]?.object?.members.map(\.key) ?? []
        package.needs = names.map { .init(kind: .required, alternatives: [$0]) }
        let place = add(package)
        claimDirectory(Self.parent(path), for: place)
    }

    /// npm's own list of what it installed: `dev: true` for what only development needs.
    mutating func readNodeLock(_ bytes: [UInt8], _ path: [UInt8]) {
        // As above.
        guard let json = try? JSON.parse(bytes), let members = json["packages"]?.object?.members else { return }
        let modules = Self.parent(path)
        let root = Self.parent(modules)
        for member in members where member.value["dev"]?.bool == true {
            let place = (root.isEmpty ? [] : root + [UInt8(ascii: "/")]) + Array(member.key.utf8)
            if let package = directories[place] { update(package) { $0.isForDevelopment = true } }
        }
    }

    /// `NAME-VERSION.gemspec`; the gem's files are in `gems/NAME-VERSION` beside `specifications`.
    mutating func readGem(_ bytes: [UInt8], _ path: [UInt8], _ layer: Int) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return }
        let file = String(decoding: path[(slash + 1)...].dropLast(".gemspec".utf8.count), as: UTF8.self)
        guard let name = Self.assigned("s.name", in: text) ?? Self.split(file)?.name,
            let version = Self.split(file)?.version ?? Self.assigned("s.version", in: text)
        else { return }
        var package = PackageRecord(.ruby, name, version, origin: path)
        package.layer = layer
        package.needs = Self.gemNeeds(text).map { .init(kind: .required, alternatives: [$0]) }
        let place = add(package)
        claim(path, for: place)
        var home = Self.parent(path)
        if home.suffix(8).elementsEqual("/default".utf8) { home = Self.parent(home) }
        let root = Self.parent(home)
        for folder in ["gems/\(file)", "doc/\(file)"] { claimDirectory(root + Array("/\(folder)".utf8), for: place) }
        claim(root + Array("/cache/\(file).gem".utf8), for: place)
    }

    /// The text between quotes behind `NAME =`.
    private static func assigned(_ name: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            guard line.hasPrefix(name + " =") else { continue }
            let rest = line.drop { $0 != "\"" && $0 != "'" }.dropFirst()
            return String(rest.prefix { $0 != "\"" && $0 != "'" })
        }
        return nil
    }

    private static func gemNeeds(_ text: String) -> [String] {
        var result: [String] = []
        for line in text.split(separator: "\n")
        where line.contains("add_runtime_dependency(") || line.contains("add_dependency(") {
            let rest = line.drop { $0 != "<" && $0 != "\"" && $0 != "'" && $0 != "q" }.drop { "%q<\"'".contains($0) }
            let name = rest.prefix { !">\"'".contains($0) }
            if !name.isEmpty, !result.contains(String(name)) { result.append(String(name)) }
        }
        return result
    }

    /// `rack-2.2.4` in its two parts: the version begins behind the last dash before a digit.
    private static func split(_ file: String) -> (name: String, version: String)? {
        let parts = file.split(separator: "-").map(String.init)
        guard let place = parts.lastIndex(where: { $0.first?.isNumber == true }), place > 0 else { return nil }
        return (parts[..<place].joined(separator: "-"), parts[place...].joined(separator: "-"))
    }

    /// Composer's list of a `vendor` directory, with the names of what only development needs.
    mutating func readComposer(_ bytes: [UInt8], _ path: [UInt8], _ layer: Int) {
        // As above.
        guard let json = try? JSON.parse(bytes) else { return }
        let development = Set(json["dev-package-names"]?.strings ?? [])
        let vendor = Self.parent(Self.parent(path))
        for item in json["packages"]?.array ?? json.array ?? [] {
            guard let name = item["name"]?.string, let version = item["version"]?.string else { continue }
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            var package = PackageRecord(.php, parts.last ?? name, version, origin: path)
            if parts.count == 2 { package.namespace = parts[0] }
            package.layer = layer
            package.isForDevelopment = development.contains(name)
            let needs = item["require"]?.object?.members.map(\.key).filter { $0.contains("/") } ?? []
            package.needs = needs.map { .init(kind: .required, alternatives: [$0]) }
            let place = add(package)
            let folder = item["install-path"]?.string.flatMap {
                ImagePath(Self.parent(path) + [UInt8(ascii: "/")] + Array($0.utf8))?.relativeBytes
            }
            claimDirectory(folder ?? vendor + Array("/\(name)".utf8), for: place)
        }
    }

    /// Archives of Java and programs of Go, as ``EvidenceCollector`` wrote down what is in them.
    mutating func readBinary(_ bytes: [UInt8], _ path: [UInt8], _ layer: Int) {
        let lines = DatabaseText.lines(bytes).map { String(decoding: $0, as: UTF8.self) }
        guard let kind = lines.first else { return }
        var isFirst = true
        for line in lines.dropFirst() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            var package: PackageRecord
            if kind == "jar", fields.count == 3 {
                package = PackageRecord(.java, fields[1].isEmpty ? Self.stem(path) : fields[1], fields[2], origin: path)
                if !fields[0].isEmpty { package.namespace = fields[0] }
            } else if kind == "go", fields.count == 2 {
                package = PackageRecord(.go, fields[0], fields[1], origin: path)
                // The release of Go is in every program; the program's own module stands first among the modules.
                if fields[0] == "stdlib" {
                    package.layer = layer
                    _ = add(package)
                    continue
                }
            } else {
                continue
            }
            package.layer = layer
            let place = add(package)
            if isFirst { claim(path, for: place) }
            isFirst = false
        }
    }

    private static func stem(_ path: [UInt8]) -> String {
        let name = path[((path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...]
        return String(decoding: name.dropLast(4), as: UTF8.self)
    }
}
