internal import OCI

/// Finds the file that a specifier names (Node.js API, "Modules: CommonJS modules", "All together…", and "Modules: Packages",
/// "Resolution Algorithm Specification").
struct NodeResolution {
    /// Bytes of a `package.json`.
    private static let packageLimit = 1 << 20

    let tree: ImageTree
    /// Directories of `NODE_PATH` and the like, in which `require` looks last.
    let further: [ImagePath]
    var conditions: [String] = []

    enum Kind { case require, `import` }

    enum Result {
        case builtin
        case file(ImageTree.Node)
        /// - Parameter path: the file that a package names and does not have; nil where the whole is missing.
        case missing(path: String?)
        /// Something that is not looked for in files.
        case unknown
    }

    /// Those that have no name without `node:` in front.
    static let newer: Set = ["test", "test/reporters", "sea", "sqlite", "ffi", "quic"]
    static let builtin: Set<String> = Set(
        """
        assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns dns/promises
        domain events fs fs/promises http http2 https inspector inspector/promises module net os path path/posix path/win32 perf_hooks
        process punycode querystring readline readline/promises repl stream stream/consumers stream/promises stream/web string_decoder sys
        timers timers/promises tls trace_events tty url util util/types v8 vm wasi worker_threads zlib
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// - Parameter depth: maps of packages around it, which may name one another.
    func resolve(_ specifier: String, from directory: ImagePath, _ kind: Kind, depth: Int = 0) throws -> Result {
        guard depth < 16 else { return .unknown }
        if specifier.hasPrefix("node:") {
            let name = String(specifier.dropFirst(5))
            let isKnown = Self.builtin.contains(name) || Self.newer.contains(name)
            return isKnown ? .builtin : .missing(path: nil)
        }
        if Self.builtin.contains(specifier) { return .builtin }
        if specifier.hasPrefix("data:") || specifier.hasPrefix("http:") || specifier.hasPrefix("https:") {
            return .unknown
        }
        var name = specifier
        if name.hasPrefix("file://") { name = String(name.dropFirst(7)) }
        if kind == .import { name = String(name.prefix { $0 != "?" && $0 != "#" || name.first == $0 }) }
        if name == "." || name == ".." || name.hasPrefix("./") || name.hasPrefix("../") || name.hasPrefix("/") {
            guard let path = directory.resolving(name) else { return .missing(path: nil) }
            if kind == .import { return try file(path).map { .file($0) } ?? .missing(path: nil) }
            return try fileOrDirectory(path, isDirectory: name.hasSuffix("/"))
        }
        if name.hasPrefix("#") { return try imported(name, from: directory, kind, depth) }
        return try package(name, from: directory, kind, depth)
    }

    // MARK: Files

    private func file(_ path: ImagePath) throws -> ImageTree.Node? {
        try tree.lookUp(path).flatMap { $0.size == nil ? nil : $0 }
    }

    private func file(named text: [UInt8]) throws -> ImageTree.Node? { try ImagePath(text).flatMap { try file($0) } }

    func fileOrDirectory(_ path: ImagePath, isDirectory: Bool = false) throws -> Result {
        if !isDirectory {
            if let found = try file(path) { return .file(found) }
            for suffix in [".js", ".json", ".node"] {
                if let found = try file(named: path.bytes + Array(suffix.utf8)) { return .file(found) }
            }
        }
        guard let node = try tree.lookUp(path), node.isDirectory else { return .missing(path: nil) }
        return try directory(node.path)
    }

    /// A directory as a module: what `main` names, or `index`.
    private func directory(_ path: ImagePath) throws -> Result {
        var named: String?
        if let main = try packageFile(in: path)?["main"]?.string, let target = path.resolving(main) {
            named = target.description
            if let found = try file(target) { return .file(found) }
            for suffix in [".js", ".json", ".node", "/index.js", "/index.json", "/index.node"] {
                if let found = try file(named: target.bytes + Array(suffix.utf8)) { return .file(found) }
            }
        }
        for name in ["index.js", "index.json", "index.node"] {
            if let found = try file(path.appending(Array(name.utf8))) { return .file(found) }
        }
        return .missing(path: named ?? path.description + "/index.js")
    }

    func packageFile(in directory: ImagePath) throws -> JSON? {
        guard let node = try file(directory.appending(Array("package.json".utf8))) else { return nil }
        let bytes = try tree.read(node, limit: Self.packageLimit)
        // One that is no JSON ends node; what it would say is not known.
        do { return try JSON.parse(bytes) } catch { return nil }
    }

    /// The nearest package above a file.
    func scope(of directory: ImagePath) throws -> (path: ImagePath, package: JSON)? {
        var path = directory
        while true {
            if path.name?.elementsEqual("node_modules".utf8) ?? false { return nil }
            if let package = try packageFile(in: path) { return (path, package) }
            if path.isRoot { return nil }
            path = path.parent
        }
    }

    /// Whether a file is an ES module by its name and its package.
    func isModule(_ node: ImageTree.Node) throws -> Bool? {
        let name = node.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        if name.hasSuffix(".mjs") { return true }
        if name.hasSuffix(".cjs") { return false }
        switch try scope(of: node.path.parent)?.package["type"]?.string {
        case "module": return true
        case "commonjs": return false
        default: return nil
        }
    }

    // MARK: Packages

    private func package(_ specifier: String, from directory: ImagePath, _ kind: Kind, _ depth: Int) throws -> Result {
        let parts = specifier.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let count = specifier.hasPrefix("@") ? 2 : 1
        guard parts.count >= count, !parts[0].isEmpty else { return .missing(path: nil) }
        let name = parts.prefix(count).joined(separator: "/")
        let subpath = parts.dropFirst(count).joined(separator: "/")
        if let scope = try scope(of: directory), scope.package["name"]?.string == name,
            let exports = scope.package["exports"]
        {
            return try exported(exports, subpath, in: scope.path, kind, depth)
        }
        var places: [ImagePath] = []
        var path = directory
        while true {
            if !(path.name?.elementsEqual("node_modules".utf8) ?? false) {
                places.append(path.appending(Array("node_modules".utf8)))
            }
            if path.isRoot { break }
            path = path.parent
        }
        if kind == .require { places += further }
        var named: String?
        for place in places {
            guard let root = place.resolving(name), let node = try tree.lookUp(root) else {
                // `require` finds single files there too.
                if kind == .require, subpath.isEmpty, let root = place.resolving(name),
                    case .file(let found) = try fileOrDirectory(root)
                {
                    return .file(found)
                }
                continue
            }
            if let result = try inPackage(node, subpath, kind, depth) {
                guard case .missing(let path) = result, kind == .require, path == nil || !node.isDirectory else {
                    return result
                }
                named = named ?? path ?? (subpath.isEmpty ? nil : node.path.description + "/" + subpath)
            }
        }
        return .missing(path: named)
    }

    private func inPackage(_ node: ImageTree.Node, _ subpath: String, _ kind: Kind, _ depth: Int) throws -> Result? {
        guard node.isDirectory else { return node.size == nil ? nil : .file(node) }
        let package = try packageFile(in: node.path)
        if let exports = package?["exports"], exports != .null {
            return try exported(exports, subpath, in: node.path, kind, depth)
        }
        if subpath.isEmpty { return try directory(node.path) }
        guard let path = node.path.resolving(subpath) else { return nil }
        if kind == .import { return try file(path).map { .file($0) } ?? .missing(path: path.description) }
        return try fileOrDirectory(path, isDirectory: subpath.hasSuffix("/"))
    }

    // MARK: exports and imports

    private func exported(_ exports: JSON, _ subpath: String, in root: ImagePath, _ kind: Kind, _ depth: Int) throws
        -> Result
    {
        let key = subpath.isEmpty ? "." : "./" + subpath
        let isMap = exports.object?.members.contains { $0.key.hasPrefix(".") } ?? false
        if !isMap {
            guard key == "." else { return .missing(path: "\(root)/package.json: exports") }
            return try target(exports, "", in: root, kind, depth) ?? .missing(path: "\(root)/package.json: exports")
        }
        return try matched(exports, key, in: root, kind, depth) ?? .missing(path: "\(root)/package.json: exports")
    }

    private func imported(_ name: String, from directory: ImagePath, _ kind: Kind, _ depth: Int) throws -> Result {
        guard let scope = try scope(of: directory), let imports = scope.package["imports"] else {
            return .missing(path: nil)
        }
        return try matched(imports, name, in: scope.path, kind, depth)
            ?? .missing(path: "\(scope.path)/package.json: imports")
    }

    /// The entry of a map for a key: its own, or the pattern with the longest beginning.
    private func matched(_ map: JSON, _ key: String, in root: ImagePath, _ kind: Kind, _ depth: Int) throws -> Result? {
        if let value = map[key], !key.contains("*") { return try target(value, "", in: root, kind, depth) }
        var best: (prefix: Substring, value: JSON, middle: String)?
        for (pattern, value) in map.object?.members ?? [] {
            guard let star = pattern.firstIndex(of: "*") else { continue }
            let (prefix, suffix) = (pattern[..<star], pattern[pattern.index(after: star)...])
            guard key.hasPrefix(prefix), key.hasSuffix(suffix), key.count >= prefix.count + suffix.count else {
                continue
            }
            if best.map({ $0.prefix.count < prefix.count }) ?? true {
                best = (prefix, value, String(key.dropFirst(prefix.count).dropLast(suffix.count)))
            }
        }
        return try best.flatMap { try target($0.value, $0.middle, in: root, kind, depth) }
    }

    private func target(_ value: JSON, _ middle: String, in root: ImagePath, _ kind: Kind, _ depth: Int) throws
        -> Result?
    {
        guard depth < 16 else { return nil }
        if let text = value.string {
            // No path is longer.
            guard text.utf8.count <= 4096, middle.utf8.count <= 4096 else { return nil }
            let path = text.replacing("*", with: middle)
            if !path.hasPrefix("./") { return try resolve(path, from: root, kind, depth: depth + 1) }
            guard let place = root.resolving(path) else { return nil }
            return try file(place).map { .file($0) } ?? .missing(path: place.description)
        }
        if let list = value.array {
            for item in list { if let found = try target(item, middle, in: root, kind, depth + 1) { return found } }
            return nil
        }
        let active: Set<String> = Set(
            ["node", "default", "module-sync", "node-addons", kind == .require ? "require" : "import"] + conditions)
        for (condition, item) in value.object?.members ?? [] where active.contains(condition) {
            if let found = try target(item, middle, in: root, kind, depth + 1) { return found }
        }
        return nil
    }
}
