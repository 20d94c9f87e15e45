internal import OCI

/// A condition that a Python file makes of what is known before it runs; nil for any other.
struct PythonCondition {
    /// Words and signs of a condition, more than which are not read.
    private static let tokenLimit = 1000

    let run: PythonRun
    let module: String

    init(_ run: PythonRun, module: String) { (self.run, self.module) = (run, module) }

    func value(_ tokens: [PythonToken]) -> Bool? {
        guard tokens.count <= Self.tokenLimit else { return nil }
        var tokens = tokens
        while tokens.first == .sign("("), tokens.last == .sign(")"), closes(tokens) {
            tokens = Array(tokens.dropFirst().dropLast())
        }
        for (word, isOr) in [("or", true), ("and", false)] {
            let parts = split(tokens, at: .name(word))
            guard parts.count > 1 else { continue }
            let values = parts.map { value($0) }
            if values.contains(isOr) { return isOr }
            return values.contains(nil) ? nil : !isOr
        }
        if tokens.first == .name("not") { return value(Array(tokens.dropFirst())).map { !$0 } }
        return single(tokens)
    }

    private func closes(_ tokens: [PythonToken]) -> Bool {
        var level = 0
        for (index, token) in tokens.enumerated() {
            if token == .sign("(") { level += 1 }
            if token == .sign(")") { level -= 1 }
            if level == 0 { return index == tokens.count - 1 }
        }
        return false
    }

    private func split(_ tokens: [PythonToken], at mark: PythonToken) -> [[PythonToken]] {
        var (result, level): ([[PythonToken]], Int) = ([[]], 0)
        for token in tokens {
            if token == .sign("(") || token == .sign("[") { level += 1 }
            if token == .sign(")") || token == .sign("]") { level -= 1 }
            if level == 0, token == mark { result.append([]) } else { result[result.count - 1].append(token) }
        }
        return result
    }

    private func single(_ tokens: [PythonToken]) -> Bool? {
        if tokens.count == 1 {
            switch tokens[0] {
            case .name("True"), .number("1"): return true
            case .name("False"), .number("0"), .name("None"), .name("TYPE_CHECKING"), .name("WINDOWS"), .name("WIN32"):
                return false
            case .name(let name):
                if run.isUnset(name, in: module) { return false }
                return run.loaded[module]?.switches[name] ?? nil
            default: return nil
            }
        }
        if tokens.last == .name("TYPE_CHECKING") { return false }
        let text = words(tokens)
        if text.hasPrefix("sys.version_info") { return version(tokens) }
        if let value = arguments(tokens, text) { return value }
        if text.hasPrefix("sys.platform.startswith("), case .text(let name?)? = tokens.dropLast().last {
            return "linux".hasPrefix(name)
        }
        if let place = tokens.firstIndex(of: .sign("=")), place > 0, place + 1 < tokens.count,
            tokens[place + 1] == .sign("=")
        {
            return equal(tokens, tokens[..<place], tokens[(place + 2)...])
        }
        if let place = tokens.firstIndex(of: .sign("!")), place + 1 < tokens.count, tokens[place + 1] == .sign("=") {
            return equal(tokens, tokens[..<place], tokens[(place + 2)...]).map { !$0 }
        }
        if tokens.count > 2, tokens[tokens.count - 2] == .name("is") || tokens[tokens.count - 2] == .name("not"),
            tokens.last == .name("None"), case .name(let name) = tokens[0], tokens.count < 5,
            run.isUnset(name, in: module) || run.causes[module + ":" + name] != nil
        {
            return tokens.count == 3
        }
        if tokens.contains(.name("which")), tokens.count > 3, tokens.last == .sign(")"),
            case .text(let name?) = tokens[tokens.count - 2], tokens.count < 7, !run.mayHaveMade
        {
            return isFound(name)
        }
        if let place = tokens.firstIndex(of: .name("in")), place > 1, place + 2 < tokens.count,
            let value = known(tokens[..<place]), let list = listed(tokens[(place + 1)...])
        {
            return list.contains(value)
        }
        return environment(tokens, text)
    }

    /// `('a', 'b')`, and the same in other brackets.
    private func listed(_ tokens: ArraySlice<PythonToken>) -> [String]? {
        guard [.sign("("), .sign("["), .sign("{")].contains(tokens.first), tokens.count > 2 else { return nil }
        var texts: [String] = []
        for token in tokens.dropFirst().dropLast() where token != .sign(",") {
            guard case .text(let text?) = token else { return nil }
            texts.append(text)
        }
        return texts
    }

    /// `len(sys.argv) < 2`, `== 1` and their like.
    private func arguments(_ tokens: [PythonToken], _ text: String) -> Bool? {
        guard text.hasPrefix("len(sys.argv)"), run.loaded["__main__"]?.node != nil,
            case .number(let last)? = tokens.last,
            let number = Int(last)
        else { return nil }
        let count = run.operands.count + 1
        switch text.dropFirst(13).prefix(while: { !$0.isNumber }) {
        case "<": return count < number
        case "<=": return count <= number
        case ">": return count > number
        case ">=": return count >= number
        case "==": return count == number
        case "!=": return count != number
        default: return nil
        }
    }

