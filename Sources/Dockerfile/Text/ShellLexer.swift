/// The state of one expansion.
struct ShellLexer {
    private let scalars: [Unicode.Scalar]
    private let rules: WordExpander
    private var offset = 0
    private(set) var used: Set<String> = []
    private(set) var undefined: [String] = []
    private var written = 0

    init(scalars: [Unicode.Scalar], rules: WordExpander) { (self.scalars, self.rules) = (scalars, rules) }

    private var peek: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    private mutating func next() -> Unicode.Scalar? {
        guard offset < scalars.count else { return nil }
        offset += 1
        return scalars[offset - 1]
    }

    /// Counts what was produced, inner results as well, so that the work is bounded as the result is.
    private mutating func charge(_ text: String) throws(ExpansionError) {
        written += text.utf8.count
        guard written <= WordExpander.maximumLength else { throw .tooLong }
    }

    /// Reads up to `stop`, or to the end.
    mutating func read(
        until stop: Unicode.Scalar?, keepingEscapes: Bool, depth: Int
    ) throws(ExpansionError) -> (text: String, words: [String]) {
        guard depth < WordExpander.maximumDepth else { throw .tooDeep }
        var result: [Unicode.Scalar] = []
        var words = WordSplitter(joinsHeredocs: rules.options.contains(.joinHeredocs))
        while let scalar = peek {
            if scalar == stop {
                offset += 1
                return (String(scalars: result), words.finish())
            }
            switch scalar {
            case "$":
                let text = try dollar(keepingEscapes: keepingEscapes, depth: depth)
                try charge(text)
                result.append(contentsOf: text.unicodeScalars)
                words.add(text)
            case "'" where !rules.options.contains(.ignoreQuotes):
                let text = try singleQuote()
                result.append(contentsOf: text.unicodeScalars)
                words.addQuoted(text.unicodeScalars)
            case "\"" where !rules.options.contains(.ignoreQuotes):
                let text = try doubleQuote(keepingEscapes: keepingEscapes, depth: depth)
                result.append(contentsOf: text.unicodeScalars)
                words.addQuoted(text.unicodeScalars)
            case rules.escape.scalar:
                offset += 1
                if keepingEscapes {
                    words.addQuoted(scalar)
                    result.append(scalar)
                }
                guard let escaped = next() else { break }
                words.addQuoted(escaped)
                result.append(escaped)
            default:
                offset += 1
                words.add(scalar)
                result.append(scalar)
            }
        }
        guard stop == nil else { throw stop == "/" ? .missingSlash : .missingBrace }
        return (String(scalars: result), words.finish())
    }

    private mutating func singleQuote() throws(ExpansionError) -> String {
        let keeps = rules.options.contains(.keepQuotes)
        offset += 1
        var result: [Unicode.Scalar] = []
        if keeps { result.append("'") }
        while let scalar = next() {
            if scalar == "'" {
                if keeps { result.append("'") }
                return String(scalars: result)
            }
            result.append(scalar)
        }
        throw .openSingleQuote
    }

    private mutating func doubleQuote(keepingEscapes: Bool, depth: Int) throws(ExpansionError) -> String {
        let keeps = rules.options.contains(.keepQuotes)
        offset += 1
        var result: [Unicode.Scalar] = []
        if keeps { result.append("\"") }
        while let scalar = peek {
            if scalar == "\"" {
                offset += 1
                if keeps { result.append("\"") }
                return String(scalars: result)
            }
            if scalar == "$" {
                let text = try dollar(keepingEscapes: keepingEscapes, depth: depth)
                try charge(text)
                result.append(contentsOf: text.unicodeScalars)
                continue
            }
            offset += 1
            guard scalar == rules.escape.scalar else {
                result.append(scalar)
                continue
            }
            if keepingEscapes { result.append(scalar) }
            // Within double quotes the character escapes only these; before any other it stands for itself.
            guard let escaped = peek else { break }
            if escaped == "\"" || escaped == "$" || escaped == rules.escape.scalar {
                offset += 1
                result.append(escaped)
            } else {
                result.append(scalar)
            }
        }
        throw .openDoubleQuote
    }

    private mutating func value(of name: String) -> String? {
        guard let value = rules.variables[name] else {
            if !undefined.contains(name) { undefined.append(name) }
            return nil
        }
        used.insert(name)
        return value
    }

