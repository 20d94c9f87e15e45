internal import OCI

extension ClosureCheck {
    /// The Java release that the main class of a command line is made for; nil if that cannot be found.
    func javaRelease(of arguments: [String]) throws -> Int? {
        guard let (place, main) = javaStart(arguments) else { return nil }
        let base = ImagePath(config.container.workingDirectory) ?? .root
        for entry in place.split(separator: ":") {
            guard let path = base.resolving(String(entry)), let node = try tree.lookUp(path) else { continue }
            if node.isDirectory, let main {
                guard let file = node.path.resolving(main.replacing(".", with: "/") + ".class"),
                    let classFile = try tree.lookUp(file), classFile.size != nil
                else { continue }
                return Self.release(try tree.read(classFile, at: 0, count: 8))
            }
            guard let size = node.size, let jar = try ZipReader(size: size, { try tree.read(node, at: $0, count: $1) }) else { continue }
            guard let name = try main ?? mainClass(of: jar) else { continue }
            if let bytes = try jar.contents(of: name.replacing(".", with: "/") + ".class") { return Self.release(bytes) }
        }
        return nil
    }

    /// The class path, and the main class unless a jar's manifest names it.
    private func javaStart(_ arguments: [String]) -> (place: String, main: String?)? {
        var rest = arguments.dropFirst()
        var classPath = config.container.environmentValue("CLASSPATH") ?? "."
        while let argument = rest.popFirst() {
            switch argument {
            case "-jar": return rest.first.map { ($0, nil) }
            case "-cp", "-classpath", "--class-path": classPath = rest.popFirst() ?? "."
            case "-m", "--module", "-p", "--module-path", "--add-modules", "--add-opens", "--add-exports":
                if argument == "-m" || argument == "--module" { return nil }
                _ = rest.popFirst()
            default: if !argument.hasPrefix("-") { return (classPath, argument) }
            }
        }
        return nil
    }

    private func mainClass(of jar: ZipReader) throws -> String? {
        guard let manifest = try jar.contents(of: "META-INF/MANIFEST.MF") else { return nil }
        let lines = String(decoding: manifest, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.first { $0.hasPrefix("Main-Class:") }.map { String($0.dropFirst(11).filter { !$0.isWhitespace }) }
    }

    /// The release of a class file's format (JVM specification, 4.1): 52 is Java 8.
    private static func release(_ bytes: [UInt8]) -> Int? {
        guard bytes.starts(with: [0xCA, 0xFE, 0xBA, 0xBE]), let major: UInt16 = bytes.span.number(6, isBigEndian: true),
            major >= 45
        else { return nil }
        return Int(major) - 44
    }

    /// Compares the classes with the runtime, and looks for its certificates.
    mutating func checkJava(_ arguments: [String], program: ImageTree.Node) throws {
        let home = program.path.parent.parent
        let start = javaStart(arguments)
        let path = start?.place ?? program.path.description
        if let start, start.main == nil, let jar = (ImagePath(config.container.workingDirectory) ?? .root).resolving(start.place),
            try tree.lookUp(jar) == nil
        {
            add(.missingFile(program: "java", path: start.place))
        }
        if let text = try home.resolving("release").flatMap({ try tree.lookUp($0) }).map({ try tree.read($0, limit: 64 << 10) }),
            let has = Self.release(ofRuntime: String(decoding: text, as: UTF8.self)), let needed = try javaRelease(of: arguments),
            needed > has
        {
            add(.oldJava(path: path, needed: needed, has: has), BaseChoice(for: report.needs).remedy)
        }
        guard let store = home.resolving("lib/security/cacerts") else { return }
        if let node = try tree.lookUp(store), node.size ?? 0 > 0 {
            report.files.insert(node.path)
        } else {
            add(.noCertificates(path: path), BaseChoice(for: report.needs).remedy)
        }
    }

    /// `JAVA_VERSION="17.0.11"`, or `"1.8.0_402"`.
    private static func release(ofRuntime text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("JAVA_VERSION=") }
        guard let numbers = line?.dropFirst(13).filter({ $0 != "\"" }).split(whereSeparator: { !$0.isNumber }), let first = numbers.first
        else { return nil }
        return Int(first) == 1 && numbers.count > 1 ? Int(numbers[1]) : Int(first)
    }
}
