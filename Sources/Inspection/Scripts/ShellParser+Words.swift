extension ShellParser {
    /// A command of words, assignments and redirections.
    mutating func simple() throws(Unreadable) -> Syntax {
        var command = Syntax.Simple()
        let outer = refusal
        refusal = nil
        defer { refusal = outer }
        while true {
            skipSpace(lines: false)
            if try redirection(&command) { continue }
            guard !atEnd, !Self.isDelimiter(bytes[place]) else { break }
            if let assignment = try assignment(command) {
                command.assignments.append(assignment)
            } else {
                command.words.append(try word())
            }
        }
        guard
            !command.words.isEmpty || !command.assignments.isEmpty || command.writesFiles || !command.inputs.isEmpty
                || command.document != nil
        else { throw Unreadable() }
        return refusal.map { .refused($0) } ?? .simple(command)
    }

    /// `NAME=value` before a command, or behind one that declares.
    private mutating func assignment(_ command: Syntax.Simple) throws(Unreadable) -> Syntax.Assignment? {
        let declares = ["export", "local", "declare", "typeset", "readonly"].contains(command.words.first?.plain ?? "")
        guard command.words.isEmpty || declares else { return nil }
        guard let equals = bytes[place...].firstIndex(where: { $0 == 0x3D || Self.isDelimiter($0) }),
            bytes[equals] == 0x3D
        else { return nil }
        let isAppended = equals > place && bytes[equals - 1] == 0x2B
        var name = String(decoding: bytes[place..<(isAppended ? equals - 1 : equals)], as: UTF8.self)
        var index: String?
        if let bracket = name.firstIndex(of: "["), name.hasSuffix("]") {
            index = String(name[name.index(after: bracket)...].dropLast())
            name = String(name[..<bracket])
        }
        guard isName(name) else { return nil }
        place = equals + 1
        if at("(") {
            if isPlain { refusal = name + "=(" }
            place += 1
            var words: [Syntax.Word] = []
            while true {
                skipSpace(lines: true)
                if atEnd { throw Unreadable() }
                if at(")") { break }
                words.append(try word())
            }
            place += 1
            return .init(name: name, isAppended: isAppended, value: words, isArray: true)
        }
        let isEmpty = atEnd || Self.isDelimiter(bytes[place])
        let value = isEmpty ? Syntax.Word() : try word()
        return .init(
            name: name, isAppended: isAppended, value: [value], isArray: false, index: index)
    }

    /// A command, with what a compound one reads.
    mutating func command() throws(Unreadable) -> Syntax {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting < Self.nestingLimit else { throw Unreadable() }
        let outer = (compoundInputs, compoundDocument)
        (compoundInputs, compoundDocument) = ([], nil)
        defer { (compoundInputs, compoundDocument) = outer }
        let inner = try compound()
        guard !compoundInputs.isEmpty || compoundDocument != nil else { return inner }
        return .reading(compoundInputs, document: compoundDocument, inner)
    }

    mutating func closed(by end: String, _ inner: Syntax) throws(Unreadable) -> Syntax {
        try expect(end)
        try redirections()
        return inner
    }

    mutating func redirections() throws(Unreadable) {
        var command = Syntax.Simple()
        skipSpace(lines: false)
        while try redirection(&command) { skipSpace(lines: false) }
        compoundInputs += command.inputs
        compoundDocument = command.document ?? compoundDocument
    }

    private mutating func redirection(_ command: inout Syntax.Simple) throws(Unreadable) -> Bool {
        let start = place
        while !atEnd, (0x30...0x39).contains(bytes[place]) { place += 1 }
        if at("&>") { place += 1 }
        guard at("<") || at(">") else {
            place = start
            return false
        }
        if at("<(") || at(">(") {
            place = start
            return false
        }
        let isInput = at("<")
        if at("<<<") {
            if isPlain { refusal = "<<<" }
            place += 3
        } else if at("<<") {
            place += 2
            let stripsTabs = at("-")
            if stripsTabs { place += 1 }
            skipSpace(lines: false)
            let mark = try word()
            let end = mark.parts.flatMap { part -> [UInt8] in
                if case .text(let text, _) = part { Array(text.utf8) } else { [] }
            }
            command.document = document(until: end, stripsTabs: stripsTabs, isPlainText: Self.isQuoted(mark))
            hereDocuments.append((end, stripsTabs))
            return true
        } else {
            place += 1
            while at(">") || at("|") || at("&") { place += 1 }
        }
        skipSpace(lines: false)
        if at("-") {
            place += 1
            return true
        }
        let target = try word()
        if isInput {
            if bytes[start..<place].starts(with: "<<<".utf8) {
                command.document = target
            } else if bytes[start..<place].contains(0x26) == false {
                command.inputs.append(target)
            }
        } else {
            // Another name for a descriptor, and what takes everything, are no files.
            if !Self.isNoFile(target) { command.writesFiles = true }
            if bytes[start..<place].contains(0x26) == false { command.outputs.append(target) }
        }
        return true
    }

    private static func isNoFile(_ word: Syntax.Word) -> Bool {
        guard word.parts.count == 1, case .text(let text, _) = word.parts[0] else { return false }
        return text == "/dev/null" || text == "/dev/stderr" || text == "/dev/stdout" || text.allSatisfy(\.isNumber)
    }

    // MARK: Words

    /// A word with its quotes and expansions.
    mutating func word() throws(Unreadable) -> Syntax.Word {
        var parts: [Syntax.Part] = []
        var text: [UInt8] = []
        let start = place
        func flush(_ text: inout [UInt8], _ isQuoted: Bool) {
            if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self), isQuoted: isQuoted)) }
            text = []
        }
        while !atEnd {
            let byte = bytes[place]
            if at("<(") || at(">(") {
                if isPlain { refusal = "<(" }
                try skipNested("(", ")")
                parts.append(.unknown)
                continue
            }
            if Self.isDelimiter(byte) { break }
            switch byte {
            case 0x27:
                flush(&text, false)
                guard let end = bytes[(place + 1)...].firstIndex(of: 0x27) else { throw unfinished() }
                parts.append(.text(String(decoding: bytes[(place + 1)..<end], as: UTF8.self), isQuoted: true))
                place = end + 1
            case 0x22:
                flush(&text, false)
                place += 1
                parts += try quoted()
            case 0x5C:
                flush(&text, false)
                if place + 1 < bytes.count, bytes[place + 1] != 0x0A {
                    parts.append(.text(String(decoding: [bytes[place + 1]], as: UTF8.self), isQuoted: true))
                }
                place += 2
            case 0x24, 0x60:
                flush(&text, false)
                parts.append(try expansion(isQuoted: false))
            default:
                text.append(byte)
                place += 1
            }
        }
        place = min(place, bytes.count)
        flush(&text, false)
        guard place > start else { throw Unreadable() }
        return .init(parts: parts)
    }

    /// The parts up to the closing double quote; an empty text at least.
    mutating func quoted() throws(Unreadable) -> [Syntax.Part] {
        var parts: [Syntax.Part] = []
        var text: [UInt8] = []
        while true {
            guard !atEnd else { throw unfinished() }
            switch bytes[place] {
            case 0x22:
                place += 1
                if !text.isEmpty || parts.isEmpty {
                    parts.append(.text(String(decoding: text, as: UTF8.self), isQuoted: true))
                }
                return parts
            case 0x5C:
                guard place + 1 < bytes.count else { throw Unreadable() }
                let next = bytes[place + 1]
                if ![0x22, 0x5C, 0x24, 0x60, 0x0A].contains(next) { text.append(0x5C) }
                if next != 0x0A { text.append(next) }
                place += 2
            case 0x24, 0x60:
                if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self), isQuoted: true)) }
                text = []
                parts.append(try expansion(isQuoted: true))
            default:
                text.append(bytes[place])
                place += 1
            }
        }
    }

    private mutating func expansion(isQuoted: Bool) throws(Unreadable) -> Syntax.Part {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting < Self.nestingLimit else { throw Unreadable() }
        if at("`") {
            var inner: [UInt8] = []
            place += 1
            while !at("`") {
                guard !atEnd else { throw unfinished() }
                // Backslashes before these stand for nothing inside.
                if at("\\"), place + 1 < bytes.count, [0x60, 0x5C, 0x24].contains(bytes[place + 1]) { place += 1 }
                inner.append(bytes[place])
                place += 1
            }
            place += 1
            var parser = ShellParser(inner, isPlain: isPlain)
            return .command(try parser.list(until: []), isQuoted: isQuoted)
        }
        place += 1
        if at("((") {
            return .arithmetic(try nested("((", "))"))
        }
        if at("(") {
            place += 1
            let inner = try list(until: [])
            try expect(")")
            return .command(inner, isQuoted: isQuoted)
        }
        if at("{") { return try braced(isQuoted) }
        if at("'") { return try escaped() }
        if !atEnd, "@*#?$!-0123456789".utf8.contains(bytes[place]) {
            place += 1
            return .parameter(
                .init(name: String(decoding: [bytes[place - 1]], as: UTF8.self), operation: "", word: .init()),
                isQuoted: isQuoted)
        }
        let name = takeName()
        return name.isEmpty
            ? .text("$", isQuoted: true)
            : .parameter(.init(name: name, operation: "", word: .init()), isQuoted: isQuoted)
    }

    private mutating func takeName() -> String {
        let start = place
        while !atEnd, isName("_" + String(decoding: [bytes[place]], as: UTF8.self)) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// `${NAME…}`.
    private mutating func braced(_ isQuoted: Bool) throws(Unreadable) -> Syntax.Part {
        place += 1
        var operation = ""
        if at("#"), !at("#}") {
            place += 1
            operation = "length"
        }
        let isIndirect = at("!") && !at("!}")
        if isIndirect { place += 1 }
        var name = takeName()
        if name.isEmpty, !atEnd, "@*#?$!-".utf8.contains(bytes[place]) {
            name = String(decoding: [bytes[place]], as: UTF8.self)
            place += 1
        }
        if at("[") {
            let end = bytes[place...].firstIndex(of: 0x5D) ?? place
            let index = String(decoding: bytes[place...end], as: UTF8.self)
            place = end + 1
            name += index == "[*]" ? "[@]" : index
        }
        guard !name.isEmpty else { throw Unreadable() }
        if operation.isEmpty {
            let operators = [
                ":-", ":=", ":?", ":+", "##", "%%", "//", "^^", ",,", "-", "=", "?", "+", "#", "%", "/", ":", "^", ",",
                "@",
            ]
            operation = operators.first { at($0) } ?? ""
            place += operation.utf8.count
        }
        var word = Syntax.Word()
        // Quotes around the whole do not quote a pattern in it.
        let isPattern = ["#", "##", "%", "%%", "/", "//"].contains(operation)
        while !at("}") {
            guard !atEnd else { throw Unreadable() }
            word.parts += try bracedPart(isQuoted && !isPattern)
        }
        place += 1
        return .parameter(
            .init(name: name, operation: operation, word: word, isIndirect: isIndirect), isQuoted: isQuoted)
    }

    private mutating func bracedPart(_ isQuoted: Bool) throws(Unreadable) -> [Syntax.Part] {
        switch bytes[place] {
        case 0x24, 0x60: return [try expansion(isQuoted: isQuoted)]
        case 0x22:
            place += 1
            return try quoted()
        case 0x27 where !isQuoted:
            guard let end = bytes[(place + 1)...].firstIndex(of: 0x27) else { throw Unreadable() }
            defer { place = end + 1 }
            return [.text(String(decoding: bytes[(place + 1)..<end], as: UTF8.self), isQuoted: true)]
        case 0x5C where place + 1 < bytes.count:
            defer { place += 2 }
            return [.text(String(decoding: [bytes[place + 1]], as: UTF8.self), isQuoted: true)]
        default:
            let start = place
            while !atEnd, ![0x24, 0x60, 0x22, 0x5C, 0x7D].contains(bytes[place]), !(bytes[place] == 0x27 && !isQuoted) {
                place += 1
            }
            return [.text(String(decoding: bytes[start..<place], as: UTF8.self), isQuoted: isQuoted)]
        }
    }
}
