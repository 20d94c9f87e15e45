internal import OCI

extension ClosureCheck {
    private func javaCommand(_ arguments: [String]) throws -> JavaCommand {
        try JavaCommand(arguments, environment: process.environment) { name in
            guard let path = process.directory.resolving(name) else { return nil }
            return try tree.contents(of: path.description).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The Java release that the main class of a command line is made for; nil if that cannot be found.
    func javaRelease(of arguments: [String]) throws -> Int? {
        let command = try javaCommand(arguments)
        var classes = JavaClasses(tree, release: nil)
        switch command.start {
        case .jar(let name):
            guard let path = process.directory.resolving(name), let node = try tree.lookUp(path),
                let jar = try classes.archive(node),
                let main = try JavaClasses.manifest(of: jar)["Main-Class"]
            else { return nil }
            return try JavaClasses.find(Self.slashed(main), in: jar, nil).flatMap(Self.release(of:))
        case .main(let name):
            try classes.add(path: command.classPath ?? ".", from: process.directory)
            return try classes.find(Self.slashed(name)).flatMap(Self.release(of:))
        case .module, .source, nil: return nil
        }
    }

    /// The release of a class file's format (JVM specification, 4.1): 52 is Java 8.
    private static func release(of bytes: [UInt8]) -> Int? {
        guard bytes.starts(with: [0xCA, 0xFE, 0xBA, 0xBE]), let major: UInt16 = bytes.span.number(6, isBigEndian: true),
            major >= 45
        else { return nil }
        return Int(major) - 44
    }

    private static func slashed(_ name: String) -> String { name.filter { !$0.isWhitespace }.replacing(".", with: "/") }

    // MARK: The runtime

    /// Checks the runtime, the classes that it is to start, and looks for its certificates.
    mutating func checkJava(_ arguments: [String], program: ImageTree.Node) throws {
        let home = program.path.parent.parent
        let command = try javaCommand(arguments)
        (javaLibraries, javaArguments) = (libraryPlaces(command, home), command.rest)
        missingZones = try zonesLack(home)
        if try !knowsOptions(command, home) { return }
        guard try checkRuntime(home, program) else { return }
        for name in command.missingFiles { return add(.missingFile(program: "java", path: name)) }
        for agent in command.agents where try process.directory.resolving(agent).flatMap({ try tree.lookUp($0) }) == nil
        {
            return add(.missingFile(program: "java", path: agent))
        }
        let text =
            try home.resolving("release").flatMap { try tree.lookUp($0) }.map { try tree.read($0, limit: 64 << 10) }
            ?? []
        let facts = JavaRuntime(String(decoding: text, as: UTF8.self))
        for option in command.refused { return add(.noMain(path: "java", name: option)) }
        for agent in command.nativeAgents {
            let names = javaLibraries.compactMap { $0.resolving("lib\(agent).so") }
            if try names.allSatisfy({ try tree.lookUp($0) == nil }) {
                return add(.missingLibraries(path: "java", libraries: ["lib\(agent).so"], loader: nil))
            }
        }
        for module in command.addedModules where !module.hasPrefix("ALL-") {
            if try !facts.hasModule(module) && findModule(module, command.modulePath) == nil {
                return add(.missingModule(script: "java", module: module))
            }
        }
        switch command.start {
        case .jar(let name): try startJar(name, facts)
        case .main(let name): try startClass(name, command, facts)
        case .module(let name, let main): try startModule(name, main, command, facts)
        case .source(let name):
            if try process.directory.resolving(name).flatMap({ try tree.lookUp($0) }) == nil {
                add(.missingFile(program: "java", path: name))
            }
            if !facts.hasModule("jdk.compiler") { add(.missingModule(script: "java", module: "jdk.compiler")) }
        case nil: return
        }
        try checkTrustStore(home, command, program)
    }

    /// Where `System.loadLibrary` looks (java.library.path of Debian's builds and of others).
    private func libraryPlaces(_ command: JavaCommand, _ home: ImagePath) -> [ImagePath] {
        var texts = [home.description + "/lib", home.description + "/lib/server"]
        if let named = command.libraryPath {
            texts += named.split(separator: ":").map(String.init)
        } else {
            texts += process.paths("LD_LIBRARY_PATH")
            texts += [
                "/usr/java/packages/lib", "/usr/lib/x86_64-linux-gnu/jni", "/lib/x86_64-linux-gnu",
                "/usr/lib/x86_64-linux-gnu",
            ]
            texts += ["/usr/lib/aarch64-linux-gnu/jni", "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
            texts += ["/usr/lib/jni", "/lib", "/usr/lib", "/lib64", "/usr/lib64"]
        }
        return texts.compactMap { process.directory.resolving($0) }
    }

    /// The runtime's file of time zones, where it has the files beside it and not this one.
    private func zonesLack(_ home: ImagePath) throws -> String? {
        guard let modules = home.resolving("lib/modules"), try tree.lookUp(modules) != nil,
            let zones = home.resolving("lib/tzdb.dat"), try tree.lookUp(zones) == nil
        else { return nil }
        return zones.description
    }

    private static let machineLimit = 64 << 20

    /// Options of the virtual machine have their names in it.
    private mutating func knowsOptions(_ command: JavaCommand, _ home: ImagePath) throws -> Bool {
        guard !command.machineOptions.isEmpty, !command.ignoresUnknown,
            let path = home.resolving("lib/server/libjvm.so"), let node = try tree.lookUp(path)
        else { return true }
        let bytes = try tree.read(node, limit: Self.machineLimit)
        for name in command.machineOptions where !bytes.contains(text: "\(name)\0") {
            add(.noMain(path: "java", name: "-XX:\(name)"))
            return false
        }
        return true
    }

    private mutating func checkTrustStore(_ home: ImagePath, _ command: JavaCommand, _ program: ImageTree.Node) throws {
        guard let store = home.resolving("lib/security/cacerts") else { return }
        if let node = try tree.lookUp(store), node.size ?? 0 > 0 {
            report.files.insert(node.path)
            return
        }
        let path: String
        switch command.start {
        case .jar(let name): path = name
        case .main: path = command.classPath ?? "."
        case .module, .source, nil: path = program.path.description
        }
        add(.noCertificates(path: path), BaseChoice(for: report.needs).remedy)
    }

    private static let runtimeFiles = [
        "lib/jvm.cfg", "lib/modules", "lib/server/libjvm.so", "lib/libjava.so", "lib/libjimage.so", "lib/libzip.so",
        "lib/libnio.so", "lib/libnet.so",
    ]

    /// The files without which no virtual machine starts.
    private mutating func checkRuntime(_ home: ImagePath, _ program: ImageTree.Node) throws -> Bool {
        // Java 8 and what is no JDK has other parts.
        guard let folder = home.resolving("lib"), try tree.lookUp(folder)?.isDirectory ?? false,
            try home.resolving("lib/jvm.cfg").map({ try tree.lookUp($0, followsLast: false) }) ?? nil != nil
                || home.resolving("lib/modules").map({ try tree.lookUp($0) }) ?? nil != nil
        else { return true }
        for name in Self.runtimeFiles {
            guard let path = home.resolving(name) else { continue }
            guard let node = try tree.lookUp(path) else {
                // Debian's falls back on another.
                if name == "lib/jvm.cfg",
                    try home.resolving("lib/jvm.cfg-default").flatMap({ try tree.lookUp($0) }) != nil
                {
                    continue
                }
                if name == "lib/modules",
                    try home.resolving("modules/java.base").flatMap({ try tree.lookUp($0) }) != nil
                {
                    continue
                }
                if name == "lib/libjimage.so", try home.resolving("lib/modules").flatMap({ try tree.lookUp($0) }) == nil
                {
                    continue
                }
                add(
                    .damagedRuntime(program: program.path.description, path: path.description),
                    BaseChoice(for: report.needs).remedy)
                return false
            }
            guard try isPermitted(node, .read) else { return false }
            report.files.insert(node.path)
            // What the others need of it is loaded by then.
            guard name.hasSuffix("libjvm.so"), let elf = try tree.elf(node) else { continue }
            let before = report.findings.count
            try followLibraries(of: node.path, elf, isRuntime: true)
            if report.findings[before...].contains(where: { $0.severity == .error }) { return false }
        }
        return true
    }

    // MARK: Programs

    private mutating func startJar(_ name: String, _ facts: JavaRuntime) throws {
        guard let path = process.directory.resolving(name) else { return }
        switch try open(path, .read) {
        case .missing: return add(.missingFile(program: "java", path: name))
        case .denied(let path, let obstacle):
            return add(
                .notPermitted(path: path.description, obstacle: obstacle.description, user: process.user.name),
                .permission)
        case .found(let node): report.files.insert(node.path)
        }
        var classes = JavaClasses(tree, release: facts.release)
        guard let node = try tree.lookUp(path), let jar = try classes.archive(node) else {
            return add(.damagedFile(path: name))
        }
        guard let main = try JavaClasses.manifest(of: jar)["Main-Class"]?.filter({ !$0.isWhitespace }), !main.isEmpty
        else {
            return add(.noMain(path: name, name: "Main-Class"))
        }
        let manifest = try JavaClasses.manifest(of: jar)
        for key in ["Launcher-Agent-Class"] where manifest[key] != nil {
            if try jar.contents(of: Self.slashed(manifest[key] ?? "") + ".class") == nil {
                return add(.missingModule(script: name, module: manifest[key] ?? ""))
            }
        }
        try classes.add(file: path)
        if try !readsAll(classes) { return }
        let hasInside = jar.members.keys.contains { $0.hasPrefix("BOOT-INF/") || $0.hasPrefix("WEB-INF/") }
        if let start = manifest["Start-Class"], JavaClasses.isNested(jar) || hasInside {
            // Spring Boot's loader reads archives in the archive.
            let inner = (manifest["Spring-Boot-Classes"] ?? "BOOT-INF/classes/") + Self.slashed(start) + ".class"
            if jar.members[inner] == nil { return add(.missingModule(script: name, module: start)) }
            if jar.members[Self.slashed(main) + ".class"] != nil,
                try startNested(start, name, jar, manifest, facts)
            {
                return
            }
        }
        try follow(main: main, of: name, classes, facts, isNested: JavaClasses.isNested(jar))
    }

    /// The program in an archive of Spring Boot's; false where that cannot be read.
    private mutating func startNested(
        _ start: String, _ name: String, _ jar: ZipReader, _ manifest: [String: String], _ facts: JavaRuntime
    ) throws -> Bool {
        let isWeb = jar.members.keys.contains { $0.hasPrefix("WEB-INF/") }
        let inner = isWeb ? "WEB-INF/" : "BOOT-INF/"
        var classes = JavaClasses(tree, release: facts.release)
        guard
            try classes.add(
                nestedIn: jar, classes: manifest["Spring-Boot-Classes"] ?? inner + "classes/",
                libraries: [manifest["Spring-Boot-Lib"] ?? inner + "lib/", inner + "lib-provided/"])
        else { return false }
        try follow(main: start, of: name, classes, facts, isNested: false, staysInside: true)
        return true
    }

    /// Whether the user may read all archives; the first that it may not is told.
    private mutating func readsAll(_ classes: JavaClasses) throws -> Bool {
        report.files.formUnion(classes.files.map(\.path))
        guard process.user.identifier != 0 else { return true }
        for file in classes.files { guard try isPermitted(file, .read) else { return false } }
        return true
    }

    private mutating func startClass(_ name: String, _ command: JavaCommand, _ facts: JavaRuntime) throws {
        let path = command.classPath ?? "."
        var classes = JavaClasses(tree, release: facts.release)
        try classes.add(path: path, from: process.directory)
        if try !readsAll(classes) { return }
        try follow(main: name, of: path, classes, facts, isNested: false)
    }

    private mutating func follow(
        main: String, of place: String, _ classes: JavaClasses, _ facts: JavaRuntime, isNested: Bool,
        staysInside: Bool = false
    ) throws {
        var run = JavaRun(classes, facts, place: place)
        (run.libraries, run.directory, run.arguments) = (javaLibraries, process.directory, javaArguments)
        (run.environment, run.missingZones) = (process.environment, missingZones)
        let failure = try run.start(Self.slashed(main), isNested: isNested, staysInside: staysInside)
        if run.usesTLS { report.needs.speaksTLS = true }
        guard let kind = failure else { return }
        chain += run.chain
        defer { chain.removeLast(run.chain.count) }
        if case .oldJava = kind { return add(kind, BaseChoice(for: report.needs).remedy) }
        if case .missingModule(_, let module) = kind, module.hasPrefix("java.") || module.hasPrefix("jdk.") {
            return add(kind, BaseChoice(for: report.needs).remedy)
        }
        add(kind)
    }

    private mutating func startModule(_ name: String, _ main: String?, _ command: JavaCommand, _ facts: JavaRuntime)
        throws
    {
        if facts.hasModule(name) { return }
        guard let found = try findModule(name, command.modulePath) else {
            return add(.missingModule(script: "java", module: name))
        }
        guard let main = main ?? found.main else {
            return add(.noMain(path: found.path.description, name: "Main-Class"))
        }
        var classes = JavaClasses(tree, release: facts.release)
        try classes.add(file: found.path)
        // Modules see the others of the path.
        for entry in command.modulePath {
            guard let path = process.directory.resolving(entry), let node = try tree.lookUp(path), node.isDirectory
            else { continue }
            for child in try tree.children(of: node) { try classes.add(file: child.path) }
        }
        try follow(main: main, of: found.path.description, classes, facts, isNested: false)
    }

    /// A module on a module path, by what its archive or directory says of itself.
    private func findModule(_ name: String, _ path: [String]) throws -> (path: ImagePath, main: String?)? {
        for entry in path {
            guard let place = process.directory.resolving(entry), let node = try tree.lookUp(place) else { continue }
            let candidates = try [node] + (node.isDirectory ? tree.children(of: node) : [])
            for candidate in candidates {
                var classes = JavaClasses(tree, release: nil)
                try classes.add(file: candidate.path)
                if let bytes = try classes.find("module-info"), let file = ClassFile(bytes) {
                    if file.module == name { return (candidate.path, file.moduleMain) }
                } else if candidate.size != nil, let archive = try classes.archive(candidate) {
                    let manifest = try JavaClasses.manifest(of: archive)
                    let automatic = manifest["Automatic-Module-Name"] ?? Self.automaticName(candidate.path)
                    if automatic == name { return (candidate.path, manifest["Main-Class"]) }
                }
            }
        }
        return nil
    }

    /// `foo-bar-1.2.jar` is the module `foo.bar` (java.lang.module.ModuleFinder.of).
    private static func automaticName(_ path: ImagePath) -> String {
        var name = path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        if name.hasSuffix(".jar") { name.removeLast(4) }
        let characters = Array(name)
        for index in characters.indices.dropLast() where characters[index] == "-" && characters[index + 1].isNumber {
            name = String(characters[..<index])
            break
        }
        return name.split { !$0.isLetter && !$0.isNumber }.joined(separator: ".")
    }
}

/// What a runtime's `release` file says of it.
struct JavaRuntime {
    let release: Int?
    /// Nil where it does not say.
    private let modules: Set<String>?

    init(_ text: String) {
        func value(_ name: String) -> String? {
            text.split(separator: "\n").first { $0.hasPrefix(name + "=") }.map {
                $0.dropFirst(name.count + 1).filter { $0 != "\"" }
            }
        }
        // `17.0.11`, or `1.8.0_402`.
        let numbers = (value("JAVA_VERSION") ?? "").split { !$0.isNumber }.compactMap { Int($0) }
        release = numbers.first == 1 && numbers.count > 1 ? numbers[1] : numbers.first
        modules = value("MODULES").map { Set($0.split(separator: " ").map(String.init)) }
    }

    func hasModule(_ name: String) -> Bool {
        modules?.contains(name) ?? (name.hasPrefix("java.") || name.hasPrefix("jdk."))
    }
}
