/// A statement of PHP's language.
indirect enum PHPStatement: Sendable {
    case plain([PHPToken])
    /// `if`, its further conditions, and `else`, whose condition is nil.
    case branch([(condition: [PHPToken]?, body: [PHPStatement])])
    /// `foreach`, `for`, `while`, `do` and `switch`, with what stands in their brackets.
    case loop(kind: String, head: [PHPToken], body: [PHPStatement])
    case attempt(body: [PHPStatement], catches: [PHPCatch], last: [PHPStatement])
    case function(PHPFunction)
    case type(PHPType)
    case block([PHPStatement])
    case namespace(String, [PHPStatement]?)
    /// What `use` calls something: by its name in lower case.
    case uses([String: String])
}

struct PHPCatch: Sendable {
    let types: [String]
    let body: [PHPStatement]
}

/// A function, a method, or one without a name.
struct PHPFunction: Sendable {
    var name = ""
    var parameters: [PHPParameter] = []
    var body: [PHPStatement] = []
    /// Names in it mean what they mean there.
    var scope = PHPScope()
    /// What a function without a name takes along.
    var captured: [String: PHPValue] = [:]
    /// Variables that `use` names.
    var uses: [String] = []
    /// Those of them that it may change.
    var references: [String] = []
    var isArrow = false
    /// Whether a call of it executes nothing yet.
    var isGenerator = false
    /// The class whose method it is.
    var owner: String?
    /// The class that `static` means in it.
    var called: String?
}

struct PHPParameter: Sendable {
    let name: String
    /// What stands for it where nothing is handed over.
    let value: [PHPToken]?
    let isReference: Bool
}

/// A class, an interface, a trait or an enumeration.
struct PHPType: Sendable {
    var name = ""
    /// `class`, `interface`, `trait` or `enum`.
    var kind = ""
    var isAbstract = false
    /// Whether it calls methods of traits by other names.
    var hasAliases = false
    var parent: String?
    /// Interfaces and traits.
    var others: [String] = []
    var methods: [String: PHPFunction] = [:]
    /// The first values of constants and properties.
    var values: [String: [PHPToken]] = [:]
    /// Cases of an enumeration that have no value.
    var names: Set<String> = []

    /// Whether it says itself all that it has, and not this: it stands below nothing else.
    func isClosed(to member: String) -> Bool {
        parent == nil && others.isEmpty && values[member] == nil && !names.contains(member) && member != "class"
    }

    var scope = PHPScope()
}

/// Where names are looked for, and where a file is.
struct PHPScope: Sendable {
    var namespace = ""
    /// By what a file calls them, in lower case.
    var uses: [String: String] = [:]
    var file = ""
    var directory = ""

    /// The full name of a class.
    func type(_ name: String) -> String {
        if name.hasPrefix("\\") { return String(name.dropFirst()) }
        let first = name.prefix { $0 != "\\" }
        if first.lowercased() == "namespace" { return qualified(String(name.dropFirst(10))) }
        if let used = uses[first.lowercased()] { return used + name.dropFirst(first.count) }
        return qualified(name)
    }

    func qualified(_ name: String) -> String { namespace.isEmpty ? name : namespace + "\\" + name }
}

/// Reads statements from words; what is not understood gives statements too.
struct PHPParser {
    private static let depthLimit = 40

    let tokens: [PHPToken]
    var place = 0
    private(set) var depth: Int

    init(_ tokens: [PHPToken], at place: Int = 0, depth: Int = 0) {
        (self.tokens, self.place, self.depth) = (tokens, place, depth)
    }

    static func statements(_ tokens: [PHPToken], depth: Int = 0) -> [PHPStatement] {
        guard depth < depthLimit else { return [] }
        var parser = PHPParser(tokens, depth: depth)
        var result: [PHPStatement] = []
        while parser.place < tokens.count {
            let before = parser.place
            result += parser.statements()
            // A bracket too much.
            if parser.place == before || parser.place < tokens.count { parser.place = max(parser.place, before) + 1 }
        }
        return result
    }

