internal import OCI

/// Follows a Node program as node would: the statements that are executed when it starts, the modules that they load, and the
/// functions that are called on the way.
struct NodeRun {
    static let moduleLimit = 4000
    static let loadDepth = 24
    private static let callDepth = 12
    static let sourceLimit = 2 << 20

    enum Flow {
        case next
        /// The block or the program ends here.
        case ends
        case fails([Finding])
    }

    /// The module whose statements are followed.
    struct Module {
        let path: String
        let directory: ImagePath
        let isMain: Bool
        /// Whether it is an ES module: there `require` is what the module makes itself.
        let isModule: Bool
        var functions: [String: [JavaScript]] = [:]
        /// What stands between the brackets of functions.
        var parameters: [String: [JavaScript]] = [:]
        /// Lists of names of variables that are not set, by what was taken out of a list.
        var unset: Set<String> = []
        var texts: [String: String] = [:]
        var classes: [String: Class] = [:]
        /// The classes of names.
        var objects: [String: String] = [:]
        /// The variables of the environment that names were taken from, and the image does not set.
        var asked: [String: String] = [:]
        /// What other modules gave, by its name here: the module's file, and the name there; nil for all of it.
        var given: [String: (path: ImagePath, name: String?)] = [:]
        /// The class that is all that it gives, and those that it gives by other names.
        var whole: String?
        var aliases: [String: String] = [:]
        /// Names of Node's that it declares itself.
        var own: Set<String> = []
        /// Names that are lists of texts, and tables of texts.
        var lists: [String: [String]] = [:]
        var tables: [String: [String: String]] = [:]
        /// Functions whose failure is a promise that is rejected.
        var asynchronous: Set<String> = []
        /// Whether it hears of errors of what it starts.
        var hearsErrors = false
    }

    var check: ClosureCheck
    let resolution: NodeResolution
    /// What the program is given.
    var operands: [String] = []
    /// By path; nil for a module that was loaded.
    var loaded: [ImagePath: [Finding]?] = [:]
    var deferred: [(module: Module, tokens: [JavaScript])] = []
    var importers: [String] = []
    var depth = 0
    var steps = 0
    var nesting = 0
    var guards = 0
    /// ES modules that make a `require` of their own.
    var hasRequire: Set<String> = []
    private(set) var calls: [String] = []
    /// Modules that are being executed and called one that is in hand, by path; the methods that are being executed; and what
    /// objects keep in fields.
    var suspended: [String: Module] = [:]
    var frames: [Frame] = []
    var fields: [String: Class] = [:]
    /// Modules whose statements are executed, for those that call what they give.
    var finished: [ImagePath: Module] = [:]
    /// Whether something was called that may have made files.
    var mayHaveMade = false
    /// Whether variables may have been set whose names are not known, and those that the program sets itself.
    var hasOpenEnvironment = false
    var setVariables: Set<String> = []
    /// Whether the program changes how modules are found.
    var hasOwnLoader = false
    /// Files in which a function has a `require` of its own.
    var ownRequires: Set<String> = []
    /// Whether the program takes whatever nobody caught (`uncaughtException`).
    var takesAll = false
    /// Whether it has written something: what fails behind that fails in use.
    var hasSpoken = false
    /// The file whose statements are executed.
    var current = "ENTRYPOINT"
    /// How often it has written something.
    var words = 0
    /// What a promise was rejected with that nobody has taken, and how often the program had written something by then: it ends
    /// the program when that has done what it does at once.
    var rejected: (findings: [Finding], words: Int)?
    /// Whether what is behind the statement in hand may not be executed any more.
    private var mayHaveEnded = false

    init(_ check: ClosureCheck, _ resolution: NodeResolution) { (self.check, self.resolution) = (check, resolution) }

    mutating func guarded<Value>(_ body: (inout NodeRun) throws -> Value) rethrows -> Value {
        guards += 1
        defer { guards -= 1 }
        return try body(&self)
    }

    /// What was put off, once all else is followed.
    mutating func finish() throws -> Flow {
        var index = 0
        while index < deferred.count, index < Self.moduleLimit {
            var item = deferred[index]
            index += 1
            if case .fails(let findings) = try execute(item.tokens, &item.module) { return .fails(findings) }
        }
        if let rejected, rejected.words == words { return .fails(rejected.findings) }
        return .next
    }

