internal import OCI

/// Follows a PHP program: what its files execute whenever it starts.
///
/// What is not known is passed over: a branch that may be taken changes what is known, and nothing in it fails.
struct PHPRun {
    static let stepLimit = 400_000
    static let depthLimit = 80
    private static let fileLimit = 600
    private static let sourceLimit = 1 << 20
    /// What a file calls by other names.
    private static let usesLimit = 1000
    /// Values in one another.
    private static let nestingLimit = 10_000

    /// What ends a function, a file or the program.
    enum Stop: Error {
        /// - Parameter isCaught: whether `catch` can catch it.
        case fails([Finding], isCaught: Bool)
        /// An exception of the program's own.
        case thrown(String)
        case returns(PHPValue)
        case leavesLoop
        case ends
        /// It goes on in a way that is not known.
        case unsure
    }

    enum Loader: Sendable {
        case function(PHPFunction)
        /// Composer's, by the name of the class that has its tables.
        case composer
        /// One of which is not known what it finds.
        case other
    }

    var check: ClosureCheck
    let interpreter: ImageTree.Node
    var builtin: PHPBuiltins
    /// Where `require` looks for files: `include_path`.
    var includes: [ImagePath]
    /// By name in lower case.
    var functions: [String: PHPFunction] = [:]
    var types: [String: PHPType] = [:]
    var constants: [String: PHPValue] = [:]
    /// Properties of classes that were assigned to.
    var statics: [String: PHPValue] = [:]
    var loaders: [Loader] = []
    var loading: Set<String> = []
    var files: Set<ImagePath> = []
    /// Functions that are being executed, the innermost last.
    var frames: [Frame] = [Frame()]
    /// Branches around the place that may be taken.
    var maybe = 0
    /// Branches around it that are not taken.
    var never = 0
    /// Whether names may be defined that are not known.
    var isOpen = false
    /// Whether variables of the environment may have been set whose names are not known.
    var hasOpenEnvironment = false
    /// Files that the program makes, and whether it may have made any other.
    var made: Set<ImagePath> = []
    var mayHaveMade = false
    /// Whether the program may have ended.
    var isUnsure = false
    var steps = 0
    private var nestings = 0
    /// Statements and values around the place.
    var depth = 0
    /// How often it was not known what is executed.
    var doubts = 0
    /// What a program looked for last and did not find.
    var cause: Finding.Kind?
    /// The words of the command line, the script first.
    var arguments: [String] = []
    var chain: [String] = []

    struct Frame {
        var variables: [String: PHPValue] = [:]
        var scope = PHPScope()
        /// The class whose method it is.
        var owner: String?
        /// The class that `static` means.
        var called: String?
        /// Whether it may have ended.
        var isDoubtful = false
        /// Whether names that are not set may be set all the same.
        var isGlobal = true
    }

    init(_ check: ClosureCheck, _ interpreter: ImageTree.Node, _ builtin: PHPBuiltins, includes: [ImagePath]) {
        (self.check, self.interpreter, self.builtin, self.includes) = (check, interpreter, builtin, includes)
    }

    /// Whether what stands here is executed for certain.
    var isLive: Bool { maybe == 0 && never == 0 && !isUnsure && !frames[frames.count - 1].isDoubtful }

    func fail(_ kind: Finding.Kind, isCaught: Bool = true) -> Stop {
        .fails([Finding(kind, chain: check.chain + chain.dropLast())], isCaught: isCaught)
    }

    var file: String { frames[frames.count - 1].scope.file }

    /// Whether a value may be put into another: not more often than they can stand in one another.
    mutating func mayNest(_ value: PHPValue) -> Bool {
        guard value.holdsValues else { return true }
        nestings += 1
        return nestings < Self.nestingLimit
    }

    /// Counts what is more work than a step.
    mutating func spend(_ count: Int) throws {
        steps += count
        guard steps < Self.stepLimit else { throw Stop.unsure }
    }

    // MARK: Files