    private var next: PHPToken? { place < tokens.count ? tokens[place] : nil }

    private func word(_ offset: Int = 0) -> String {
        guard place + offset < tokens.count, case .name(let name) = tokens[place + offset] else { return "" }
        return name.lowercased()
    }

    private func isSign(_ sign: String, _ offset: Int = 0) -> Bool {
        place + offset < tokens.count && tokens[place + offset] == .sign(sign)
    }

    private mutating func take(_ sign: String) -> Bool {
        guard isSign(sign) else { return false }
        place += 1
        return true
    }

    /// Up to a closing bracket, the end, or one of some words.
    private mutating func statements(until ends: Set<String> = []) -> [PHPStatement] {
        var result: [PHPStatement] = []
        while place < tokens.count, !isSign("}"), !ends.contains(word()) {
            if take(";") { continue }
            let before = place
            result.append(statement())
            // A bracket that nobody opened.
            if place == before { place += 1 }
        }
        return result
    }

    private mutating func statement() -> PHPStatement {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { return .plain(simple()) }
        if take("{") {
            defer { _ = take("}") }
            return .block(statements())
        }
        switch word() {
        case "if" where isSign("(", 1): return branch()
        case "foreach", "for", "while", "switch": if isSign("(", 1) { return loop() }
        case "do": return doLoop()
        case "try" where isSign("{", 1): return attempt()
        case "function" where isNamedFunction: return .function(function())
        case "namespace" where !isSign("\\", 1): return namespace()
        case "use": return uses()
        case "declare":
            place += 1
            _ = group()
            return .plain([])
        case "abstract", "final", "readonly", "class", "interface", "trait", "enum":
            if let type = type() { return .type(type) }
        default: break
        }
        return .plain(simple())
    }

    private var isNamedFunction: Bool {
        let offset = isSign("&", 1) ? 2 : 1
        return !word(offset).isEmpty && isSign("(", offset + 1)
    }

    /// Up to the semicolon, brackets passed over.
    private mutating func simple() -> [PHPToken] {
        let start = place
        var level = 0
        while place < tokens.count {
            if case .sign(let sign) = tokens[place] {
                if ["(", "[", "{"].contains(sign) { level += 1 }
                if [")", "]", "}"].contains(sign) {
                    if level == 0 { break }
                    level -= 1
                }
                if sign == ";", level == 0 { break }
            }
            place += 1
        }
        let result = Array(tokens[start..<place])
        _ = take(";")
        return result
    }

    /// What stands between brackets, which are taken.
    mutating func group() -> [PHPToken] {
        guard case .sign(let open)? = next, let close = ["(": ")", "[": "]", "{": "}"][open] else { return [] }
        let start = place + 1
        var level = 0
        while place < tokens.count {
            if tokens[place] == .sign(open) { level += 1 }
            if tokens[place] == .sign(close) { level -= 1 }
            place += 1
            if level == 0 { return Array(tokens[start..<(place - 1)]) }
        }
        return Array(tokens[min(start, tokens.count)...])
    }

    /// One statement, or those between `:` and an ending word.
    private mutating func body(until ends: Set<String>) -> [PHPStatement] {
        if take(":") { return statements(until: ends) }
        if take(";") { return [] }
        if case .block(let inner) = statement() { return inner }
        return []
    }

    private mutating func branch() -> PHPStatement {
        var cases: [(condition: [PHPToken]?, body: [PHPStatement])] = []
        place += 1
        let ends: Set = ["elseif", "else", "endif"]
        cases.append((group(), single(ends)))
        while true {
            if word() == "elseif" || (word() == "else" && word(1) == "if") {
                place += word() == "elseif" ? 1 : 2
                cases.append((group(), single(ends)))
            } else if word() == "else" {
                place += 1
                cases.append((nil, single(ends)))
            } else {
                break
            }
        }
        if word() == "endif" {
            place += 1
            _ = take(";")
        }
        return .branch(cases)
    }