    /// A whole file: static imports come first.
    mutating func execute(_ tokens: [JavaScript], _ module: inout Module) throws -> Flow {
        if module.isModule {
            let flow = try staticImports(tokens, &module)
            guard case .next = flow else { return flow }
        }
        if module.isModule, Self.definesRequire(tokens) { hasRequire.insert(module.path) }
        let outer = current
        current = module.path
        defer { current = outer }
        module.own = Self.declared(tokens)
        module.hearsErrors = Self.hears(tokens)
        declare(tokens, &module)
        let flow = try walk(tokens, &module)
        noteExports(tokens, &module)
        return flow
    }

    private static func definesRequire(_ tokens: [JavaScript]) -> Bool {
        tokens.indices.contains {
            tokens[$0].isName("require") && $0 + 1 < tokens.count && tokens[$0 + 1] == .sign("=")
        }
    }

    /// Functions are known before the first statement.
    private func declare(_ tokens: [JavaScript], _ module: inout Module) {
        for (index, token) in tokens.enumerated() where token.isName("function") {
            guard index + 1 < tokens.count, case .name(let name) = tokens[index + 1] else { continue }
            if index > 0, tokens[index - 1].isName("async") { module.asynchronous.insert(name) }
            module.parameters[name] = nil
            for next in tokens[(index + 2)...].prefix(3) {
                if case .round(let list) = next, module.parameters[name] == nil { module.parameters[name] = list }
                if case .curly(let body) = next {
                    module.functions[name] = body
                    break
                }
            }
        }
    }

    // MARK: Statements

    mutating func walk(_ tokens: [JavaScript], _ module: inout Module) throws -> Flow {
        try nested(tokens.count) { try $0.walkAll(tokens, &module) }
    }

    private mutating func walkAll(_ tokens: [JavaScript], _ module: inout Module) throws -> Flow {
        var place = 0
        // Whether what is left may not be executed.
        var isDoubtful = false
        defer {
            if isDoubtful { (guards, mayHaveEnded) = (guards - 1, true) }
        }
        while place < tokens.count {
            let start = place
            let flow = try statement(tokens, &place, &module)
            guard case .next = flow else { return isDoubtful ? .next : flow }
            if place == start { place += 1 }
            guard mayHaveEnded, place < tokens.count else { continue }
            mayHaveEnded = false
            if !isDoubtful { (guards, isDoubtful) = (guards + 1, true) }
        }
        return .next
    }

    private mutating func statement(_ tokens: [JavaScript], _ place: inout Int, _ module: inout Module) throws -> Flow {
        switch tokens[place] {
        case .line, .sign(";"):
            place += 1
            return .next
        case .curly(let inner):
            place += 1
            return try walk(inner, &module)
        case .name("if"): return try conditional(tokens, &place, &module)
        case .name("try"): return try attempt(tokens, &place, &module)
        case .name("for"), .name("while"), .name("switch"), .name("with"), .name("do"):
            return try loop(tokens, &place, &module)
        case .name("function"), .name("class"):
            let start = place
            while place < tokens.count {
                defer { place += 1 }
                guard case .curly = tokens[place] else { continue }
                return tokens[start].isName("class") ? try define(tokens[start...place], &module) : .next
            }
            return .next
        case .name("async") where place + 1 < tokens.count && tokens[place + 1].isName("function"):
            place += 1
            return .next
        case .name("return"), .name("throw"):
            place += 1
            let flow = try expression(end(tokens, &place), &module)
            if case .fails = flow { return flow }
            return .ends
        case .name("import") where !isCall(tokens, place + 1), .name("export"):
            return try declaration(tokens, &place, &module)
        default:
            let all = end(tokens, &place)
            if let flow = exportsOld(all, module) { return flow }
            return try expression(all, &module)
        }
    }

    private func isCall(_ tokens: [JavaScript], _ place: Int) -> Bool {
        guard place < tokens.count else { return false }
        switch tokens[place] {
        case .round, .sign("."): return true
        default: return false
        }
    }

