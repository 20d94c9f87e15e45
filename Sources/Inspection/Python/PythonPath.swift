internal import OCI

/// Where a Python interpreter finds modules: `sys.path` as getpath.py and site.py of CPython make it.
struct PythonPath {
    /// Lines of `.pth` files, more than which nobody has.
    private static let lineLimit = 1000

    let tree: ImageTree
    /// In order; the directory of the script is not among them.
    var directories: [ImagePath] = []
    /// The interpreter's own library; nil where the image has none.
    private(set) var library: ImagePath?
    /// `3.11`.
    let version: String
    /// Packages that finders of editable installations know, and where they are.
    private(set) var mapped: [String: ImagePath] = [:]
    /// Whether a `.pth` file's program may find modules that nobody else does.
    private(set) var isComputed = false

    struct Options {
        var ignoresEnvironment = false
        var ignoresUserSite = false
        var ignoresSite = false
        var isSafe = false
    }

    /// - Parameters:
    ///   - name: the path by which it is started, which finds a virtual environment.
    ///   - interpreter: the real file: `/usr/bin/python3.11`.
    init?(_ tree: ImageTree, name: ImagePath, interpreter: ImagePath, _ process: ProcessState, _ options: Options)
        throws
    {
        self.tree = tree
        let configuration = try Self.configuration(tree, name)
        let home = configuration?.home ?? interpreter.parent
        guard let version = try Self.version(tree, interpreter, home.parent) else { return nil }
        self.version = version
        if !options.ignoresEnvironment {
            directories += process.paths("PYTHONPATH").compactMap { process.directory.resolving($0) }
            // Modules in an archive are not looked for.
            for directory in directories where try tree.lookUp(directory)?.size != nil { isComputed = true }
        }
        let fixed =
            options.ignoresEnvironment
            ? nil : process.environment["PYTHONHOME"].flatMap { $0.isEmpty ? nil : process.directory.resolving($0) }
        let prefixes =
            fixed.map { [$0] } ?? [
                home.parent, interpreter.parent.parent, .root.appending(Array("usr".utf8)),
                .root.appending(Array("usr".utf8)).appending(Array("local".utf8)),
            ]
        var prefix: ImagePath?
        for candidate in prefixes where prefix == nil {
            guard let place = candidate.resolving("lib/python\(version)"), try isLibrary(place)
            else { continue }
            (prefix, library) = (candidate, place)
        }
        guard let prefix, let library else { return }
        directories += [library, library.appending(Array("lib-dynload".utf8))]
        guard !options.ignoresSite else { return }
        var sites: [ImagePath] = []
        if let configuration {
            sites.append(
                contentsOf: [configuration.root.resolving("lib/python\(version)/site-packages")].compactMap { $0 })
        }
        if configuration?.usesSystem ?? true {
            let base =
                process.environment["PYTHONUSERBASE"] ?? process.environment["HOME"].map { $0 + "/.local" }
            let user = base.flatMap { ImagePath($0)?.resolving("lib/python\(version)/site-packages") }
            if let user, !options.ignoresUserSite, process.environment["PYTHONNOUSERSITE"] == nil {
                sites.insert(user, at: configuration == nil ? 0 : 1)
            }
            sites += try Self.systemSites(tree, prefix, library, version)
        }
        for site in sites { try add(site: site) }
    }

    /// Whether a directory is the standard library: the interpreter goes by one of its files (getpath.py).
    private func isLibrary(_ place: ImagePath) throws -> Bool {
        guard try tree.lookUp(place)?.isDirectory ?? false else { return false }
        for name in ["os.py", "os.pyc", "encodings"] {
            if let path = place.resolving(name), try tree.lookUp(path) != nil { return true }
        }
        return false
    }

    /// Debian's `site.py` knows other directories than the original.
    private static func systemSites(_ tree: ImageTree, _ prefix: ImagePath, _ library: ImagePath, _ version: String)
        throws -> [ImagePath]
    {
        let text =
            try library.resolving("site.py").flatMap { try tree.lookUp($0) }.map { try tree.read($0, limit: 64 << 10) }
            ?? []
        let names =
            text.contains(text: "dist-packages")
            ? [
                "local/lib/python\(version)/dist-packages", "lib/python3/dist-packages",
                "lib/python\(version)/dist-packages",
            ]
            : ["lib/python\(version)/site-packages"]
        return names.compactMap { prefix.resolving($0) }
    }

