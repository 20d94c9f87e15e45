internal import OCI

/// Follows a Lua program: what it executes whenever it starts. What is not known is passed over.
struct LuaRun {
    static let stepLimit = 200_000
    static let depthLimit = 60
    private static let sourceLimit = 1 << 20
    private static let textLimit = 1 << 16

    enum Stop: Error {
        case fails([Finding])
        /// With what `returned` has.
        case returns
        case leavesLoop
        case ends
        /// It goes on in a way that is not known.
        case unsure
    }

    var check: ClosureCheck
    /// As in `503`; nil where the release is not known.
    let release: Int?
    let globals: LuaTable
    let package: LuaTable
    /// By which modules are looked for, as every program finds them.
    let searchers: LuaTable
    /// Files that the program makes, and whether it may have made any other.
    var made: Set<ImagePath> = []
    var mayHaveMade = false
    var loaded: [String: LuaValue] = [:]
    /// Branches around the place that may be taken, and that are not.
    var (maybe, never) = (0, 0)
    /// Functions that may have ended, the innermost last.
    var doubtful: [Bool] = [false]
    var isUnsure = false
    var steps = 0
    var depth = 0
    /// What the program looked for last and did not find.
    var cause: Finding.Kind?
    /// What a function or a file gives.
    var returned: [LuaValue] = []
    var chain: [String] = []
    var arguments: [LuaValue] = []
    /// Files that are being executed.
    var files: [ImagePath] = []

    init(_ check: ClosureCheck, release: Int?, path: String, library: String) {
        (self.check, self.release) = (check, release)
        package = LuaTable([
            ".path": .text(path), ".cpath": .text(library), ".preload": .table(LuaTable()),
            ".loaded": .table(LuaTable(isOpen: true)), ".config": .text("/\n;\n?\n!\n-\n"),
        ])
        searchers = LuaTable(
            Dictionary(uniqueKeysWithValues: (1...4).map { (String($0), LuaValue.builtin("package.searcher")) }))
        for name in ["searchers", "loaders"] where (name == "loaders") == (release == 501) || release == nil {
            package.items["." + name] = .table(searchers)
        }
        globals = LuaTable([".package": .table(package)])
        for name in Self.names(release) { globals.items["." + name] = .builtin(name) }
        globals.items["._G"] = .table(globals)
        globals.isOpen = release == nil
    }

    /// What every program finds (the manuals of the releases, "The standard libraries").
    private static func names(_ release: Int?) -> [String] {
        let all = [
            "assert", "collectgarbage", "dofile", "error", "getmetatable", "ipairs", "load", "loadfile", "next",
            "pairs",
            "pcall", "print", "rawequal", "rawget", "rawset", "require", "select", "setmetatable", "tonumber",
            "tostring",
            "type", "xpcall", "_VERSION", "string", "table", "math", "io", "os", "debug", "coroutine",
        ]
        let former = ["unpack", "loadstring", "setfenv", "getfenv", "module", "gcinfo", "newproxy"]
        switch release {
        case 501: return all + former
        case 502: return all + ["rawlen", "bit32"]
        default: return all + ["rawlen", "utf8", "warn"]
        }
    }

    var isLive: Bool { maybe == 0 && never == 0 && !isUnsure && !doubtful[doubtful.count - 1] }

    func fail(_ kind: Finding.Kind) -> Stop { .fails([Finding(kind, chain: check.chain + chain.dropLast())]) }

    var file: String { chain.last ?? "ENTRYPOINT" }

    /// Counts what is more work than a step.
    mutating func spend(_ count: Int) throws {
        steps += count
        guard steps < Self.stepLimit else { throw Stop.unsure }
    }

    /// Some texts behind one another; what is too long is not known.
    mutating func joined(_ texts: [String], _ mark: String = "") throws -> LuaValue {
        let count = texts.reduce(mark.utf8.count * texts.count) { $0 + $1.utf8.count }
        guard count <= Self.textLimit else { return .unknown }
        try spend(count / 64)
        return .text(texts.joined(separator: mark))
    }

    // MARK: Files

    mutating func execute(_ node: ImageTree.Node) throws -> [LuaValue] {
        guard files.count < 24, node.size ?? 0 < Int64(Self.sourceLimit) else { throw Stop.unsure }
        check.report.files.insert(node.path)
        if let obstacle = try check.obstacle(to: node.path, node, .read) {
            throw fail(
                .notPermitted(
                    path: node.path.description, obstacle: obstacle.description, user: check.process.user.name))
        }
        let source = try check.tree.read(node, limit: Self.sourceLimit)
        try spend(source.count / 32)
        // Compiled ones are not read.
        if source.first == 0x1B { return [.unknown] }
        files.append(node.path)
        defer { files.removeLast() }
        return try execute(source, in: node.path.description)
    }

    mutating func execute(_ source: [UInt8], in file: String) throws -> [LuaValue] {
        chain.append(file)
        doubtful.append(false)
        let count = chain.count
        defer {
            chain.removeLast(chain.count - count + 1)
            doubtful.removeLast()
        }
        let statements: [LuaStatement]
        do {
            statements = try LuaParser.statements(source, release: release ?? 504)
        } catch {
            if release == nil || error == .tooDeep { throw Stop.unsure }
            throw fail(.badSyntax(path: file, program: "lua", text: error.text))
        }
        do {
            try walk(statements, LuaScope(nil, file: file))
        } catch Stop.returns {
            return returned
        }
        return doubtful[doubtful.count - 1] ? [.unknown] : []
    }

