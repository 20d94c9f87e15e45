internal import OCI

extension NodeRun {
    /// Follows the calls in an expression; what stands in functions that it makes is not executed, and what stands behind `&&`
    /// and the like may not be.
    mutating func expression(_ tokens: [JavaScript], _ module: inout Module) throws -> Flow {
        try nested(tokens.count) { try $0.parts(tokens, &module) }
    }

    private mutating func parts(_ tokens: [JavaScript], _ module: inout Module) throws -> Flow {
        var place = 0
        // Behind an operator that decides; up to the next comma.
        var isOpen = false
        defer { if isOpen { guards -= 1 } }
        try remember(tokens, &module)
        while place < tokens.count {
            let token = tokens[place]
            var flow = Flow.next
            switch token {
            case .decides(let sign):
                let operand = Self.operand(tokens, before: place)
                try spend(operand.count)
                let value = NodeCondition(self, module).value(operand)
                let isTaken = value.map { sign == "&&" ? $0 : !$0 }
                if isTaken == false {
                    skipOperand(tokens, &place)
                    continue
                }
                if isTaken == nil, !isOpen {
                    isOpen = true
                    guards += 1
                }
            case .sign("?"):
                let operand = Self.operand(tokens, before: place)
                try spend(operand.count)
                let value = NodeCondition(self, module).value(operand)
                if value == true {
                    // Of two values the first: the other is behind the colon.
                    let rest = Array(tokens[(place + 1)...])
                    let colon = rest.firstIndex(of: .sign(":")) ?? rest.count
                    return try expression(Array(rest[..<colon]), &module)
                }
                if value == nil, !isOpen {
                    isOpen = true
                    guards += 1
                }
            case .sign(","), .sign(";"):
                if isOpen {
                    isOpen = false
                    guards -= 1
                }
            case .name("function"), .name("class"): skipFunction(tokens, &place)
            case .arrow: skipArrow(tokens, &place)
            case .name(let name):
                if name == "process" { noteEnvironment(tokens, place, module) }
                noteLoader(name, tokens, place)
                flow =
                    try asserts(name, tokens, place, module) ?? each(tokens, &place, &module) ?? lacksName(
                        name, tokens, place, module)
                    ?? reads(name, tokens, place, module) ?? named(name, tokens, &place, &module)
            case .round(let inner): flow = try group(inner, tokens, &place, &module)
            case .curly(let inner): flow = try literal(inner, &module)
            case .square(let inner): flow = try each(tokens, &place, &module) ?? expression(inner, &module)
            default: break
            }
            if case .fails = flow, isOpen { flow = .next }
            guard case .next = flow else { return flow }
            place += 1
        }
        return .next
    }

    private static func operand(_ tokens: [JavaScript], before place: Int) -> [JavaScript] {
        var start = place
        while start > 0 {
            // What is longer is not known; to read it again for each operator would take for ever.
            guard place - start < operandLimit else { return [] }
            switch tokens[start - 1] {
            case .sign("="), .sign(","), .sign(";"), .sign("("), .decides, .arrow, .line, .name("return"),
                .name("await"):
                return Array(tokens[start..<place])
            default: start -= 1
            }
        }
        return Array(tokens[..<place])
    }

    /// Tokens of an operand, and of a value that is computed.
    static let operandLimit = 512

    private func skipOperand(_ tokens: [JavaScript], _ place: inout Int) {
        place += 1
        while place < tokens.count {
            switch tokens[place] {
            case .decides, .sign(","), .sign(";"), .sign("?"), .sign(":"): return
            default: place += 1
            }
        }
    }

    private func skipFunction(_ tokens: [JavaScript], _ place: inout Int) {
        while place + 1 < tokens.count {
            if case .curly = tokens[place] { return }
            place += 1
        }
    }

    /// The body of an arrow function: a block, or an expression up to a comma.
    private func skipArrow(_ tokens: [JavaScript], _ place: inout Int) {
        while place + 1 < tokens.count, tokens[place + 1] == .line { place += 1 }
        guard place + 1 < tokens.count else { return }
        if case .curly = tokens[place + 1] {
            place += 1
            return
        }
        while place + 1 < tokens.count {
            switch tokens[place + 1] {
            case .sign(","), .sign(";"): return
            default: place += 1
            }
        }
    }

