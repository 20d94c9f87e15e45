internal import OCI

/// Files, functions and classes by their names.
extension PHPRun {
    // MARK: Files

    /// `require` ends the program where the file is not there, `include` goes on.
    mutating func load(_ word: String, _ value: PHPValue) throws -> PHPValue {
        guard never == 0 else { return .unknown }
        guard let path = value.asText, !path.isEmpty, !path.contains("://") else {
            (isOpen, doubts) = (true, doubts + 1)
            return .unknown
        }
        try spend(includes.count / 8)
        guard let node = try locate(path) else {
            if mayHaveMade(path) {
                (isOpen, doubts) = (true, doubts + 1)
                return .unknown
            }
            if isLive, word.hasPrefix("require") {
                let name = path.hasPrefix("/") ? ImagePath(path)?.description ?? path : path
                throw fail(.missingModule(script: file, module: name))
            }
            return isLive ? .truth(false) : .unknown
        }
        if word.hasSuffix("_once"), files.contains(node.path) { return .truth(true) }
        if chain.count > 20 { throw Stop.unsure }
        let result = try execute(node)
        return isLive ? result : .unknown
    }

    /// Keeps the file that a function makes, or that it may make any.
    mutating func noteMade(_ name: String, _ values: [PHPValue]) {
        let target: PHPValue?
        switch name {
        case "file_put_contents", "mkdir", "touch": target = values.first
        case "copy", "rename", "symlink", "link", "move_uploaded_file": target = values.count > 1 ? values[1] : nil
        case "fopen":
            if let mode = values.count > 1 ? values[1].asText : nil, mode.hasPrefix("r") { return }
            target = values.first
        case "exec", "shell_exec", "system", "passthru", "proc_open", "popen", "tempnam": target = nil
        default: return
        }
        if let text = target?.asText, let place = check.process.directory.resolving(text) {
            made.insert(place)
        } else {
            mayHaveMade = true
        }
    }

    /// Whether the program may have made a file, or a directory that has it.
    func mayHaveMade(_ path: String) -> Bool {
        if mayHaveMade { return true }
        guard !made.isEmpty, let place = check.process.directory.resolving(path) else { return false }
        return made.contains { place.hasPrefix($0) }
    }

    /// A file by an absolute path, from the working directory on, in `include_path`, or beside the script.
    func locate(_ path: String) throws -> ImageTree.Node? {
        var places: [ImagePath?] = []
        if path.hasPrefix("/") {
            places = [ImagePath(path)]
        } else {
            places = [check.process.directory.resolving(path)]
            if !path.hasPrefix("./"), !path.hasPrefix("../") {
                places += includes.map { $0.resolving(path) }
                places.append(ImagePath(frames[frames.count - 1].scope.directory)?.resolving(path))
            }
        }
        for case let place? in places {
            if let node = try check.tree.lookUp(place), node.size != nil { return node }
        }
        return nil
    }

    // MARK: Functions

    /// Words that stand in front of a bracket and are no functions.
    private static let reserved: Set = [
        "if", "else", "elseif", "while", "for", "foreach", "switch", "catch", "and", "or", "xor", "do", "case",
        "default",
        "return", "use", "finally", "as", "callable", "declare", "echo", "print", "parent", "self", "static", "match",
        "try", "endif", "endforeach", "endwhile", "endfor", "const", "global", "public", "private", "class",
    ]

    mutating func call(
        _ function: PHPFunction, _ values: [PHPValue], this: PHPValue? = nil, called: String? = nil
    ) throws -> PHPValue {
        guard isLive, frames.count < 16, !function.isGenerator else {
            doubts += isLive ? 1 : 0
            return .unknown
        }
        var frame = Frame(scope: function.scope, owner: function.owner, isGlobal: false)
        frame.called = called ?? function.called ?? function.owner
        if case .object(let type)? = this { frame.called = type }
        frame.variables = function.captured
        for (index, parameter) in function.parameters.enumerated() {
            frame.variables[parameter.name] =
                index < values.count && !parameter.isReference ? values[index] : PHPValue.unknown
        }
        if let this { frame.variables["this"] = this }
        frames.append(frame)
        let count = frames.count
        defer { frames.removeLast(frames.count - count + 1) }
        for (index, parameter) in function.parameters.enumerated() where index >= values.count {
            guard let tokens = parameter.value else { continue }
            frames[count - 1].variables[parameter.name] = try value(tokens)
        }
        do {
            try walk(function.body)
        } catch Stop.returns(let value) {
            return value
        }
        return frames[count - 1].isDoubtful || !isLive ? .unknown : .null
    }

