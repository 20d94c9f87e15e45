internal import OCI

/// Where a Python interpreter finds modules (`sys.path`), without `.pth` files.
struct PythonPath {
    let tree: ImageTree
    /// The directory of the script first.
    let directories: [ImagePath]
    /// The interpreter's own library.
    let library: ImagePath

    /// - Parameters:
    ///   - name: the path by which it is started, which finds a virtual environment.
    ///   - interpreter: the real file: `/usr/bin/python3.11`.
    init?(_ tree: ImageTree, name: ImagePath, interpreter: ImagePath, script: ImagePath?, environment: [String]) throws {
        self.tree = tree
        let prefix = interpreter.parent.parent
        guard let version = try Self.version(tree, interpreter, prefix) else { return nil }
        guard let library = prefix.resolving("lib/python\(version)") else { return nil }
        self.library = library
        var paths = (script.map { [$0.parent] } ?? []) + environment.compactMap { ImagePath($0) }
        paths += [library, library.appending(Array("lib-dynload".utf8))]
        let environmentRoot = name.parent.parent
        var roots = [prefix]
        if try tree.lookUp(environmentRoot.appending(Array("pyvenv.cfg".utf8))) != nil { roots.insert(environmentRoot, at: 0) }
        if let local = ImagePath("/usr/local"), !roots.contains(local) { roots.append(local) }
        for root in roots {
            for directory in ["lib/python\(version)/site-packages", "lib/python\(version)/dist-packages", "lib/python3/dist-packages"] {
                if let path = root.resolving(directory) { paths.append(path) }
            }
        }
        directories = paths
    }

    /// `3.11`, from the interpreter's name or its library's.
    private static func version(_ tree: ImageTree, _ interpreter: ImagePath, _ prefix: ImagePath) throws -> String? {
        let name = interpreter.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        if name.hasPrefix("python3.") { return String(name.dropFirst(6)) }
        guard let path = prefix.resolving("lib"), let node = try tree.lookUp(path) else { return nil }
        for child in try tree.children(of: node) where child.isDirectory {
            let name = child.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
            if name.hasPrefix("python3.") { return String(name.dropFirst(6)) }
        }
        return nil
    }

    enum Module {
        case source(ImageTree.Node)
        case library(ImageTree.Node)
        /// A directory without `__init__.py`, or a file that cannot be looked into.
        case opaque
    }

    /// Finds a module by its dotted name.
    ///
    /// - Parameter base: the package of a relative import; nil looks in all directories.
    func find(_ module: String, in base: ImagePath? = nil) throws -> Module? {
        let parts = module.split(separator: ".").map(String.init)
        for directory in base.map({ [$0] }) ?? directories {
            var place = directory
            for part in parts.dropLast() { place = place.appending(Array(part.utf8)) }
            guard let last = parts.last else { return nil }
            if let found = try find(last, at: place) { return found }
        }
        return nil
    }

    private func find(_ name: String, at directory: ImagePath) throws -> Module? {
        guard let folder = try tree.lookUp(directory), folder.isDirectory else { return nil }
        if let package = try tree.lookUp(folder.path.appending(Array(name.utf8))), package.isDirectory {
            guard let start = try tree.lookUp(package.path.appending(Array("__init__.py".utf8))) else { return .opaque }
            return .source(start)
        }
        if let source = try tree.lookUp(folder.path.appending(Array("\(name).py".utf8))), source.size != nil { return .source(source) }
        for suffix in [".so", ".abi3.so"] {
            if let file = try tree.lookUp(folder.path.appending(Array((name + suffix).utf8))) { return .library(file) }
        }
        let prefix = Array("\(name).cpython-".utf8)
        guard let match = try tree.children(of: folder).first(where: { $0.path.name?.starts(with: prefix) ?? false }) else {
            return nil
        }
        return .library(match)
    }
}