    /// Constants, and functions that have a name.
    private mutating func remember(_ tokens: [JavaScript], _ module: inout Module) throws {
        for (index, token) in tokens.enumerated() where token == .sign("=") && index > 0 && index + 1 < tokens.count {
            if case .curly(let list) = tokens[index - 1],
                tokens[(index + 1)...].elementsEqual([.name("process"), .sign("."), .name("env")])
            {
                for case .name(let variable) in list where isAbsent(variable) {
                    if !list.contains(.sign(":")), !list.contains(.sign("=")) { module.asked[variable] = variable }
                }
            }
            try spend((tokens.count - index) / 64)
            guard case .name(let name) = tokens[index - 1] else { continue }
            let isMember = index > 1 && tokens[index - 2] == .sign(".")
            if !isMember { module.objects[name] = nil }
            if tokens[index + 1].isName("new"), index + 2 < tokens.count, case .name(let type) = tokens[index + 2] {
                if !isMember {
                    module.objects[name] = type
                } else if index > 2, tokens[index - 3].isName("this") {
                    noteField(name, is: type, module)
                }
            }
            if case .text(let value?) = tokens[index + 1], index + 2 >= tokens.count || tokens[index + 2] != .sign("+")
            {
                module.texts[name] = value
            }
            if module.texts[name] == nil, guards == 0 { rememberValue(name, tokens[(index + 1)...], &module) }
            try spend(module.texts[name]?.utf8.count ?? 0)
            rememberLists(name, tokens[(index + 1)...], &module)
            module.parameters[name] = nil
            var rest = tokens[(index + 1)...]
            if rest.first?.isName("async") ?? false {
                rest = rest.dropFirst()
                module.asynchronous.insert(name)
            }
            if rest.first?.isName("function") ?? false {
                if case .curly(let body)? = rest.first(where: { if case .curly = $0 { true } else { false } }) {
                    module.functions[name] = body
                    if case .round(let list)? = rest.first(where: { if case .round = $0 { true } else { false } }) {
                        module.parameters[name] = list
                    }
                }
            } else if let arrow = rest.prefix(3).firstIndex(of: .arrow), arrow + 1 < tokens.count {
                switch tokens[arrow - 1] {
                case .round(let list): module.parameters[name] = list
                case let single: module.parameters[name] = [single]
                }
                switch tokens[arrow + 1] {
                case .curly(let body): module.functions[name] = body
                default:
                    let body = tokens[(arrow + 1)...].prefix { $0 != .sign(",") && $0 != .sign(";") }
                    try spend(body.count)
                    module.functions[name] = Array(body)
                }
            }
        }
    }

    /// Keeps a path that is put together, and a variable that is not set.
    private func rememberValue(_ name: String, _ rest: ArraySlice<JavaScript>, _ module: inout Module) {
        let value = Array(
            rest.prefix(Self.operandLimit).prefix { $0 != .sign(",") && $0 != .sign(";") && $0 != .line })
        guard value.count < Self.operandLimit else { return }
        module.asked[name] = unsetVariable(value, module)
        if value.count > 1, let text = text(value, module) { module.texts[name] = text }
    }

    /// An object's members: methods are not executed, values are computed.
    private mutating func literal(_ inner: [JavaScript], _ module: inout Module) throws -> Flow {
        var kept: [JavaScript] = []
        for (index, token) in inner.enumerated() {
            if case .curly = token, index >= 2, case .round = inner[index - 1] { continue }
            kept.append(token)
        }
        return try expression(kept, &module)
    }

    /// A function that is called where it stands, or what stands between brackets.
    private mutating func group(
        _ inner: [JavaScript], _ tokens: [JavaScript], _ place: inout Int, _ module: inout Module
    ) throws -> Flow {
        let isCalled = place + 1 < tokens.count && { if case .round = tokens[place + 1] { true } else { false } }()
        let isParameters = place + 1 < tokens.count && tokens[place + 1] == .arrow
        if isParameters { return .next }
        // `(0, module.name)(…)`, as compilers write it.
        if isCalled, inner.count == 5, inner.starts(with: [.zero, .sign(",")]), inner[3] == .sign("."),
            case .name(let owner) = inner[2], case .name(let name) = inner[4], let given = module.given[owner],
            given.name == nil, case .round(let arguments) = tokens[place + 1]
        {
            let flow = try expression(arguments, &module)
            guard case .next = flow else { return flow }
            return try callGiven(
                name, at: given.path, caught: Self.isCaught(tokens[(place + 1)...]),
                awaited: Self.isAwaited(tokens, place), texts(of: arguments, module))
        }
        if isCalled, inner.contains(.name("function")) || inner.contains(.arrow), let body = Self.functionBody(inner) {
            guard inner.first?.isName("async") ?? false else { return try callBody(body, &module) }
            if Self.isCaught(tokens[(place + 1)...]) {
                _ = try guarded { try $0.callBody(body, &module) }
                return .next
            }
            let flow = try callBody(body, &module)
            return promise(isAwaited: Self.isAwaited(tokens, place), flow)
        }
        // `(function () { … }())`.
        if inner.first?.isName("function") ?? false, case .round? = inner.last, inner.count > 2,
            let body = Self.functionBody(inner)
        {
            return try callBody(body, &module)
        }
        return try expression(inner, &module)
    }

