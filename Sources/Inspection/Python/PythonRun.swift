internal import OCI

/// Follows a Python program as its interpreter would: the statements that are executed when it starts, the modules that they
/// import, and the functions that are called on the way.
///
/// What depends on what files do not tell is passed over, and so is what fails where the program expects it.
struct PythonRun {
    static let moduleLimit = 3000
    /// Modules that import each other in one row; those behind are followed later.
    static let importDepth = 24
    private static let callDepth = 12
    /// Bytes of one module's source.
    static let sourceLimit = 2 << 20

    /// What happens behind a statement.
    enum Flow {
        case next
        /// The block or the program ends here.
        case ends
        case fails([Finding])
    }

    /// A module of which something was executed.
    struct Loaded {
        var name: String
        var path: String
        var node: ImageTree.Node?
        /// Where modules below it are.
        var directories: [ImagePath] = []
        var functions: [String: PythonStatement] = [:]
        var classes: [String: PythonStatement] = [:]
        /// What its names stand for: modules, and what was imported from them.
        var names: [String: (module: String, attribute: String?)] = [:]
        var failure: [Finding]?
        /// Names that are true or false; nil for those that may be either.
        var switches: [String: Bool?] = [:]
        /// Names that are lists of texts.
        var lists: [String: [String]] = [:]
        /// Names that are tables of texts.
        var tables: [String: [String: String]] = [:]
    }

    var check: ClosureCheck
    var path: PythonPath
    var modules: PythonModules
    var loaded: [String: Loaded] = [:]
    /// Modules whose statements are followed when all else is.
    var deferred: [(name: String, statements: [PythonStatement])] = []
    var depth = 0
    private(set) var calls: [String] = []
    /// How many places expect that something fails.
    var guards = 0
    /// The package that the program belongs to, which dots in it mean.
    var mainPackage: String?
    /// The files of the modules that are being loaded.
    var importers: [String] = []
    /// Files of the program that speak TLS, and that use time zones.
    var speakers: Set<String> = []
    var zoneUsers: Set<String> = []
    /// Whether the program changes in a way that is not known where modules are found.
    var isComputed: Bool
    /// Packages that make modules of their own while they are loaded.
    var makers: Set<String> = []
    /// What loops over texts that are known have in hand, and local names of the function in hand.
    var bound: [String: String] = [:]
    /// Expressions in expressions that are followed.
    static let expressionLimit = 200
    var expressionDepth = 0
    /// The names that are the function's own.
    var localNames: Set<String> = []
    /// How many functions are called where what one gives back ends the program: `sys.exit(main())`.
    var endingCalls: Int?
    /// What a server or framework has been told to load by its command line.
    var operands: [String] = []
    /// The interpreter, as it was called.
    var executable: String?
    var hasSetUp = false
    /// Whether the statements in hand are a function's, and not a module's.
    var isInFunction = false
    /// How many `try` the statements in hand stand in.
    var tries = 0
    /// Whether something was called that may have made files.
    var mayHaveMade = false
    /// Whether a way that may have been taken left the function or the program in hand.
    var mayHaveLeft = false
    /// Branches around the place that may be taken, and functions that are defined in such ones, by `module:name`.
    var openBranches = 0
    var doubtful: Set<String> = []
    /// Whether variables may have been set whose names are not known.
    var hasOpenEnvironment = false
    /// Names of the library's that modules give another meaning, by `module:name`.
    var rebound: Set<String> = []
    /// Whether the statement in hand may take what generators and coroutines give.
    var consumes = true
    /// What its arguments are taken for.
    var parsed = PythonArguments()
    /// Parameters that are given nothing.
    var nones: Set<String> = []
    /// Modules whose outermost statements are being executed.
    var running: [String: Running] = [:]
    /// By file.
    var unboundFacts: [ImagePath: Unbound] = [:]
    var memberFacts: [ImagePath: Members] = [:]
    var nameFacts: [ImagePath: NameFacts] = [:]
    /// What names stand for nothing for, by `module:name`: the module that an `except` found missing.
    var causes: [String: [Finding]] = [:]
    /// The variables that names were asked for and the image does not set, and the texts that names stand for.
    var asked: [String: String] = [:]
    /// The same for the local names of the function in hand.
    var localAsked: [String: String] = [:]
    var paths: [String: String] = [:]
    /// Whether it has written something: what fails behind that fails in use.
    var hasSpoken = false
    /// The classes of names, by `module:name`, and of `self`.
    var objects: [String: ObjectType] = [:]
    var own: ObjectType?
    var methodCalls: [String] = []

