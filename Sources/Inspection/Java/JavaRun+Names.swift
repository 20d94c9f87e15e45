internal import OCI

/// What Java code asks the platform for by texts that it has: classes, files, libraries, variables, providers of services.
extension JavaRun {
    typealias Frame = (method: ClassFile.Method, file: ClassFile, place: Int)
    typealias Member = (owner: String, name: String, descriptor: String)

    static let linkErrors: Set = [
        "java/lang/Throwable", "java/lang/Error", "java/lang/LinkageError", "java/lang/NoClassDefFoundError",
    ]
    private static let classErrors: Set = [
        "java/lang/Throwable", "java/lang/Exception", "java/lang/ReflectiveOperationException",
        "java/lang/ClassNotFoundException",
    ]
    private static let fileErrors: Set = [
        "java/lang/Throwable", "java/lang/Exception", "java/io/IOException", "java/io/FileNotFoundException",
        "java/nio/file/NoSuchFileException", "java/nio/file/FileSystemException",
    ]
    private static let libraryErrors = linkErrors.union(["java/lang/UnsatisfiedLinkError"])
    private static let textErrors: Set = [
        "java/lang/Throwable", "java/lang/Exception", "java/lang/RuntimeException",
        "java/util/MissingResourceException",
    ]
    private static let nullErrors: Set = [
        "java/lang/Throwable", "java/lang/Exception", "java/lang/RuntimeException", "java/lang/NullPointerException",
        "java/lang/IllegalArgumentException", "java/lang/NumberFormatException",
    ]
    private static let serviceErrors: Set = [
        "java/lang/Throwable", "java/lang/Error", "java/util/ServiceConfigurationError",
    ]
    /// What handlers make of what they took, when they throw it again in other words.
    private static let wrappers: Set = [
        "java/lang/Throwable", "java/lang/Exception", "java/lang/RuntimeException", "java/lang/IllegalStateException",
        "java/lang/IllegalArgumentException", "java/io/UncheckedIOException",
    ]

    // MARK: Handlers

    /// Whether the method in hand takes what is thrown where it is.
    func isTakenHere(_ types: Set<String>) -> Bool {
        guard let frame = frames.last else { return false }
        var types = types
        return isTaken(&types, frame, depth: 0)
    }

    /// Whether the method in hand, or one that led to it, takes what is thrown.
    private func isTaken(_ types: Set<String>) -> Bool {
        var types = types
        for frame in frames.reversed() {
            if isTaken(&types, frame, depth: 0) { return true }
            // What fails while a class is made ready becomes an error of another type.
            if frame.method.name == "<clinit>" {
                types = Self.linkErrors.subtracting(["java/lang/NoClassDefFoundError"]).union([
                    "java/lang/ExceptionInInitializerError"
                ])
            }
        }
        return false
    }

    /// A handler that throws again, or ends the program, takes nothing: what it throws may be of other types.
    private func isTaken(_ types: inout Set<String>, _ frame: Frame, depth: Int) -> Bool {
        let handler = frame.method.handlers.first { handler in
            handler.range.contains(frame.place) && (handler.type.map(types.contains) ?? true)
        }
        guard let handler else { return false }
        guard depth < 6 else { return true }
        let takesAll = handler.type == nil || handler.type == "java/lang/Throwable"
        let end = JavaCode.end(ofHandler: handler.start, in: frame.method.code, takesAll: takesAll) { index in
            frame.file.member(index).map { $0.owner == "java/lang/System" && $0.name == "exit" } ?? false
        }
        switch end {
        case .goesOn: return true
        case .exits:
            types = []
            return false
        case .throwsAgain(let place):
            if !takesAll { types.formUnion(Self.wrappers) }
            return isTaken(&types, (frame.method, frame.file, place), depth: depth + 1)
        }
    }

    /// Whether anything on the way may take what is thrown: a handler of the program's own types may.
    func isTakenBroadly(_ thrown: String) -> Bool {
        let known = Self.textErrors.union(Self.nullErrors).union(Self.wrappers).union([thrown])
        for frame in frames {
            let others = frame.method.handlers.contains { handler in
                handler.range.contains(frame.place)
                    && handler.type.map { !known.contains($0) && !isPlatform($0) } ?? false
            }
            if others { return true }
        }
        return isTaken(known)
    }

    // MARK: Calls

    /// What a call asks for that is not there, where nobody takes what comes of it.
    mutating func asks(_ member: Member, _ given: JavaCode.Given, in file: ClassFile) throws {
        let text = given.constant.flatMap { file.constant($0) }
        if text != nil, member.owner == "java/io/PrintStream", stream != "err" { hasSpoken = true }
        guard !hasSpoken else { return }
        noteMade(member)
        if member.owner == "java/util/ServiceLoader", member.name == "load", let index = given.constant,
            let service = file.className(index)
        {
            return try asksService(service, in: file)
        }
        if let zones = missingZones, Self.needsZones(member, text), !isTaken(Self.linkErrors) {
            throw Failure(kind: .damagedRuntime(program: "java", path: zones))
        }
        if Self.reads(member) {
            if case .path(let path)? = given.values.first { try needFile(path, Self.dotted(file.name)) }
            if case .text(let path)? = given.values.first, member.descriptor.hasPrefix("(Ljava/lang/String;)"),
                text == nil
            {
                try needFile(path, Self.dotted(file.name))
            }
        }
        if let source = given.source, let giver = file.member(source.call), let text = file.constant(source.constant) {
            try asks(member, whatGave: giver, text, in: file)
        }
        if let text { try named(text, by: member, in: file) }
    }

