internal import OCI

/// What frameworks load because their settings name it.
extension PythonRun {
    private static let checking: Set = [
        "check", "runserver", "migrate", "makemigrations", "test", "showmigrations", "createsuperuser",
    ]

    /// Django's set-up (django.setup): the settings, the applications that they name and their models.
    ///
    /// - Parameter takesArguments: whether the program's own arguments are a command and its arguments.
    mutating func setUpDjango(for module: String, takesArguments: Bool = false) throws -> Flow {
        guard !hasSetUp, let name = check.process.environment["DJANGO_SETTINGS_MODULE"], !name.isEmpty else {
            return .next
        }
        hasSetUp = true
        if case .fails(let findings) = try load(name, for: module) { return .fails(findings) }
        guard let node = loaded[name]?.node, node.path.name?.suffix(3).elementsEqual(".py".utf8) ?? false else {
            return .next
        }
        let statements = PythonParser.statements(try check.tree.read(node, limit: Self.sourceLimit))
        let applications = loaded[name]?.lists["INSTALLED_APPS"] ?? []
        for application in applications {
            if case .fails(let findings) = try loadApplication(application, for: name) { return .fails(findings) }
        }
        if applications.contains(where: {
            $0.hasPrefix("django.contrib.") && $0 != "django.contrib.staticfiles" && $0 != "django.contrib.messages"
        }) {
            for engine in Self.engines(statements) {
                if case .fails(let findings) = try load(engine + ".base", for: name) { return .fails(findings) }
            }
        }
        let isWhole = ScriptNames.count("INSTALLED_APPS", in: try check.tree.read(node, limit: Self.sourceLimit)) == 1
        if takesArguments, isWhole, let command = operands.first, try lacksCommand(command, applications) {
            return fails(.missingName(script: place(of: "__main__"), module: "django", name: command))
        }
        guard let command = operands.first, Self.checking.contains(command),
            let urls = Self.text(of: "ROOT_URLCONF", statements)
        else { return .next }
        return try load(urls, for: name)
    }

    /// A package, or the configuration in a module of one: `shop.apps.ShopConfig`.
    private mutating func loadApplication(_ text: String, for settings: String) throws -> Flow {
        var parts = text.split(separator: ".").map(String.init)
        if parts.last?.first?.isUppercase ?? false { parts.removeLast() }
        let name = parts.joined(separator: ".")
        if case .fails(let findings) = try load(name, for: settings) { return .fails(findings) }
        let package = parts.last == "apps" ? parts.dropLast().joined(separator: ".") : name
        guard let directories = loaded[package]?.directories else { return .next }
        for part in ["apps", "models"] where try modules.find(part, in: directories) != nil {
            if case .fails(let findings) = try load(package + "." + part, for: settings) { return .fails(findings) }
        }
        return .next
    }

    /// Whether no application has a command of the name that `manage.py` is given.
    private func lacksCommand(_ command: String, _ applications: [String]) throws -> Bool {
        guard !applications.isEmpty, counts, !isComputed, command.first?.isLetter ?? false, command != "help",
            command != "version",
            let core = try modules.find("management", in: loaded["django.core"]?.directories ?? []),
            let folder = PythonModules.directories(of: core).first,
            try folder.resolving("commands/check.py").flatMap({ try check.tree.lookUp($0) }) != nil
        else { return false }
        for place in loaded.values.flatMap(\.directories) + [folder.parent] {
            for name in [
                "management/commands/\(command).py", "commands/\(command).py", "management/commands/\(command)",
            ] {
                if let path = place.resolving(name), try check.tree.lookUp(path) != nil { return false }
            }
        }
        return true
    }

    /// What serves requests loads what they go through: `MIDDLEWARE` of the settings.
    mutating func serveDjango(for module: String) throws -> Flow {
        let flow = try setUpDjango(for: module)
        guard case .next = flow, counts, let name = check.process.environment["DJANGO_SETTINGS_MODULE"],
            let node = loaded[name]?.node, let listed = loaded[name]?.lists["MIDDLEWARE"]
        else { return flow }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        guard ScriptNames.count("MIDDLEWARE", in: bytes) == 1 else { return flow }
        for text in listed { if case .fails(let findings) = try take(text, for: name) { return .fails(findings) } }
        return .next
    }

    /// What frameworks load by a text that stands in a call: Flask's settings and Django's addresses.
    mutating func loadsByName(_ names: [String], _ arguments: [[PythonToken]], in module: String) throws -> Flow? {
        guard counts, let first = arguments.first else { return nil }
        if names.count > 2, names.suffix(2).elementsEqual(["config", "from_object"]), arguments.count == 1,
            loaded["flask"] != nil, let text = pathText(first, in: module)
        {
            return try take(text, for: module)
        }
        guard names.last == "include", loaded[module]?.names[names[0]]?.module.hasPrefix("django.") ?? false else {
            return nil
        }
        let isPair = first.count > 3 && first[0] == .sign("(") && first[2] == .sign(",")
        guard let text = text(isPair ? [first[1]] : first), !text.isEmpty else { return nil }
        return try load(text, for: module)
    }

    /// What a dotted text names: a module, or something in one.
    private mutating func take(_ text: String, for module: String) throws -> Flow {
        guard let dot = text.lastIndex(of: "."), !text.contains(":") else { return .next }
        let (package, name) = (String(text[..<dot]), String(text[text.index(after: dot)...]))
        if case .fails(let findings) = try load(package, for: module) { return .fails(findings) }
        guard case .fails(let findings) = try take(name, of: package, for: module) else { return .next }
        guard let owner = loaded[package], !owner.directories.isEmpty, loaded[text] == nil else {
            return .fails(findings)
        }
        return fails(.missingModule(script: place(of: module), module: text))
    }

    private static func text(of name: String, _ statements: [PythonStatement]) -> String? {
        for statement in statements {
            if statement.tokens.count == 3, statement.tokens[0] == .name(name),
                case .text(let text) = statement.tokens[2]
            {
                return text
            }
        }
        return nil
    }

    /// The values of `ENGINE` in `DATABASES`.
    private static func engines(_ statements: [PythonStatement]) -> [String] {
        for statement in statements where statement.tokens.first == .name("DATABASES") {
            let tokens = statement.tokens
            return tokens.indices.compactMap { index -> String? in
                guard tokens[index] == .text("ENGINE"), index + 2 < tokens.count,
                    case .text(let text) = tokens[index + 2]
                else { return nil }
                return text
            }
        }
        return []
    }
}