    /// `name(…)`, as a word or as a text.
    mutating func callNamed(_ name: String, _ arguments: Arguments) throws -> PHPValue {
        let scope = frames[frames.count - 1].scope
        if name.contains("::") { return .unknown }
        let plain = name.hasPrefix("\\") ? String(name.dropFirst()) : name
        let full = name.hasPrefix("\\") ? plain : name.contains("\\") ? scope.type(name) : scope.qualified(name)
        if let function = functions[full.lowercased()] ?? (name.contains("\\") ? nil : functions[plain.lowercased()]) {
            forget(arguments, function.parameters)
            return try arguments.isReference ? .function(function) : call(function, arguments.values)
        }
        let lower = plain.lowercased()
        if arguments.isReference || Self.reserved.contains(lower) { return .unknown }
        if let result = try intrinsic(lower, arguments.values) { return result }
        forget(arguments, nil)
        // What `use function` calls something else is not followed.
        if isLive, !isOpen, !plain.contains("\\"), scope.namespace.isEmpty, builtin.knows(lower) == false,
            !builtin.isConfigured
        {
            throw fail(.missingName(script: file, module: "PHP", name: plain))
        }
        return .unknown
    }

    /// Variables that a function may change.
    private mutating func forget(_ arguments: Arguments, _ parameters: [PHPParameter]?) {
        for (index, name) in arguments.names.enumerated() {
            guard let name else { continue }
            if let parameters, index >= parameters.count || !parameters[index].isReference { continue }
            if parameters == nil, case .text? = frames[frames.count - 1].variables[name] { continue }
            set(name, .unknown)
        }
    }

    // MARK: Words that are names

    mutating func named(_ name: String, _ cursor: inout PHPCursor) throws -> PHPValue {
        if cursor.isSign("(") {
            let arguments = try arguments(&cursor)
            return try postfix(try callNamed(name, arguments), nil, &cursor)
        }
        if cursor.take("::") {
            let value = try staticMember(of: name, isKnown: true, &cursor)
            return try postfix(value, nil, &cursor)
        }
        return try postfix(try constant(name), nil, &cursor)
    }

    private func constant(_ name: String) throws -> PHPValue {
        let scope = frames[frames.count - 1].scope
        let plain = name.split(separator: "\\").last.map(String.init) ?? name
        if let value = constants[scope.qualified(name)] ?? constants[plain] { return value }
        if let value = builtin.constant(plain) { return value }
        let isUpper = plain.allSatisfy { $0.isUppercase || $0 == "_" || $0.isNumber } && plain.count > 2
        if isLive, !isOpen, isUpper, !name.contains("\\"), scope.namespace.isEmpty, chain.count == 1,
            !builtin.isConfigured, builtin.knows(plain.lowercased()) == false
        {
            throw fail(.missingName(script: file, module: "PHP", name: plain))
        }
        return .unknown
    }

    // MARK: Classes

    /// The full name of a class, by what a place calls it; nil for one that is not known.
    private func type(_ name: String) -> String? {
        let frame = frames[frames.count - 1]
        switch name.lowercased() {
        case "self": return frame.owner
        case "static": return frame.called ?? frame.owner
        case "parent":
            guard let owner = frame.owner, let type = types[owner.lowercased()] else { return nil }
            return type.parent.map { type.scope.type($0) }
        default: return frame.scope.type(name)
        }
    }

