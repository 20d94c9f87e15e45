internal import OCI

/// Follows a Java program: its main class, what that is made of, and the classes that its code uses in every run.
struct JavaRun {
    private static let classLimit = 2000
    private static let callDepth = 16

    let classes: JavaClasses
    private let facts: JavaRuntime
    private let place: String
    private var known: [String: ClassFile?] = [:]
    private var called: Set<String> = []
    /// The classes on the way to what is missing.
    private(set) var chain: [String] = []
    private(set) var usesTLS = false
    /// Whether classes may be where nobody but the program looks.
    var isOpen = false
    /// Whether only the program's own code is followed, and of libraries no more than that they are there.
    private var staysInside = false
    /// Where libraries that are no Java are looked for (`java.library.path`).
    var libraries: [ImagePath] = []
    /// Where the process is, and what it was given.
    var directory = ImagePath.root
    var environment: [String: String] = [:]
    /// The runtime's file of time zones, where it is missing.
    var missingZones: String?
    /// The stream of `System` that was asked for last.
    var stream = ""
    /// What the program is given.
    var arguments: [String] = []
    /// The methods in hand, and where each is.
    var frames: [Frame] = []
    /// Whether something was called that may have made files.
    var mayHaveMade = false
    /// Whether it has written something: what fails behind that fails in use.
    var hasSpoken = false

    init(_ classes: JavaClasses, _ facts: JavaRuntime, place: String) {
        (self.classes, self.facts, self.place) = (classes, facts, place)
    }

    struct Failure: Error { let kind: Finding.Kind }

    /// What is missing; nil where it starts.
    ///
    /// - Parameter isNested: whether the program has a loader of its own for archives in the archive.
    mutating func start(_ main: String, isNested: Bool, staysInside: Bool = false) throws -> Finding.Kind? {
        (isOpen, self.staysInside) = (isNested, staysInside)
        do {
            guard let file = try load(main, for: place) else {
                return isPlatform(main) ? nil : .missingModule(script: place, module: Self.dotted(main))
            }
            guard file.name == main else { return .noMain(path: place, name: Self.dotted(main)) }
            guard try inherits("main", file) else { return .noMain(path: Self.dotted(main), name: "main") }
            if isNested { return nil }
            try resolveSignatures(file)
            try initialize(file)
            try call("main", nil, file, depth: 0, [.texts(arguments)])
            return nil
        } catch let failure as Failure {
            return failure.kind
        }
    }

    /// The launcher asks the main class for its public methods, whose types must be there then.
    private mutating func resolveSignatures(_ file: ClassFile) throws {
        guard !isOpen else { return }
        for method in file.methods where method.isPublic {
            for name in ClassFile.types(in: method.descriptor)
            where try !isPlatform(name) && load(name, for: Self.dotted(file.name)) == nil {
                throw Failure(kind: .missingModule(script: Self.dotted(file.name), module: Self.dotted(name)))
            }
        }
    }

    /// The verifier loads what a class catches.
    private mutating func verifyHandlers(_ file: ClassFile) throws {
        guard !isOpen, file.release > 5 else { return }
        for method in file.methods {
            for case let type? in method.handlers.map(\.type)
            where try !isPlatform(type) && load(type, for: Self.dotted(file.name)) == nil {
                throw Failure(kind: .missingModule(script: Self.dotted(file.name), module: Self.dotted(type)))
            }
        }
    }

    /// Whether a class or one above it has a method; what the platform has is not known.
    private mutating func hasMethod(_ name: String, _ descriptor: String, _ file: ClassFile, depth: Int = 0) throws
        -> Bool
    {
        guard depth < 32 else { return true }
        if file.methods.contains(where: { $0.name == name && $0.descriptor == descriptor }) { return true }
        let plain: Set = [
            "clone", "getClass", "hashCode", "equals", "toString", "notify", "notifyAll", "wait", "finalize",
        ]
        for parent in [file.superclass].compactMap({ $0 }) + file.interfaces {
            if parent == "java/lang/Object" {
                if plain.contains(name) { return true }
                continue
            }
            guard !isPlatform(parent), let upper = try load(parent, for: Self.dotted(file.name)) else { return true }
            if try hasMethod(name, descriptor, upper, depth: depth + 1) { return true }
        }
        return plain.contains(name)
    }

    static func dotted(_ name: String) -> String { name.replacing("/", with: ".") }

    private static let extensions = ["javax/crypto/", "javax/net/", "javax/security/"]

    func isPlatform(_ name: String) -> Bool {
        if ["java/", "jdk/", "sun/", "com/sun/"].contains(where: name.hasPrefix) || JavaPackages.module(of: name) != nil
        {
            return true
        }
        // Since 11 the platform has no more of what Java EE has (JEP 320).
        guard name.hasPrefix("javax/") else { return false }
        return facts.release.map { $0 < 11 } ?? true || Self.extensions.contains { name.hasPrefix($0) }
    }