    /// Executes a file of the image.
    mutating func execute(_ node: ImageTree.Node) throws -> PHPValue {
        guard files.count < Self.fileLimit else { throw Stop.unsure }
        files.insert(node.path)
        check.report.files.insert(node.path)
        if let obstacle = try check.obstacle(to: node.path, node, .read) {
            throw fail(
                .notPermitted(
                    path: node.path.description, obstacle: obstacle.description, user: check.process.user.name),
                isCaught: false)
        }
        // An archive has a program of its own.
        guard node.size ?? 0 < Int64(Self.sourceLimit), !node.path.description.hasSuffix(".phar") else {
            throw Stop.unsure
        }
        let source = try check.tree.read(node, limit: Self.sourceLimit)
        try spend(source.count / 32)
        guard let tokens = PHPLexer.tokens(source) else {
            if source.contains(text: "__halt_compiler") || source.contains(text: "__HALT_COMPILER") {
                throw Stop.unsure
            }
            throw fail(.badSyntax(path: node.path.description, program: "php", text: ""))
        }
        return try execute(tokens, in: node.path.description, node.path.parent.description)
    }

    mutating func execute(_ tokens: [PHPToken], in file: String, _ directory: String) throws -> PHPValue {
        let saved = frames[frames.count - 1].scope
        let doubt = frames[frames.count - 1].isDoubtful
        frames[frames.count - 1].scope = PHPScope(file: file, directory: directory)
        chain.append(file)
        defer {
            frames[frames.count - 1].scope = saved
            frames[frames.count - 1].isDoubtful = doubt
            chain.removeLast()
        }
        let statements = PHPParser.statements(tokens)
        var scope = PHPScope(file: file, directory: directory)
        hoist(statements, &scope)
        do {
            try walk(statements)
        } catch Stop.returns(let value) {
            return value
        }
        return .number(1)
    }

    /// Functions and classes of a file are there before its first statement.
    private mutating func hoist(_ statements: [PHPStatement], _ scope: inout PHPScope) {
        for statement in statements {
            switch statement {
            case .function(let function): define(function, scope)
            case .type(let type): define(type, scope)
            case .uses(let names): if scope.uses.count < Self.usesLimit { scope.uses.merge(names) { $1 } }
            case .namespace(let name, let body):
                (scope.namespace, scope.uses) = (name, [:])
                if let body { hoist(body, &scope) }
            case .plain, .branch, .loop, .attempt, .block: continue
            }
        }
    }

    private mutating func define(_ function: PHPFunction, _ scope: PHPScope) {
        var function = function
        function.scope = scope
        functions[scope.qualified(function.name).lowercased()] = function
    }

    mutating func define(_ type: PHPType, _ scope: PHPScope) {
        var type = type
        type.scope = scope
        type.name = scope.qualified(type.name)
        for name in type.methods.keys {
            type.methods[name]?.scope = scope
            type.methods[name]?.owner = type.name
        }
        types[type.name.lowercased()] = type
    }

    // MARK: Statements

    mutating func walk(_ statements: [PHPStatement]) throws {
        for statement in statements {
            steps += 1
            guard steps < Self.stepLimit else { throw Stop.unsure }
            try walk(statement)
        }
    }

