internal import OCI

/// Finds packages in a tree.
struct InventoryReader {
    /// Bytes of one file that describes packages.
    private static let fileLimit = 32 << 20
    /// Bytes of one file of a jar that names it.
    private static let propertiesLimit = 1 << 20
    /// Names in a jar of jars that are told of.
    private static let propertiesCount = 1000
    /// Directories in directories, deeper than which nothing is looked for.
    private static let depthLimit = 64

    let tree: ImageTree
    var components: [Inventory.Component] = []
    private var distribution: (name: String, version: String) = ("debian", "")

    init(tree: ImageTree) { self.tree = tree }

    // MARK: Debian

    mutating func readDebian() throws {
        for line in try lines(of: "/etc/os-release") {
            let value = line.split(separator: "=", maxSplits: 1).last.map { $0.filter { $0 != "\"" } } ?? ""
            if line.hasPrefix("ID=") { distribution.name = value }
            if line.hasPrefix("VERSION_ID=") { distribution.version = value }
        }
        if let node = try tree.lookUp("/var/lib/dpkg/status"), node.size != nil {
            try readStatus(node, needsStatus: true)
        }
        guard let directory = try tree.lookUp("/var/lib/dpkg/status.d"), directory.isDirectory else { return }
        for node in try tree.children(of: directory)
        where node.size != nil && node.path.name?.ends(with: ".md5sums") == false {
            try readStatus(node, needsStatus: false)
        }
    }

    private func lines(of path: String) throws -> [String] {
        try tree.contents(of: path).map {
            String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        } ?? []
    }

    private mutating func readStatus(_ node: ImageTree.Node, needsStatus: Bool) throws {
        var paragraphs = Paragraphs(try tree.read(node, limit: Self.fileLimit))
        while let fields = paragraphs.next() {
            guard let name = fields["package"], let version = fields["version"] else { continue }
            if needsStatus, fields["status"]?.hasSuffix(" installed") != true { continue }
            var component = Inventory.Component(.debian, name, version, origin: node.path)
            component.namespace = distribution.name
            component.supplier = fields["maintainer"]
            if let architecture = fields["architecture"] { component.qualifiers.append(("arch", architecture)) }
            if !distribution.version.isEmpty {
                component.qualifiers.append(("distro", "\(distribution.name)-\(distribution.version)"))
            }
            components.append(component)
        }
    }

    /// The fields of each paragraph by their names in small letters, first lines only (deb822(5)); one paragraph at a time,
    /// for a file may have millions.
    struct Paragraphs: IteratorProtocol {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        mutating func next() -> [String: String]? {
            var fields: [String: String] = [:]
            while !rest.isEmpty {
                let line = rest.prefix { $0 != 0x0A }
                rest = rest[line.endIndex...].dropFirst()
                guard !Self.add(line.last == 0x0D ? line.dropLast() : line, to: &fields) else { continue }
                if !fields.isEmpty { return fields }
            }
            return fields.isEmpty ? nil : fields
        }

        /// - Returns: whether the line belongs to a paragraph.
        private static func add(_ line: ArraySlice<UInt8>, to fields: inout [String: String]) -> Bool {
            guard let first = line.first else { return false }
            guard first != 0x20, first != 0x09, let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
            let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            fields[String(decoding: line[..<colon], as: UTF8.self).lowercased()] = String(
                decoding: value, as: UTF8.self)
            return true
        }
    }

    /// The fields of the first paragraph.
    private static func firstParagraph(_ bytes: [UInt8]) -> [String: String]? {
        var paragraphs = Paragraphs(bytes)
        return paragraphs.next()
    }

    // MARK: Everything else

    mutating func walk() throws {
        guard let root = try tree.lookUp("/") else { return }
        var stack = [(node: root, depth: 0)]
        while let (directory, depth) = stack.popLast() {
            for node in try tree.children(of: directory) {
                if node.isDirectory {
                    if depth < Self.depthLimit, !Self.isPseudo(node.path) { stack.append((node, depth + 1)) }
                } else if node.size != nil {
                    try look(at: node)
                }
            }
        }
    }

    /// File systems of the kernel, which no image fills.
    private static func isPseudo(_ path: ImagePath) -> Bool {
        path.components.count == 1 && ["proc", "sys", "dev"].contains { path.name?.elementsEqual($0.utf8) ?? false }
    }

