/// Reads a shell script; what it does not know is thrown, and nothing said about the script then.
struct ShellParser {
    typealias Syntax = ShellSyntax
    typealias Unreadable = ShellSyntax.Unreadable

    /// Bytes of a script, more than which are not read.
    static let limit = 256 << 10
    private static let depthLimit = 40
    static let nestingLimit = 200

    let bytes: [UInt8]
    /// Whether dash reads it, which knows no more than POSIX has.
    let isPlain: Bool
    var place = 0
    /// What in the command in hand dash does not read.
    var refusal: String?
    private var depth = 0
    /// Commands and expansions in one another.
    var nesting = 0
    /// The commands that were read whole, of the outermost list.
    private var complete: [Syntax] = []
    /// Whether a compound command, or a quote, has no end.
    var isUnfinished = false
    /// The ends of here-documents whose text is still to come.
    var hereDocuments: [(end: [UInt8], stripsTabs: Bool)] = []
    /// Texts that were read ahead.
    var documentCount = 0
    /// Files that the compound command in hand reads, and the text.
    var compoundInputs: [Syntax.Word] = []
    var compoundDocument: Syntax.Word?

    private static let reserved: Set = [
        "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "{", "}", "!",
        "function", "in",
    ]

    /// Words that end or part a compound command, and stand for nothing where none is open.
    private static let closers: Set = ["then", "else", "elif", "fi", "do", "done", "esac", "}"]

    init(_ bytes: [UInt8], isPlain: Bool) { (self.bytes, self.isPlain) = (bytes, isPlain) }

    static func parse(_ bytes: [UInt8], isPlain: Bool = false) throws(Unreadable) -> Syntax {
        guard bytes.count <= limit else { throw Unreadable() }
        var parser = ShellParser(bytes, isPlain: isPlain)
        do throws(Unreadable) {
            let list = try parser.list(until: [])
            guard parser.atEnd else { throw Unreadable() }
            return list
        } catch {
            // What stands before it is executed first.
            guard error.isMistake || parser.isUnfinished else { throw error }
            return .list(parser.complete + [.broken(hasReturns: bytes.contains(0x0D))])
        }
    }

    // MARK: Lists