    /// A class that must be there.
    mutating func demand(_ name: String) throws {
        guard isLive, try exists(name) == false, !builtin.isConfigured else { return }
        throw fail(.missingName(script: file, module: "PHP", name: name))
    }

    /// `new Name(…)`.
    mutating func make(_ cursor: inout PHPCursor) throws -> PHPValue {
        guard case .name(let word)? = cursor.next else {
            if case .variable(let name)? = cursor.next {
                cursor.place += 1
                let value = variable(name)
                let given = try cursor.isSign("(") ? arguments(&cursor) : Arguments()
                return try made(value.asText.map { String($0.drop { $0 == "\\" }) }, given, &cursor)
            }
            if cursor.isSign("(") { _ = try value(cursor.group()) }
            if cursor.isSign("(") { _ = try arguments(&cursor) }
            return .unknown
        }
        cursor.place += 1
        if word.lowercased() == "class" || word.lowercased() == "readonly" { return try makeUnnamed(&cursor) }
        let given = try cursor.isSign("(") ? arguments(&cursor) : Arguments()
        return try made(type(word), given, &cursor)
    }

    private mutating func made(_ type: String?, _ given: Arguments, _ cursor: inout PHPCursor) throws -> PHPValue {
        guard let type else { return .unknown }
        if type.lowercased().contains("dotenv") { hasOpenEnvironment = true }
        try demand(type)
        let value = PHPValue.object(type)
        if let (function, _) = method("__construct", of: type).function {
            _ = try call(function, given.values, this: value)
        } else if isLive {
            try constructs(type.lowercased(), given.values)
        }
        return value
    }

    /// `new class(…) extends Name { … }`.
    private mutating func makeUnnamed(_ cursor: inout PHPCursor) throws -> PHPValue {
        if cursor.isSign("(") { _ = try arguments(&cursor) }
        var parser = PHPParser(cursor.tokens, at: cursor.place)
        var type = PHPType(name: "class@\(types.count)")
        parser.typeBody("class", &type)
        cursor.place = max(parser.place, cursor.place)
        let scope = frames[frames.count - 1].scope
        define(type, scope)
        if isLive {
            for other in [type.parent].compactMap({ $0 }) + type.others { try demand(scope.type(other)) }
        }
        return .object(scope.qualified(type.name))
    }

    /// A method of a class or of those above it.
    ///
    /// - Returns: whether all of these are known too.
    func method(_ name: String, of type: String) -> (function: (PHPFunction, String)?, isWhole: Bool) {
        var (queue, seen): ([String], Set<String>) = ([type], [])
        var isWhole = true
        while let next = queue.popLast() {
            guard seen.insert(next.lowercased()).inserted, seen.count < 60 else { continue }
            guard let found = types[next.lowercased()] else {
                isWhole = false
                continue
            }
            if found.hasAliases { isWhole = false }
            if let method = found.methods[name.lowercased()] { return ((method, found.name), isWhole) }
            queue += (found.others + [found.parent].compactMap { $0 }).map { found.scope.type($0) }
        }
        return (nil, isWhole)
    }

    /// A method that an interface demands of a class and nobody has written; nil too where some of both are not known.
    func unfulfilled(_ name: String) -> String? {
        var (demanded, written): (Set<String>, Set<String>) = ([], [])
        var (queue, seen): ([String], Set<String>) = ([name], [])
        while let next = queue.popLast() {
            guard seen.insert(next.lowercased()).inserted else { continue }
            guard seen.count < 60, let type = types[next.lowercased()], !type.hasAliases else { return nil }
            if type.kind == "interface" { demanded.formUnion(type.methods.keys) }
            if type.kind == "class" || type.kind == "trait" { written.formUnion(type.methods.keys) }
            queue += (type.others + [type.parent].compactMap { $0 }).map { type.scope.type($0) }
        }
        return demanded.subtracting(written).min()
    }

