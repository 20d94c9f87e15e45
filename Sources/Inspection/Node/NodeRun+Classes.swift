internal import OCI

/// Objects whose classes are of this module or of another, and what their methods do.
extension NodeRun {
    /// What executes a method: the class of the object, and the one that has the method.
    struct Frame {
        let receiver: Class
        let owner: Class
    }

    private static let ancestryLimit = 16
    /// By these an object may have methods that its classes do not write.
    private static let open = ["prototype", "Proxy", "assign(", "defineProperty", "mixin", "[Symbol", "__proto__"]

    // MARK: What modules give

    /// Keeps the classes that a module gives by other names than their own, once its statements are executed.
    func noteExports(_ tokens: [JavaScript], _ module: inout Module) {
        for (index, token) in tokens.enumerated() {
            guard index == 0 || tokens[index - 1] == .line || tokens[index - 1] == .sign(";") else { continue }
            var rest = tokens[index...]
            if token.isName("export") {
                rest = rest.dropFirst()
                if case .curly(let list)? = rest.first, !(rest.dropFirst().first?.isName("from") ?? false) {
                    noteList(list, &module)
                }
                guard rest.first?.isName("default") ?? false else { continue }
                module.whole = given(rest.dropFirst(), "default", &module)
                continue
            }
            if rest.starts(with: [.name("module"), .sign("."), .name("exports")]) { rest = rest.dropFirst(2) }
            guard rest.first?.isName("exports") ?? false else { continue }
            rest = rest.dropFirst()
            if rest.first == .sign("="), rest.startIndex > index + 1 {
                if case .curly(let list)? = rest.dropFirst().first {
                    noteList(list, &module)
                } else {
                    module.whole = given(rest.dropFirst(), "module.exports", &module)
                }
            } else if rest.first == .sign("."), case .name(let name)? = rest.dropFirst().first,
                rest.dropFirst(2).first == .sign("=")
            {
                module.aliases[name] = given(rest.dropFirst(3), "exports.\(name)", &module)
            }
        }
    }

    /// `{ A, B: C, D as E }`.
    private func noteList(_ list: [JavaScript], _ module: inout Module) {
        for item in list.filter({ $0 != .line }).split(separator: .sign(",")) {
            guard item.count == 3, item[item.startIndex + 1] == .sign(":") || item[item.startIndex + 1].isName("as"),
                case .name(let first)? = item.first, case .name(let last)? = item.last
            else { continue }
            let isRenamed = item[item.startIndex + 1].isName("as")
            module.aliases[isRenamed ? last : first] = isRenamed ? first : last
        }
    }

    /// The class that stands behind `=` or `default`: by its name, or written there.
    private func given(_ rest: ArraySlice<JavaScript>, _ name: String, _ module: inout Module) -> String? {
        guard case .name(let first)? = rest.first else { return nil }
        guard first == "class" else {
            let isAlone = rest.dropFirst().first.map { $0 == .line || $0 == .sign(";") } ?? true
            return isAlone ? first : nil
        }
        guard let end = rest.firstIndex(where: { if case .curly = $0 { true } else { false } }),
            case .curly(let body) = rest[end]
        else { return nil }
        let head = Array(rest[(rest.startIndex + 1)..<end])
        // Its own name is known where it is a statement of its own.
        if case .name(let own)? = head.first, own != "extends", module.classes[own] != nil { return own }
        var type = Class(body)
        (type.name, type.home) = (name, module.path)
        if let place = head.firstIndex(of: .name("extends")) {
            guard place + 2 == head.count, case .name(let parent) = head[place + 1] else {
                type.parent = "?"
                module.classes[name] = type
                return name
            }
            type.parent = parent
        }
        module.classes[name] = type
        return name
    }

    /// The class that a module gives by a name; nil for all of it.
    func givenClass(_ name: String?, at path: ImagePath) -> Class? {
        guard let other = finished[path] else { return nil }
        guard let name, name != "default" else { return other.whole.flatMap { other.classes[$0] } }
        return other.classes[other.aliases[name] ?? name]
    }

    // MARK: Ancestry

    private func type(_ name: String, in home: String, _ module: Module) -> Class? {
        if home == module.path { return module.classes[name] }
        return (ImagePath(home).flatMap { finished[$0] } ?? suspended[home])?.classes[name]
    }

    private func parent(of type: Class, _ module: Module) -> Class? {
        type.parent.flatMap { self.type($0, in: type.home, module) }
    }