    /// Loads a class and those that it is made of.
    mutating func load(_ name: String, for needer: String) throws -> ClassFile? {
        if let file = known[name] { return file }
        guard known.count < Self.classLimit else { return nil }
        guard let bytes = try classes.find(name) else {
            known[name] = .some(nil)
            if name.hasPrefix("javax/net/ssl/") { usesTLS = true }
            if let module = JavaPackages.module(of: name), !facts.hasModule(module) {
                throw Failure(kind: .missingModule(script: needer, module: module))
            }
            return nil
        }
        guard let file = ClassFile(bytes) else { throw Failure(kind: .damagedFile(path: name + ".class")) }
        known[name] = file
        if let has = facts.release, file.release > has {
            throw Failure(kind: .oldJava(path: place, needed: file.release, has: has))
        }
        for parent in [file.superclass].compactMap({ $0 }) + file.interfaces {
            guard try load(parent, for: Self.dotted(name)) == nil, !isPlatform(parent), !isOpen else { continue }
            throw Failure(kind: .missingModule(script: Self.dotted(name), module: Self.dotted(parent)))
        }
        return file
    }

    private mutating func inherits(_ method: String, _ file: ClassFile) throws -> Bool {
        var next: ClassFile? = file
        var depth = 0
        while let current = next, depth < 64 {
            // Since Java 25 it need be neither public nor static.
            if current.methods.contains(where: {
                $0.name == method && ($0.isEntry || facts.release.map { $0 > 20 } ?? true)
            }) {
                return true
            }
            // What a class of the platform has is not known.
            guard let parent = current.superclass else { return false }
            if parent != "java/lang/Object", isPlatform(parent) { return true }
            next = try load(parent, for: current.name)
            depth += 1
        }
        return next != nil
    }

    mutating func initialize(_ file: ClassFile) throws {
        guard !staysInside || classes.isOwn(file.name), called.insert(file.name + ".<clinit>").inserted else { return }
        if let parent = file.superclass, let upper = try load(parent, for: Self.dotted(file.name)) {
            try initialize(upper)
        }
        try verifyHandlers(file)
        try call("<clinit>", nil, file, depth: 1)
    }

    /// Follows what a method does in every run.
    mutating func call(
        _ name: String, _ descriptor: String?, _ file: ClassFile, depth: Int, _ values: [JavaMachine.Value] = []
    ) throws {
        let isAsked = values.contains(where: \.isKnown)
        guard depth < Self.callDepth, called.count < Self.classLimit,
            let method = file.methods.first(where: {
                $0.name == name && (descriptor == nil || $0.descriptor == descriptor)
            }),
            called.insert(
                file.name + "." + name + method.descriptor + (name == "<clinit>" ? "()" : "")
                    + (isAsked ? "\(values)" : "")
            ).inserted
        else { return }
        chain.append("\(Self.dotted(file.name)).\(name)")
        frames.append((method, file, 0))
        defer { frames.removeLast() }
        let locals = Self.locals(values, method.descriptor, isStatic: method.isStatic)
        for (place, use) in JavaCode(method.code, names(of: file), locals: locals).uses {
            frames[frames.count - 1].place = place
            if case .ends(let end) = use { try fails(end, in: file) }
            // A handler that may take it: what happens then is not followed.
            if isTakenHere(Self.linkErrors) { continue }
            try follow(use, in: file, depth)
        }
        chain.removeLast()
    }

    private mutating func follow(_ use: JavaCode.Use, in file: ClassFile, _ depth: Int) throws {
        switch use {
        case .ends: return
        case .maybe(let index): noteMaybe(file.member(index))
        case .dynamic(let index, let values):
            for name in file.dynamicTypes(index) { _ = try require(name, file) }
            try writes(index, values, in: file, depth)
        case .type(let index): if let owner = file.className(index) { _ = try require(owner, file) }
        case .field(let index):
            guard let member = file.member(index) else { return }
            if member.owner == "java/lang/System" { stream = member.name }
            if let owner = try require(member.owner, file) { try initialize(owner) }
        case .call(let index, let given):
            if let member = file.member(index) { try asks(member, given, in: file) }
            guard let member = file.member(index), let owner = try require(member.owner, file) else { return }
            guard !staysInside || classes.isOwn(owner.name) else { return }
            if !isOpen, try !hasMethod(member.name, member.descriptor, owner) {
                throw Failure(
                    kind: .missingName(
                        script: Self.dotted(file.name), module: Self.dotted(owner.name), name: member.name))
            }
            try initialize(owner)
            try call(member.name, member.descriptor, owner, depth: depth + 1, given.values)
        }
    }

    /// What is put together as a text is asked for its own by `toString`.
    private mutating func writes(
        _ index: Int, _ values: [JavaMachine.Value], in file: ClassFile, _ depth: Int
    ) throws {
        guard !isOpen, let member = file.dynamicMember(index), member.name == "makeConcatWithConstants" else { return }
        let made = values.compactMap { value in if case .object(let type) = value { type } else { nil } }
        for name in ClassFile.types(in: member.descriptor) + made where !isPlatform(name) {
            guard let type = try load(name, for: Self.dotted(file.name)) else { continue }
            try call("toString", "()Ljava/lang/String;", type, depth: depth + 1)
        }
    }

    mutating func require(_ name: String, _ file: ClassFile) throws -> ClassFile? {
        let found = try load(name, for: Self.dotted(file.name))
        if found == nil, !isPlatform(name), !isOpen {
            throw Failure(kind: .missingModule(script: Self.dotted(file.name), module: Self.dotted(name)))
        }
        return found
    }
}
