internal import OCI

/// Follows a shell script as the shell would, as far as files, the environment and the arguments tell.
///
/// Where they do not tell which way a script takes, one is taken: which, `decisions` say, so that whoever asks can try each.
struct ShellRun {
    typealias Syntax = ShellSyntax

    /// How a script ends.
    enum Ending {
        /// It becomes another program, or ends well.
        case started
        case failed([Finding])
        /// What it does next is computed.
        case unknown(String)
    }

    /// What happens behind a command: nil as status is "not known".
    enum Flow {
        case next(Int?)
        case returned(Int?)
        case left(isContinue: Bool)
        case ended(Ending)
    }

    /// Commands of one run.
    private static let stepLimit = 4000
    private static let iterationLimit = 64
    /// What stands for a text that is not known.
    static let unknownText = "\u{FFFD}"

    var check: ClosureCheck
    /// The name that `$0` has, and the one that findings have.
    let name: String
    /// `$1` and on.
    var arguments: [String]
    /// Nil for a value that is not known.
    var variables: [String: String?]
    var arrays: [String: [String]] = [:]
    /// Of arrays, what has a key of its own; nil for a value that is not known.
    var elements: [String: [String: String?]] = [:]
    /// Where `getopts` is: the word, from 1 on, and the letter in it.
    var optionPlace = 1
    var optionLetter = 0
    /// Whether a command in front of a pipe counts (`set -o pipefail`).
    var countsPipes = false
    /// Why a command whose output was asked for could not start.
    var substitutionFailure: [Finding] = []
    /// What it ended with.
    var substitutionStatus: Int? = 0
    /// Whether it has written something for people: what fails behind that fails in use.
    var hasSpoken = false
    /// Whether dash executes it.
    var isPlain = false
    /// What of the command in hand dash takes for a mistake when it gets there.
    var refused: String?
    var exported: Set<String>
    var functions: [String: Syntax] = [:]
    var endsAtErrors = false
    var refusesUnset = false
    /// Whether something ran that may have made files.
    var hasWritten = false
    /// Files and directories that the script has made or replaced.
    var made: Set<ImagePath> = []
    /// Of these, those that may have other files below them: links and copies.
    var filled: Set<ImagePath> = []
    /// Whether something ran that may have made any file: an installer, an unpacker.
    var hasInstalled = false
    /// The variables that the command in hand assigns.
    var references: [String] = []
    /// Whether it went into a directory that is not known: what has no absolute path may be there.
    var hasLostDirectory = false
    /// Where `popd` goes back to.
    var directories: [ImagePath] = []
    /// What the names that are the function's own stood for outside of it; nil for those that had no value.
    var hidden: [String: String??] = [:]
    /// Names that `alias` gives another meaning.
    var aliases: Set<String> = []
    /// Options of `shopt` that are on.
    var bashOptions: Set<String> = []
    /// Whether something ran that may have made users.
    var hasUsers = false
    /// Conditions whose outcome files, arguments and variables told.
    var conditions = 0
    /// How many conditions the command stands in: `set -e` does not count there.
    var conditionDepth = 0
    var callDepth = 0
    private var steps = 0

    /// Which way to take at each place where it is not known, in the order in which they are met.
    var decisions: [Bool]
    /// The way that is taken where `decisions` do not say.
    var usualDecision = true
    var taken = 0
    /// A variable that the command in hand must have.
    var missingVariable: String?
    /// What is told of the program that the script becomes.
    var hints: [Finding] = []
    /// What failed last: what a script that ends with it could not start.
    var lastFailure: [Finding] = [] { didSet { failedAt = steps } }
    /// The step at which that was.
    private var failedAt = 0
    /// The variable that stood for nothing last, and what the last condition found missing.
    var lastEmpty: String?
    var cause: Finding.Kind?
    /// Variables that have what a command printed.
    var computed: Set<String> = []
    /// Files that are being sourced.
    /// The program that `command -v` did not find last.
    var soughtProgram: String?
    var sourced: [String] = []
    /// Why the last command in the background could not start.
    var lastBackground: [Finding] = []
    /// What the commands in hand read.
    var input = Input.none
    /// The text that the command in hand reads; nil where there is none, or it is not known.
    var document: String?
    /// Whether variables may have been set whose names are not known.
    var hasOpenNames = false
    /// Whether what is assigned is exported (`set -a`).
    var exportsAll = false
    /// What is executed when a command fails, and at the end (`trap`).
    var errorTrap: Syntax?
    var exitTrap: Syntax?
    /// Whether functions have the trap for errors too (`set -E`).
    var inheritsTraps = false

    init(_ check: ClosureCheck, name: String, arguments: [String], decisions: [Bool]) {
        (self.check, self.name, self.arguments, self.decisions) = (check, name, arguments, decisions)
        variables = check.process.environment.mapValues { $0 }
        exported = Set(check.process.environment.keys)
        hasWritten = check.process.isChanged
        self.check.report.findings = []
    }