    /// The class that has a method, and what the method does.
    private func find(_ method: String, of type: Class, _ module: Module) -> (owner: Class, body: [JavaScript])? {
        var next: Class? = type
        for _ in 0..<Self.ancestryLimit {
            guard let owner = next else { return nil }
            if let body = owner.methods[method] { return (owner, body) }
            next = parent(of: owner, module)
        }
        return nil
    }

    /// Executes something among the names of the module at a path.
    private mutating func within(
        _ home: String, _ module: inout Module, _ body: (inout NodeRun, inout Module) throws -> Flow
    ) throws -> Flow {
        if home == module.path { return try body(&self, &module) }
        let path = ImagePath(home)
        let known = path.flatMap { finished[$0] }
        guard var other = known ?? suspended[home] else { return .next }
        suspended[module.path] = module
        if let path, known != nil { finished[path] = nil } else { suspended[home] = nil }
        defer {
            if let path, known != nil { finished[path] = other } else { suspended[home] = other }
            if let back = suspended.removeValue(forKey: module.path) { module = back }
        }
        return try body(&self, &other)
    }

    // MARK: Objects

    /// Makes an object: the fields and constructors of its class and of those above it.
    mutating func construct(_ name: String, _ arguments: [String?] = [], _ module: inout Module) throws -> Flow {
        guard let type = module.classes[name] else { return .next }
        return try construct(type, as: type, arguments, &module, depth: 0)
    }

    private mutating func construct(
        _ type: Class, as receiver: Class, _ arguments: [String?], _ module: inout Module, depth: Int
    ) throws -> Flow {
        guard depth < Self.ancestryLimit else { return .next }
        if let parent = parent(of: type, module) {
            let flow = try construct(
                parent, as: receiver, type.constructor.isEmpty ? arguments : [], &module, depth: depth + 1)
            guard case .next = flow else { return flow }
        }
        guard !type.fields.isEmpty || !type.constructor.isEmpty else { return .next }
        return try within(type.home, &module) { run, home in
            run.frames.append(Frame(receiver: receiver, owner: type))
            defer { run.frames.removeLast() }
            if !type.fields.isEmpty {
                let flow = try run.enter(type.fields, "fields of \(type.name)", &home)
                guard case .next = flow else { return flow }
            }
            guard !type.constructor.isEmpty else { return .next }
            return try run.enter(
                type.constructor, "new \(type.name)", type.parameters["constructor"], arguments, &home)
        }
    }

    /// What follows a name, `this`, `super` or `new NAME(…)`: a method that is called.
    mutating func method(
        _ tokens: [JavaScript], at place: Int, of receiver: Class, from start: Class? = nil, _ module: inout Module
    ) throws -> Flow {
        guard place + 2 < tokens.count, tokens[place] == .sign("."), case .name(let name) = tokens[place + 1],
            case .round(let words) = tokens[place + 2]
        else { return .next }
        guard let (owner, body) = find(name, of: start ?? receiver, module) else {
            return try start == nil ? lacksMethod(name, receiver, module) ?? .next : .next
        }
        let arguments = texts(of: words, module)
        func call(_ run: inout NodeRun, _ module: inout Module) throws -> Flow {
            try run.within(owner.home, &module) { run, home in
                run.frames.append(Frame(receiver: receiver, owner: owner))
                defer { run.frames.removeLast() }
                return try run.enter(body, "\(owner.name).\(name)", owner.parameters[name], arguments, &home)
            }
        }
        if Self.isCaught(tokens[(place + 2)...]) {
            _ = try guarded { try call(&$0, &module) }
            return .next
        }
        let flow = try call(&self, &module)
        guard owner.asynchronous.contains(name) else { return flow }
        return promise(isAwaited: Self.isAwaited(tokens, place - 1), flow)
    }

    /// `this.NAME(…)` and `super.NAME(…)` in a method.
    mutating func ownMethod(_ word: String, _ tokens: [JavaScript], _ place: Int, _ module: inout Module) throws
        -> Flow
    {
        guard let frame = frames.last, frame.owner.home == module.path else { return .next }
        if word == "this", place + 2 < tokens.count, tokens[place + 1] == .sign("."),
            case .name(let field) = tokens[place + 2], let type = fields[Self.key(frame.receiver, field)]
        {
            return try method(tokens, at: place + 3, of: type, &module)
        }
        guard word == "super" else { return try method(tokens, at: place + 1, of: frame.receiver, &module) }
        guard let parent = parent(of: frame.owner, module) else { return .next }
        return try method(tokens, at: place + 1, of: frame.receiver, from: parent, &module)
    }

