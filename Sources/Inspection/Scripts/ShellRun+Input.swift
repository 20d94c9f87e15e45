internal import OCI

/// What commands of a script read: files, texts that stand in the script, what others print.
extension ShellRun {
    enum Input {
        case none
        case unknown
        case lines([String])
    }

    private static let inputLimit: Int64 = 64 << 10
    private static let listLimit = 400

    /// What a command reads that names files, or has a text behind it.
    mutating func opened(_ inputs: [Syntax.Word], _ document: Syntax.Word?) throws -> Input {
        if let document { return try text(document).map { Input.lines(Self.lines($0)) } ?? .unknown }
        guard let last = inputs.last, let path = try text(last) else { return .unknown }
        if path == "/dev/null" { return .lines([]) }
        return try lines(of: path).map { Input.lines($0) } ?? .unknown
    }

    private static func lines(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    private func lines(of path: String) throws -> [String]? {
        guard !hasWritten, !["/dev/", "/proc/", "/sys/", "/run/"].contains(where: path.hasPrefix),
            let place = check.process.directory.resolving(path), let node = try check.tree.lookUp(place),
            let size = node.size, size < Self.inputLimit
        else { return nil }
        return Self.lines(String(decoding: try check.tree.read(node, limit: Int(Self.inputLimit)), as: UTF8.self))
    }

    /// What commands of a pipe print, one behind the other.
    mutating func piped(_ commands: ArraySlice<Syntax>) throws -> Input {
        var lines: [String]?
        for (index, command) in commands.enumerated() {
            guard case .simple(let simple) = command, simple.assignments.isEmpty, simple.inputs.isEmpty else {
                return .unknown
            }
            var words: [String] = []
            for word in simple.words { words += try expand(word) ?? [Self.unknownText] }
            guard !words.contains(where: { $0.contains(Self.unknownText) }), let program = words.first else {
                return .unknown
            }
            if index > 0 {
                guard program == "sort", words.dropFirst().allSatisfy({ $0.hasPrefix("-") }) else { return .unknown }
                lines = lines?.sorted()
                continue
            }
            switch (program, words.count) {
            case ("find", _): lines = try listing(words)
            case ("cat", 2): lines = try self.lines(of: words[1])
            case ("echo", _) where words.count > 1 && !words[1].hasPrefix("-"):
                lines = Self.lines(words.dropFirst().joined(separator: " "))
            default: return .unknown
            }
        }
        return lines.map { Input.lines($0) } ?? .unknown
    }

    /// The files that `find` prints; nil for conditions of another kind.
    func listing(_ words: [String]) throws -> [String]? {
        guard !hasWritten, case .found = try check.find("find") else { return nil }
        var rest = words.dropFirst().drop { $0 == "-L" || $0 == "-H" || $0 == "-P" }
        let roots = rest.prefix { !$0.hasPrefix("-") && $0 != "(" && $0 != "!" }
        rest = rest.dropFirst(roots.count)
        var search = FileSearch()
        while let word = rest.popFirst() {
            switch word {
            case "-print", "-follow", "-quit": search.isFirstOnly = search.isFirstOnly || word == "-quit"
            case "-mindepth", "-maxdepth", "-type", "-name":
                guard let value = rest.popFirst(), search.take(word, value) else { return nil }
            default: return nil
            }
        }
        var found: [String] = []
        for root in roots {
            guard let path = check.process.directory.resolving(root) else { return nil }
            guard let node = try check.tree.lookUp(path) else { continue }
            let name = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
            try collect(node, name, 0, search, &found)
        }
        guard found.count < Self.listLimit else { return nil }
        return search.isFirstOnly ? Array(found.prefix(1)) : found
    }

    private func collect(
        _ node: ImageTree.Node, _ name: String, _ depth: Int, _ search: FileSearch, _ found: inout [String]
    ) throws {
        guard found.count < Self.listLimit, depth <= min(search.deepest, 16) else { return }
        if depth >= search.shallowest, search.takes(node, name) { found.append(name) }
        guard node.isDirectory, depth < search.deepest else { return }
        let children = try check.tree.children(of: node).map {
            (String(decoding: $0.path.name ?? [], as: UTF8.self), $0)
        }
        for (file, child) in children.sorted(by: { $0.0 < $1.0 }) {
            try collect(child, (name == "/" ? "" : name) + "/" + file, depth + 1, search, &found)
        }
    }

    // MARK: read

    /// `mapfile`: the lines of a file or a text become an array.
    mutating func takeLines(_ words: [String], _ command: Syntax.Simple) throws -> Flow {
        let name = words.dropFirst().last { !$0.hasPrefix("-") } ?? "MAPFILE"
        let isOwn = !command.inputs.isEmpty || command.document != nil
        let source = try isOwn ? opened(command.inputs, command.document) : input
        guard case .lines(let lines) = source else {
            (arrays[name], elements[name]) = (nil, [Self.unknownText: nil])
            return .next(0)
        }
        (arrays[name], elements[name]) = (lines, nil)
        return .next(0)
    }

    /// `read`: the fields of the next line become variables (POSIX.1-2017, read).
    mutating func takeLine(_ words: [String], _ command: Syntax.Simple) throws -> Flow {
        let (names, array, isRaw, isKnown) = Self.readOperands(words)
        let isOwn = !command.inputs.isEmpty || command.document != nil
        let source = try isOwn ? opened(command.inputs, command.document) : input
        var marks: String? = variables["IFS"] ?? " \t\n"
        if let own = command.assignments.last(where: { $0.name == "IFS" }) {
            marks = try text(own.value.first ?? .init())
        }
        guard case .lines(let lines) = source, isKnown, let marks else {
            forget(names + (array.map { [$0] } ?? []))
            return .next(nil)
        }
        let line = lines.first ?? ""
        if !isOwn { input = .lines(Array(lines.dropFirst())) }
        let isRead = isRaw || !line.contains("\\")
        if let array {
            arrays[array] = Self.fields(line, marks, count: .max).filter { !$0.isEmpty }
            elements[array] = isRead ? nil : [Self.unknownText: nil]
        } else {
            for (name, value) in zip(names, Self.fields(line, marks, count: names.count)) {
                (variables[name], arrays[name]) = (.some(isRead ? value : nil), nil)
            }
        }
        return .next(lines.isEmpty ? 1 : 0)
    }

    private static func readOperands(_ words: [String]) -> (
        names: [String], array: String?, isRaw: Bool, isKnown: Bool
    ) {
        var (names, array, isRaw, isKnown): ([String], String?, Bool, Bool) = ([], nil, false, true)
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word.count > 1, names.isEmpty else {
                names.append(word)
                continue
            }
            for letter in word.dropFirst() {
                switch letter {
                case "r": isRaw = true
                case "s", "e": continue
                case "a": array = rest.popFirst()
                case "p": _ = rest.popFirst()
                default:
                    isKnown = false
                    if "dnNtui".contains(letter), word.last == letter { _ = rest.popFirst() }
                }
            }
        }
        return (names.isEmpty && array == nil ? ["REPLY"] : names, array, isRaw, isKnown)
    }