    init(_ check: ClosureCheck, _ path: PythonPath, interpreter: Elf?) {
        (self.check, self.path) = (check, path)
        modules = PythonModules(
            tree: check.tree, version: path.version, machine: interpreter?.machine,
            isMusl: interpreter?.interpreter?.contains("/ld-musl-") ?? false)
        isComputed = path.isComputed
        // A line that is executed before the program may set variables too.
        hasOpenEnvironment = path.isComputed
    }

    // MARK: Blocks

    /// Follows a program's statements, and then what was put off.
    mutating func execute(_ statements: [PythonStatement], as name: String) throws -> Flow {
        let flow = try walk(statements, in: name)
        if case .fails = flow { return flow }
        var index = 0
        while index < deferred.count, index < Self.moduleLimit {
            let item = deferred[index]
            index += 1
            if case .fails(let findings) = try walk(item.statements, in: item.name) { return .fails(findings) }
        }
        return flow
    }

    /// - Parameter isOutermost: whether they are all of a module's, whose names others may ask for meanwhile.
    mutating func walk(_ statements: [PythonStatement], in module: String, isOutermost: Bool = false) throws -> Flow {
        if isOutermost { running[module] = Running(statements: statements) }
        defer { if isOutermost { running[module] = nil } }
        var index = 0
        while index < statements.count {
            let statement = statements[index]
            index += 1
            if isOutermost { running[module]?.count = index }
            let flow: Flow
            switch statement.keyword {
            case "if":
                var branches = [statement]
                while index < statements.count, ["elif", "else"].contains(statements[index].keyword) {
                    branches.append(statements[index])
                    index += 1
                }
                flow = try conditional(branches, in: module)
            case "try":
                var clauses: [PythonStatement] = []
                while index < statements.count, ["except", "else", "finally"].contains(statements[index].keyword) {
                    clauses.append(statements[index])
                    index += 1
                }
                flow = try attempt(statement, clauses, in: module)
            default:
                if let flow = disordered(statement, statements[..<(index - 1)].last, in: module) { return flow }
                let saved = endingCalls
                if Self.keepsStatus(statement, statements[index...]) { endingCalls = calls.count + 1 }
                let outer = consumes
                consumes = !Self.keeps(statement)
                flow = try single(statement, in: module)
                (endingCalls, consumes) = (saved, outer)
                if statement.keyword == "def", let above = statements[..<(index - 1)].last,
                    mayReplace(above.tokens, in: module), let name = definedName(statement)
                {
                    doubtful.insert(module + ":" + name)
                }
            }
            guard case .next = flow else { return flow }
        }
        return .next
    }