    private mutating func walk(_ statement: PHPStatement) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw Stop.unsure }
        switch statement {
        case .plain(let tokens): try plain(tokens)
        case .branch(let cases): try branch(cases)
        case .loop(let kind, let head, let body): try loop(kind, head, body)
        case .attempt(let body, let catches, let last): try attempt(body, catches, last)
        case .function(let function):
            if never == 0 { define(function, frames[frames.count - 1].scope) }
        case .type(let type): try declare(type)
        case .block(let body): try walk(body)
        case .namespace(let name, let body):
            frames[frames.count - 1].scope.namespace = name
            frames[frames.count - 1].scope.uses = [:]
            if let body { try walk(body) }
        case .uses(let names):
            guard frames[frames.count - 1].scope.uses.count < Self.usesLimit else { return }
            frames[frames.count - 1].scope.uses.merge(names) { $1 }
        }
    }

    /// What a class is made of must be there where it is declared.
    private mutating func declare(_ type: PHPType) throws {
        guard never == 0 else { return }
        let scope = frames[frames.count - 1].scope
        define(type, scope)
        guard isLive else { return }
        for other in [type.parent].compactMap({ $0 }) + type.others { try demand(scope.type(other)) }
        if type.kind == "class", !type.isAbstract, let name = unfulfilled(scope.qualified(type.name)) {
            throw fail(.missingName(script: file, module: scope.qualified(type.name), name: name))
        }
    }

    private mutating func branch(_ cases: [(condition: [PHPToken]?, body: [PHPStatement])]) throws {
        // Whether one before was, or may have been, taken.
        var (isTaken, mayBeTaken) = (false, false)
        for (condition, body) in cases {
            if isTaken { break }
            var truth: Bool? = true
            if let condition {
                if mayBeTaken { maybe += 1 }
                defer { if mayBeTaken { maybe -= 1 } }
                truth = try value(condition).isTrue
            }
            if truth == false { continue }
            if truth == true, !mayBeTaken {
                isTaken = true
                try walk(body)
            } else {
                mayBeTaken = true
                try perhaps(body)
            }
        }
    }

    /// What may be executed: it changes what is known.
    mutating func perhaps(_ body: [PHPStatement]) throws {
        maybe += 1
        doubts += 1
        defer { maybe -= 1 }
        do {
            try walk(body)
        } catch let stop as Stop {
            if case .unsure = stop { throw stop }
        }
    }

    private mutating func loop(_ kind: String, _ head: [PHPToken], _ body: [PHPStatement]) throws {
        switch kind {
        case "foreach": try each(head, body)
        case "while", "do":
            let truth = try kind == "do" ? true : value(head).isTrue
            if truth == false { return }
            guard truth == true else { return try perhaps(body) }
            do {
                try walk(body)
            } catch Stop.leavesLoop {
                return
            }
            // Round and round: what is behind it waits.
            if kind == "while", [[.name("true")], [.number("1")]].contains(head) {
                if isLive { throw Stop.unsure }
                isUnsure = true
            }
            if kind == "do" { _ = try value(head) }
        default:
            for part in PHPParser.split(head.map { $0 == .sign(";") ? PHPToken.sign(",") : $0 }) { _ = try value(part) }
            try perhaps(body)
        }
    }

    private mutating func each(_ head: [PHPToken], _ body: [PHPStatement]) throws {
        guard let place = head.firstIndex(where: { $0.isWord("as") }) else { return try perhaps(body) }
        let items = try value(Array(head[..<place]))
        let names = head[(place + 1)...].compactMap { token -> String? in
            if case .variable(let name) = token { name } else { nil }
        }
        let hasKey = head[(place + 1)...].contains(.sign("=>")) && names.count == 2
        guard case .list(let entries) = items, entries.count <= 512, names.count == (hasKey ? 2 : 1) else {
            for name in names { set(name, .unknown) }
            return try perhaps(body)
        }
        for entry in entries {
            if hasKey { set(names[0], Int(entry.key).map { .number($0) } ?? .text(entry.key)) }
            set(names[names.count - 1], entry.value)
            do {
                try walk(body)
            } catch Stop.leavesLoop {
                return
            }
        }
    }

    private mutating func attempt(_ body: [PHPStatement], _ catches: [PHPCatch], _ last: [PHPStatement]) throws {
        let (maybe, never, frames) = (maybe, never, frames.count)
        do {
            try walk(body)
            for other in catches { try perhaps(other.body) }
        } catch let stop as Stop {
            (self.maybe, self.never) = (maybe, never)
            while self.frames.count > frames { self.frames.removeLast() }
            let scope = self.frames[self.frames.count - 1].scope
            let names = catches.map { $0.types.map { scope.type($0).lowercased() } }
            switch stop {
            case .fails(let findings, isCaught: true):
                cause = findings.first?.kind ?? cause
                guard let place = names.firstIndex(where: { $0.contains("throwable") || $0.contains("error") }) else {
                    if names.contains(where: { $0.contains { $0.hasSuffix("error") } }) { throw Stop.unsure }
                    throw stop
                }
                try walk(catches[place].body)
            case .thrown(let type):
                let wanted: Set = ["throwable", "exception", type.lowercased()]
                guard let place = names.firstIndex(where: { !wanted.isDisjoint(with: $0) }) else {
                    // It may be one that stands above it.
                    if !catches.isEmpty { throw Stop.unsure }
                    try walk(last)
                    throw stop
                }
                try walk(catches[place].body)
            case .fails, .returns, .leavesLoop, .ends, .unsure: throw stop
            }
        }
        try walk(last)
    }
}