    private static func functionBody(_ tokens: [JavaScript]) -> [JavaScript]? {
        for token in tokens { if case .curly(let body) = token { return body } }
        guard let arrow = tokens.firstIndex(of: .arrow) else { return nil }
        return Array(tokens[(arrow + 1)...])
    }

    /// A name: of a function that is called, or of something else.
    private mutating func named(_ name: String, _ tokens: [JavaScript], _ place: inout Int, _ module: inout Module)
        throws -> Flow
    {
        // Three points are no member of anything.
        let isSpread = place > 1 && tokens[place - 1] == .sign(".") && tokens[place - 2] == .sign(".")
        guard place == 0 || tokens[place - 1] != .sign(".") || isSpread, place + 1 < tokens.count else { return .next }
        if name == "async" || name == "new" { return .next }
        if name == "console", guards == 0 { (hasSpoken, words) = (true, words + 1) }
        if name == "process" {
            if guards == 0, tokens[place...].starts(with: [.name("process"), .sign("."), .name("stdout")]) {
                (hasSpoken, words) = (true, words + 1)
            }
            if let flow = asksNothing(tokens, place, module) { return flow }
            if place + 3 < tokens.count, tokens[place + 2].isName("on"), case .round(let arguments) = tokens[place + 3],
                arguments.first == .text("uncaughtException") || arguments.first == .text("unhandledRejection")
            {
                // Whatever fails from now on may be taken, unless it ends the program.
                if !Self.endsDeeply(arguments) { takesAll = true }
            }
        }
        if name == "process",
            tokens[place...].starts(with: [.name("process"), .sign("."), .name("exit")])
                || tokens[place...].starts(with: [.name("process"), .sign("."), .name("abort")])
        {
            return .ends
        }
        if name == "require", tokens[place...].starts(with: [.name("require"), .sign("."), .name("resolve")]),
            place + 3 < tokens.count, case .round(let arguments) = tokens[place + 3]
        {
            place += 3
            return try load(arguments, module, .require, onlyResolves: true)
        }
        if name == "this" || name == "super" { return try ownMethod(name, tokens, place, &module) }
        if let type = module.objects[name].flatMap({ module.classes[$0] }), place + 1 < tokens.count {
            return try method(tokens, at: place + 1, of: type, &module)
        }
        if let given = module.given[name], given.name == nil, place + 3 < tokens.count, tokens[place + 1] == .sign("."),
            case .name(let function) = tokens[place + 2], case .round = tokens[place + 3]
        {
            guard case .round(let arguments) = tokens[place + 3] else { return .next }
            let flow = try expression(arguments, &module)
            guard case .next = flow else { return flow }
            return try callGiven(
                function, at: given.path, caught: Self.isCaught(tokens[(place + 3)...]),
                awaited: Self.isAwaited(tokens, place), texts(of: arguments, module))
        }
        guard case .round(let arguments) = tokens[place + 1] else { return .next }
        if place + 2 < tokens.count, tokens[place + 2] == .arrow { return .next }
        if place + 2 < tokens.count, case .curly = tokens[place + 2], name != "import", name != "require" {
            return .next
        }
        if name != "require" {
            let flow = try expression(arguments, &module)
            guard case .next = flow else { return flow }
        }
        let rest = tokens[(place + 2)...]
        try spend(rest.count / 64)
        let start = place
        place += 1
        switch name {
        case "require":
            if module.functions["require"] != nil { return .next }
            if module.isModule, module.texts["require"] == nil, !hasRequire.contains(module.path) {
                return .fails([
                    Finding(
                        .missingName(script: module.path, module: "an ES module", name: "require"),
                        chain: chain(to: module))
                ])
            }
            let flow = try load(arguments, module, .require)
            guard case .next = flow else { return flow }
            return try used(arguments, tokens, start, &module)
        case "import":
            if Self.isCaught(rest) {
                return try guarded {
                    _ = try $0.load(arguments, module, .import)
                    return .next
                }
            }
            let flow = try load(arguments, module, .import)
            return promise(isAwaited: Self.isAwaited(tokens, start), flow)
        case "Worker" where start > 0 && tokens[start - 1].isName("new") && module.classes[name] == nil:
            return try starts(name, arguments, module)
        default:
            if place >= 2, tokens[place - 2].isName("new"), module.classes[name] != nil {
                let flow = try construct(name, texts(of: arguments, module), &module)
                guard case .next = flow, let type = module.classes[name] else { return flow }
                return try method(tokens, at: place + 1, of: type, &module)
            }
            if let given = module.given[name], let function = given.name, module.functions[name] == nil {
                return try callGiven(
                    function, at: given.path, caught: Self.isCaught(rest), awaited: Self.isAwaited(tokens, start),
                    texts(of: arguments, module))
            }
            if let flow = try lacksDeclaration(of: name, module) { return flow }
            if Self.isCaught(rest) {
                _ = try guarded { try $0.call(name, &module, $0.texts(of: arguments, module)) }
                return .next
            }
            let flow = try call(name, &module, texts(of: arguments, module))
            guard module.asynchronous.contains(name) else { return flow }
            return promise(isAwaited: Self.isAwaited(tokens, start), flow)
        }
    }