    private mutating func single(_ statement: PythonStatement, in module: String) throws -> Flow {
        switch statement.keyword {
        case "import", "from": return try imports(statement.tokens, in: module)
        case "def":
            if let name = definedName(statement) {
                loaded[module]?.functions[name] = statement
                if openBranches > 0 {
                    doubtful.insert(module + ":" + name)
                } else {
                    doubtful.remove(module + ":" + name)
                }
                causes[module + ":" + name] = nil
            }
            return .next
        case "class":
            if let name = definedName(statement) {
                loaded[module]?.classes[name] = statement
                causes[module + ":" + name] = nil
            }
            let flow = try walk(statement.body, in: module)
            if let name = definedName(statement) { noteAttributes(of: name, statement.body, in: module) }
            return flow
        case "with":
            let opened = try expression(Array(statement.tokens.dropFirst()), in: module)
            guard case .next = opened else { return opened }
            // An object of the program's own is entered.
            if statement.tokens.count > 2, case .name(let maker) = statement.tokens[1],
                statement.tokens[2] == .sign("("),
                let type = type(madeBy: maker, in: module)
            {
                let entered = try callMethod("__enter__", of: type)
                guard case .next = entered else { return entered }
            }
            let behind = statement.tokens.firstIndex(of: .name("suppress")).map { Array(statement.tokens[($0 + 1)...]) }
            let isCaught = mayCatch(statement.tokens, in: module)
            let suppresses = behind.map { Self.catchesImports($0) } ?? isCaught
            if isCaught { tries += 1 }
            defer { if isCaught { tries -= 1 } }
            let flow =
                try suppresses ? guarded { try $0.walk(statement.body, in: module) } : walk(statement.body, in: module)
            if suppresses, case .fails = flow { return .next }
            return flow
        case "while":
            if statement.tokens.count == 2, [.name("True"), .number("1")].contains(statement.tokens[1]) {
                return try walk(statement.body, in: module)
            }
            return try maybe(statement.body, in: module)
        case "for":
            let flow = try expression(statement.tokens, in: module)
            guard case .next = flow else { return flow }
            if let (name, values) = try values(ofLoop: statement.tokens, in: module) {
                return try walk(statement.body, for: name, values, in: module)
            }
            return try maybe(statement.body, in: module)
        case "match", "case", "elif", "else", "except", "finally", "case _":
            return try maybe(statement.body, in: module)
        case "return":
            let saved = endingCalls
            defer { endingCalls = saved }
            if endingCalls == calls.count { endingCalls = calls.count + 1 }
            let flow = try expression(statement.tokens, in: module)
            if case .fails = flow { return flow }
            return .ends
        case "raise":
            // What is raised may be what a function gives back: `raise SystemExit(main())`.
            let flow = try expression(Array(statement.tokens.dropFirst()), in: module)
            if case .fails = flow { return flow }
            return .ends
        case "assert":
            let flow = try expression(Array(statement.tokens.dropFirst()), in: module)
            guard case .next = flow else { return flow }
            let condition = Array(statement.tokens.dropFirst().prefix { $0 != .sign(",") })
            let raised = [PythonStatement(tokens: [.name("raise")])]
            guard PythonCondition(self, module: module).value(condition) == false,
                let findings = end(condition, raised, in: module)
            else { return .next }
            return .fails(findings)
        case "break", "continue": return .ends
        default:
            guard statement.tokens.first != .sign("@") else { return .next }
            noteParser(statement.tokens)
            noteRebinding(statement.tokens, in: module)
            if !isInFunction { note(assignment: statement.tokens, in: module) }
            if isInFunction, statement.tokens.count > 2, statement.tokens[1] == .sign("="),
                case .name(let name) = statement.tokens[0]
            {
                causes[module + ":" + name] = nil
                let value = pathText(Array(statement.tokens.dropFirst(2)), in: module)
                bound[name] = guards == 0 ? value : nil
                localNames.insert(name)
                nones.remove(name)
                localAsked[name] = unsetVariable(Array(statement.tokens.dropFirst(2)))
            }
            noteAttribute(statement.tokens, in: module)
            forgetChanged(statement.tokens, in: module)
            return try expression(statement.tokens, in: module)
        }
    }

    private func definedName(_ statement: PythonStatement) -> String? {
        for (index, token) in statement.tokens.enumerated() where token == .name("def") || token == .name("class") {
            if index + 1 < statement.tokens.count, case .name(let name) = statement.tokens[index + 1] { return name }
        }
        return nil
    }

    /// Follows what may be executed or not: what it defines counts, and what fails in it does not.
    private mutating func maybe(_ statements: [PythonStatement], in module: String) throws -> Flow {
        openBranches += 1
        defer { openBranches -= 1 }
        if case .ends = try guarded({ try $0.walk(statements, in: module) }) { mayHaveLeft = true }
        return .next
    }

    mutating func guarded<Value>(_ body: (inout PythonRun) throws -> Value) rethrows -> Value {
        guards += 1
        defer { guards -= 1 }
        return try body(&self)
    }