    /// `import …` was followed before; of `export …` what is declared counts.
    private mutating func declaration(_ tokens: [JavaScript], _ place: inout Int, _ module: inout Module) throws -> Flow
    {
        let isExport = tokens[place].isName("export")
        place += 1
        guard isExport, place < tokens.count else {
            _ = end(tokens, &place)
            return .next
        }
        if tokens[place].isName("default") { place += 1 }
        guard place < tokens.count else { return .next }
        switch tokens[place] {
        case .curly, .sign("*"):
            _ = end(tokens, &place)
            return .next
        default: return .next
        }
    }

    /// The tokens of a statement up to its end: a semicolon, or a line's end behind which no operator goes on.
    private func end(_ tokens: [JavaScript], _ place: inout Int) -> [JavaScript] {
        let start = place
        while place < tokens.count {
            if tokens[place] == .sign(";") {
                place += 1
                return Array(tokens[start..<(place - 1)])
            }
            if tokens[place] == .line, place > start, !continues(tokens, place) { return Array(tokens[start..<place]) }
            place += 1
        }
        return Array(tokens[start...])
    }

    private func continues(_ tokens: [JavaScript], _ place: Int) -> Bool {
        switch tokens[place - 1] {
        case .sign, .decides, .arrow, .equals: return true
        case .name(let name):
            if ["await", "new", "typeof", "const", "let", "var", "return", "from", "import", "as"].contains(name) {
                return true
            }
        default: break
        }
        guard let next = tokens[place...].first(where: { $0 != .line }) else { return false }
        switch next {
        case .sign(let scalar): return ".,?:+*=%|".unicodeScalars.contains(scalar)
        case .decides, .arrow, .equals, .round, .square: return true
        case .name(let name): return ["in", "of", "instanceof", "from", "as"].contains(name)
        default: return false
        }
    }

    /// A block, or one statement.
    private mutating func body(_ tokens: [JavaScript], _ place: inout Int) -> [JavaScript] {
        while place < tokens.count, tokens[place] == .line { place += 1 }
        guard place < tokens.count else { return [] }
        if case .curly(let inner) = tokens[place] {
            place += 1
            return inner
        }
        let start = place
        if ["if", "for", "while", "try", "switch"].contains(where: { tokens[start].isName($0) }) {
            // The whole of what it governs.
            place += 1
            while place < tokens.count {
                if case .curly = tokens[place] {
                    place += 1
                    return Array(tokens[start..<place])
                }
                if tokens[place] == .sign(";") || tokens[place] == .line { break }
                place += 1
            }
            return Array(tokens[start..<place])
        }
        return end(tokens, &place)
    }

    private mutating func conditional(_ tokens: [JavaScript], _ place: inout Int, _ module: inout Module) throws -> Flow
    {
        place += 1
        guard place < tokens.count, case .round(let condition) = tokens[place] else { return .next }
        place += 1
        let computed = try expression(condition, &module)
        guard case .next = computed else { return computed }
        let value = NodeCondition(self, module).value(condition)
        let first = body(tokens, &place)
        var second: [JavaScript]?
        var next = place
        while next < tokens.count, tokens[next] == .line || tokens[next] == .sign(";") { next += 1 }
        if next < tokens.count, tokens[next].isName("else") {
            place = next + 1
            second = body(tokens, &place)
        }
        if value == true {
            let flow = try walk(first, &module)
            if case .ends = flow, let failure = demand(condition, first, module) { return failure }
            return flow
        }
        if value == false { return try second.map { try walk($0, &module) } ?? .next }
        let flow = try guarded { try $0.walk(first, &module) }
        if case .ends = flow { mayHaveEnded = true }
        guard let second else { return .next }
        let other = try guarded { try $0.walk(second, &module) }
        if case .fails = flow, case .fails = other { return flow }
        return .next
    }

