internal import OCI

/// A server or tool of Python that loads a module which its command line or the environment names.
struct PythonLauncher {
    /// `module:attribute`, `module`, or a path of a file.
    private(set) var application: String?
    /// The attribute where none is named.
    private(set) var usualAttribute: String?
    private(set) var directory: String?
    private(set) var paths: [String] = []
    private(set) var configuration: String?
    /// What it reads where no configuration is named, as far as that is there.
    private(set) var usualConfiguration: String?
    /// Whether the attribute is called.
    private(set) var isFactory = false
    /// Whether its configuration is one of supervisord's.
    private(set) var supervises = false
    /// Modules that it cannot do without.
    private(set) var modules: [String] = []
    /// Modules of its own that it loads by names that it computes, as far as it has them.
    private(set) var parts: [String] = []
    /// Whether `a.b` may be a name in `a`.
    private(set) var takesNames = false

    private static let servers: Set = [
        "gunicorn", "uvicorn", "hypercorn", "daphne", "waitress-serve", "waitress", "granian", "uwsgi",
    ]
    private static let workers = ["gevent": "gevent", "eventlet": "eventlet", "tornado": "tornado"]

    /// - Parameters:
    ///   - name: the script's or module's.
    ///   - rest: its arguments.
    init(_ name: String, _ rest: [String], _ environment: [String: String]) {
        let name = name.split(separator: ".").first.map(String.init) ?? name
        switch name {
        case "supervisord":
            configuration = Self.value(of: ["-c", "--configuration"], rest)
            supervises = true
        case "flask":
            application = Self.value(of: ["--app", "-A"], rest) ?? environment["FLASK_APP"]
        case "celery":
            application = Self.value(of: ["--app", "-A"], rest) ?? environment["CELERY_APP"]
            takesNames = true
        case "gunicorn":
            let given = (environment["GUNICORN_CMD_ARGS"] ?? "").split(separator: " ").map(String.init)
            takeServer(given + rest)
            usualAttribute = "application"
            configuration = Self.value(of: ["-c", "--config"], given + rest)
            usualConfiguration = "gunicorn.conf.py"
            if let worker = Self.value(of: ["-k", "--worker-class"], given + rest) {
                modules +=
                    Self.workers[worker].map { [$0] }
                    ?? (worker.contains(".") ? [worker.split(separator: ".").dropLast().joined(separator: ".")] : [])
            }
            if application == nil, let last = rest.last, Self.isDotted(last),
                rest.dropLast().last.map({ !$0.hasPrefix("-") || $0.contains("=") || $0 == "--preload" }) ?? true
            {
                application = last
            }
        case let other where Self.servers.contains(other):
            takeServer(rest)
            if other == "uvicorn" {
                isFactory = rest.contains("--factory")
                parts = ["uvicorn.protocols.http.auto", "uvicorn.loops.auto", "uvicorn.lifespan.on"]
            }
        default: break
        }
    }

    /// Options of servers whose value looks like a module and a name in it.
    private static let valued: Set = [
        "-k", "--worker-class", "--bind", "-b", "-c", "--config", "--logger-class", "--log-config", "--env", "-e",
        "--paste", "--statsd-host", "--access-logformat", "--error-logformat", "--forwarded-allow-ips", "--host",
        "--loop", "--http", "--ws", "--header", "--user", "-u", "--ssl-version",
    ]

    private mutating func takeServer(_ rest: [String]) {
        directory = Self.value(of: ["--chdir", "--app-dir"], rest)
        paths = Self.value(of: ["--pythonpath"], rest)?.split(separator: ",").map(String.init) ?? []
        for (index, argument) in rest.enumerated() {
            let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, Self.isDotted(parts[0]), Self.isDotted(parts[1].prefix { $0 != "(" }) else {
                continue
            }
            if index > 0, Self.valued.contains(rest[index - 1]) { continue }
            application = argument
            isFactory = parts[1].hasSuffix("()")
            return
        }
    }

    private static func value(of options: [String], _ arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() {
            for option in options {
                if argument == option { return index + 1 < arguments.count ? arguments[index + 1] : nil }
                if argument.hasPrefix(option + "=") { return String(argument.dropFirst(option.count + 1)) }
            }
        }
        return nil
    }

