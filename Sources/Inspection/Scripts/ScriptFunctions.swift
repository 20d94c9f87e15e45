/// The functions that a script of Perl defines at its outermost level, for those that it calls there.
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
        guard language == .perl else { return false }
        if let name = current {
            if line.hasPrefix("}") {
                current = nil
                return true
            }
            if bodies[name]?.count ?? 0 < Self.lineLimit { bodies[name]?.append(Self.dedented(line)) }
            return false
        }
        guard let (name, rest) = header(line) else { return false }
        let end = "}"
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
        guard line.hasPrefix("sub ") else { return nil }
        let rest = line.dropFirst(4)
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard !name.isEmpty, let open = rest.firstIndex(of: "{") else { return nil }
        return (String(name), rest[rest.index(after: open)...])
    }

    private static func dedented(_ line: String) -> String {
        if line.hasPrefix("\t") { return String(line.dropFirst()) }
        for width in [4, 2] where line.hasPrefix(String(repeating: " ", count: width)) {
            return String(line.dropFirst(width))
        }
        return line
    }

    /// The lines of the functions that a statement calls, each the first time, and of those that they call.
    mutating func bodies(calledBy line: String, depth: Int = 0) -> [String] {
        var result: [String] = []
        for inner in body(calledBy: line) {
            let ends = ["return", "die", "exit"].contains(where: inner.hasPrefix)
            // What is behind it may not be executed.
            if ends, inner.contains(" if ") || inner.contains(" unless ") { break }
            result.append(inner)
            if depth < 8 { result += bodies(calledBy: inner, depth: depth + 1) }
            if ends { break }
        }
        return result
    }

    private mutating func body(calledBy line: String) -> [String] {
        guard !bodies.isEmpty, !(line.first?.isWhitespace ?? true), !line.contains(" if "), !line.contains(" unless "),
            !line.hasPrefix("eval"), let name = Self.called(line), let body = bodies[name],
            called.insert(name).inserted
        else { return [] }
        guard body.count == 1, !body[0].contains(where: { "'\"{".contains($0) }) else { return body }
        return body[0].split(separator: ";").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) + ";"
        }
    }

    /// `name(…)`, `Name->new->name(…)`, `$object->name`.
    private static func called(_ line: String) -> String? {
        var rest = line[...]
        for word in ["exit(", "exit ", "__PACKAGE__->", "main->", "return "] where rest.hasPrefix(word) {
            rest = rest.dropFirst(word.count)
        }
        if rest.hasPrefix("my $"), let equals = rest.firstIndex(of: "=") {
            rest = rest[rest.index(after: equals)...].drop { $0 == " " }
        }
        func isPart(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }
        let plain = String(rest.prefix(while: isPart))
        if !plain.isEmpty, rest.dropFirst(plain.count).first == "(" { return plain }
        guard let first = rest.first, first == "$" || first.isUppercase else { return nil }
        rest = rest.dropFirst(first == "$" ? 1 : 0).drop { isPart($0) || $0 == ":" }
        var name: String?
        while rest.hasPrefix("->") {
            let method = String(rest.dropFirst(2).prefix(while: isPart))
            rest = rest.dropFirst(2 + method.count)
            if rest.first == "(" { rest = rest.drop { $0 != ")" }.dropFirst() }
            name = method
        }
        return rest.isEmpty || rest.hasPrefix(";") ? name : nil
    }
}