    /// `->name` and `->name(…)`.
    mutating func member(_ value: PHPValue, _ cursor: inout PHPCursor) throws -> PHPValue {
        var name: String?
        switch cursor.next {
        case .name(let word)?:
            name = word
            cursor.place += 1
        case .sign("{")?: _ = cursor.group()
        case nil: return .unknown
        default: cursor.place += 1
        }
        guard cursor.isSign("(") else { return .unknown }
        let arguments = try arguments(&cursor)
        guard let name, case .object(let type) = value, !arguments.isReference else { return .unknown }
        return try call(name, of: type, arguments.values, this: value, "__call")
    }

    private mutating func call(
        _ name: String, of type: String, _ values: [PHPValue], this: PHPValue?, _ other: String, called: String? = nil
    ) throws -> PHPValue {
        let (found, isWhole) = method(name, of: type)
        if let found { return try call(found.0, values, this: this, called: called ?? type) }
        if isLive, isWhole, method(other, of: type).function == nil, name.lowercased() != "cases",
            !["from", "tryfrom"].contains(name.lowercased())
        {
            throw fail(.missingName(script: file, module: type, name: name))
        }
        return .unknown
    }

    /// What a class calls itself; in a trait that is whoever uses it.
    private static let ownNames: Set<String> = ["self", "parent", "static"]

    /// A constant or a property that a class must have.
    private mutating func demand(_ member: String, of name: String) throws {
        guard isLive, let type = types[name.lowercased()], type.isClosed(to: member) else { return }
        throw fail(.missingName(script: file, module: type.name, name: member))
    }

    /// What stands behind `Name::`.
    mutating func staticMember(of name: String, isKnown: Bool, _ cursor: inout PHPCursor) throws -> PHPValue {
        guard let token = cursor.next else { return .unknown }
        cursor.place += 1
        if token.isWord("class") { return type(name).map { .text($0) } ?? .unknown }
        let given = try cursor.isSign("(") ? arguments(&cursor) : nil
        guard isKnown, let type = type(name) else { return .unknown }
        try demand(type)
        switch token {
        case .name(let member):
            guard let given else {
                if !Self.ownNames.contains(name.lowercased()) { try demand(member, of: type) }
                return try value(of: member, in: type)
            }
            if given.isReference { return .unknown }
            if type.lowercased() == "closure", ["bind", "fromcallable"].contains(member.lowercased()) {
                return given.values.first ?? .unknown
            }
            let frame = frames[frames.count - 1]
            let isOwn = Self.ownNames.contains(name.lowercased())
            return try call(
                member, of: type, given.values, this: isOwn ? frame.variables["this"] : nil, "__callstatic",
                called: isOwn ? frame.called : type)
        case .variable(let member):
            guard given == nil else { return .unknown }
            if !Self.ownNames.contains(name.lowercased()) { try demand(member, of: type) }
            return try property(member, of: type, &cursor)
        case .sign, .text, .template, .number: return .unknown
        }
    }

    /// A property of a class, and what is assigned to it.
    private mutating func property(_ member: String, of type: String, _ cursor: inout PHPCursor) throws -> PHPValue {
        let key = type.lowercased() + "::" + member
        let old = try statics[key] ?? value(of: member, in: type)
        if cursor.isSign("=") {
            cursor.place += 1
            let value = try expression(&cursor, 4)
            if never == 0 { statics[key] = isLive ? value : .unknown }
            return value
        }
        if case .sign(let sign)? = cursor.next,
            sign == "["
                || (sign.hasSuffix("=") && sign.count > 1 && !["==", "===", "!=", "!==", "<=", ">="].contains(sign)),
            never == 0
        {
            var rest = cursor
            if sign == "[" { while rest.isSign("[") { _ = rest.group() } }
            if sign != "[" || rest.isSign("=") { statics[key] = .unknown }
        }
        return old
    }

    /// The first value of a constant or a property.
    mutating func value(of member: String, in name: String) throws -> PHPValue {
        guard let type = types[name.lowercased()], let tokens = type.values[member], frames.count < 16 else {
            return .unknown
        }
        frames.append(Frame(scope: type.scope, owner: type.name, isGlobal: false))
        defer { frames.removeLast() }
        return try value(tokens)
    }
}