    private static func isDotted(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                guard let first = part.first, first.isLetter || first == "_" else { return false }
                return part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
            }
    }

    /// The module and the name in it; nil for what is no plain name.
    var target: (module: String, attribute: String?)? {
        guard let application else { return nil }
        let parts = application.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let isFile = parts[0].hasSuffix(".py")
        let module = isFile ? String(parts[0].dropLast(3)) : parts[0]
        guard Self.isDotted(module) else { return nil }
        let attribute =
            parts.count > 1 ? String(parts[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }) : usualAttribute
        return (module, attribute)
    }
}

extension ClosureCheck {
    /// Follows what a launcher loads; nil for one that loads nothing.
    mutating func launch(_ launcher: PythonLauncher, _ run: inout PythonRun) throws -> PythonRun.Flow? {
        // Servers look in the working directory first.
        var directory = process.directory
        if let text = launcher.directory, let place = process.directory.resolving(text) {
            guard try tree.lookUp(place)?.isDirectory ?? false else {
                return .fails([
                    Finding(
                        .missingInput(program: run.loaded["__main__"]?.path ?? "ENTRYPOINT", path: text), chain: chain)
                ])
            }
            directory = place
        }
        if let text = launcher.configuration, !text.hasPrefix("python:") {
            let path = text.hasPrefix("file:") ? String(text.dropFirst(5)) : text
            if let place = process.directory.resolving(path), try tree.lookUp(place) == nil {
                return .fails([
                    Finding(
                        .missingInput(program: run.loaded["__main__"]?.path ?? "ENTRYPOINT", path: path), chain: chain)
                ])
            }
        }
        if launcher.supervises, let kind = try supervisorLack(launcher.configuration) {
            return .fails([Finding(kind, chain: chain)])
        }
        run.path.directories.insert(contentsOf: launcher.paths.compactMap { process.directory.resolving($0) }, at: 0)
        run.path.directories.insert(directory, at: 0)
        if case .fails(let findings) = try configure(launcher, in: directory, &run) { return .fails(findings) }
        guard launcher.application != nil || !launcher.modules.isEmpty || !launcher.parts.isEmpty else { return nil }
        for name in launcher.modules {
            if case .fails(let findings) = try run.load(name, for: "__main__") { return .fails(findings) }
        }
        for name in launcher.parts {
            let names = name.split(separator: ".").map(String.init)
            let package = names.dropLast().joined(separator: ".")
            if case .fails(let findings) = try run.load(package, for: "__main__") { return .fails(findings) }
            guard let directories = run.loaded[package]?.directories,
                try run.modules.find(names.last ?? "", in: directories) != nil
            else { continue }
            if case .fails(let findings) = try run.load(name, for: "__main__") { return .fails(findings) }
        }
        guard let target = launcher.target else { return .next }
        if launcher.takesNames, target.attribute == nil, let dot = target.module.lastIndex(of: ".") {
            let (package, name) = (
                String(target.module[..<dot]), String(target.module[target.module.index(after: dot)...])
            )
            if case .fails(let findings) = try run.load(package, for: "__main__") { return .fails(findings) }
            if case .next = try run.take(name, of: package, for: "__main__") { return .next }
        }
        if case .fails(let findings) = try run.load(target.module, for: "__main__") { return .fails(findings) }
        guard let attribute = target.attribute, !attribute.isEmpty else { return .next }
        let flow = try run.take(attribute, of: target.module, for: "__main__")
        guard case .next = flow, launcher.isFactory else { return flow }
        return try run.make(attribute, in: target.module)
    }

    /// Follows the configuration that is a program of its own.
    private mutating func configure(_ launcher: PythonLauncher, in directory: ImagePath, _ run: inout PythonRun) throws
        -> PythonRun.Flow
    {
        guard let text = launcher.configuration ?? launcher.usualConfiguration, text.hasSuffix(".py"),
            let place = (launcher.configuration == nil ? directory : process.directory).resolving(text),
            let node = try tree.lookUp(place), node.size ?? .max < Int64(PythonRun.sourceLimit)
        else { return .next }
        run.loaded["__config__"] = .init(name: "__config__", path: node.path.description, node: node)
        let statements = PythonParser.statements(try tree.read(node, limit: PythonRun.sourceLimit))
        return try run.execute(statements, as: "__config__")
    }
}