    private mutating func look(at node: ImageTree.Node) throws {
        let components = node.path.components
        guard let name = components.last, let size = node.size else { return }
        let parent = components.dropLast().last ?? []
        if name.elementsEqual("METADATA".utf8), parent.ends(with: ".dist-info") { return try readPython(node) }
        if name.elementsEqual("PKG-INFO".utf8), parent.ends(with: ".egg-info") { return try readPython(node) }
        if name.ends(with: ".egg-info") { return try readPython(node) }
        if name.elementsEqual("package.json".utf8), Self.isNodePackage(components) { return try readNode(node) }
        if name.ends(with: ".jar") || name.ends(with: ".war") || name.ends(with: ".ear") { return try readJava(node) }
        if node.isExecutable, size > 64, try tree.read(node, at: 0, count: 4) == Elf.magic { try readGo(node) }
    }

    private mutating func readPython(_ node: ImageTree.Node) throws {
        // The description follows the first empty line.
        guard let fields = Self.firstParagraph(try tree.read(node, limit: 1 << 20)), let name = fields["name"],
            let version = fields["version"]
        else { return }
        // Names are compared in small letters, with one kind of separator (PEP 503).
        let normal = name.lowercased().split(whereSeparator: { "-_.".contains($0) }).joined(separator: "-")
        var component = Inventory.Component(.python, normal, version, origin: node.path)
        component.supplier = fields["author"] ?? fields["author-email"]
        component.license = fields["license-expression"]
        components.append(component)
    }

    /// `…/node_modules/name/package.json` or `…/node_modules/@scope/name/package.json`.
    private static func isNodePackage(_ components: [[UInt8]]) -> Bool {
        let modules = Array("node_modules".utf8)
        let parents = components.dropLast()
        guard parents.count >= 2 else { return false }
        if parents[parents.endIndex - 2] == modules { return true }
        return parents.count >= 3 && parents[parents.endIndex - 3] == modules
            && parents[parents.endIndex - 2].first == UInt8(ascii: "@")
    }

    private mutating func readNode(_ node: ImageTree.Node) throws {
        // A file that is no JSON describes no package.
        guard let json = try? JSON.parse(try tree.read(node, limit: 1 << 20)), let name = json["name"]?.string,
            let version = json["version"]?.string
        else { return }
        let parts = name.split(separator: "/").map(String.init)
        var component = Inventory.Component(.node, parts.last ?? name, version, origin: node.path)
        if parts.count == 2 { component.namespace = parts[0] }
        component.license = json["license"]?.string
        components.append(component)
    }

    private mutating func readJava(_ node: ImageTree.Node) throws {
        let tree = tree
        guard let size = node.size, let jar = try ZipReader(size: size, { try tree.read(node, at: $0, count: $1) })
        else { return }
        var found = false
        let names = jar.members.keys.filter { $0.hasPrefix("META-INF/maven/") && $0.hasSuffix("/pom.properties") }
            .sorted()
        for name in names.prefix(Self.propertiesCount) {
            guard let bytes = try jar.contents(of: name, limit: Self.propertiesLimit) else { continue }
            var values: [String: String] = [:]
            for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            where !line.hasPrefix("#") {
                let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
                if parts.count == 2 { values[parts[0]] = parts[1] }
            }
            guard let artifact = values["artifactId"], let version = values["version"] else { continue }
            var component = Inventory.Component(.java, artifact, version, origin: node.path)
            component.namespace = values["groupId"]
            components.append(component)
            found = true
        }
        guard !found, let manifest = try jar.contents(of: "META-INF/MANIFEST.MF"),
            let fields = Self.firstParagraph(manifest)
        else { return }
        let file = String(decoding: node.path.name?.dropLast(4) ?? [], as: UTF8.self)
        let title =
            fields["bundle-symbolicname"].map { String($0.prefix { $0 != ";" }) } ?? fields["implementation-title"]
            ?? file
        guard let version = fields["implementation-version"] ?? fields["bundle-version"] else { return }
        var component = Inventory.Component(.java, title, version, origin: node.path)
        component.namespace = fields["implementation-vendor-id"]
        components.append(component)
    }

    private mutating func readGo(_ node: ImageTree.Node) throws {
        guard let elf = try tree.elf(node), let section = elf.sections.first(where: { $0.name == ".go.buildinfo" }),
            let build = GoBuildInfo(try tree.read(node, at: section.offset, count: Int(min(section.size, 8 << 20))))
        else { return }
        components.append(Inventory.Component(.go, "stdlib", build.version, origin: node.path))
        for module in build.modules {
            components.append(Inventory.Component(.go, module.path, module.version, origin: node.path))
        }
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