    private mutating func attempt(_ tokens: [JavaScript], _ place: inout Int, _ module: inout Module) throws -> Flow {
        place += 1
        let tried = body(tokens, &place)
        var (caught, last): ([JavaScript]?, [JavaScript]) = (nil, [])
        func skipLines() { while place < tokens.count, tokens[place] == .line { place += 1 } }
        skipLines()
        if place < tokens.count, tokens[place].isName("catch") {
            place += 1
            if place < tokens.count, case .round = tokens[place] { place += 1 }
            caught = body(tokens, &place)
        }
        let behind = place
        skipLines()
        if place < tokens.count, tokens[place].isName("finally") {
            place += 1
            last = body(tokens, &place)
        } else {
            place = behind
        }
        var flow = try caught == nil ? walk(tried, &module) : guarded { try $0.walk(tried, &module) }
        if case .fails(let findings) = flow, let caught {
            flow = try walk(caught, &module)
            if case .ends = flow, Self.endsProgram(caught) { flow = .fails(findings) }
        }
        if case .fails = flow { return flow }
        if case .fails(let findings) = try walk(last, &module) { return .fails(findings) }
        return flow
    }

    private mutating func loop(_ tokens: [JavaScript], _ place: inout Int, _ module: inout Module) throws -> Flow {
        let isSelection = tokens[place].isName("switch")
        var subject: [JavaScript]?
        place += 1
        if place < tokens.count, tokens[place].isName("await") { place += 1 }
        if place < tokens.count, case .round(let head) = tokens[place] {
            subject = head
            place += 1
            let flow = try expression(head, &module)
            guard case .next = flow else { return flow }
        }
        let inner = body(tokens, &place)
        if isSelection, let subject, let value = text(subject, module) { return try select(value, inner, &module) }
        if let subject, let (name, values) = try values(ofLoop: subject, module) {
            for value in values {
                module.texts[name] = value
                if case .fails(let findings) = try walk(inner, &module) { return .fails(findings) }
            }
            module.texts[name] = nil
            return .next
        }
        _ = try guarded { try $0.walk(inner, &module) }
        return .next
    }

    /// The statements of `switch` behind the value that is known, up to a `break`.
    private mutating func select(_ value: String, _ inner: [JavaScript], _ module: inout Module) throws -> Flow {
        var start: Int?
        var fallback: Int?
        for (index, token) in inner.enumerated() {
            if token.isName("default"), fallback == nil { fallback = index + 1 }
            guard token.isName("case"), start == nil else { continue }
            let head = Array(inner[(index + 1)...].prefix { $0 != .sign(":") })
            guard let text = text(head, module) else { return .next }
            if text == value { start = min(index + 2 + head.count, inner.count) }
        }
        guard let from = start ?? fallback else { return .next }
        var rest = Array(inner[from...].drop { $0 == .sign(":") })
        if let end = rest.firstIndex(where: { $0.isName("break") || $0.isName("case") || $0.isName("default") }) {
            rest = Array(rest[..<end])
        }
        let flow = try walk(rest, &module)
        return flow
    }

    // MARK: Calls

    /// - Parameter given: the texts that it is called with; nil for those that are not known, or for all of them.
    mutating func call(_ name: String, _ module: inout Module, _ given: [String?]? = nil) throws -> Flow {
        let key = module.path + ":" + name
        guard let body = module.functions[name], calls.count < Self.callDepth, !calls.contains(key) else {
            return .next
        }
        let saved = bind(module.parameters[name] ?? [], given, &module)
        defer { restore(saved, &module) }
        return try enter(body, name, &module)
    }

    /// Executes a method, with what it is given.
    mutating func enter(
        _ body: [JavaScript], _ name: String, _ parameters: [JavaScript]?, _ given: [String?], _ module: inout Module
    ) throws -> Flow {
        let saved = bind(parameters ?? [], given, &module)
        defer { restore(saved, &module) }
        return try enter(body, name, &module)
    }

    /// Executes what a function or method has, unless it is being executed already.
    mutating func enter(_ body: [JavaScript], _ name: String, _ module: inout Module) throws -> Flow {
        let key = module.path + ":" + name
        guard calls.count < Self.callDepth, !calls.contains(key) else { return .next }
        calls.append(key)
        defer { calls.removeLast() }
        return try callBody(body, &module)
    }

    mutating func callBody(_ body: [JavaScript], _ module: inout Module) throws -> Flow {
        declare(body, &module)
        let saved = mayHaveEnded
        mayHaveEnded = false
        let flow = try walk(body, &module)
        mayHaveEnded = saved
        if case .ends = flow { return Self.endsProgram(body) && !body.contains(.name("return")) ? .ends : .next }
        return flow
    }
}