    // MARK: Statements

    mutating func walk(_ statements: [LuaStatement], _ scope: LuaScope) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw Stop.unsure }
        for statement in statements {
            steps += 1
            guard steps < Self.stepLimit else { throw Stop.unsure }
            try walk(statement, scope)
        }
    }

    private mutating func walk(_ statement: LuaStatement, _ scope: LuaScope) throws {
        switch statement {
        case .local(let names, let expressions):
            let values = try values(expressions, scope)
            for (index, name) in names.enumerated() {
                scope.values[name] = index < values.count ? values[index] : Self.rest(expressions)
            }
        case .assign(let targets, let expressions): try assign(targets, expressions, scope)
        case .call(let expression): _ = try values([expression], scope)
        case .block(let body): try walk(body, LuaScope(scope, file: file))
        case .loop(let condition, let body): try loop(condition, body, scope)
        case .count(let name, let limits, let body):
            _ = try values(limits, scope)
            let inner = LuaScope(scope, file: file)
            inner.values[name] = .unknown
            try perhaps(body, inner)
        case .each(let names, let expressions, let body): try each(names, expressions, body, scope)
        case .branch(let cases): try branch(cases, scope)
        case .localFunction(let name, let function):
            scope.values[name] = .nothing
            scope.values[name] = .function(function, scope)
        case .returns(let expressions):
            let values = try values(expressions, scope)
            if isLive {
                returned = values
                throw Stop.returns
            }
            if never == 0 { doubtful[doubtful.count - 1] = true }
        case .leaves:
            if isLive { throw Stop.leavesLoop }
            if never == 0 { doubtful[doubtful.count - 1] = true }
        }
    }

    /// What names get for which no value is left.
    private static func rest(_ expressions: [LuaExpression]) -> LuaValue {
        switch expressions.last {
        case .call?, .method?, .rest?: .unknown
        default: .nothing
        }
    }

    private mutating func assign(_ targets: [LuaExpression], _ expressions: [LuaExpression], _ scope: LuaScope) throws {
        let values = try values(expressions, scope)
        for (index, target) in targets.enumerated() {
            var value = index < values.count ? values[index] : Self.rest(expressions)
            if never > 0 { continue }
            if !isLive { value = .unknown }
            switch target {
            case .name(let name):
                if let holder = scope.holder(of: name) {
                    holder.values[name] = value
                } else {
                    globals.items["." + name] = value
                }
            case .index(let base, let key):
                let key = try self.value(key, scope)
                let holder = try self.value(base, scope)
                if case .nothing = holder, isLive { throw fail(cause ?? .failedScript(script: file, status: 1)) }
                guard case .table(let table) = holder else { continue }
                if let key = key.key { table.items[key] = value } else { table.isOpen = true }
            case .constant, .rest, .call, .method, .function, .table, .unary, .binary: continue
            }
        }
    }

    /// What may be executed: it changes what is known.
    mutating func perhaps(_ body: [LuaStatement], _ scope: LuaScope) throws {
        maybe += 1
        defer { maybe -= 1 }
        try walk(body, LuaScope(scope, file: file))
    }

    private mutating func loop(_ condition: LuaExpression?, _ body: [LuaStatement], _ scope: LuaScope) throws {
        var truth: Bool? = true
        if let condition { truth = try value(condition, scope).isTrue }
        if truth == false { return }
        guard truth == true else { return try perhaps(body, scope) }
        do {
            try walk(body, LuaScope(scope, file: file))
        } catch Stop.leavesLoop {
            return
        }
        if case .constant? = condition {
            // Round and round: what is behind it waits.
            if isLive { throw Stop.unsure }
            isUnsure = true
        }
    }

    private mutating func each(
        _ names: [String], _ expressions: [LuaExpression], _ body: [LuaStatement], _ scope: LuaScope
    ) throws {
        let inner = LuaScope(scope, file: file)
        if case .call(let function, let given)? = expressions.first, given.count == 1,
            case .builtin(let name) = try value(function, scope), name == "ipairs" || name == "pairs",
            case .table(let table) = try value(given[0], scope), !table.isOpen,
            name == "ipairs" || table.list.count == table.items.count
        {
            for (index, item) in table.list.enumerated() {
                inner.values[names[0]] = .number(Double(index + 1))
                if names.count > 1 { inner.values[names[1]] = item }
                do {
                    try walk(body, LuaScope(inner, file: file))
                } catch Stop.leavesLoop {
                    return
                }
            }
            return
        }
        _ = try values(expressions, scope)
        for name in names { inner.values[name] = .unknown }
        try perhaps(body, inner)
    }

    private mutating func branch(_ cases: [(condition: LuaExpression?, body: [LuaStatement])], _ scope: LuaScope) throws
    {
        var mayBeTaken = false
        for (condition, body) in cases {
            var truth: Bool? = true
            if let condition {
                if mayBeTaken { maybe += 1 }
                defer { if mayBeTaken { maybe -= 1 } }
                truth = try value(condition, scope).isTrue
            }
            if truth == false { continue }
            if truth == true, !mayBeTaken { return try walk(body, LuaScope(scope, file: file)) }
            mayBeTaken = true
            try perhaps(body, scope)
        }
    }
}
