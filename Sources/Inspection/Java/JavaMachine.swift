/// What variables and the stack of a Java method hold, as far as the command line, the environment and constants tell
/// (The Java Virtual Machine Specification, 2.6).
struct JavaMachine {
    indirect enum Value: Equatable, Sendable {
        case unknown
        case number(Int)
        case text(String)
        /// The arguments of the program.
        case texts([String])
        /// Nothing, and for want of what.
        case nothing(Want?)
        /// `System.getenv()`.
        case environment
        /// A path that a text gave.
        case path(String)
        /// An object of a class, of which no more is known.
        case object(String)

        var isKnown: Bool { self != .unknown }
    }

    /// What the program looked for and did not find.
    enum Want: Equatable, Sendable {
        case variable(String)
        case resource(String)
    }

    /// A call, with what it is given.
    struct Call {
        let owner: String
        let name: String
        let descriptor: String
        let receiver: Value
        let values: [Value]
    }

    /// What code names by numbers, and what calls give.
    struct Names {
        var text: (Int) -> String? = { _ in nil }
        var number: (Int) -> Int? = { _ in nil }
        var type: (Int) -> String? = { _ in nil }
        var member: (Int) -> (owner: String, name: String, descriptor: String)? = { _ in nil }
        /// The descriptor of a call whose target is found when it is made.
        var dynamic: (Int) -> String? = { _ in nil }
        var result: (Call) -> Value = { _ in .unknown }
    }

    private let names: Names
    private(set) var locals: [Int: Value] = [:]
    private var stack: [Value] = []
    /// What the call in hand is given.
    private(set) var given: (receiver: Value, values: [Value]) = (.unknown, [])
    /// Whether a branch was taken by what is known, and what was wanted there.
    private(set) var hasDecided = false
    private(set) var want: Want?

    /// - Parameter locals: what the method is given, by the numbers of its variables.
    init(_ names: Names, locals: [Int: Value]) { (self.names, self.locals) = (names, locals) }

    /// It is not known any more what was done.
    mutating func forget() { stack = [] }

    mutating func forget(local: Int) { locals[local] = nil }

    private mutating func pop() -> Value { stack.popLast() ?? .unknown }

    private mutating func push(_ value: Value) {
        if stack.count > 64 { stack.removeFirst(32) }
        stack.append(value)
    }

    /// What is on top: what is thrown, for one.
    var top: Value { stack.last ?? .unknown }

    // MARK: Instructions

    /// Carries out an instruction that is no branch.
    ///
    /// - Parameter operand: the byte, or the two bytes, behind it.
    mutating func step(_ operation: UInt8, byte: Int, short: Int) {
        switch operation {
        case 0x00, 0xC0: return
        case 0x01: push(.nothing(nil))
        case 0x02...0x08: push(.number(Int(operation) - 3))
        case 0x10: push(.number(Int(Int8(truncatingIfNeeded: byte))))
        case 0x11: push(.number(Int(Int16(truncatingIfNeeded: short))))
        case 0x12, 0x13: push(constant(operation == 0x12 ? byte : short))
        case 0x15, 0x19: push(locals[byte] ?? .unknown)
        case 0x1A...0x1D: push(locals[Int(operation) - 0x1A] ?? .unknown)
        case 0x2A...0x2D: push(locals[Int(operation) - 0x2A] ?? .unknown)
        case 0x36, 0x3A: locals[byte] = pop()
        case 0x3B...0x3E: locals[Int(operation) - 0x3B] = pop()
        case 0x4B...0x4E: locals[Int(operation) - 0x4B] = pop()
        case 0x32: element()
        case 0x57: _ = pop()
        case 0x59: push(top)
        case 0xBE:
            if case .texts(let list) = pop() { push(.number(list.count)) } else { push(.unknown) }
        case 0xB2: push(.unknown)
        case 0xB3: _ = pop()
        case 0xB4:
            _ = pop()
            push(.unknown)
        case 0xB5:
            _ = pop()
            _ = pop()
        case 0xB6...0xB9: call(short, isStatic: operation == 0xB8)
        case 0xBA: dynamic(short)
        case 0xBC, 0xBD: push(pop() == .number(0) ? .texts([]) : .unknown)
        case 0xBB: push(names.type(short).map { .object($0) } ?? .unknown)
        case 0xC1:
            _ = pop()
            push(.unknown)
        case 0x84:
            if case .number(let number)? = locals[byte] {
                locals[byte] = .number(number &+ Int(Int8(truncatingIfNeeded: short & 0xFF)))
            }
        default: forget()
        }
    }