    /// The whole script.
    mutating func run(_ syntax: Syntax) throws -> Ending {
        let end: Ending
        switch try evaluate(syntax) {
        case .ended(let ending): end = ending
        case .next(let status), .returned(let status): end = ending(status)
        case .left: return .started
        }
        // What is executed at the end may say that all is well.
        if case .failed = end, let exitTrap, Self.endsWell(exitTrap) { return .started }
        return end
    }

    func ending(_ status: Int?) -> Ending {
        guard let status, status != 0, !lastFailure.isEmpty else { return .started }
        return .failed(lastFailure)
    }

    /// The way to take where it is not known.
    mutating func decide() -> Bool {
        defer { taken += 1 }
        if taken < decisions.count { return decisions[taken] }
        decisions.append(usualDecision)
        return usualDecision
    }

    // MARK: Commands

    mutating func evaluate(_ syntax: Syntax) throws -> Flow {
        steps += 1
        let began = steps
        guard steps < Self.stepLimit, callDepth < 32 else { return .ended(.unknown(name)) }
        switch syntax {
        case .simple(let command): return try afterCommand(try simple(command), since: began)
        case .list(let commands):
            var status: Int? = 0
            for command in commands {
                let flow = try evaluate(command)
                guard case .next(let value) = flow else { return flow }
                status = value
            }
            return .next(status)
        case .and(let left, let right): return try chained(left, right, onSuccess: true)
        case .or(let left, let right): return try chained(left, right, onSuccess: false)
        case .pipeline(let commands, let isNegated): return try pipeline(commands, isNegated)
        case .background(let command):
            let flow = try inCondition { try $0.evaluate(command) }
            // It goes its own way; what cannot start there is told by whoever waits.
            lastBackground = []
            if case .ended(.failed(let findings)) = flow { (lastFailure, lastBackground) = (findings, findings) }
            if case .next(127) = flow { lastBackground = lastFailure }
            return .next(0)
        case .subshell(let inner):
            let (saved, directory, environment) = (variables, check.process.directory, check.process.environment)
            defer { (variables, check.process.directory, check.process.environment) = (saved, directory, environment) }
            switch try evaluate(inner) {
            case .ended(.started): return .next(nil)
            case .ended(.failed(let findings)):
                lastFailure = findings
                return try afterCommand(.next(1), since: began)
            case let flow: return flow
            }
        case .reading(let inputs, let document, let inner):
            if try lacks(inputs) { return try afterCommand(.next(1), since: began) }
            let saved = input
            defer { input = saved }
            input = try opened(inputs, document)
            return try evaluate(inner)
        case .conditional(let branches, let otherwise):
            for branch in branches {
                switch try truth(of: branch.condition) {
                case .flow(let flow): return flow
                case .known(true): return try evaluate(branch.body)
                case .known(false): continue
                }
            }
            return try otherwise.map { try evaluate($0) } ?? .next(0)
        case .loop(let condition, let body, let isUntil): return try loop(condition, body, isUntil)
        case .iteration(let variable, let words, let body): return try iterate(variable, words, body)
        case .selection(let subject, let items): return try select(subject, items)
        case .function(let name, let body):
            functions[name] = body
            return .next(0)
        case .test(let words):
            let value = try ShellTest.evaluate(words, in: &self)
            return try afterCommand(.next(value.map { $0 ? 0 : 1 }), since: began)
        case .arithmetic(let text): return try afterCommand(.next(arithmetic(text)), since: began)
        case .refused(let text): return refuse(text)
        case .absent(let text):
            lastFailure = [
                Finding(.bashOnly(script: name, text: text), .firstLine("#!/bin/bash"), chain: check.chain)
            ]
            return try afterCommand(.next(127), since: began)
        // Its grammar is wider than that which is read here.
        case .broken(false) where check.process.zsh != nil: return .ended(.unknown(name))
        case .broken(let hasReturns):
            let kind: Finding.Kind =
                hasReturns
                ? .carriageReturn(script: name, interpreter: "sh")
                : .badSyntax(path: name, program: isPlain ? "sh" : "bash", text: "")
            lastFailure = [Finding(kind, hasReturns ? .lineEnds : nil, chain: check.chain)]
            return .ended(.failed(lastFailure))
        }
    }

    /// `set -e` ends a script at a command that fails, outside of conditions; a trap may end it before.
    private mutating func afterCommand(_ flow: Flow, since began: Int) throws -> Flow {
        guard case .next(let status?) = flow, status != 0, conditionDepth == 0 else { return flow }
        if let ended = try trapped() { return ended }
        guard endsAtErrors else { return flow }
        if failedAt >= began, !lastFailure.isEmpty { return .ended(.failed(lastFailure)) }
        // Where files, arguments and variables alone led here, it always ends so.
        guard taken == 0 else { return .ended(.started) }
        return .ended(.failed([failure(status)]))
    }

    /// The script ends so, for what the last condition found missing.
    func failure(_ status: Int) -> Finding {
        let chain = check.chain.filter { $0 != name }
        if case .missingVariable(_, let variable)? = cause {
            return Finding(.missingVariable(script: name, name: variable), .variable(variable), chain: chain)
        }
        return Finding(cause ?? .failedScript(script: sourced.last ?? name, status: status), chain: chain)
    }