    private func isFound(_ program: String) -> Bool? {
        do {
            if case .found = try run.check.find(program) { return true }
            return false
        } catch {
            // What cannot be looked at is not told.
            return nil
        }
    }

    private func words(_ tokens: some Sequence<PythonToken>) -> String {
        tokens.map { token in
            switch token {
            case .name(let name): name
            case .text(let text): "'\(text ?? "")'"
            case .number(let text): text
            case .sign(let scalar): String(Character(scalar))
            }
        }.joined()
    }

    private func equal(_ all: [PythonToken], _ left: ArraySlice<PythonToken>, _ right: ArraySlice<PythonToken>) -> Bool?
    {
        guard let left = known(left), let right = known(right) else { return nil }
        return left == right
    }

    private static let changes: [(String, @Sendable (String) -> String)] = [
        ("lower", { $0.lowercased() }), ("upper", { $0.uppercased() }), ("casefold", { $0.lowercased() }),
        ("strip", { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }),
    ]

    private func known(_ tokens: ArraySlice<PythonToken>) -> String? {
        if tokens.count == 1, case .text(let text)? = tokens.first { return text }
        // What a function is called with, or has as a default.
        if tokens.count == 1, case .name(let name)? = tokens.first, run.isInFunction, run.localNames.contains(name),
            let value = run.bound[name]
        {
            return value
        }
        for (name, change) in Self.changes where tokens.count > 4 {
            guard tokens.suffix(4).elementsEqual([.sign("."), .name(name), .sign("("), .sign(")")]) else { continue }
            return known(tokens.dropLast(4)).map(change)
        }
        switch words(tokens) {
        case "__name__": return module
        case "sys.platform": return "linux"
        case "os.name": return "posix"
        case "platform.system()": return "Linux"
        case "sys.implementation.name", "platform.python_implementation()": return nil
        case let text:
            guard text.hasPrefix("os.environ.get(") || text.hasPrefix("os.getenv("), text.hasSuffix(")") else {
                return nil
            }
            let texts = tokens.compactMap { token -> String? in if case .text(let text) = token { text } else { nil } }
            guard let name = texts.first else { return nil }
            if run.hasOpenEnvironment, run.check.process.environment[name] == nil { return nil }
            return run.check.process.environment[name] ?? (texts.count > 1 ? texts[1] : "")
        }
    }

    /// `os.environ.get("X")`, `os.getenv("X")`, `"X" in os.environ`.
    private func environment(_ tokens: [PythonToken], _ text: String) -> Bool? {
        if let value = known(tokens[...]), text.hasPrefix("os.") { return !value.isEmpty }
        if tokens.count > 2, case .text(let name?) = tokens[0], words(tokens.dropFirst()) == "inos.environ" {
            let isThere = run.check.process.environment[name] != nil
            return isThere || !run.hasOpenEnvironment ? isThere : nil
        }
        if tokens.count > 3, case .text? = tokens.first, words(tokens.dropFirst()) == "notinos.environ" {
            return environment([tokens[0]] + tokens.dropFirst(2), "").map { !$0 }
        }
        return nil
    }

    /// `sys.version_info >= (3, 8)`, `[0] == 2`, `.major < 3`.
    private func version(_ tokens: [PythonToken]) -> Bool? {
        guard let place = tokens.firstIndex(where: { [.sign("<"), .sign(">"), .sign("="), .sign("!")].contains($0) })
        else { return nil }
        let hasEqual = place + 1 < tokens.count && tokens[place + 1] == .sign("=")
        let left = words(tokens[..<place])
        var own = run.path.version.split(separator: ".").compactMap { Int($0) }
        let wanted = tokens[(place + (hasEqual ? 2 : 1))...].compactMap { token -> Int? in
            if case .number(let text) = token { Int(text) } else { nil }
        }
        guard !wanted.isEmpty else { return nil }
        if left.hasSuffix("[0]") || left.hasSuffix(".major") {
            own = Array(own.prefix(1))
        } else if left.hasSuffix("[1]") || left.hasSuffix(".minor") {
            own = Array(own.dropFirst())
        } else if !left.hasSuffix("[:2]"), left != "sys.version_info" {
            return nil
        }
        // The whole has more members than two, and is greater than its beginning.
        let isWhole = left == "sys.version_info"
        let isLess = own.lexicographicallyPrecedes(wanted)
        let isSame = own == wanted
        switch tokens[place] {
        case .sign("<"): return hasEqual ? isLess || (isSame && !isWhole) : isLess
        case .sign(">"): return hasEqual ? !isLess : !isLess && (!isSame || isWhole)
        case .sign("="): return isSame && !isWhole
        default: return !(isSame && !isWhole)
        }
    }
}
