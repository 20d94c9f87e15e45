internal import OCI

/// Where the dynamic loader looks for libraries (ld.so(8); for musl, its `ld-musl-*.path`).
struct LibrarySearch {
    /// Directories that objects name, more than which are not looked through for each library.
    private static let directoryLimit = 256

    let tree: ImageTree
    /// Of the program; libraries of other architectures are passed over.
    let machine: Elf.Machine
    let is64Bit: Bool
    private let cache: LoaderCache
    private let defaults: [String]
    /// The value of `LD_LIBRARY_PATH` in the image's environment.
    private let environment: [String]
    let isMusl: Bool

    init(_ tree: ImageTree, program: Elf, environment: [String]) throws {
        self.tree = tree
        machine = program.machine
        is64Bit = program.is64Bit
        self.environment = environment
        isMusl = program.interpreter?.contains("/ld-musl-") ?? false
        if isMusl, let loader = program.interpreter {
            let name = loader.split(separator: "/").last.map(String.init) ?? ""
            let file = try tree.contents(of: "/etc/" + name.prefix { $0 != "." } + ".path")
            let lines = file.map {
                String(decoding: $0, as: UTF8.self).split { $0 == "\n" || $0 == ":" }.map(String.init)
            }
            defaults = lines ?? ["/lib", "/usr/local/lib", "/usr/lib"]
            cache = LoaderCache([])
        } else {
            let tuples = machine.tuple.map { ["/lib/\($0)", "/usr/lib/\($0)"] } ?? []
            defaults = tuples + (is64Bit ? ["/lib64", "/usr/lib64"] : []) + ["/lib", "/usr/lib"]
            cache = LoaderCache(try tree.contents(of: "/etc/ld.so.cache", limit: LoaderCache.sizeLimit) ?? [])
        }
    }

    /// An object and those that led to it, for the search paths that libraries inherit.
    struct Object {
        let path: ImagePath
        let elf: Elf
        /// The search paths (DT_RPATH) of those that loaded it, with their origins resolved.
        let inherited: [String]
    }

    /// The file that a name leads to.
    func find(_ name: String, for object: Object) throws -> (node: ImageTree.Node, elf: Elf)? {
        if name.contains("/") { return try open(name) }
        let origin = object.path.parent.description
        func expanded(_ paths: [String]?) -> [String] { (paths ?? []).map { expand($0, origin: origin) } }
        var directories: [String] = []
        if object.elf.runPath == nil { directories += expanded(object.elf.searchPath) + object.inherited }
        directories += expanded(environment) + expanded(object.elf.runPath)
        for directory in directories.prefix(Self.directoryLimit) {
            if let found = try open(directory + "/" + name) { return found }
        }
        let isUsual = { (path: String) in defaults.contains { path.hasPrefix($0 + "/") } }
        for path in cache.candidates(name) where !object.elf.skipsDefaults || isMusl || !isUsual(path) {
            if let found = try open(path) { return found }
        }
        if object.elf.skipsDefaults, !isMusl { return nil }
        for directory in defaults {
            if let found = try open(directory + "/" + name) { return found }
        }
        // Processors of the last ten years have the second level; the loader's usual directories come with such parts.
        guard machine.number == 62, !isMusl else { return nil }
        for directory in defaults {
            for level in ["x86-64-v3", "x86-64-v2"] {
                if let found = try open("\(directory)/glibc-hwcaps/\(level)/\(name)") { return found }
            }
        }
        return nil
    }

    /// The search paths that the libraries of an object inherit from it.
    func inherited(from object: Object) -> [String] {
        guard object.elf.runPath == nil, let own = object.elf.searchPath else { return object.inherited }
        let all = own.map { expand($0, origin: object.path.parent.description) } + object.inherited
        return Array(all.prefix(Self.directoryLimit))
    }

    private func expand(_ path: String, origin: String) -> String {
        guard path.contains("$") else { return path }
        let library = machine.tuple.map { "lib/\($0)" } ?? "lib"
        var text = path
        for (name, value) in [("ORIGIN", origin), ("LIB", library)] {
            text = text.replacing("${\(name)}", with: value).replacing("$\(name)", with: value)
        }
        return text
    }

    private func open(_ path: String) throws -> (node: ImageTree.Node, elf: Elf)? {
        guard let node = try tree.lookUp(path), node.size != nil else { return nil }
        guard let elf = try tree.elf(node), elf.machine == machine, elf.is64Bit == is64Bit, elf.isForLinux,
            elf.contentEnd <= node.size ?? 0
        else { return nil }
        return (node, elf)
    }
}

extension ImageTree {
    /// What a file says as an ELF file; nil if it is none.
    package func elf(_ node: Node) throws -> Elf? { try Elf { try read(node, at: $0, count: $1) } }
}