    /// A line's fields: the last has what is left.
    static func fields(_ line: String, _ marks: String, count: Int) -> [String] {
        func isBlank(_ character: Character) -> Bool { character.isWhitespace && marks.contains(character) }
        var rest = line.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        var result: [String] = []
        while result.count < count - 1, let place = rest.firstIndex(where: { marks.contains($0) }) {
            result.append(String(rest[..<place]))
            var hasMark = !isBlank(rest[place])
            rest = rest[rest.index(after: place)...]
            while let next = rest.first, isBlank(next) || (!hasMark && marks.contains(next)) {
                if !isBlank(next) { hasMark = true }
                rest = rest.dropFirst()
            }
        }
        result.append(String(rest))
        while count < 64, result.count < count { result.append("") }
        return result
    }

    // MARK: Interpreters

    /// An interpreter that reads its program from a text of the script: as if the text stood on its command line.
    func fed(_ words: [String]) -> [String] {
        guard let document, let program = words.first else { return words }
        let name = program.split(separator: "/").last.map(String.init) ?? ""
        let isShell = ["sh", "bash", "dash", "ash"].contains(name)
        let isPython = name.hasPrefix("python")
        let letters = isShell ? "eux" : isPython ? "uBIEsSq" : ""
        let flags = words.dropFirst().prefix {
            $0.count > 1 && $0.hasPrefix("-") && $0.dropFirst().allSatisfy { letters.contains($0) }
        }
        var rest = words.dropFirst(1 + flags.count)
        if let first = rest.first {
            guard first == "-" || (isShell && first == "-s") else { return words }
            rest = rest.dropFirst()
            if rest.first == "--" { rest = rest.dropFirst() }
        }
        let head = [program] + flags
        switch name {
        case _ where isShell: return head + ["-c", document, name] + rest
        case _ where isPython: return head + ["-c", document] + rest
        case "node", "perl", "ruby", "lua": return head + ["-e", document] + rest
        default: return words
        }
    }

    // MARK: What is not known

    /// `export NAME` and `export NAME=value`.
    mutating func export(_ operand: String) {
        let parts = operand.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard !parts[0].contains(Self.unknownText) else {
            hasOpenNames = true
            return
        }
        if parts.count > 1 { variables[parts[0]] = .some(parts[1].contains(Self.unknownText) ? nil : parts[1]) }
        exported.insert(parts[0])
    }