    /// A `pyvenv.cfg` in the directory of the program, or above it.
    private static func configuration(_ tree: ImageTree, _ name: ImagePath) throws -> (
        root: ImagePath, home: ImagePath?, usesSystem: Bool
    )? {
        for root in [name.parent, name.parent.parent] {
            guard let node = try tree.lookUp(root.appending(Array("pyvenv.cfg".utf8))), node.size != nil else {
                continue
            }
            var home: ImagePath?
            // What the file does not say is true (site.py).
            var usesSystem = true
            for line in String(decoding: try tree.read(node, limit: 16 << 10), as: UTF8.self).split(
                whereSeparator: \.isNewline)
            {
                let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
                guard parts.count == 2 else { continue }
                if parts[0] == "home" { home = ImagePath(parts[1]) }
                if parts[0] == "include-system-site-packages" { usesSystem = parts[1].lowercased() == "true" }
            }
            // The library is in the virtual environment's own place where it is no link.
            return (name.parent.parent, home, usesSystem)
        }
        return nil
    }

    /// `3.11`, from the interpreter's name or its library's.
    private static func version(_ tree: ImageTree, _ interpreter: ImagePath, _ prefix: ImagePath) throws -> String? {
        let name = interpreter.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        if name.hasPrefix("python3."), name.dropFirst(8).allSatisfy(\.isNumber) { return String(name.dropFirst(6)) }
        guard let path = prefix.resolving("lib"), let node = try tree.lookUp(path) else { return nil }
        for child in try tree.children(of: node) where child.isDirectory {
            let name = child.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
            if name.hasPrefix("python3.") { return String(name.dropFirst(6)) }
        }
        return nil
    }

    // MARK: Sites

    /// Adds a directory and what its `.pth` files name (site.addsitedir).
    private mutating func add(site: ImagePath) throws {
        guard let node = try tree.lookUp(site), node.isDirectory, !directories.contains(site) else { return }
        directories.append(site)
        for file in try tree.children(of: node) where file.path.name?.suffix(4).elementsEqual(".pth".utf8) ?? false {
            guard let target = try tree.lookUp(file.path), target.size != nil else { continue }
            let lines = String(decoding: try tree.read(target, limit: 64 << 10), as: UTF8.self).split(
                whereSeparator: \.isNewline)
            for line in lines.prefix(Self.lineLimit) where !line.hasPrefix("#") {
                if line.hasPrefix("import ") || line.hasPrefix("import\t") {
                    try addProgram(String(line), site)
                } else if let path = site.resolving(Self.trimmed(line)), try tree.lookUp(path) != nil,
                    !directories.contains(path)
                {
                    directories.append(path)
                }
            }
        }
    }

    private static func trimmed(_ line: Substring) -> String {
        var line = line
        while line.last?.isWhitespace ?? false { line.removeLast() }
        return String(line)
    }

    /// A line that is executed: finders of editable installations (setuptools) have a table; some are known to find nothing.
    private mutating func addProgram(_ line: String, _ site: ImagePath) throws {
        if ["distutils-precedence", "_distutils_hack", "_virtualenv", "nspkg", "importlib.util", "coverage"].contains(
            where: line.contains)
        {
            return
        }
        let name = line.dropFirst(7).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard name.hasPrefix("__editable__"), let path = site.resolving(name + ".py"), let node = try tree.lookUp(path)
        else {
            isComputed = true
            return
        }
        let statements = PythonParser.statements(try tree.read(node, limit: 256 << 10))
        guard let table = statements.first(where: { $0.tokens.first == .name("MAPPING") }) else {
            isComputed = true
            return
        }
        for (index, token) in table.tokens.enumerated()
        where token == .sign(":") && index > 0 && index + 1 < table.tokens.count {
            guard case .text(let module?) = table.tokens[index - 1], case .text(let place?) = table.tokens[index + 1]
            else { continue }
            mapped[module] = ImagePath(place)
        }
    }
}