    /// What becomes of what `require` gives: a name, or a function of it that is called at once.
    ///
    /// - Parameter start: the place of `require`.
    private mutating func used(
        _ arguments: [JavaScript], _ tokens: [JavaScript], _ start: Int, _ module: inout Module
    ) throws -> Flow {
        guard let specifier = text(arguments, module), !specifier.isEmpty,
            case .file(let node) = try resolution.resolve(specifier, from: module.directory, .require)
        else { return .next }
        let rest = start + 2
        if start >= 2, tokens[start - 1] == .sign("=") { keep(tokens, start - 2, rest, node.path, &module) }
        guard rest + 2 < tokens.count, tokens[rest] == .sign("."), case .name(let name) = tokens[rest + 1],
            case .round(let given) = tokens[rest + 2]
        else { return .next }
        return try callGiven(
            name, at: node.path, caught: Self.isCaught(tokens[(rest + 2)...]), awaited: Self.isAwaited(tokens, start),
            texts(of: given, module))
    }

    /// Keeps what a name stands for that is given `require(…)`, or one name of it; what a call gives is not known.
    private func keep(_ tokens: [JavaScript], _ name: Int, _ rest: Int, _ path: ImagePath, _ module: inout Module) {
        var rest = rest
        while rest + 1 < tokens.count, tokens[rest] == .line, tokens[rest + 1] == .sign(".") { rest += 1 }
        let next = rest < tokens.count ? tokens[rest] : .line
        if next == .line || next == .sign(";") || next == .sign(",") {
            return note(tokens[name], is: path, &module)
        }
        guard next == .sign("."), rest + 1 < tokens.count, case .name(let member) = tokens[rest + 1],
            case .name(let own) = tokens[name],
            rest + 2 >= tokens.count || tokens[rest + 2] == .line || tokens[rest + 2] == .sign(";")
        else { return }
        module.given[own] = (path, member)
        if let type = givenClass(member, at: path) { module.classes[own] = type }
    }

    /// Whether a promise is caught by something that does not end the program.
    static func isCaught(_ rest: ArraySlice<JavaScript>) -> Bool {
        for (offset, token) in rest.enumerated() where token.isName("catch") {
            let behind = rest.dropFirst(offset + 1)
            if case .round(let handler)? = behind.first { return !endsDeeply(handler) }
        }
        return false
    }

    private static func endsDeeply(_ tokens: [JavaScript]) -> Bool {
        if endsProgram(tokens) { return true }
        return tokens.contains { token in
            switch token {
            case .curly(let inner), .round(let inner): endsProgram(inner)
            default: false
            }
        }
    }
}