    /// A body of one statement too.
    private mutating func single(_ ends: Set<String>) -> [PHPStatement] {
        if isSign(":") || isSign(";") { return body(until: ends) }
        let inner = statement()
        if case .block(let statements) = inner { return statements }
        return [inner]
    }

    private mutating func loop() -> PHPStatement {
        let kind = word()
        place += 1
        let head = group()
        if kind == "switch" {
            let inner = isSign("{") ? group() : []
            if inner.isEmpty, take(":") { _ = statements(until: ["endswitch"]) }
            if word() == "endswitch" { place += 1 }
            return .loop(kind: kind, head: head, body: Self.statements(Self.withoutLabels(inner), depth: depth))
        }
        let end = "end" + kind
        let body = single([end])
        if word() == end { place += 1 }
        return .loop(kind: kind, head: head, body: body)
    }

    /// `case X:` and `default:` of a `switch` are passed over.
    private static func withoutLabels(_ tokens: [PHPToken]) -> [PHPToken] {
        var result: [PHPToken] = []
        var index = 0
        while index < tokens.count {
            if tokens[index].isWord("case") || tokens[index].isWord("default") {
                var level = 0
                while index < tokens.count, level > 0 || (tokens[index] != .sign(":") && tokens[index] != .sign(";")) {
                    if [.sign("("), .sign("["), .sign("{")].contains(tokens[index]) { level += 1 }
                    if [.sign(")"), .sign("]"), .sign("}")].contains(tokens[index]) { level -= 1 }
                    index += 1
                }
                result.append(.sign(";"))
            } else {
                result.append(tokens[index])
            }
            index += 1
        }
        return result
    }

    private mutating func doLoop() -> PHPStatement {
        place += 1
        let body = single([])
        var head: [PHPToken] = []
        if word() == "while" {
            place += 1
            head = group()
        }
        return .loop(kind: "do", head: head, body: body)
    }

    private mutating func attempt() -> PHPStatement {
        place += 1
        guard case .block(let body) = statement() else { return .block([]) }
        var catches: [PHPCatch] = []
        var last: [PHPStatement] = []
        while true {
            if word() == "catch" {
                place += 1
                let types = group().compactMap { token -> String? in
                    if case .name(let name) = token { name } else { nil }
                }
                if case .block(let inner) = statement() { catches.append(PHPCatch(types: types, body: inner)) }
            } else if word() == "finally" {
                place += 1
                if case .block(let inner) = statement() { last = inner }
            } else {
                return .attempt(body: body, catches: catches, last: last)
            }
        }
    }

    private mutating func namespace() -> PHPStatement {
        place += 1
        var name = ""
        if case .name(let text)? = next {
            name = text
            place += 1
        }
        if take("{") {
            defer { _ = take("}") }
            return .namespace(name, statements())
        }
        _ = take(";")
        return .namespace(name, nil)
    }

    /// `use A\B;`, `use A\B as C;`, `use A\{B, C};`; those of functions and constants are passed over.
    private mutating func uses() -> PHPStatement {
        place += 1
        var words = simple()[...]
        guard let first = words.first, !first.isWord("function"), !first.isWord("const") else { return .uses([:]) }
        var result: [String: String] = [:]
        var prefix = ""
        while case .name(var name)? = words.popFirst() {
            if name.hasPrefix("\\") { name.removeFirst() }
            if words.first == .sign("{") {
                prefix = name
                words.removeFirst()
                continue
            }
            var alias = name.split(separator: "\\").last.map(String.init) ?? name
            if words.first?.isWord("as") ?? false, case .name(let other)? = words.dropFirst().first {
                alias = other
                words = words.dropFirst(2)
            }
            result[alias.lowercased()] = prefix + name
            while words.first == .sign(",") || words.first == .sign("}") { words.removeFirst() }
        }
        return .uses(result)
    }
}
