internal import OCI

/// Values, calls, and what stands in front of them.
extension PHPRun {
    /// Words in front of a value that make it one of another kind.
    private static let casts: Set = [
        "int", "integer", "float", "double", "string", "bool", "boolean", "array", "object", "unset", "binary",
    ]
    static let loads: Set = ["require", "require_once", "include", "include_once"]

    mutating func unary(_ cursor: inout PHPCursor) throws -> PHPValue {
        guard let token = cursor.next else { return .null }
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw Stop.unsure }
        switch token {
        case .sign("!"):
            cursor.place += 1
            return try unary(&cursor).isTrue.map { .truth(!$0) } ?? .unknown
        case .sign("@"), .sign("&"), .sign("..."), .sign("+"):
            cursor.place += 1
            return try unary(&cursor)
        case .sign("-"), .sign("~"), .sign("++"), .sign("--"):
            cursor.place += 1
            if case .variable(let name)? = cursor.next, token != .sign("-") { set(name, .unknown) }
            let value = try unary(&cursor)
            return token == .sign("-") ? value.asNumber.map { .number(0 &- $0) } ?? .unknown : .unknown
        case .sign("("):
            if cursor.isSign(")", 2), case .name(let name) = cursor.tokens[cursor.place + 1],
                Self.casts.contains(name.lowercased())
            {
                cursor.place += 3
                let value = try unary(&cursor)
                return name.lowercased().hasPrefix("bool") ? value.isTrue.map { .truth($0) } ?? .unknown : value
            }
            let inner = cursor.group()
            return try postfix(try value(inner), nil, &cursor)
        case .sign("["): return try list(cursor.group(), &cursor)
        case .sign: return .unknown
        case .text(let text):
            cursor.place += 1
            return try postfix(.text(text), nil, &cursor)
        case .template(let parts):
            cursor.place += 1
            let result = text(of: parts)
            if case .text(let text) = result { try spend(text.utf8.count / 64) }
            return result
        case .number(let text):
            cursor.place += 1
            return Int(text.filter { $0 != "_" }).map { .number($0) } ?? .unknown
        case .variable(let name):
            cursor.place += 1
            return try postfix(variable(name), name, &cursor)
        case .name(let name):
            cursor.place += 1
            return try word(name, &cursor)
        }
    }

    private func text(of parts: [PHPToken.Part]) -> PHPValue {
        var texts: [String] = []
        for part in parts {
            switch part {
            case .text(let text): texts.append(text)
            case .variable(let name):
                guard let text = variable(name).asText else { return .unknown }
                texts.append(text)
            case .computed: return .unknown
            }
        }
        return .joined(texts)
    }

    /// A list, or the places to which parts of one go.
    mutating func list(_ tokens: [PHPToken], _ cursor: inout PHPCursor) throws -> PHPValue {
        if cursor.isSign("=") {
            cursor.place += 1
            for case .variable(let name) in tokens { set(name, .unknown) }
            return try expression(&cursor, 4)
        }
        var items: [(key: String, value: PHPValue)] = []
        var isKnown = true
        var number = 0
        for part in PHPParser.split(tokens) {
            if part.first == .sign("...") { isKnown = false }
            var inner = PHPCursor(part)
            var item = try expression(&inner, 0)
            var key = String(number)
            if inner.take("=>") {
                if let text = item.asText { key = text } else { isKnown = false }
                item = try expression(&inner, 0)
            } else {
                number += 1
            }
            items.append((key, item))
        }
        if let inner = items.first(where: { $0.value.holdsValues })?.value, !mayNest(inner) { isKnown = false }
        return try postfix(isKnown ? .list(items) : .unknown, nil, &cursor)
    }

    // MARK: What stands behind a value

    /// - Parameter name: the variable that the value is of, for assignments to it.
    mutating func postfix(_ start: PHPValue, _ name: String?, _ cursor: inout PHPCursor) throws -> PHPValue {
        var (value, isPart) = (start, false)
        var keys: [PHPValue?] = []
        while case .sign(let sign)? = cursor.next {
            switch sign {
            case "[", "{":
                guard sign == "[" else { return value }
                let inner = cursor.group()
                let key = try inner.isEmpty ? nil : self.value(inner)
                keys.append(key)
                value = element(value, key, name: isPart ? nil : name)
                isPart = true
            case "->", "?->":
                cursor.place += 1
                value = try member(value, &cursor)
                (isPart, keys) = (true, [nil, nil])
            case "::":
                cursor.place += 1
                value = try staticMember(of: value.asText ?? "", isKnown: value.asText != nil, &cursor)
                (isPart, keys) = (true, [nil, nil])
            case "(":
                let arguments = try arguments(&cursor)
                if case .function(let function) = value {
                    value = try call(function, arguments.values)
                } else if case .text(let text) = value {
                    value = try callNamed(text, arguments)
                } else {
                    value = .unknown
                }
                isPart = true
            case "++", "--":
                cursor.place += 1
                if let name, !isPart {
                    set(name, value.asNumber.map { .number($0 &+ (sign == "++" ? 1 : -1)) } ?? .unknown)
                }
            case "=", ".=", "??=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "**=", "<<=", ">>=":
                cursor.place += 1
                return try assign(
                    sign, to: isPart ? nil : name, element: name.map { (name: $0, keys: keys) }, value, &cursor)
            default: return value
            }
        }
        return value
    }

    private mutating func element(_ value: PHPValue, _ key: PHPValue?, name: String?) -> PHPValue {
        guard let key else { return .unknown }
        if let name, ["_SERVER", "_ENV", "GLOBALS"].contains(name) { return item(of: name, key) }
        if case .null = value { return .null }
        guard let text = key.asText else { return .unknown }
        return value.item(text) ?? .unknown
    }

    private mutating func assign(
        _ sign: String, to name: String?, element: (name: String, keys: [PHPValue?])?, _ old: PHPValue,
        _ cursor: inout PHPCursor
    ) throws -> PHPValue {
        if sign == "??=" {
            if old.isNull == false { never += 1 }
            if old.isNull == nil { maybe += 1 }
        }
        defer {
            if sign == "??=", old.isNull == false { never -= 1 }
            if sign == "??=", old.isNull == nil { maybe -= 1 }
        }
        let isReference = cursor.isSign("&")
        var value = try expression(&cursor, 4)
        if sign == ".=" {
            let texts = [old, value].compactMap(\.asText)
            value = texts.count == 2 ? .joined(texts) : .unknown
        }
        if case .text(let text) = value { try spend(text.utf8.count / 64) }
        if isReference || (sign != "=" && sign != ".=" && sign != "??=") { value = .unknown }
        if let name {
            set(name, value)
        } else if let element {
            try setElement(element.name, element.keys, value)
        }
        return value
    }

    private mutating func setElement(_ name: String, _ keys: [PHPValue?], _ value: PHPValue) throws {
        if ["_ENV", "_SERVER"].contains(name), never == 0 { hasOpenEnvironment = true }
        guard keys.count == 1, case .list(var items)? = frames[frames.count - 1].variables[name], isLive else {
            if keys.allSatisfy({ $0 != nil }) || keys.count == 1, never == 0 {
                frames[frames.count - 1].variables[name] = .unknown
            }
            return
        }
        try spend(items.count / 64)
        guard mayNest(value) else { return set(name, .unknown) }
        if let key = keys[0] {
            guard let text = key.asText else { return set(name, .unknown) }
            items.removeAll { $0.key == text }
            items.append((text, value))
        } else {
            items.append((String((items.compactMap { Int($0.key) }.max() ?? -1) &+ 1), value))
        }
        set(name, .list(items))
    }

    struct Arguments {
        var values: [PHPValue] = []
        /// The variables that are handed over as they are.
        var names: [String?] = []
        /// `f(...)`: it is not called.
        var isReference = false
    }

    mutating func arguments(_ cursor: inout PHPCursor) throws -> Arguments {
        var result = Arguments()
        let inner = cursor.group()
        if inner == [.sign("...")] {
            result.isReference = true
            return result
        }
        for var part in PHPParser.split(inner) {
            // A name in front of it.
            if part.count > 2, part[1] == .sign(":"), case .name = part[0] { part.removeFirst(2) }
            result.values.append(try value(part))
            if part.count == 1, case .variable(let name) = part[0] {
                result.names.append(name)
            } else {
                result.names.append(nil)
            }
        }
        return result
    }

    // MARK: Words

    private mutating func word(_ name: String, _ cursor: inout PHPCursor) throws -> PHPValue {
        let lower = name.lowercased()
        if Self.loads.contains(lower) { return try load(lower, try expression(&cursor, 4)) }
        switch lower {
        case "true", "false": return .truth(lower == "true")
        case "null": return .null
        case "__dir__": return .text(frames[frames.count - 1].scope.directory)
        case "__file__": return .text(file)
        case "__namespace__": return .text(frames[frames.count - 1].scope.namespace)
        case "__class__": return frames[frames.count - 1].owner.map { .text($0) } ?? .text("")
        case "__function__", "__line__", "__method__": return .unknown
        case "array" where cursor.isSign("("), "list" where cursor.isSign("("):
            return try list(cursor.group(), &cursor)
        case "new": return try make(&cursor)
        case "clone", "print": return try expression(&cursor, 4)
        case "yield": return .unknown
        case "throw": return try raise(try expression(&cursor, 0))
        case "exit", "die":
            let given = try cursor.isSign("(") ? arguments(&cursor).values.first : nil
            try exit(given)
            return .unknown
        case "isset", "empty", "unset", "eval":
            guard cursor.isSign("(") else { break }
            return try asks(lower, cursor.group())
        case "match" where cursor.isSign("("):
            _ = try value(cursor.group())
            if cursor.isSign("{") { _ = cursor.group() }
            doubts += 1
            return try postfix(.unknown, nil, &cursor)
        case "function", "fn": return try function(&cursor)
        case "static":
            if let next = cursor.next, next.isWord("function") || next.isWord("fn") {
                cursor.place += 1
                return try function(&cursor)
            }
        default: break
        }
        return try named(name, &cursor)
    }

    private mutating func function(_ cursor: inout PHPCursor) throws -> PHPValue {
        var parser = PHPParser(cursor.tokens, at: cursor.place - 1)
        var function = parser.function()
        cursor.place = max(parser.place, cursor.place)
        let frame = frames[frames.count - 1]
        try spend(frame.variables.count / 4)
        (function.scope, function.owner, function.called) = (frame.scope, frame.owner, frame.called)
        function.captured =
            function.isArrow ? frame.variables : frame.variables.filter { function.uses.contains($0.key) }
        if let this = frame.variables["this"] { function.captured["this"] = this }
        for name in function.references {
            function.captured[name] = .unknown
            set(name, .unknown)
        }
        if let inner = function.captured.values.first(where: \.holdsValues), !mayNest(inner) { function.captured = [:] }
        return try postfix(.function(function), nil, &cursor)
    }

    /// `isset`, `empty`, `unset` and `eval`.
    private mutating func asks(_ word: String, _ tokens: [PHPToken]) throws -> PHPValue {
        if word == "unset" {
            for case .variable(let name) in tokens { set(name, .unknown) }
            return .null
        }
        let saved = cause
        let values = try PHPParser.split(tokens).map { try value($0) }
        switch word {
        case "empty": return values.first?.isTrue.map { .truth(!$0) } ?? .unknown
        case "isset":
            if values.contains(where: { $0.isNull == true }) { return .truth(false) }
            cause = saved
            return values.allSatisfy { $0.isNull == false } ? .truth(true) : .unknown
        default:
            isOpen = true
            doubts += 1
            return .unknown
        }
    }

    private mutating func raise(_ value: PHPValue) throws -> PHPValue {
        guard isLive else { return .unknown }
        guard case .object(let type) = value else { throw Stop.unsure }
        throw Stop.thrown(type)
    }

    /// A text is written, and it ends well.
    private mutating func exit(_ value: PHPValue?) throws {
        guard never == 0 else { return }
        switch value {
        case nil, .text?, .null?, .number(0)?, .truth(false)?:
            guard isLive else {
                isUnsure = true
                return
            }
            throw Stop.ends
        case .number(let status)?:
            // Ended so it fails in either way.
            if isLive { throw fail(cause ?? .failedScript(script: file, status: status & 0xFF), isCaught: false) }
        case .truth?, .list?, .object?, .function?, .unknown?:
            if isLive { throw Stop.unsure }
            isUnsure = true
        }
    }
}