    private mutating func dollar(keepingEscapes: Bool, depth: Int) throws(ExpansionError) -> String {
        offset += 1
        let keepsUndefined = rules.options.contains(.keepUndefined)
        guard peek == "{" else {
            let name = readName()
            if name.isEmpty { return "$" }
            return value(of: name) ?? (keepsUndefined ? "$" + name : "")
        }
        offset += 1
        switch peek {
        case nil: throw .missingBrace
        case "{", "}", ":": throw .badSubstitution
        default: break
        }
        let name = readName()
        guard let modifier = next() else { throw .missingBrace }
        if modifier == "}" { return value(of: name) ?? (keepsUndefined ? "${\(name)}" : "") }
        if modifier == "/" { return try replacement(name, depth: depth) }
        return try modified(name, first: modifier, depth: depth)
    }

    /// `${name-word}` and its kin; the first scalar of the modifier was read.
    private mutating func modified(
        _ name: String, first: Unicode.Scalar, depth: Int
    ) throws(ExpansionError) -> String {
        var sign = first
        var spelling = String(scalars: [first])
        let colon = first == ":"
        if colon {
            guard let second = next() else { throw .missingBrace }
            sign = second
            spelling += String(scalars: [second])
        }
        guard ["+", "-", "?"].contains(sign) || (!colon && (sign == "#" || sign == "%")) else {
            throw .unsupportedModifier(spelling)
        }
        let isPattern = sign == "#" || sign == "%"
        let word = try read(until: "}", keepingEscapes: isPattern, depth: depth + 1).text
        try charge(word)
        let value = value(of: name)
        if value == nil, rules.options.contains(.keepUndefined) { return "${\(name)\(spelling)\(word)}" }
        let usable = colon && value == "" ? nil : value
        switch sign {
        case "-": return usable ?? word
        case "+": return usable == nil ? "" : word
        case "?":
            if let usable { return usable }
            throw value == nil ? .unset(name: name, message: word) : .empty(name: name, message: word)
        default:
            return try ShellPattern.trim(value ?? "", spelling: word, side: sign == "#" ? .prefix : .suffix)
        }
    }

    /// `${name/pattern/replacement}` and `${name//pattern/replacement}`.
    private mutating func replacement(_ name: String, depth: Int) throws(ExpansionError) -> String {
        let occurrences: ShellPattern.Occurrences = peek == "/" ? .all : .first
        if occurrences == .all { offset += 1 }
        let pattern = try read(until: "/", keepingEscapes: true, depth: depth + 1).text
        let replacement = try read(until: "}", keepingEscapes: true, depth: depth + 1).text
        try charge(pattern)
        try charge(replacement)
        let value = value(of: name)
        if value == nil, rules.options.contains(.keepUndefined) { return "${\(name)/\(pattern)/\(replacement)}" }
        let compiled = try ShellPattern(pattern)
        return try compiled.replace(occurrences, in: value ?? "", with: replacement)
    }

    /// Letters, digits and `_`; or digits alone; or one of the shell's special parameters.
    private mutating func readName() -> String {
        guard let first = peek else { return "" }
        if first.properties.numericType == .decimal {
            let start = offset
            while let scalar = peek, scalar.properties.numericType == .decimal { offset += 1 }
            return String(scalars: scalars[start..<offset])
        }
        if ["@", "*", "#", "?", "-", "$", "!"].contains(first) {
            offset += 1
            return String(scalars: [first])
        }
        let start = offset
        while let scalar = peek, scalar == "_" || scalar.isLetter || scalar.properties.numericType == .decimal {
            offset += 1
        }
        return String(scalars: scalars[start..<offset])
    }
}

extension Unicode.Scalar {
    /// A letter as Go's `unicode.IsLetter` has it: general category L.
    fileprivate var isLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}

/// Splits text at white space while it is produced.
private struct WordSplitter {
    private let joinsHeredocs: Bool
    private var words: [String] = []
    private var word: [Unicode.Scalar] = []
    private var inWord = false

    init(joinsHeredocs: Bool) { self.joinsHeredocs = joinsHeredocs }

    mutating func add(_ scalar: Unicode.Scalar) {
        guard scalar.isSpace, !(joinsHeredocs && Heredoc.isMark(word)) else { return addQuoted(scalar) }
        if inWord, !word.isEmpty {
            words.append(String(scalars: word))
            word = []
            inWord = false
        }
    }

    mutating func add(_ text: String) { for scalar in text.unicodeScalars { add(scalar) } }

    mutating func addQuoted(_ scalar: Unicode.Scalar) {
        word.append(scalar)
        inWord = true
    }

    mutating func addQuoted(_ scalars: some Sequence<Unicode.Scalar>) {
        word.append(contentsOf: scalars)
        inWord = true
    }

    mutating func finish() -> [String] {
        if !word.isEmpty { words.append(String(scalars: word)) }
        return words
    }
}