    private mutating func conditional(_ branches: [PythonStatement], in module: String) throws -> Flow {
        var failure: [Finding]?
        var isOpen = false
        for branch in branches {
            let isLast = branch.keyword == "else"
            let value = isLast ? true : PythonCondition(self, module: module).value(Array(branch.tokens.dropFirst()))
            if value == false { continue }
            if value == true, !isOpen {
                let spoken = hasSpoken
                let flow = try walk(branch.body, in: module)
                guard case .ends = flow, !isLast else { return flow }
                // What it says there is why it ends.
                let said = hasSpoken
                hasSpoken = spoken
                let findings = end(branch.tokens, branch.body, in: module)
                hasSpoken = said
                return findings.map { .fails($0) } ?? flow
            }
            isOpen = true
            // One of several ways: it fails only where all of them do.
            openBranches += 1
            defer { openBranches -= 1 }
            let way = try guarded { try $0.walk(branch.body, in: module) }
            guard case .fails(let findings) = way else {
                if case .ends = way { mayHaveLeft = true }
                for rest in branches where rest.tokens != branch.tokens { _ = try maybe(rest.body, in: module) }
                return .next
            }
            failure = failure ?? findings
            if value == true { return .fails(failure ?? []) }
        }
        return .next
    }

    // MARK: try

    private mutating func attempt(_ statement: PythonStatement, _ clauses: [PythonStatement], in module: String) throws
        -> Flow
    {
        let handlers = clauses.filter { $0.keyword == "except" }
        let catches = handlers.first { Self.catchesImports(Array($0.tokens.dropFirst())) }
        if let flow = try attemptName(statement, handlers, in: module) { return flow }
        tries += 1
        defer { tries -= 1 }
        var flow =
            try catches == nil ? walk(statement.body, in: module) : guarded { try $0.walk(statement.body, in: module) }
        if case .fails(let findings) = flow {
            if let catches, Self.takes(catches, findings) {
                flow = try walk(catches.body, in: module)
                if guards == 0 { noteCauses(catches.body, findings, in: module) }
                // The program sees to it that it ends.
                if case .ends = flow, Self.fails(catches.body) || givesFailure(catches.body) { flow = .fails(findings) }
            }
        } else if case .next = flow, let otherwise = clauses.first(where: { $0.keyword == "else" }) {
            flow = try walk(otherwise.body, in: module)
        }
        if case .fails = flow { return flow }
        if let last = clauses.first(where: { $0.keyword == "finally" }) {
            if case .fails(let findings) = try walk(last.body, in: module) { return .fails(findings) }
        }
        return flow
    }

    static func endsProgram(_ statements: [PythonStatement]) -> Bool {
        statements.contains { statement in
            if statement.keyword == "raise" { return true }
            let text = statement.tokens.prefix(4)
            return text.starts(with: [.name("sys"), .sign("."), .name("exit")]) || text.starts(with: [.name("exit")])
                || text.starts(with: [.name("quit")])
                || text.starts(with: [.name("os"), .sign("."), .name("_exit")])
        }
    }

    // MARK: Calls

    /// Calls a function, or makes an object of a class, of a module.
    mutating func call(_ name: String, in module: String, _ arguments: [[PythonToken]] = []) throws -> Flow {
        let key = module + ":" + name
        guard calls.count < Self.callDepth, !calls.contains(key), let place = loaded[module] else { return .next }
        calls.append(key)
        let saved = (isInFunction, mayHaveLeft, bound, localAsked, localNames, nones)
        (isInFunction, localNames) = (true, [])
        defer {
            (isInFunction, mayHaveLeft, bound, localAsked, localNames, nones) = saved
            calls.removeLast()
        }
        localAsked = [:]
        if let function = place.functions[name] {
            if isLate(function) { return .next }
            bind(function, arguments)
            if doubtful.contains(key) {
                // Another may have taken its place.
                _ = try guarded { try $0.walk(function.body, in: module) }
                return .next
            }
            let flow = try walk(function.body, in: module)
            // A function that returns ends nothing else, unless the program ends in it.
            if case .ends = flow { return Self.endsProgram(function.body) ? .ends : .next }
            return flow
        }
        if arguments.isEmpty, let made = try makesFields(of: name, in: module) { return made }
        if let start = place.classes[name]?.body.first(where: {
            $0.keyword == "def" && $0.tokens.contains(.name("__init__"))
        }) {
            let outer = own
            own = ObjectType(module: module, name: name)
            defer { own = outer }
            bind(start, [[]] + arguments)
            let flow = try walk(start.body, in: module)
            if case .ends = flow { return .next }
            return flow
        }
        if let (other, attribute) = place.names[name], let attribute {
            bound = saved.2
            return try call(attribute, in: other, arguments)
        }
        return .next
    }
}