    private static func needsZones(_ member: Member, _ text: String?) -> Bool {
        switch (member.owner, member.name) {
        case ("java/time/ZoneId", "of"): text?.contains("/") ?? false
        case ("java/util/TimeZone", "getTimeZone"), ("java/util/Calendar", "getInstance"): true
        case ("java/util/GregorianCalendar", "<init>"), ("java/text/SimpleDateFormat", "<init>"): true
        default: false
        }
    }

    private static let fileMakers: Set = [
        "write", "writeString", "copy", "move", "newOutputStream", "newBufferedWriter", "createFile",
        "createDirectories",
        "createDirectory", "createTempFile", "createSymbolicLink", "createLink", "mkdir", "mkdirs", "createNewFile",
        "renameTo", "exec", "start",
    ]
    private static let makers: Set = [
        "java/io/FileWriter", "java/io/FileOutputStream", "java/io/RandomAccessFile", "java/io/PrintWriter",
    ]

    private mutating func noteMade(_ member: Member) {
        if Self.fileMakers.contains(member.name) && isPlatform(member.owner) { mayHaveMade = true }
        if Self.makers.contains(member.owner), member.name == "<init>" { mayHaveMade = true }
    }

    /// A call that may be made: what it makes may be there then.
    mutating func noteMaybe(_ member: Member?) {
        guard let member else { return }
        noteMade(member)
        if !isPlatform(member.owner) { mayHaveMade = true }
    }

    private static let readers: Set = [
        "readString", "readAllLines", "readAllBytes", "lines", "newBufferedReader", "newInputStream", "size", "list",
        "walk",
        "newDirectoryStream",
    ]
    private static let fileTypes: Set = [
        "java/io/FileInputStream", "java/io/FileReader", "java/util/Scanner", "java/util/zip/ZipFile",
        "java/util/jar/JarFile",
    ]

    private static func reads(_ member: Member) -> Bool {
        member.owner == "java/nio/file/Files" && readers.contains(member.name)
            || fileTypes.contains(member.owner) && member.owner != "java/util/Scanner" && member.name == "<init>"
            || member.owner == "java/util/Scanner" && member.name == "<init>"
                && !member.descriptor.hasPrefix("(Ljava/lang/String;)")
    }

    /// A call with what another call made of a text: a file by its path, a variable by its name.
    private func asks(_ member: Member, whatGave giver: Member, _ text: String, in file: ClassFile) throws {
        let needer = Self.dotted(file.name)
        switch (giver.owner, giver.name) {
        case ("java/nio/file/Path", "of"), ("java/nio/file/Paths", "get"), ("java/io/File", "<init>"):
            if Self.reads(member) { try needFile(text, needer) }
        case ("java/lang/System", "getenv"):
            let isText = member.owner == "java/lang/String" && member.descriptor.hasPrefix("()")
            let isNumber = ["parseInt", "parseLong", "parseDouble", "requireNonNull"].contains(member.name)
            guard isText || isNumber, environment[text] == nil, !isTaken(Self.nullErrors) else { return }
            throw Failure(kind: .missingVariable(script: needer, name: text))
        default: return
        }
    }

    private func needFile(_ text: String, _ needer: String) throws {
        guard !mayHaveMade, !text.isEmpty, !isTaken(Self.fileErrors),
            !["/dev/", "/proc/", "/sys/", "/run/", "/tmp"].contains(where: text.hasPrefix),
            let path = directory.resolving(text), try classes.tree.lookUp(path) == nil
        else { return }
        throw Failure(kind: .missingInput(program: needer, path: text))
    }

