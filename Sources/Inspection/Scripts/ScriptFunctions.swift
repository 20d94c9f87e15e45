/// The functions that a script of Perl or Lua defines at its outermost level, for those that it calls there.
struct ScriptFunctions {
    private static let lineLimit = 2000

    private let language: Language
    private var bodies: [String: [String]] = [:]
    /// The function whose lines are being read.
    private var current: String?
    private var called: Set<String> = []

    init(_ language: Language) { self.language = language }

    /// Takes a line that belongs to a function.
    ///
    /// - Returns: whether it does, and stands for nothing else then. What a function declares to be used counts wherever it stands.
    mutating func take(_ line: String) -> Bool {
        guard language == .perl || language == .lua else { return false }
        if let name = current {
            if line.hasPrefix(language == .perl ? "}" : "end") {
                current = nil
                return true
            }
            if bodies[name]?.count ?? 0 < Self.lineLimit { bodies[name]?.append(Self.dedented(line)) }
            return language == .lua
        }
        guard let (name, rest) = header(line) else { return false }
        let end = language == .perl ? "}" : "end"
        let trimmed = rest.reversed().drop { $0.isWhitespace || $0 == ";" }.reversed()
        let text = String(trimmed)
        if text.hasSuffix(end) {
            bodies[name] = [String(text.dropLast(end.count).drop { $0 == " " })]
        } else {
            (current, bodies[name]) = (name, [])
        }
        return true
    }

    private func header(_ line: String) -> (name: String, rest: Substring)? {
        var rest = line[...]
        if language == .perl {
            guard rest.hasPrefix("sub ") else { return nil }
            rest = rest.dropFirst(4)
        } else {
            if rest.hasPrefix("local ") { rest = rest.dropFirst(6) }
            guard rest.hasPrefix("function ") else { return nil }
            rest = rest.dropFirst(9)
        }
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard !name.isEmpty, let open = rest.firstIndex(of: language == .perl ? "{" : ")") else { return nil }
        return (String(name), rest[rest.index(after: open)...])
    }

    private static func dedented(_ line: String) -> String {
        if line.hasPrefix("\t") { return String(line.dropFirst()) }
        for width in [4, 2] where line.hasPrefix(String(repeating: " ", count: width)) {
            return String(line.dropFirst(width))
        }
        return line
    }

    /// The lines of the function that a statement calls, the first time.
    mutating func body(calledBy line: String) -> [String] {
        guard !bodies.isEmpty, !(line.first?.isWhitespace ?? true) else { return [] }
        var rest = line[...]
        for word in ["exit(", "exit ", "__PACKAGE__->", "main->", "return "] where rest.hasPrefix(word) {
            rest = rest.dropFirst(word.count)
        }
        let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        guard rest.dropFirst(name.count).first == "(", !line.contains(" if "), !line.contains(" unless "),
            let body = bodies[name], called.insert(name).inserted
        else { return [] }
        return body
    }
}