    mutating func forget(_ names: [String]) {
        for name in names { (variables[name], arrays[name]) = (.some(nil), nil) }
    }

    /// A part of a pipe: what it assigns, nobody else sees.
    mutating func apart(_ command: Syntax, isAlone: Bool) throws -> Flow {
        if isAlone { return try evaluate(command) }
        let saved = (variables, arrays, elements, check.process.directory, check.process.environment, hasOpenNames)
        defer {
            (variables, arrays, elements, check.process.directory, check.process.environment, hasOpenNames) = saved
        }
        switch try evaluate(command) {
        case .returned(let status): return .next(status)
        case .left: return .next(nil)
        case let flow: return flow
        }
    }

    /// What may be executed any number of times: once, or not at all; what it assigns is not known then.
    mutating func perhaps(_ body: Syntax) throws -> Flow {
        forget(assignedIn: body, depth: 0)
        guard decide() else { return .next(nil) }
        let flow = try evaluate(body)
        forget(assignedIn: body, depth: 0)
        switch flow {
        case .next, .left: return .next(nil)
        case .returned, .ended: return flow
        }
    }

    /// Forgets the variables that commands assign.
    private mutating func forget(assignedIn syntax: Syntax, depth: Int) {
        guard depth < 24 else { return }
        switch syntax {
        case .simple(let command): forget(assignedBy: command, depth)
        case .list(let parts): for part in parts { forget(assignedIn: part, depth: depth + 1) }
        case .and(let left, let right), .or(let left, let right):
            forget(assignedIn: left, depth: depth + 1)
            forget(assignedIn: right, depth: depth + 1)
        case .conditional(let branches, let otherwise):
            for branch in branches {
                forget(assignedIn: branch.condition, depth: depth + 1)
                forget(assignedIn: branch.body, depth: depth + 1)
            }
            if let otherwise { forget(assignedIn: otherwise, depth: depth + 1) }
        case .loop(let condition, let body, _):
            forget(assignedIn: condition, depth: depth + 1)
            forget(assignedIn: body, depth: depth + 1)
        case .iteration(let name, _, let body):
            forget([name])
            forget(assignedIn: body, depth: depth + 1)
        case .selection(_, let items): for item in items { forget(assignedIn: item.body, depth: depth + 1) }
        case .reading(_, _, let inner): forget(assignedIn: inner, depth: depth + 1)
        case .arithmetic(let text):
            let name = text.drop { !$0.isLetter && $0 != "_" }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            forget([String(name)])
        case .pipeline, .background, .subshell, .function, .test, .refused, .absent, .broken: return
        }
    }

    private mutating func forget(assignedBy command: Syntax.Simple, _ depth: Int) {
        let first = command.words.first?.plain ?? ""
        let declares = ["export", "local", "declare", "typeset", "readonly"].contains(first)
        if command.words.isEmpty || declares {
            for item in command.assignments {
                forget([item.name])
                if item.isArray || item.index != nil { elements[item.name] = [Self.unknownText: nil] }
            }
        }
        switch first {
        case "read", "mapfile", "readarray":
            forget(command.words.dropFirst().compactMap(\.plain).filter { !$0.hasPrefix("-") })
        case "export", "declare", "typeset":
            // A name that is put together may be any.
            if command.words.dropFirst().contains(where: { $0.plain == nil }) { hasOpenNames = true }
        case "eval", ".", "source": hasOpenNames = true
        case "shift", "set": arguments = [Self.unknownText]
        case "sleep", "echo", "printf", "true", ":", "exit", "break", "continue", "test", "[": return
        default:
            if let body = functions[first] {
                forget(assignedIn: body, depth: depth + 1)
            } else if !command.words.isEmpty {
                hasWritten = true
            }
        }
    }
}

/// The conditions of a search for files (find(1)).
struct FileSearch {
    var shallowest = 0
    var deepest = Int.max
    var isFirstOnly = false
    private var kind: String?
    private var pattern: [ShellPattern.Element]?

    /// False for a condition of another kind.
    mutating func take(_ option: String, _ value: String) -> Bool {
        switch option {
        case "-type":
            kind = value
            return value == "f" || value == "d"
        case "-name": pattern = ShellPattern.elements(value)
        default:
            guard let number = Int(value) else { return false }
            if option == "-mindepth" { shallowest = number } else { deepest = number }
        }
        return true
    }

    func takes(_ node: ImageTree.Node, _ name: String) -> Bool {
        if kind == "f", node.size == nil { return false }
        if kind == "d", !node.isDirectory { return false }
        guard let pattern else { return true }
        return ShellPattern.matches(name.split(separator: "/").last.map(String.init) ?? name, pattern)
    }
}