    private func constant(_ index: Int) -> Value {
        names.text(index).map { .text($0) } ?? names.number(index).map { .number($0) } ?? .unknown
    }

    private mutating func element() {
        let (index, list) = (pop(), pop())
        if case .number(let number) = index, case .texts(let texts) = list, texts.indices.contains(number) {
            push(.text(texts[number]))
        } else {
            push(.unknown)
        }
    }

    private mutating func call(_ index: Int, isStatic: Bool) {
        given = (.unknown, [])
        guard let member = names.member(index) else { return forget() }
        var values: [Value] = []
        for _ in 0..<Self.parameters(member.descriptor).count { values.insert(pop(), at: 0) }
        let receiver = isStatic ? Value.unknown : pop()
        given = (receiver, values)
        if member.name == "<init>", member.owner == "java/io/File", case .text(let text)? = values.first,
            values.count == 1,
            top == .object("java/io/File")
        {
            stack[stack.count - 1] = .path(text)
        }
        guard !member.descriptor.hasSuffix(")V") else { return }
        let call = Call(
            owner: member.owner, name: member.name, descriptor: member.descriptor, receiver: receiver, values: values)
        push(names.result(call))
    }

    private mutating func dynamic(_ index: Int) {
        given = (.unknown, [])
        guard let descriptor = names.dynamic(index) else { return forget() }
        for _ in 0..<Self.parameters(descriptor).count { given.values.insert(pop(), at: 0) }
        push(.unknown)
    }

    /// The types of a method's parameters (4.3.3), each by its first letter.
    static func parameters(_ descriptor: String) -> [Character] {
        var result: [Character] = []
        var (isArray, isName) = (false, false)
        for letter in descriptor.dropFirst() {
            if isName {
                if letter == ";" { isName = false }
                continue
            }
            // There are at most 255 (4.3.3).
            if letter == ")" || result.count > 255 { break }
            if letter == "[" {
                if !isArray { result.append("[") }
                isArray = true
                continue
            }
            if !isArray { result.append(letter) }
            (isArray, isName) = (false, letter == "L")
        }
        return result
    }

    // MARK: Branches

    /// Whether a branch is taken; nil where that is not known.
    mutating func branches(_ operation: UInt8) -> Bool? {
        let taken: Bool?
        switch operation {
        case 0x99...0x9E: taken = compare(operation - 0x99, pop(), .number(0))
        case 0x9F...0xA4:
            let right = pop()
            taken = compare(operation - 0x9F, pop(), right)
        case 0xC6, 0xC7:
            let value = pop()
            guard let isNothing = isNothing(value) else { return nil }
            taken = isNothing == (operation == 0xC6)
        default:
            _ = pop()
            _ = pop()
            return nil
        }
        if taken != nil { hasDecided = true }
        return taken
    }

    private mutating func isNothing(_ value: Value) -> Bool? {
        switch value {
        case .nothing(let want):
            self.want = want ?? self.want
            return true
        case .unknown: return nil
        case .number, .text, .texts, .environment, .path, .object: return false
        }
    }

    private func compare(_ kind: UInt8, _ left: Value, _ right: Value) -> Bool? {
        guard case .number(let first) = left, case .number(let second) = right else { return nil }
        switch kind {
        case 0: return first == second
        case 1: return first != second
        case 2: return first < second
        case 3: return first >= second
        case 4: return first > second
        default: return first <= second
        }
    }

    /// The number by which a `switch` chooses.
    mutating func choice() -> Int? {
        guard case .number(let number) = pop() else { return nil }
        hasDecided = true
        return number
    }
}

