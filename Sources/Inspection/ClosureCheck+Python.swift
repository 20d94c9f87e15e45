internal import OCI

extension ClosureCheck {
    /// Modules that are followed.
    private static let moduleLimit = 400
    /// Bytes of one module's source.
    private static let sourceLimit = 2 << 20

    /// Modules that are part of the interpreter and have no file (`sys.builtin_module_names` of Debian's builds).
    private static let builtin: Set<String> = Set(
        """
        _abc _ast _bisect _blake2 _codecs _collections _csv _datetime _elementtree _functools _heapq _imp _io _locale _md5 _opcode
        _operator _pickle _posixsubprocess _random _sha1 _sha2 _sha256 _sha3 _sha512 _signal _socket _sre _stat _statistics
        _string _struct _suggestions _symtable _sysconfig _thread _tokenize _tracemalloc _typing _warnings _weakref _zoneinfo
        array atexit binascii builtins cmath errno faulthandler fcntl gc grp itertools marshal math mmap posix pwd
        pyexpat select spwd sys syslog termios time unicodedata xxsubtype zlib __future__ __main__
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    private static let tlsModules: Set = ["ssl", "urllib.request", "http.client", "requests", "httpx", "aiohttp", "urllib3", "smtplib"]

    /// Follows the modules of a Python program.
    ///
    /// - Parameter interpreter: nil where the image has none: only what the script itself says is known then.
    mutating func checkPython(_ arguments: [String], interpreter: ImageTree.Node?) throws {
        guard let start = try pythonStart(arguments) else { return }
        if case .missing(let path) = start {
            return interpreter == nil ? () : add(.missingFile(program: "python3", path: path))
        }
        var queue: [(node: ImageTree.Node, isOwn: Bool)] = []
        let base = ImagePath(config.container.workingDirectory) ?? .root
        guard let interpreter else {
            if case .script(let node) = start { notePythonUse(PythonImports.scan(try tree.read(node, limit: Self.sourceLimit))) }
            return
        }
        let named = try arguments.first.flatMap { name in
            name.contains("/") ? base.resolving(name) : try find(name).map { _ in interpreter.path }
        }
        let variable = config.container.environmentValue("PYTHONPATH") ?? ""
        var script: ImagePath?
        if case .script(let node) = start { script = node.path }
        guard
            let path = try PythonPath(
                tree, name: named ?? interpreter.path, interpreter: interpreter.path,
                script: script ?? base.appending(Array("-".utf8)), environment: variable.split(separator: ":").map(String.init))
        else { return }
        switch start {
        case .missing: return
        case .script(let node): queue.append((node, true))
        case .module(let name):
            guard case .source(let node)? = try path.find(name) ?? path.find(name + ".__main__") else {
                return Self.builtin.contains(name) ? () : add(.missingModule(script: "ENTRYPOINT", module: name))
            }
            queue.append((node, true))
        }
        try followModules(queue, path)
    }

    private enum PythonStart {
        case script(ImageTree.Node)
        case missing(String)
        case module(String)
    }

    /// What an interpreter's arguments start; nil for a command or standard input.
    private func pythonStart(_ arguments: [String]) throws -> PythonStart? {
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            if argument == "-m" { return rest.first.map { .module($0) } }
            if argument == "-c" || argument == "-" { return nil }
            if argument == "-W" || argument == "-X" {
                rest = rest.dropFirst()
            } else if !argument.hasPrefix("-") {
                let base = ImagePath(config.container.workingDirectory) ?? .root
                guard let path = base.resolving(argument), let node = try tree.lookUp(path) else { return .missing(argument) }
                return node.size == nil ? nil : .script(node)
            }
        }
        return nil
    }

    private mutating func notePythonUse(_ imports: [PythonImports.Import]) {
        for item in imports where item.level == 0 {
            let names = [item.module] + item.names.map { "\(item.module).\($0)" }
            if names.contains(where: Self.tlsModules.contains) { report.needs.speaksTLS = true }
            if item.module == "zoneinfo" { report.needs.usesTimeZones = true }
        }
    }

    private mutating func followModules(_ start: [(node: ImageTree.Node, isOwn: Bool)], _ path: PythonPath) throws {
        var queue = start
        var seen = Set(start.map(\.node.path))
        var next = 0
        while next < queue.count, next < Self.moduleLimit {
            let (node, isOwn) = queue[next]
            next += 1
            report.files.insert(node.path)
            let imports = PythonImports.scan(try tree.read(node, limit: Self.sourceLimit))
            if isOwn { try checkPythonUse(imports, by: node, path) }
            for item in imports {
                for module in try modules(of: item, by: node, isOwn: isOwn, path) {
                    switch module {
                    case .source(let found):
                        guard seen.insert(found.path).inserted else { continue }
                        queue.append((found, !isStandard(found.path, path)))
                    case .library(let found):
                        guard seen.insert(found.path).inserted, let elf = try tree.elf(found) else { continue }
                        try followLibraries(of: found.path, elf, isRuntime: isStandard(found.path, path))
                    case .opaque: continue
                    }
                }
            }
        }
    }

    private func isStandard(_ file: ImagePath, _ path: PythonPath) -> Bool {
        guard file.hasPrefix(path.library) else { return false }
        let directory = file.components.dropFirst(path.library.components.count).first
        return directory != Array("site-packages".utf8) && directory != Array("dist-packages".utf8)
    }

    private mutating func checkPythonUse(_ imports: [PythonImports.Import], by node: ImageTree.Node, _ path: PythonPath) throws {
        for item in imports where item.level == 0 {
            let names = [item.module] + item.names.map { "\(item.module).\($0)" }
            if names.contains(where: Self.tlsModules.contains) { try needCertificates(node.path.description) }
            if item.module == "zoneinfo", try path.find("tzdata") == nil { try needTimeZones(node.path.description) }
        }
    }

    /// The modules that a statement loads; a module of the program's own that nobody has is a finding.
    private mutating func modules(
        of item: PythonImports.Import, by node: ImageTree.Node, isOwn: Bool, _ path: PythonPath
    ) throws -> [PythonPath.Module] {
        var base: ImagePath?
        if item.level > 0 {
            var package = node.path.parent
            for _ in 1..<max(2, item.level) where item.level > 1 { package = package.parent }
            base = package
        }
        var result: [PythonPath.Module] = []
        let parts = item.module.split(separator: ".")
        // The packages above a module are loaded before it.
        for count in stride(from: 1, through: parts.count, by: 1) {
            let name = parts.prefix(count).joined(separator: ".")
            if let module = try path.find(name, in: base) {
                result.append(module)
            } else {
                let isMissing = count == 1 && item.level == 0 && isOwn && !Self.builtin.contains(name)
                if isMissing { add(.missingModule(script: node.path.description, module: name)) }
                return result
            }
        }
        for name in item.names {
            let full = item.module.isEmpty ? name : "\(item.module).\(name)"
            if let module = try path.find(full, in: base) { result.append(module) }
        }
        return result
    }
}