    /// What is looked for by a name that the code has as a text: a class, a library, a file, texts of a program.
    private mutating func named(_ text: String, by member: Member, in file: ClassFile) throws {
        let needer = Self.dotted(file.name)
        switch (member.owner, member.name) {
        case ("java/lang/Class", "forName") where member.descriptor.hasPrefix("(Ljava/lang/String;)"),
            ("java/lang/ClassLoader", "loadClass"):
            let name = text.replacing(".", with: "/")
            guard !text.hasPrefix("["), !isPlatform(name), !isOpen, !isTaken(Self.classErrors),
                try load(name, for: needer) == nil
            else { return }
            throw Failure(kind: .missingModule(script: needer, module: text))
        case ("java/lang/Class", "getResourceAsStream"), ("java/lang/ClassLoader", "getResourceAsStream"),
            ("java/lang/Class", "getResource"), ("java/lang/ClassLoader", "getResource"):
            try asksResource(text, by: member, in: file)
        case ("java/io/FileReader", "<init>"), ("java/io/FileInputStream", "<init>"):
            guard member.descriptor == "(Ljava/lang/String;)V" else { return }
            try needFile(text, needer)
        case ("java/lang/System", "loadLibrary"):
            guard !isTaken(Self.libraryErrors) else { return }
            for folder in libraries {
                guard let path = folder.resolving("lib\(text).so"), let node = try classes.tree.lookUp(path) else {
                    continue
                }
                return try links(node)
            }
            throw Failure(kind: .missingLibraries(path: needer, libraries: ["lib\(text).so"], loader: nil))
        case ("java/lang/System", "load"):
            guard !isTaken(Self.libraryErrors), let path = ImagePath(text), try classes.tree.lookUp(path) == nil
            else { return }
            throw Failure(kind: .missingLibraries(path: needer, libraries: [text], loader: nil))
        case ("java/util/ResourceBundle", "getBundle") where member.descriptor.hasPrefix("(Ljava/lang/String;)"):
            let name = text.replacing(".", with: "/")
            guard !isOpen, !isPlatform(name), !isTaken(Self.textErrors), try load(name, for: needer) == nil else {
                return
            }
            for suffix in ["", "_en", "_en_US"] where try classes.hasFile("\(name)\(suffix).properties") { return }
            throw Failure(kind: .missingModule(script: needer, module: name + ".properties"))
        default: return
        }
    }

    /// What a library needs, besides what the runtime has loaded.
    private func links(_ node: ImageTree.Node) throws {
        guard let elf = try classes.tree.elf(node) else { return }
        let further = (environment["LD_LIBRARY_PATH"] ?? "").split(separator: ":").map(String.init)
        let closure = try ElfClosure(of: node.path, elf, in: classes.tree, environment: further)
        let missing = try closure.missingLibraries.filter { name in
            try !libraries.prefix(2).contains { try $0.resolving(name).flatMap { try classes.tree.lookUp($0) } != nil }
        }
        guard !missing.isEmpty else { return }
        throw Failure(kind: .missingLibraries(path: node.path.description, libraries: missing, loader: nil))
    }

    /// A resource that is used at once, and of which nobody asks whether it is there.
    private func asksResource(_ text: String, by member: Member, in file: ClassFile) throws {
        guard let frame = frames.last, !isOpen, !text.isEmpty, !JavaCode.comparesWithNull(frame.method.code) else {
            return
        }
        if member.name == "getResource" {
            let next = JavaCode(frame.method.code).uses.first { item in
                if case .call = item.use { item.place > frame.place } else { false }
            }
            guard case .call(let index, _)? = next?.use, let user = file.member(index),
                user.owner == "java/net/URL" || user.name == "requireNonNull"
            else { return }
        }
        let folder = file.name.split(separator: "/").dropLast().joined(separator: "/")
        let path =
            member.owner == "java/lang/ClassLoader"
            ? text : text.hasPrefix("/") ? String(text.dropFirst()) : folder.isEmpty ? text : folder + "/" + text
        guard !isTaken(Self.nullErrors), try !classes.hasFile(path) else { return }
        throw Failure(kind: .missingInput(program: Self.dotted(file.name), path: text))
    }

    // MARK: Services

    /// The providers of a service: what the class path names for it must be there when somebody goes through them.
    private mutating func asksService(_ service: String, in file: ClassFile) throws {
        guard let frame = frames.last, !isOpen else { return }
        var (calls, places): ([Member], [Int]) = ([], [])
        for item in JavaCode(frame.method.code).uses where item.place > frame.place {
            guard case .call(let index, _) = item.use, let member = file.member(index) else { continue }
            calls.append(member)
            places.append(item.place)
        }
        let goers: Set = ["iterator", "findFirst", "stream", "forEach"]
        guard let first = calls.firstIndex(where: { $0.owner == "java/util/ServiceLoader" && goers.contains($0.name) })
        else { return }
        // It fails where somebody goes through them.
        frames[frames.count - 1].place = places[first]
        if isTaken(Self.serviceErrors) { return }
        let list = "META-INF/services/" + Self.dotted(service)
        let lists = try classes.contents(of: list)
        for bytes in lists {
            for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
                let name = String(line.prefix { $0 != "#" }.filter { !$0.isWhitespace })
                guard !name.isEmpty else { continue }
                let path = name.replacing(".", with: "/")
                guard !isPlatform(path), try load(path, for: list) == nil else { continue }
                throw Failure(kind: .missingModule(script: list, module: name))
            }
        }
        // The first of none is asked for at once.
        let isDemanded =
            calls[first].name == "findFirst" && first + 1 < calls.count
            && calls[first + 1].owner == "java/util/Optional"
            && ["get", "orElseThrow"].contains(calls[first + 1].name) && calls[first + 1].descriptor.hasPrefix("()")
        guard lists.isEmpty, isDemanded, !isPlatform(service) || service.hasPrefix("java/lang/"),
            !isTaken(Self.nullErrors.union(["java/util/NoSuchElementException"]))
        else { return }
        throw Failure(kind: .missingInput(program: Self.dotted(file.name), path: list))
    }
}