    /// Commands up to one of some reserved words, a `)` or `;;`, which stay unread.
    mutating func list(until ends: Set<String>) throws(Unreadable) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw Unreadable() }
        var commands: [Syntax] = []
        while true {
            skipSpace(lines: true)
            if atEnd || at(")") || at(";;") || at(";&") { break }
            if let word = peekWord() {
                if ends.contains(word) { break }
                if Self.closers.contains(word) { throw Unreadable(isMistake: true) }
            }
            var command = try andOr()
            skipSpace(lines: false)
            if at("&"), !at("&&") {
                place += 1
                command = .background(command)
            } else if at(";"), !at(";;"), !at(";&") {
                place += 1
            } else if !atEnd, !at("\n"), !at(")"), !at(";;"), !at(";&") {
                guard let word = peekWord(), ends.contains(word) else { throw Unreadable() }
            }
            commands.append(command)
            if depth == 1 { complete.append(command) }
        }
        return commands.count == 1 ? commands[0] : .list(commands)
    }

    private mutating func andOr() throws(Unreadable) -> Syntax {
        var left = try pipeline()
        while true {
            skipSpace(lines: false)
            guard at("&&") || at("||") else { return left }
            let isAnd = at("&&")
            place += 2
            skipSpace(lines: true)
            let right = try pipeline()
            left = isAnd ? .and(left, right) : .or(left, right)
        }
    }

    private mutating func pipeline() throws(Unreadable) -> Syntax {
        skipSpace(lines: false)
        var isNegated = false
        if !isPlain, peekWord() == "time" {
            place += 4
            skipSpace(lines: false)
            if peekWord() == "-p" { place += 2 }
            skipSpace(lines: false)
        }
        while peekWord() == "!" {
            place += 1
            isNegated.toggle()
            skipSpace(lines: false)
        }
        var commands = [try command()]
        while true {
            skipSpace(lines: false)
            guard at("|"), !at("||") else { break }
            place += at("|&") ? 2 : 1
            skipSpace(lines: true)
            commands.append(try command())
        }
        return commands.count == 1 && !isNegated ? commands[0] : .pipeline(commands, isNegated: isNegated)
    }

    // MARK: Commands

    mutating func compound() throws(Unreadable) -> Syntax {
        skipSpace(lines: false)
        if at("((") {
            let text = try nested("((", "))")
            return isPlain ? .refused("((") : .arithmetic(text)
        }
        if at("(") {
            place += 1
            let inner = try list(until: [])
            try expect(")")
            try redirections()
            return .subshell(inner)
        }
        guard let word = peekWord() else { return try simple() }
        switch word {
        case "if": return try conditional()
        case "while", "until":
            place += 5
            let condition = try list(until: ["do"])
            return .loop(condition: condition, body: try doGroup(), isUntil: word == "until")
        case "for", "select": return try iteration(word)
        case "case": return try selection()
        case "{":
            place += 1
            let inner = try list(until: ["}"])
            return try closed(by: "}", inner)
        case "[[" where !isPlain: return try test()
        case "function":
            place += 8
            skipSpace(lines: false)
            guard let name = peekWord() else { throw Unreadable() }
            place += name.utf8.count
            skipSpace(lines: false)
            let hasBrackets = at("()")
            if hasBrackets { place += 2 }
            skipSpace(lines: false)
            // A line is read as a whole before any of it is executed.
            let opensLine = place + 1 < bytes.count && bytes[place] == 0x7B && bytes[place + 1] == 0x0A
            let body = try function(name)
            guard isPlain else { return body }
            // Without brackets it is a program that is not there, and what is in the body is executed at once, up to its end.
            guard !hasBrackets, opensLine, case .function(_, let inner) = body else { return .refused("function") }
            return .list([.absent("function"), inner, .refused("function")])
        default:
            let start = place
            if isName(word) || word.contains("-") || word.contains(":") {
                place += word.utf8.count
                skipSpace(lines: false)
                if at("(") {
                    place += 1
                    skipSpace(lines: false)
                    if at(")") {
                        place += 1
                        return try function(word)
                    }
                }
                place = start
            }
            return try simple()
        }
    }

    private mutating func function(_ name: String) throws(Unreadable) -> Syntax {
        skipSpace(lines: true)
        return .function(name: name, body: try command())
    }

    private mutating func conditional() throws(Unreadable) -> Syntax {
        var branches: [Syntax.Branch] = []
        place += 2
        while true {
            let condition = try list(until: ["then"])
            try expect("then")
            let body = try list(until: ["elif", "else", "fi"])
            branches.append(.init(condition: condition, body: body))
            if peekWord() == "elif" {
                place += 4
                continue
            }
            var otherwise: Syntax?
            if peekWord() == "else" {
                place += 4
                otherwise = try list(until: ["fi"])
            }
            try expect("fi")
            try redirections()
            return .conditional(branches, otherwise: otherwise)
        }
    }

    private mutating func doGroup() throws(Unreadable) -> Syntax {
        skipSpace(lines: true)
        try expect("do")
        let body = try list(until: ["done"])
        try expect("done")
        try redirections()
        return body
    }

    private mutating func iteration(_ keyword: String) throws(Unreadable) -> Syntax {
        place += keyword.utf8.count
        skipSpace(lines: false)
        if at("((") {
            try skipNested("((", "))")
            skipSpace(lines: false)
            if at(";") { place += 1 }
            let body = try doGroup()
            return isPlain ? .refused("for ((") : .iteration(name: "", words: [.init(parts: [.unknown])], body: body)
        }
        guard let name = peekWord() else { throw Unreadable() }
        place += name.utf8.count
        skipSpace(lines: true)
        var words: [Syntax.Word]?
        if peekWord() == "in" {
            place += 2
            words = []
            skipSpace(lines: false)
            while !atEnd, !at(";"), !at("\n") {
                words?.append(try self.word())
                skipSpace(lines: false)
            }
        }
        skipSpace(lines: false)
        if at(";") { place += 1 }
        return .iteration(name: name, words: words, body: try doGroup())
    }

    private mutating func selection() throws(Unreadable) -> Syntax {
        place += 4
        skipSpace(lines: false)
        let subject = try word()
        skipSpace(lines: true)
        try expect("in")
        var items: [Syntax.Item] = []
        while true {
            skipSpace(lines: true)
            if peekWord() == "esac" { break }
            if at("(") { place += 1 }
            var patterns: [Syntax.Word] = []
            repeat {
                if at("|") { place += 1 }
                skipSpace(lines: false)
                patterns.append(try word())
                skipSpace(lines: false)
            } while at("|")
            try expect(")")
            var item = Syntax.Item(patterns: patterns, body: try list(until: ["esac"]))
            item.end = at(";;&") || at(";|") ? .goesOn : at(";&") ? .fallsThrough : .leaves
            items.append(item)
            if at(";;&") { place += 3 } else if at(";;") || at(";&") { place += 2 }
        }
        try expect("esac")
        try redirections()
        return .selection(subject, items)
    }

    /// `[[ … ]]`, whose operators are words here.
    private mutating func test() throws(Unreadable) -> Syntax {
        place += 2
        var words: [Syntax.Word] = []
        while true {
            skipSpace(lines: true)
            if atEnd { throw Unreadable() }
            if peekWord() == "]]" {
                place += 2
                try redirections()
                return .test(words)
            }
            let operators = ["&&", "||", "(", ")", "<", ">"]
            if let found = operators.first(where: { at($0) }) {
                place += found.utf8.count
                words.append(.init(parts: [.text(found, isQuoted: false)]))
            } else if words.last?.plain == "=~" {
                // A regular expression has rules of its own; what is quoted in it may have blanks.
                while !atEnd, !at(" "), !at("\n") {
                    if at("\"") || at("'") {
                        guard let end = bytes[(place + 1)...].firstIndex(of: bytes[place]) else { throw unfinished() }
                        place = end + 1
                    } else {
                        place += at("\\") ? 2 : 1
                    }
                }
                place = min(place, bytes.count)
                words.append(.init(parts: [.unknown]))
            } else {
                words.append(try word())
            }
        }
    }
}