extension JavaRun {
    /// What a call of the platform gives: texts and their questions, variables, and paths.
    func result(of call: JavaMachine.Call) -> JavaMachine.Value {
        let first = call.values.first
        switch (call.owner, call.name) {
        case ("java/lang/System", "getenv"):
            if call.values.isEmpty { return .environment }
            guard case .text(let name)? = first else { return .unknown }
            return environment[name].map { .text($0) } ?? .nothing(.variable(name))
        case ("java/util/Map", "get"), ("java/util/Map", "getOrDefault"), ("java/util/Map", "containsKey"):
            guard call.receiver == .environment, case .text(let name)? = first else { return .unknown }
            if call.name == "containsKey" { return .number(environment[name] == nil ? 0 : 1) }
            if let value = environment[name] { return .text(value) }
            return call.name == "get" ? .nothing(.variable(name)) : call.values.last ?? .unknown
        case ("java/nio/file/Path", "of"), ("java/nio/file/Paths", "get"):
            // What further parts there are is not known.
            guard case .text(let text)? = first, call.values.last != .unknown || call.values.count == 1 else {
                return .unknown
            }
            return .path(text)
        case ("java/util/Objects", "requireNonNull"), ("java/lang/String", "valueOf"): return first ?? .unknown
        case ("java/util/Objects", "requireNonNullElse"):
            if case .nothing? = first { return call.values.last ?? .unknown }
            return first ?? .unknown
        case ("java/lang/Integer", "parseInt"):
            if case .text(let text)? = first, let number = Int(text) { return .number(number) }
            return .unknown
        case ("java/lang/ClassLoader", "getResourceAsStream"), ("java/lang/Class", "getResourceAsStream"):
            guard case .text(let text)? = first, !isOpen, call.owner.hasSuffix("Loader") || text.hasPrefix("/") else {
                return .unknown
            }
            let path = text.hasPrefix("/") ? String(text.dropFirst()) : text
            // What cannot be looked at is not known.
            guard let isThere = try? classes.hasFile(path) else { return .unknown }
            return isThere ? .object("java/io/InputStream") : .nothing(.resource(text))
        case ("java/lang/String", _): return Self.asked(call)
        default: return .unknown
        }
    }

    private static func asked(_ call: JavaMachine.Call) -> JavaMachine.Value {
        guard case .text(let text) = call.receiver else { return .unknown }
        if call.values.isEmpty {
            switch call.name {
            case "isEmpty": return .number(text.isEmpty ? 1 : 0)
            case "isBlank": return .number(text.allSatisfy(\.isWhitespace) ? 1 : 0)
            case "length": return .number(text.utf16.count)
            case "hashCode":
                return .number(Int(text.utf16.reduce(Int32(0)) { $0 &* 31 &+ Int32(truncatingIfNeeded: $1) }))
            case "toLowerCase": return .text(text.lowercased())
            case "toUpperCase": return .text(text.uppercased())
            case "trim"
            where text.first.map({ !$0.isWhitespace }) ?? true && text.last.map({ !$0.isWhitespace }) ?? true,
                "toString", "intern":
                return .text(text)
            default: return .unknown
            }
        }
        guard call.values.count == 1, case .text(let other) = call.values[0] else { return .unknown }
        switch call.name {
        case "equals": return .number(text == other ? 1 : 0)
        case "equalsIgnoreCase": return .number(text.lowercased() == other.lowercased() ? 1 : 0)
        case "startsWith": return .number(text.hasPrefix(other) ? 1 : 0)
        case "endsWith": return .number(text.hasSuffix(other) ? 1 : 0)
        case "contains": return .number(other.isEmpty || text.contains(other) ? 1 : 0)
        default: return .unknown
        }
    }

    /// What code of a class names.
    func names(of file: ClassFile) -> JavaMachine.Names {
        let run = self
        return JavaMachine.Names(
            text: { file.constant($0) }, number: { file.number($0) }, type: { file.className($0) },
            member: { file.member($0) }, dynamic: { file.dynamicMember($0)?.descriptor },
            result: { run.result(of: $0) })
    }

    /// What a method's variables have at its beginning.
    static func locals(_ values: [JavaMachine.Value], _ descriptor: String, isStatic: Bool) -> [Int: JavaMachine.Value]
    {
        var result: [Int: JavaMachine.Value] = [:]
        var place = isStatic ? 0 : 1
        for (index, letter) in JavaMachine.parameters(descriptor).enumerated() {
            if index < values.count, values[index].isKnown { result[place] = values[index] }
            place += letter == "J" || letter == "D" ? 2 : 1
        }
        return result
    }

    // MARK: Ends

    /// The program ends here for sure: by `exit`, or by what is thrown and nobody takes.
    func fails(_ end: JavaCode.End, in file: ClassFile) throws {
        guard !hasSpoken, !isOpen else { return }
        if let thrown = end.thrown, isTakenBroadly(thrown) { return }
        let needer = Self.dotted(file.name)
        switch end.want {
        case .variable(let name)?: throw Failure(kind: .missingVariable(script: needer, name: name))
        case .resource(let path)?: throw Failure(kind: .missingInput(program: needer, path: path))
        case nil: throw Failure(kind: .failedScript(script: needer, status: end.status))
        }
    }
}
