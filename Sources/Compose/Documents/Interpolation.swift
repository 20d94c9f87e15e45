/// Variables in the texts of a Compose file (Compose specification, "Interpolation").
package struct Interpolation: Sendable {
    /// Bytes that texts with variables may come to: one that stands twice in the next, and so on, would have no end.
    static let limit = 16 << 20

    private let variables: [String: String]
    private var length = 0
    /// Variables that were asked for, have no value and no default.
    package private(set) var unset: [String] = []
    private var unsetNames: Set<String> = []

    package init(variables: [String: String]) { self.variables = variables }

    /// A node with the variables of all its texts in place; keys are left as they are.
    package mutating func expand(_ node: ComposeNode) throws(ComposeError) -> ComposeNode {
        var result = node
        switch node.content {
        case .null: break
        case .scalar(let text):
            // Most texts have none.
            if text.utf8.contains(UInt8(ascii: "$")) { result.content = .scalar(try expand(text, at: node.place)) }
        case .list(let items):
            var expanded: [ComposeNode] = []
            for item in items { expanded.append(try expand(item)) }
            result.content = .list(expanded)
        case .mapping(let members):
            var expanded: [ComposeNode.Member] = []
            for member in members { expanded.append(.init(member.key, at: member.place, try expand(member.value))) }
            result.content = .mapping(expanded)
        }
        return result
    }

    mutating func expand(_ text: String, at place: Place) throws(ComposeError) -> String {
        let result = try expanded(text, at: place)
        length += result.utf8.count
        return result
    }

    private mutating func expanded(_ text: String, at place: Place) throws(ComposeError) -> String {
        let former = self
        var scanner = Scanner(text: Array(text), place: place)
        do { return try expand(&scanner, depth: 0) } catch {
            // A brace in a word that nothing closes is no more than a character.
            guard case .invalidInterpolation = error.reason, scanner.sawBrace else { throw error }
            self = former
            scanner = Scanner(text: scanner.text, place: place, countsBraces: false)
            return try expand(&scanner, depth: 0)
        }
    }

    private struct Scanner {
        let text: [Character]
        let place: Place
        /// Whether words hold braces in pairs, as JSON does.
        var countsBraces = true
        var sawBrace = false
        var index = 0

        var next: Character? { index < text.count ? text[index] : nil }

        var invalid: ComposeError { ComposeError(place, .invalidInterpolation(String(text))) }

        mutating func name() -> String {
            var name = ""
            while let character = next, character.isASCII,
                character == "_" || character.isLetter || (!name.isEmpty && character.isNumber)
            {
                name.append(character)
                index += 1
            }
            return name
        }

        mutating func take(_ character: Character) -> Bool {
            guard next == character else { return false }
            index += 1
            return true
        }
    }

    /// Up to the end, or below the top to the brace that ends a word.
    private mutating func expand(_ scanner: inout Scanner, depth: Int) throws(ComposeError) -> String {
        guard depth < 32 else { throw scanner.invalid }
        var result = ""
        var open = 0
        while let character = scanner.next {
            if depth > 0, character == "}" {
                if open == 0 { return result }
                open -= 1
            } else if depth > 0, character == "{", scanner.countsBraces {
                scanner.sawBrace = true
                open += 1
            }
            scanner.index += 1
            guard character == "$" else {
                result.append(character)
                continue
            }
            if scanner.take("$") {
                result.append("$")
            } else if scanner.take("{") {
                result += try braced(&scanner, depth)
            } else {
                // A mark that begins no variable is one that is meant, as docker's reader has it: `^/api$`.
                let name = scanner.name()
                result += name.isEmpty ? "$" : value(name)
            }
            guard result.utf8.count <= Self.limit - length else { throw Self.excess(at: scanner.place) }
        }
        guard depth == 0 else { throw scanner.invalid }
        return result
    }

    static func excess(at place: Place) -> ComposeError {
        ComposeError(place, .excess("texts with variables come to more than \(limit) bytes"))
    }

    private mutating func value(_ name: String) -> String {
        if let value = variables[name] { return value }
        if unsetNames.insert(name).inserted { unset.append(name) }
        return ""
    }

    private mutating func braced(_ scanner: inout Scanner, _ depth: Int) throws(ComposeError) -> String {
        let name = scanner.name()
        guard !name.isEmpty else { throw scanner.invalid }
        if scanner.take("}") { return value(name) }
        let countsEmpty = scanner.take(":")
        guard let operation = scanner.next, "-?+".contains(operation) else { throw scanner.invalid }
        scanner.index += 1
        let given = variables[name].flatMap { countsEmpty && $0.isEmpty ? nil : $0 }
        // A word that is not used asks for nothing.
        let former = unset.count
        let word = try expand(&scanner, depth: depth + 1)
        guard scanner.take("}") else { throw scanner.invalid }
        let isUsed = operation == "+" ? given != nil : given == nil
        if !isUsed {
            unsetNames.subtract(unset[former...])
            unset.removeLast(unset.count - former)
        }
        switch operation {
        case "-": return given ?? word
        case "+": return given == nil ? "" : word
        default:
            guard let given else { throw ComposeError(scanner.place, .requiredVariable(name, message: word)) }
            return given
        }
    }
}
