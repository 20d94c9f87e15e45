internal import OCI

/// Where classes come from that nobody has declared yet.
extension PHPRun {
    /// Whether a class is there, or a loader has it; nil where that is not known.
    mutating func exists(_ name: String, loads: Bool = true) throws -> Bool? {
        let lower = name.lowercased()
        if types[lower] != nil { return true }
        guard let isBuiltin = builtin.knows(lower, written: name) else { return nil }
        if isBuiltin { return true }
        var isWhole = true
        if loads, loading.insert(lower).inserted {
            defer { loading.remove(lower) }
            for loader in loaders {
                let before = doubts
                try load(name, by: loader, &isWhole)
                if types[lower] != nil { return true }
                if doubts != before { isWhole = false }
            }
        } else if loads {
            return nil
        }
        return isOpen || !isWhole || (!loads && !loaders.isEmpty) ? nil : false
    }

    private mutating func load(_ name: String, by loader: Loader, _ isWhole: inout Bool) throws {
        switch loader {
        case .other: isWhole = false
        case .function(let function): _ = try call(function, [.text(name)])
        case .composer:
            for table in types.keys.sorted() where table.hasPrefix("composer\\autoload\\composerstaticinit") {
                if let path = try file(of: name, in: table, &isWhole), let node = try check.tree.lookUp(path) {
                    _ = try execute(node)
                    return
                }
            }
        }
    }

    /// The file that Composer's tables have for a class (getcomposer.org, "Autoload").
    private mutating func file(of name: String, in table: String, _ isWhole: inout Bool) throws -> String? {
        if case .text(let path)? = try value(of: "classMap", in: table).item(name) {
            return try check.tree.lookUp(path) == nil ? nil : path
        }
        for property in ["prefixesPsr0", "fallbackDirsPsr4", "fallbackDirsPsr0"] {
            if types[table]?.values[property] != nil { isWhole = false }
        }
        guard case .list(let prefixes) = try value(of: "prefixDirsPsr4", in: table) else {
            if types[table]?.values["prefixDirsPsr4"] != nil { isWhole = false }
            return nil
        }
        for (prefix, value) in prefixes.sorted(by: { $0.key.count > $1.key.count }) where name.hasPrefix(prefix) {
            guard case .list(let places) = value else {
                isWhole = false
                continue
            }
            let rest = name.dropFirst(prefix.count).replacing("\\", with: "/") + ".php"
            for case let place? in places.map({ $0.value.asText })
            where try check.tree.lookUp(place + "/" + rest) != nil {
                return place + "/" + rest
            }
        }
        return nil
    }

    /// `spl_autoload_register`.
    mutating func register(_ values: [PHPValue]) {
        guard never == 0 else { return }
        guard isLive, let first = values.first else { return loaders.append(.other) }
        switch first {
        case .function(let function): loaders.append(.function(function))
        case .text(let name):
            loaders.append(functions[name.lowercased()].map { .function($0) } ?? .other)
        case .list(let parts) where parts.count == 2:
            let owner: String
            switch parts[0].value {
            case .object(let type): owner = type
            case .text(let text): owner = String(text.drop { $0 == "\\" })
            case .number, .truth, .null, .list, .function, .unknown: return loaders.append(.other)
            }
            if owner.lowercased() == "composer\\autoload\\classloader" { return loaders.append(.composer) }
            guard let name = parts[1].value.asText, let found = method(name, of: owner).function else {
                return loaders.append(.other)
            }
            var function = found.0
            if case .object = parts[0].value { function.captured["this"] = parts[0].value }
            loaders.append(.function(function))
        case .number, .truth, .null, .list, .object, .unknown: loaders.append(.other)
        }
    }

    // MARK: Objects of PHP's own classes

    /// What the constructor of a class of PHP's own does not do without.
    mutating func constructs(_ type: String, _ values: [PHPValue]) throws {
        guard types[type] == nil, let text = values.first?.asText else { return }
        switch type {
        case "pdo":
            let driver = String(text.prefix { $0 != ":" })
            if builtin.hasExtension("pdo_" + driver) == false {
                throw fail(.missingName(script: file, module: "PDO", name: driver))
            }
            guard driver == "sqlite" else { throw Stop.unsure }
            let path = String(text.dropFirst(7))
            if path.isEmpty || path.hasPrefix(":") || path.hasPrefix("file:") { return }
            try needDirectory(of: path)
        case "splfileobject" where values.count < 2 || values[1].asText?.hasPrefix("r") ?? false,
            "directoryiterator", "filesystemiterator", "recursivedirectoryiterator":
            if !text.contains("://"), try node(text) == nil { throw fail(.missingInput(program: file, path: text)) }
        default: return
        }
    }

    private mutating func needDirectory(of path: String) throws {
        guard let place = check.process.directory.resolving(path) else { return }
        if try check.tree.lookUp(place) != nil { return }
        guard let folder = try check.tree.lookUp(place.parent) else {
            throw fail(.missingInput(program: file, path: place.parent.description))
        }
        if try !check.mayWrite(folder) {
            throw fail(
                .notPermitted(
                    path: place.description, obstacle: folder.path.description, user: check.process.user.name))
        }
    }

    func node(_ path: String) throws -> ImageTree.Node? {
        guard let place = check.process.directory.resolving(path) else { return nil }
        return try check.tree.lookUp(place)
    }
}
