/// Functions and classes.
extension PHPParser {
    private func sign(_ text: String, _ offset: Int = 0) -> Bool {
        place + offset < tokens.count && tokens[place + offset] == .sign(text)
    }

    private var name: String? {
        guard place < tokens.count, case .name(let name) = tokens[place] else { return nil }
        return name
    }

    /// From the word `function` or `fn` on.
    mutating func function() -> PHPFunction {
        var result = PHPFunction()
        result.isArrow = tokens[place].isWord("fn")
        place += 1
        if sign("&") { place += 1 }
        if let name {
            result.name = name
            place += 1
        }
        result.parameters = Self.parameters(group())
        if name?.lowercased() == "use" {
            place += 1
            for part in Self.split(group()) {
                guard case .variable(let name)? = part.last else { continue }
                result.uses.append(name)
                if part.count > 1 { result.references.append(name) }
            }
        }
        if sign(":") { skipType() }
        if result.isArrow {
            if sign("=>") { place += 1 }
            let start = place
            skipExpression()
            result.body = [.plain([.name("return")] + tokens[start..<place])]
        } else if sign("{") {
            let inner = group()
            result.isGenerator = inner.contains { $0.isWord("yield") }
            result.body = PHPParser.statements(inner, depth: depth + 1)
        }
        return result
    }

    /// `: ?Type|Other`.
    private mutating func skipType() {
        place += 1
        while place < tokens.count {
            switch tokens[place] {
            case .name: place += 1
            case .sign("?"), .sign("|"), .sign("&"): place += 1
            case .sign("("): _ = group()
            case .sign, .variable, .text, .template, .number: return
            }
        }
    }

    /// Up to what ends an expression: a comma, a semicolon, a bracket that was not opened in it.
    private mutating func skipExpression() {
        while place < tokens.count {
            guard case .sign(let text) = tokens[place] else {
                place += 1
                continue
            }
            if ["(", "[", "{"].contains(text) {
                _ = group()
            } else if [",", ";", ")", "]", "}"].contains(text) {
                return
            } else {
                place += 1
            }
        }
    }

    private static func parameters(_ tokens: [PHPToken]) -> [PHPParameter] {
        split(tokens).compactMap { part in
            guard let place = part.firstIndex(where: { if case .variable = $0 { true } else { false } }),
                case .variable(let name) = part[place]
            else { return nil }
            let isRest = place > 0 && part[place - 1] == .sign("...")
            let value = part.count > place + 2 && part[place + 1] == .sign("=") ? Array(part[(place + 2)...]) : nil
            return PHPParameter(
                name: name, value: isRest ? [.sign("["), .sign("]")] : value,
                isReference: isRest || part[..<place].contains(.sign("&")))
        }
    }

    /// Parts between commas outside of brackets.
    static func split(_ tokens: [PHPToken]) -> [[PHPToken]] {
        var result: [[PHPToken]] = [[]]
        var level = 0
        for token in tokens {
            if case .sign(let sign) = token {
                if ["(", "[", "{"].contains(sign) { level += 1 }
                if [")", "]", "}"].contains(sign) { level -= 1 }
                if sign == ",", level == 0 {
                    result.append([])
                    continue
                }
            }
            result[result.count - 1].append(token)
        }
        return result.filter { !$0.isEmpty }
    }

    /// A class and its like; nil where the words mean something else.
    mutating func type() -> PHPType? {
        let start = place
        var isAbstract = false
        while let word = name?.lowercased(), ["abstract", "final", "readonly"].contains(word) {
            isAbstract = isAbstract || word == "abstract"
            place += 1
        }
        guard let kind = name?.lowercased(), ["class", "interface", "trait", "enum"].contains(kind) else {
            place = start
            return nil
        }
        place += 1
        guard let name, !["extends", "implements"].contains(name.lowercased()) else {
            place = start
            return nil
        }
        place += 1
        var result = PHPType(name: name, kind: kind, isAbstract: isAbstract)
        typeBody(kind, &result)
        return result
    }

    /// From behind the name, or the arguments of a class without one, on.
    mutating func typeBody(_ kind: String, _ result: inout PHPType) {
        if sign(":") { skipType() }
        while let word = name?.lowercased(), word == "extends" || word == "implements" {
            place += 1
            while let other = name {
                place += 1
                if word == "extends", kind == "class" { result.parent = other } else { result.others.append(other) }
                guard sign(",") else { break }
                place += 1
            }
        }
        guard sign("{") else { return }
        var members = PHPParser(group(), depth: depth + 1)
        members.members(&result)
    }

    private mutating func members(_ type: inout PHPType) {
        while place < tokens.count {
            switch name?.lowercased() ?? "" {
            case "function":
                let method = function()
                type.methods[method.name.lowercased()] = method
            case "use":
                place += 1
                while let other = name {
                    type.others.append(other)
                    place += 1
                    guard sign(",") else { break }
                    place += 1
                }
                if sign("{") { type.hasAliases = !group().isEmpty }
            case "const", "case", "public", "protected", "private", "static", "var", "abstract", "final", "readonly":
                place += 1
            default: member(&type)
            }
        }
    }

    /// A constant or a property with its first value.
    private mutating func member(_ type: inout PHPType) {
        var key: String?
        var isVariable = false
        switch tokens[place] {
        case .variable(let name): (key, isVariable) = (name, true)
        case .name(let name): key = name
        case .sign, .text, .template, .number: break
        }
        place += 1
        guard let key, sign("=") else {
            if let key, isVariable { type.values[key] = [.name("null")] }
            if let key, !isVariable { type.names.insert(key) }
            return
        }
        place += 1
        let start = place
        skipExpression()
        type.values[key] = Array(tokens[start..<place])
    }
}
