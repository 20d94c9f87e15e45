internal import OCI

/// Finds modules on a path (importlib's FileFinder, PEP 420).
struct PythonModules {
    let tree: ImageTree
    let version: String
    /// The architecture that extensions must have.
    let machine: Elf.Machine?
    let isMusl: Bool

    enum Module {
        case source(ImageTree.Node, isPackage: Bool)
        case library(ImageTree.Node)
        /// Directories without `__init__.py`.
        case namespace([ImagePath])
        /// Compiled, or of a form that is not looked into.
        case opaque(ImageTree.Node)
        /// The source of a member of the program's archive.
        case archived([UInt8], ImagePath, isPackage: Bool)
    }

    /// The archive that is the program (zipapp), and where it is.
    var archive: (path: ImagePath, reader: ZipReader)?

    /// Finds a module by the last part of its name.
    func find(_ name: String, in directories: [ImagePath]) throws -> Module? {
        var portions: [ImagePath] = []
        for directory in directories {
            if let archive, directory.hasPrefix(archive.path) {
                if let found = try archived(name, in: directory, archive) { return found }
                continue
            }
            guard let folder = try tree.lookUp(directory) else { continue }
            // An archive on the path.
            if folder.size != nil { continue }
            if let package = try tree.lookUp(folder.path.appending(Array(name.utf8))), package.isDirectory {
                if let start = try tree.lookUp(package.path.appending(Array("__init__.py".utf8))), start.size != nil {
                    return .source(start, isPackage: true)
                }
                if let start = try tree.lookUp(package.path.appending(Array("__init__.pyc".utf8))) {
                    return .opaque(start)
                }
                portions.append(package.path)
            }
            if let found = try file(name, in: folder.path) { return found }
        }
        return portions.isEmpty ? nil : .namespace(portions)
    }

    private func archived(_ name: String, in directory: ImagePath, _ archive: (path: ImagePath, reader: ZipReader))
        throws
        -> Module?
    {
        let folders = directory.components.dropFirst(archive.path.components.count)
        let prefix = folders.map { String(decoding: $0, as: UTF8.self) + "/" }.joined()
        for (file, isPackage) in [(name + "/__init__.py", true), (name + ".py", false)] {
            if let bytes = try archive.reader.contents(of: prefix + file), let path = directory.resolving(file) {
                return .archived(bytes, path, isPackage: isPackage)
            }
        }
        let below = prefix + name + "/"
        guard archive.reader.members.keys.contains(where: { $0.hasPrefix(below) }), let path = directory.resolving(name)
        else { return nil }
        return .namespace([path])
    }

    private func file(_ name: String, in directory: ImagePath) throws -> Module? {
        for suffix in extensionSuffixes {
            if let file = try tree.lookUp(directory.appending(Array((name + suffix).utf8))), file.size != nil {
                return .library(file)
            }
        }
        if let source = try tree.lookUp(directory.appending(Array("\(name).py".utf8))), source.size != nil {
            return .source(source, isPackage: false)
        }
        if let code = try tree.lookUp(directory.appending(Array("\(name).pyc".utf8))), code.size != nil {
            return .opaque(code)
        }
        return nil
    }

    private var extensionSuffixes: [String] {
        let digits = version.filter { $0 != "." }
        let tuple = machine?.tuple ?? "x86_64-linux-gnu"
        // musl's builds have their own word at the end.
        return [".cpython-\(digits)-\(isMusl ? tuple.replacing("-gnu", with: "-musl") : tuple).so", ".abi3.so", ".so"]
    }

    /// An extension of that name that this interpreter does not take: for another version or another machine.
    func unfit(_ name: String, in directories: [ImagePath]) throws -> ImageTree.Node? {
        let prefix = Array("\(name).cpython-".utf8)
        for directory in directories {
            guard let folder = try tree.lookUp(directory), folder.isDirectory else { continue }
            if let match = try tree.children(of: folder).first(where: { $0.path.name?.starts(with: prefix) ?? false }) {
                return match
            }
        }
        return nil
    }

    /// The directories in which the modules below a package are.
    static func directories(of module: Module) -> [ImagePath] {
        switch module {
        case .source(let node, let isPackage): isPackage ? [node.path.parent] : []
        case .opaque(let node): [node.path.parent]
        case .archived(_, let path, let isPackage): isPackage ? [path.parent] : []
        case .namespace(let portions): portions
        case .library: []
        }
    }
}