    /// `this.NAME = new TYPE(…)`.
    mutating func noteField(_ name: String, is type: String, _ module: Module) {
        guard let frame = frames.last, guards == 0, let made = module.classes[type] else { return }
        fields[Self.key(frame.receiver, name)] = made
    }

    private static func key(_ type: Class, _ field: String) -> String { "\(type.home):\(type.name).\(field)" }

    // MARK: Names that nobody has

    private static let globals: Set<String> = Set(
        """
        AbortController AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Blob Boolean BroadcastChannel
        Buffer ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException
        DataView Date DecompressionStream Error EvalError Event EventTarget File FinalizationRegistry Float32Array
        Float64Array FormData Function Headers Int16Array Int32Array Int8Array Intl Iterator JSON Map Math MessageChannel
        MessageEvent MessagePort Navigator Number Object Performance Promise Proxy RangeError ReadableStream
        ReferenceError Reflect RegExp Request Response Set SharedArrayBuffer String SubtleCrypto Symbol SyntaxError
        TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream TypeError URIError URL URLSearchParams
        Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly WebSocket WritableStream
        EventSource Storage CloseEvent URLPattern Float16Array ErrorEvent Worker DisposableStack AsyncDisposableStack
        SuppressedError atob btoa clearImmediate clearInterval clearTimeout console crypto decodeURI decodeURIComponent
        encodeURI encodeURIComponent escape eval fetch global globalThis isFinite isNaN navigator parseFloat parseInt
        performance process queueMicrotask require setImmediate setInterval setTimeout structuredClone unescape module
        exports import super this async await new typeof return if else for while switch case catch function class with
        void delete in of do yield throw instanceof static get set arguments default gc
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// A function that is called and that neither the file nor node has.
    mutating func lacksDeclaration(of name: String, _ module: Module) throws -> Flow? {
        guard guards == 0, !hasSpoken, !takesAll, calls.isEmpty, frames.isEmpty, !Self.globals.contains(name),
            module.functions[name] == nil, module.given[name] == nil, module.classes[name] == nil,
            let path = ImagePath(module.path), let node = try check.tree.lookUp(path),
            node.size ?? .max < Int64(Self.sourceLimit)
        else { return nil }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        try spend(bytes.count / 32)
        let text = String(decoding: bytes, as: UTF8.self)
        // It stands there where it is called, and nowhere else.
        let uses = text.ranges(of: "\(name)(").count - text.ranges(of: ".\(name)(").count
        guard uses > 0, ScriptNames.count(name, in: bytes) == uses, !text.contains("function \(name)"),
            !["eval(", "with (", "with(", "\(name)(){", "\(name)() {"].contains(where: text.contains)
        else { return nil }
        // Another file may have made it everybody's.
        for (other, failure) in loaded where failure == nil {
            guard let file = try check.tree.lookUp(other), file.size ?? .max < Int64(Self.sourceLimit) else {
                return nil
            }
            let bytes = try check.tree.read(file, limit: Self.sourceLimit)
            try spend(bytes.count / 256)
            let isOpen = bytes.contains(text: "assign(global") || bytes.contains(word: name)
            if isOpen, bytes.contains(text: "global") { return nil }
        }
        return .fails([
            Finding(.missingName(script: module.path, module: "Node.js", name: name), chain: chain(to: module))
        ])
    }

    /// A method that no class of an object has, whose files do not say its name.
    private mutating func lacksMethod(_ name: String, _ receiver: Class, _ module: Module) throws -> Flow? {
        guard guards == 0, !hasSpoken, !takesAll, calls.isEmpty, !Self.common.contains(name) else { return nil }
        var next: Class? = receiver
        var homes: Set<String> = []
        while let type = next, homes.count < Self.ancestryLimit {
            homes.insert(type.home)
            next = parent(of: type, module)
            // Those above it are not all known.
            if next == nil, type.parent != nil { return nil }
        }
        for home in homes.union([module.path]).sorted() {
            guard let path = ImagePath(home), let node = try check.tree.lookUp(path),
                node.size ?? .max < Int64(Self.sourceLimit)
            else { return nil }
            let bytes = try check.tree.read(node, limit: Self.sourceLimit)
            try spend(bytes.count / 32)
            if Self.open.contains(where: { bytes.contains(text: $0) }) { return nil }
            // It stands there where it is called, and nowhere else.
            let uses = String(decoding: bytes, as: UTF8.self).ranges(of: ".\(name)(").count
            guard ScriptNames.count(name, in: bytes) == uses else { return nil }
        }
        return .fails([
            Finding(
                .missingName(script: module.path, module: receiver.name, name: name), chain: chain(to: module))
        ])
    }
}
