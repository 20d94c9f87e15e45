internal import OCI

/// Names that nobody defines: neither the file that uses them, nor what it imports all names from, nor the interpreter.
extension PythonRun {
    /// Names that are everywhere (Python's `builtins`, and what `site` adds).
    private static let intrinsic: Set<String> = Set(
        """
        abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod
        enumerate eval exec filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len
        list locals map max memoryview min next object oct open ord pow print property range repr reversed round set setattr slice sorted
        staticmethod str sum super tuple type vars zip quit exit copyright credits license self cls and or not in is if else for while
        return yield await async lambda None True False NotImplemented Ellipsis del assert raise from import with as try except finally
        pass break continue global nonlocal class def elif match case type reveal_type
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// What may define names that stand nowhere.
    private static let open = [
        "globals(", "exec(", "__builtins__", "builtins", "setattr", "sys.modules[__name__]", "vars(", "locals(",
        "__dict__", "install(", "execfile",
    ]

    /// What a file calls by names that it binds nowhere, and the modules that it takes all names from.
    struct Unbound {
        var names: Set<String> = []
        /// Nil where that is not known.
        var stars: [String]? = []
    }

    /// The call of a name that nobody defines, where that ends the program.
    mutating func unbound(_ name: String, in module: String) throws -> Flow? {
        guard counts, !isComputed, !Self.intrinsic.contains(name),
            name.first.map({ $0.isLetter || $0 == "_" }) ?? false,
            !name.hasPrefix("__"), !name.hasSuffix("Error"), !name.hasSuffix("Exception"), !name.hasSuffix("Warning"),
            let node = loaded[module]?.node, !isStandard(node.path), !isSite(node.path), bound[name] == nil,
            !localNames.contains(name)
        else { return nil }
        let facts: Unbound
        if let known = unboundFacts[node.path] {
            facts = known
        } else {
            facts = try readUnbound(node, module)
            unboundFacts[node.path] = facts
        }
        guard facts.names.contains(name), let stars = facts.stars else { return nil }
        for star in stars {
            guard let owner = loaded[star], owner.functions[name] == nil, owner.classes[name] == nil,
                owner.names[name] == nil, try lacks(name, owner.node)
            else { return nil }
        }
        return .fails([
            Finding(.missingName(script: place(of: module), module: "Python", name: name), chain: chain(to: module))
        ])
    }

    private func readUnbound(_ node: ImageTree.Node, _ module: String) throws -> Unbound {
        guard node.size ?? .max < Int64(Self.sourceLimit), node.path.name?.suffix(3).elementsEqual(".py".utf8) ?? false
        else { return Unbound() }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        guard !Self.open.contains(where: { bytes.contains(text: $0) }) else { return Unbound() }
        var (used, held): (Set<String>, Set<String>) = ([], [])
        var stars: [String]? = []
        func collect(_ statements: [PythonStatement]) {
            for statement in statements {
                let isImport = statement.keyword == "import" || statement.keyword == "from"
                if isImport, statement.tokens.last == .sign("*") {
                    if let star = starModule(statement, module) { stars?.append(star) } else { stars = nil }
                }
                for (index, token) in statement.tokens.enumerated() {
                    guard case .name(let name) = token, index == 0 || statement.tokens[index - 1] != .sign(".") else {
                        continue
                    }
                    if !isImport, Self.isUse(statement.tokens, index) { used.insert(name) } else { held.insert(name) }
                }
                collect(statement.body)
            }
        }
        collect(PythonParser.statements(bytes))
        return Unbound(names: used.subtracting(held), stars: stars)
    }

    /// Whether a name is called there, or asked for a member, and not bound.
    private static func isUse(_ tokens: [PythonToken], _ index: Int) -> Bool {
        guard index + 1 < tokens.count, [.sign("("), .sign(".")].contains(tokens[index + 1]) else { return false }
        return index == 0 || ![.name("def"), .name("class"), .name("type")].contains(tokens[index - 1])
    }

    /// The module of `from MODULE import *`.
    private func starModule(_ statement: PythonStatement, _ module: String) -> String? {
        guard let item = PythonImport(statement.tokens)?.items.first else { return nil }
        guard item.level > 0 else { return item.module }
        guard let base = packageName(of: module, level: item.level) else { return nil }
        return item.module.isEmpty ? base : base + "." + item.module
    }

    /// The modules that a file takes all names from; nil where that is not known.
    func stars(of node: ImageTree.Node) throws -> [String]? {
        guard let module = loaded.first(where: { $0.value.node?.path == node.path })?.key else { return nil }
        return try readStars(PythonParser.statements(try check.tree.read(node, limit: Self.sourceLimit)), module, 0)
    }

    private func readStars(_ statements: [PythonStatement], _ module: String, _ depth: Int) throws -> [String]? {
        guard depth < 20 else { return nil }
        var result: [String] = []
        for statement in statements {
            if statement.keyword == "from", statement.tokens.last == .sign("*") {
                guard let star = starModule(statement, module) else { return nil }
                result.append(star)
            }
            guard let inner = try readStars(statement.body, module, depth + 1) else { return nil }
            result += inner
        }
        return result
    }

    /// Whether a file has a name nowhere but in texts, as those of `__all__` are.
    mutating func hasInTextsAlone(_ name: String, _ owner: Loaded) throws -> Bool {
        guard let node = owner.node, node.path.name?.suffix(3).elementsEqual(".py".utf8) ?? false,
            !isStandard(node.path)
        else { return false }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        guard !Self.open.contains(where: { bytes.contains(text: $0) }), !bytes.contains(text: "__getattr__"),
            !bytes.contains(text: "lazy"), let stars = try stars(of: node),
            try modules.find(name, in: owner.directories) == nil
        else { return false }
        for star in stars {
            guard let other = loaded[star], other.functions[name] == nil, other.classes[name] == nil,
                try lacks(name, other.node)
            else { return false }
        }
        return !Self.isNamed(name, PythonParser.statements(bytes))
    }

    private static func isNamed(_ name: String, _ statements: [PythonStatement]) -> Bool {
        statements.contains { $0.tokens.contains(.name(name)) || isNamed(name, $0.body) }
    }

    // MARK: Members of classes

    /// Classes of the library that have no members but those of their own kind.
    private static let closed: Set = ["Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "object"]
    /// Members that every class or enumeration has.
    private static let common: Set = ["mro", "register", "name", "value", "names", "values"]

    /// `NAME.member` of a class of the program that does not have it.
    mutating func lacksMember(of name: String, _ tokens: [PythonToken], _ index: Int, in module: String) throws -> Flow?
    {
        guard counts, index + 2 < tokens.count, tokens[index + 1] == .sign("."),
            case .name(let member) = tokens[index + 2],
            index == 0 || tokens[index - 1] != .sign("."), !(isInFunction && localNames.contains(name)),
            index + 3 >= tokens.count || tokens[index + 3] != .sign("=")
                || index + 4 < tokens.count && tokens[index + 4] == .sign("="),
            let type = type(madeBy: name, in: module)
        else { return nil }
        return try lacksMember(member, type, in: module)
    }

    /// A member that neither a class nor those above it have, whose files say nothing of it.
    mutating func lacksMember(_ member: String, _ type: ObjectType, in module: String) throws -> Flow? {
        guard counts, !isComputed, !member.hasPrefix("_"), !Self.common.contains(member),
            let place = loaded[type.module], let statement = place.classes[type.name], let node = place.node,
            !isStandard(node.path), !isSite(node.path), node.size ?? .max < Int64(Self.sourceLimit)
        else { return nil }
        if let open = statement.tokens.firstIndex(of: .sign("(")) {
            for parent in Self.arguments(statement.tokens, from: open) {
                guard case .name(let last)? = parent.last, Self.closed.contains(last),
                    parent.count == 1 || parent.count == 3
                else { return nil }
            }
        }
        let held = try members(of: node)
        guard !held.isOpen, !held.names.contains(member), !held.decorated.contains(type.name),
            held.classes.contains(type.name)
        else { return nil }
        // Whoever gives it to the class says its name.
        if module != type.module, let user = loaded[module]?.node {
            let other = try members(of: user)
            if other.isOpen || other.names.contains(member) { return nil }
        }
        return .fails([
            Finding(
                .missingName(script: self.place(of: module), module: type.name, name: member), chain: chain(to: module))
        ])
    }

    /// What a file says of members: names that it binds or gives somewhere, read once.
    struct Members {
        var names: Set<String> = []
        /// Classes of the outermost level, and those of them to which decorators may give more.
        var classes: Set<String> = []
        var decorated: Set<String> = []
        var isOpen = false
    }

    private mutating func members(of node: ImageTree.Node) throws -> Members {
        if let known = memberFacts[node.path] { return known }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        var result = Members()
        result.isOpen = ["__getattr", "setattr", "hasattr", "__dict__", "metaclass"].contains {
            bytes.contains(text: $0)
        }
        let statements = PythonParser.statements(bytes)
        for (index, statement) in statements.enumerated() where statement.keyword == "class" {
            guard statement.tokens.count > 1, case .name(let name) = statement.tokens[1] else { continue }
            result.classes.insert(name)
            let before = index > 0 ? statements[index - 1].tokens : []
            let plain: [PythonToken] = [.name("dataclass"), .name("unique")]
            if before.first == .sign("@"), before.count < 2 || !plain.contains(before[1]) {
                result.decorated.insert(name)
            }
        }
        if !result.isOpen { Self.collect(statements, &result.names) }
        memberFacts[node.path] = result
        return result
    }

    private static func collect(_ statements: [PythonStatement], _ names: inout Set<String>) {
        for statement in statements {
            let tokens = statement.tokens
            for (index, token) in tokens.enumerated() {
                switch token {
                case .name(let name):
                    let isMember = index > 0 && tokens[index - 1] == .sign(".")
                    let isGiven =
                        index + 1 < tokens.count && tokens[index + 1] == .sign("=")
                        && (index + 2 >= tokens.count || tokens[index + 2] != .sign("="))
                    if !isMember || isGiven { names.insert(name) }
                case .text(let text?): names.insert(text)
                case .text, .number, .sign: continue
                }
            }
            collect(statement.body, &names)
        }
    }

    // MARK: What a program gives back

    /// Whether a statement keeps what a call gives, and one of the next ends the program by it: `code = main()`, `sys.exit(code)`.
    static func keepsStatus(_ statement: PythonStatement, _ rest: ArraySlice<PythonStatement>) -> Bool {
        guard statement.tokens.count > 3, case .name = statement.tokens[0], statement.tokens[1] == .sign("="),
            statement.tokens.last == .sign(")")
        else { return false }
        let name = statement.tokens[0]
        func ends(_ statement: PythonStatement) -> Bool {
            guard let place = statement.tokens.firstIndex(where: { $0.isName("exit") || $0.isName("SystemExit") })
            else {
                return false
            }
            return statement.tokens[(place + 1)...].elementsEqual([.sign("("), name, .sign(")")])
        }
        return rest.prefix(12).contains { ends($0) || ($0.keyword == "if" && $0.body.prefix(12).contains(where: ends)) }
    }
}
