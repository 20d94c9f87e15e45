internal import OCI

/// Numbers, elements of arrays, parts and changes of values.
extension ShellRun {
    // MARK: Arithmetic

    /// The value of an expression of numbers; nil where it is not known.
    func number(_ text: String) -> Int? {
        ShellArithmetic.value(text) { name in
            guard let found = plainValue(name) else { return 0 }
            guard let value = found else { return nil }
            return value.isEmpty ? 0 : Int(value)
        }
    }

    /// `(( … ))`: an assignment, or a condition; its status, nil where that is not known.
    mutating func arithmetic(_ text: String) -> Int? {
        let name = text.drop { $0 == " " }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let rest = text.drop { $0 == " " }.dropFirst(name.count).drop { $0 == " " }
        guard let first = name.first, !first.isNumber else { return number(text).map { $0 != 0 ? 0 : 1 } }
        let trimmed = rest.filter { $0 != " " }
        var value: Int?
        switch trimmed {
        case "++", "--":
            guard let old = number(String(name)) else { break }
            variables[String(name)] = .some(String(trimmed == "++" ? old &+ 1 : old &- 1))
            return old != 0 ? 0 : 1
        case let other where other.hasPrefix("=") && !other.hasPrefix("=="): value = number(String(other.dropFirst()))
        case let other where other.hasPrefix("+=") || other.hasPrefix("-=") || other.hasPrefix("*="):
            value = number("\(name) \(other.prefix(1)) (\(other.dropFirst(2)))")
        default: return number(text).map { $0 != 0 ? 0 : 1 }
        }
        variables[String(name)] = .some(value.map(String.init))
        return value.map { $0 != 0 ? 0 : 1 }
    }

    // MARK: Arrays

    /// The key that stands in brackets: a word, a number or a variable.
    func key(_ text: String) -> String? {
        let bare = text.filter { $0 != "\"" && $0 != "'" }
        guard bare.hasPrefix("$") else { return bare }
        let name = bare.dropFirst().filter { $0 != "{" && $0 != "}" }
        // `${NAME:-word}`.
        if let mark = name.range(of: ":-") {
            let value = plainValue(String(name[..<mark.lowerBound])) ?? ""
            return value.map { $0.isEmpty ? String(name[mark.upperBound...]) : $0 }
        }
        return plainValue(String(name)) ?? ""
    }

    /// An element `NAME[KEY]`; the outer nil where it is not set, the inner where it is not known.
    func element(_ name: String) -> String?? {
        guard let bracket = name.firstIndex(of: "["), name.hasSuffix("]") else { return .some(nil) }
        let array = String(name[..<bracket])
        guard let key = key(String(name[name.index(after: bracket)...].dropLast())) else { return .some(nil) }
        if let value = elements[array]?[key] { return .some(value) }
        if let values = arrays[array] {
            guard let index = Int(key) else { return elements[array] == nil ? .some(nil) : nil }
            let place = index < 0 ? values.count + index : index
            return values.indices.contains(place) ? .some(values[place]) : nil
        }
        if elements[array] != nil { return nil }
        return key == "0" ? variables[array] ?? nil : .some(nil)
    }

    /// Puts the words of `NAME=( … )` into an array.
    mutating func fill(_ name: String, _ words: [String], isAppended: Bool) {
        if !isAppended { (arrays[name], elements[name]) = (nil, nil) }
        for word in words {
            if word.hasPrefix("["), let end = word.range(of: "]=") {
                let key = key(String(word[word.index(after: word.startIndex)..<end.lowerBound]))
                elements[name, default: [:]][key ?? Self.unknownText] = .some(String(word[end.upperBound...]))
            } else {
                arrays[name, default: []].append(word)
            }
        }
        if arrays[name] == nil, elements[name] == nil { arrays[name] = [] }
    }

    /// The values of `$@` or of all elements; nil where they are not known.
    func all(_ name: String) -> [String]? {
        guard name.hasSuffix("[@]") else { return arguments }
        let array = String(name.dropLast(3))
        if let keyed = elements[array], !keyed.isEmpty {
            guard arrays[array] == nil, keyed.count == 1, let value = keyed.first?.value else { return nil }
            return [value]
        }
        if let values = arrays[array] { return values }
        if elements[array] != nil { return [] }
        return variables[array].map { [$0 ?? Self.unknownText] }
    }

    /// `${@:START}`, `${@:START:LENGTH}` and the same of arrays.
    mutating func slice(_ values: [String], _ place: String, isPositional: Bool) -> [String]? {
        let numbers = place.split(separator: ":").map { number(String($0)) }
        guard let start = numbers.first ?? nil, start >= 0, numbers.count < 3 else { return nil }
        var rest =
            isPositional
            ? start == 0 ? [name] + values : Array(values.dropFirst(start - 1)) : Array(values.dropFirst(start))
        if numbers.count == 2 {
            guard let length = numbers[1], length >= 0 else { return nil }
            rest = Array(rest.prefix(length))
        }
        return rest
    }

    // MARK: Changes

    /// What `printf` makes of a format with `%s`, `%d` and `%%` and as many values; nil for any other.
    static func formatted(_ operands: [String]) -> String? {
        guard let format = operands.first, !operands.contains(where: { $0.contains(unknownText) }) else { return nil }
        var (values, result, isMark) = (operands.dropFirst(), "", false)
        for character in format {
            if character == "\\" { return nil }
            if isMark {
                switch character {
                case "%": result.append("%")
                case "s", "d": result += values.popFirst() ?? ""
                default: return nil
                }
                isMark = false
            } else if character == "%" {
                isMark = true
            } else {
                result.append(character)
            }
        }
        return values.isEmpty && !isMark ? result : nil
    }

    /// What `cat FILE` and `head -n 1 FILE` print.
    func content(of name: String, isFirstLine: Bool, _ options: [String]) throws -> String? {
        guard !hasWritten, let path = check.process.directory.resolving(name),
            !["/proc", "/sys", "/dev", "/run"].contains(where: name.hasPrefix), let node = try check.tree.lookUp(path),
            let size = node.size, size < 4096, let bytes = try check.tree.contents(of: path.description)
        else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        if !isFirstLine { return String(text.reversed().drop { $0 == "\n" }.reversed()) }
        let count = options.count == 1 ? nil : options[0] == "-n" ? Int(options[1]) : nil
        return count == 1 ? text.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) : nil
    }

    /// `${NAME/PATTERN/TEXT}` and `${NAME//PATTERN/TEXT}`, where the pattern is a plain text.
    static func replaced(_ value: String, _ change: String, all: Bool) -> String? {
        let parts = change.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let pattern = parts[0]
        let text = parts.count > 1 ? parts[1] : ""
        guard !pattern.isEmpty, !pattern.contains(where: { "*?[#%".contains($0) }) else { return nil }
        if all { return value.replacing(pattern, with: text) }
        return value.replacing(pattern, with: text, maxReplacements: 1)
    }

    /// `${NAME^^}` and its like.
    static func recased(_ value: String, _ operation: String) -> String {
        switch operation {
        case "^^": value.uppercased()
        case ",,": value.lowercased()
        case "^": value.prefix(1).uppercased() + value.dropFirst()
        default: value.prefix(1).lowercased() + value.dropFirst()
        }
    }

    /// Operations of bash that dash takes for a mistake.
    static func isBashOnly(_ parameter: Syntax.Parameter) -> Bool {
        parameter.isIndirect || parameter.name.contains("[")
            || [":", "/", "//", "^^", ",,", "^", ",", "@"].contains(parameter.operation)
    }
}

extension String {
    /// Where a text begins in this one.
    func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