    /// Keeps what a condition found missing.
    mutating func noteCause(_ sign: String, _ operand: String, _ value: Bool?) {
        switch (sign, value) {
        case ("-z", true?), ("-n", false?):
            guard let name = lastEmpty, name.allSatisfy({ $0.isUppercase || $0.isNumber || $0 == "_" }),
                (check.process.environment[name] ?? "").isEmpty, !computed.contains(name)
            else { return }
            cause = .missingVariable(script: self.name, name: name)
        case ("-f", false?), ("-e", false?), ("-r", false?), ("-d", false?), ("-s", false?):
            if operand.contains("/") { cause = .missingInput(program: name, path: operand) }
        default: return
        }
    }

    mutating func inCondition<Value>(_ body: (inout ShellRun) throws -> Value) rethrows -> Value {
        conditionDepth += 1
        defer { conditionDepth -= 1 }
        return try body(&self)
    }

    private enum Truth {
        case known(Bool)
        case flow(Flow)
    }

    private mutating func truth(of condition: Syntax) throws -> Truth {
        cause = nil
        let flow = try inCondition { try $0.evaluate(condition) }
        guard case .next(let status) = flow else { return .flow(flow) }
        if status != nil { conditions += 1 }
        return .known(status.map { $0 == 0 } ?? decide())
    }

    private mutating func chained(_ left: Syntax, _ right: Syntax, onSuccess: Bool) throws -> Flow {
        switch try truth(of: left) {
        case .flow(let flow): return flow
        case .known(onSuccess): return try evaluate(right)
        // The first of `a && b` may fail without an end.
        case .known(let value): return .next(value ? 0 : 1)
        }
    }

    private mutating func pipeline(_ commands: [Syntax], _ isNegated: Bool) throws -> Flow {
        var flow = Flow.next(0)
        let began = steps
        var before: Int?
        let outer = input
        defer { input = outer }
        let printed = commands.count > 1 ? try piped(commands.dropLast()) : input
        for (index, command) in commands.enumerated() {
            let isLast = index == commands.count - 1
            if index > 0 { input = isLast ? printed : .unknown }
            flow =
                isLast && !isNegated
                ? try apart(command, isAlone: commands.count == 1)
                : try inCondition { try $0.apart(command, isAlone: commands.count == 1) }
            if case .ended(let ending) = flow, commands.count > 1 {
                if case .failed(let findings) = ending { lastFailure = findings }
                if case .failed = ending { flow = .next(127) } else { flow = .next(nil) }
            }
            if !isLast, case .next(let status?) = flow, status != 0 { before = status }
        }
        if countsPipes, let before, case .next = flow { flow = .next(before) }
        guard case .next(let status) = flow else { return flow }
        if isNegated { return .next(status.map { $0 == 0 ? 1 : 0 }) }
        return try afterCommand(flow, since: began)
    }

    // MARK: Loops

    private mutating func loop(_ condition: Syntax, _ body: Syntax, _ isUntil: Bool) throws -> Flow {
        for _ in 0..<Self.iterationLimit {
            let flow = try inCondition { try $0.evaluate(condition) }
            guard case .next(let status) = flow else { return flow }
            // Whatever it waits for comes; what is done until then may be done or not.
            guard let status else { return try perhaps(body) }
            if (status == 0) == isUntil { return .next(0) }
            switch try evaluate(body) {
            case .left(let isContinue): if !isContinue { return .next(0) }
            case .next: break
            case let flow: return flow
            }
        }
        // What is true so often stays true: the script goes on for ever.
        return .ended(.started)
    }

    private mutating func iterate(_ variable: String, _ words: [Syntax.Word]?, _ body: Syntax) throws -> Flow {
        var values: [String] = words == nil ? arguments : []
        for word in words ?? [] {
            guard let fields = try expand(word) else {
                variables[variable] = .some(nil)
                return try perhaps(body)
            }
            values += fields
        }
        for value in values.prefix(Self.iterationLimit) {
            variables[variable] = value.contains(Self.unknownText) ? .some(nil) : value
            switch try evaluate(body) {
            case .left(let isContinue): if !isContinue { return .next(0) }
            case .next: break
            case let flow: return flow
            }
        }
        return .next(values.isEmpty ? 0 : nil)
    }

    private mutating func select(_ subject: Syntax.Word, _ items: [Syntax.Item]) throws -> Flow {
        let value = try text(subject)
        if value != nil { conditions += 1 }
        var flow = Flow.next(0)
        var fallsThrough = false
        for item in items {
            var matches: Bool? = fallsThrough
            for pattern in item.patterns where !fallsThrough {
                guard let pattern = try self.pattern(pattern) else {
                    matches = nil
                    continue
                }
                if pattern == [.any] {
                    matches = true
                } else if let value {
                    if ShellPattern.matches(value, pattern) { matches = true }
                } else if matches == false {
                    matches = nil
                }
                if matches == true { break }
            }
            guard matches ?? decide() else { continue }
            flow = try evaluate(item.body)
            fallsThrough = item.end == .fallsThrough
            guard item.end != .leaves, case .next = flow else { return flow }
        }
        return flow
    }
}
