internal import OCI

/// Names that a script uses and nobody has: neither the files that it loads nor the interpreter.
///
/// A name counts as defined wherever it stands in a file that is loaded, whatever it means there; what is told is missing is nowhere.
struct ScriptNames {
    /// What a script calls, or builds on, in its outermost statements.
    struct Use: Hashable {
        let name: String
        /// The class whose method it is.
        var owner: String?
        /// Whether it is called by an object: what its class does not say it has not.
        var isOfObject = false
    }

    /// Functions of Perl's own (perlfunc).
    private static let perl = Set(
        """
        abs accept alarm atan2 bind binmode bless break caller chdir chmod chomp chop chown chr chroot close closedir connect cos
        crypt dbmclose dbmopen defined delete die do dump each endgrent endhostent endnetent endprotoent endpwent endservent eof
        eval evalbytes exec exists exit exp fc fcntl fileno flock for foreach fork format formline getc getgrent getgrgid getgrnam
        gethostbyaddr gethostbyname gethostent getlogin getpeername getpgrp getppid getpriority getpwent getpwnam getpwuid
        getservbyname getsockname getsockopt glob gmtime goto grep hex if import index int ioctl join keys kill last lc lcfirst
        length link listen local localtime lock log lstat map mkdir my next no oct open opendir ord our pack package pipe pop pos
        print printf prototype push q qq qr quotemeta qw qx rand read readdir readline readlink readpipe recv redo ref rename
        require reset return reverse rewinddir rindex rmdir say scalar seek seekdir select send setpgrp setpriority setsockopt
        shift shutdown sin sleep socket socketpair sort splice split sprintf sqrt srand stat state study sub substr symlink syscall
        sysopen sysread sysseek system syswrite tell telldir tie tied time times truncate tr uc ucfirst umask undef unless unlink
        unpack unshift untie until use utime values vec wait waitpid wantarray warn while write y m s x and or not xor lt gt le ge
        eq ne cmp elsif else given when default try catch finally defer isa
        """.split { $0 == " " || $0 == "\n" }.map(String.init))

    /// What may define names that stand nowhere.
    private static let open = [
        "AUTOLOAD", "eval", "method_missing", "const_missing", "do '", "do \"", "do $", "require $", "Dir[", "Dir.",
        "autoload",
        "Zeitwerk", "Bundler", "const_set", "define_method", "#{", "require f",
    ]

    /// Methods that all objects of Ruby have.
    private static let common: Set = [
        "send", "tap", "then", "freeze", "dup", "clone", "inspect", "to_s", "is_a", "respond_to", "method", "methods",
        "public_send", "extend", "display", "itself", "hash", "class", "object_id", "singleton_class", "frozen", "nil",
        "instance_variables", "kind_of", "eql", "equal", "enum_for", "to_enum", "yield_self", "instance_of",
        "instance_variable_get", "instance_variable_set", "instance_eval", "instance_exec", "public_method",
        "singleton_method",
    ]

    let language: Language

    /// What a script's outermost statements use, as far as lines tell.
    func uses(in text: String) -> [Use] {
        guard !Self.open.contains(where: text.contains) else { return [] }
        var result: [Use] = []
        var objects: [Substring: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            if language == .perl, let use = Self.perlObject(line, &objects) { result.append(use) }
            if line.hasPrefix("__END__") || line.hasPrefix("__DATA__") || line.hasPrefix("=") || line.contains("<<") {
                break
            }
            if let use = language == .perl ? Self.perlUse(line) : Self.rubyUse(line) { result.append(use) }
        }
        return result
    }

    private static func word(_ text: Substring, _ extra: String = "") -> Substring {
        text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || extra.contains($0)) }
    }

    /// `name(…);` and `Name::Of->name(…);`.
    private static func perlUse(_ line: Substring) -> Use? {
        guard line.hasSuffix(";"), !line.contains(" if "), !line.contains(" unless "), !line.contains("&&") else {
            return nil
        }
        let name = word(line, ":")
        let rest = line[name.endIndex...]
        if rest.hasPrefix("("), name.first?.isLowercase ?? false, !name.contains(":"), !perl.contains(String(name)) {
            return Use(name: String(name))
        }
        guard rest.hasPrefix("->"), name.first?.isUppercase ?? false else { return nil }
        let method = word(rest.dropFirst(2))
        let own: Set = ["new", "import", "unimport", "can", "isa", "DOES", "VERSION"]
        guard !method.isEmpty, !own.contains(String(method)), rest.dropFirst(2 + method.count).hasPrefix("(") else {
            return nil
        }
        return Use(name: String(method), owner: String(name))
    }

    /// `my $x = Name->new(…);`, and `$x->method(…);` behind it.
    private static func perlObject(_ line: Substring, _ objects: inout [Substring: String]) -> Use? {
        if line.hasPrefix("my $"), let equals = line.firstRange(of: " = ") {
            let name = line[..<equals.lowerBound].dropFirst(4)
            let type = word(line[equals.upperBound...], ":")
            let rest = line[type.endIndex...]
            objects[name] = type.first?.isUppercase ?? false && rest.hasPrefix("->new") ? String(type) : nil
            return nil
        }
        guard line.hasPrefix("$"), line.hasSuffix(";"),
            ![" if ", " unless ", "&&", "||", "eval"].contains(where: line.contains)
        else { return nil }
        let name = word(line.dropFirst())
        guard let type = objects[name], line[name.endIndex...].hasPrefix("->") else { return nil }
        let method = word(line[name.endIndex...].dropFirst(2))
        let rest = line[method.endIndex...]
        let own: Set = ["new", "import", "can", "isa", "DOES", "VERSION"]
        guard !method.isEmpty, !own.contains(String(method)), rest.hasPrefix("(") || rest == ";" else { return nil }
        return Use(name: String(method), owner: type, isOfObject: true)
    }

    /// `Name.new`, `Name::Other.run`, `class A < Name` and `name(…)`.
    private static func rubyUse(_ line: Substring) -> Use? {
        guard ![" if ", " unless ", " rescue ", "&&", "||", "defined?"].contains(where: line.contains) else {
            return nil
        }
        let text = line.drop { $0 == " " || $0 == "\t" }
        for mixer in ["include ", "extend ", "prepend "] where text.hasPrefix(mixer) {
            let name = word(text.dropFirst(mixer.count))
            let rest = text[name.endIndex...]
            return name.first?.isUppercase ?? false && (rest.isEmpty || rest.hasPrefix("::"))
                ? Use(name: String(name)) : nil
        }
        if line.hasPrefix("class "), let mark = line.firstRange(of: " < ") {
            let parent = word(line[mark.upperBound...])
            let rest = line[parent.endIndex...]
            return parent.first?.isUppercase ?? false && (rest.isEmpty || rest.hasPrefix(" #"))
                ? Use(name: String(parent)) : nil
        }
        let name = word(line)
        let rest = line[name.endIndex...]
        if name.first?.isUppercase ?? false, rest.hasPrefix("::") {
            let inner = word(rest.dropFirst(2))
            let behind = line[inner.endIndex...]
            if inner.first?.isUppercase ?? false, behind.isEmpty || behind.hasPrefix(".") {
                return Use(name: String(inner), owner: String(name), isOfObject: true)
            }
        }
        if name.first?.isUppercase ?? false, rest.hasPrefix(".new.") {
            let method = word(rest.dropFirst(5))
            if !method.isEmpty, !common.contains(String(method)) {
                return Use(name: String(method), owner: String(name), isOfObject: true)
            }
        }
        if name.first?.isUppercase ?? false, rest.hasPrefix(".") || rest.hasPrefix("::") {
            return Use(name: String(name))
        }
        let words: Set = [
            "if", "unless", "while", "until", "case", "puts", "print", "p", "require", "raise", "defined", "yield",
            "super", "not", "begin", "return",
        ]
        guard name.first?.isLowercase ?? false, rest.hasPrefix("("), !words.contains(String(name)) else { return nil }
        return Use(name: String(name))
    }

    /// How often a name stands in a text as a word of its own.
    static func count(_ name: String, in bytes: [UInt8]) -> Int {
        let wanted = Array(name.utf8)
        guard let first = wanted.first, bytes.count >= wanted.count else { return 0 }
        func isPart(_ byte: UInt8) -> Bool {
            byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        var (result, place) = (0, 0)
        while let found = bytes[place...].firstIndex(of: first), found + wanted.count <= bytes.count {
            place = found + 1
            guard bytes[found...].starts(with: wanted), found == 0 || !isPart(bytes[found - 1]) else { continue }
            let end = found + wanted.count
            if end == bytes.count || !isPart(bytes[end]) { result += 1 }
        }
        return result
    }
}

extension ClosureCheck {
    private static let nameLimit = 20
    /// What Ruby loads by itself.
    private static let usual: Set = [
        "Gem", "Etc", "Monitor", "MonitorMixin", "RbConfig", "DidYouMean", "ErrorHighlight", "SyntaxSuggest", "Set",
        "SortedSet",
        "Bundler", "TOPLEVEL_BINDING", "RUBY_VERSION", "DATA", "ARGF",
    ]
    private static let programLimit = 16 << 20

    /// Tells of the first name in the outermost statements of a script that is nowhere.
    mutating func checkNames(
        _ node: ImageTree.Node, _ language: Language, _ run: ScriptQueue, _ interpreter: ImageTree.Node
    )
        throws
    {
        guard language == .perl || language == .ruby, !run.isComputed, run.seen.count < 500 else { return }
        let names = ScriptNames(language: language)
        let source = try tree.read(node, limit: 1 << 20)
        let text = String(decoding: source, as: UTF8.self)
        let uses = names.uses(in: text)
        guard !uses.isEmpty, uses.count <= Self.nameLimit else { return }
        var loaded: [[UInt8]] = []
        for path in run.seen where path != node.path {
            guard let file = try tree.lookUp(path) else { continue }
            let bytes = try tree.read(file, limit: 1 << 20)
            // The program's own files may load others.
            let isOwn = !path.description.hasPrefix("/usr/")
            if isOwn, ["Dir[", "Dir.", "autoload", "Zeitwerk", "eval"].contains(where: { bytes.contains(text: $0) }) {
                return
            }
            loaded.append(bytes)
        }
        var programs: [[UInt8]]?
        for use in uses {
            guard ScriptNames.count(use.name, in: source) == 1, !Self.usual.contains(use.name) else { continue }
            if loaded.contains(where: { ScriptNames.count(use.name, in: $0) > 0 }) { continue }
            if language == .perl, let owner = use.owner,
                !loaded.contains(where: { $0.contains(text: "package " + owner) })
            {
                continue
            }
            if use.isOfObject {
                guard try isClosed(use.owner ?? "", language, run) else { continue }
                return add(
                    .missingName(script: node.path.description, module: use.owner ?? "\(language)", name: use.name))
            }
            let binaries = try programs ?? self.programs(interpreter)
            programs = binaries
            if binaries.isEmpty || binaries.contains(where: { $0.contains(text: use.name) }) { continue }
            return add(.missingName(script: node.path.description, module: use.owner ?? "\(language)", name: use.name))
        }
    }

    /// The same of a class or module of Ruby that stands in the program's own files.
    private func isClosedInRuby(_ type: String, _ run: ScriptQueue) throws -> Bool {
        let open = [
            "include ", "extend ", "prepend ", "method_missing", "const_missing", "define_method", "Struct", "_eval",
            "Class.new", "Module.new", "delegat", "autoload", "const_set", "refine", "Data.define", "attr",
        ]
        var isFound = false
        for path in run.seen where !path.description.hasPrefix("/usr/") && !path.description.hasPrefix("/var/") {
            guard let file = try tree.lookUp(path), file.size ?? .max < 1 << 20 else { continue }
            let bytes = try tree.read(file, limit: 1 << 20)
            if open.contains(where: { bytes.contains(text: $0) }) { return false }
            let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
            if lines.contains(where: { $0.hasPrefix("class \(type) <") }) { return false }
            isFound = isFound || lines.contains { $0 == "class \(type)" || $0 == "module \(type)" }
        }
        return isFound
    }

    /// Whether a class of Perl says itself all that it has: it stands below no other, and makes no methods.
    private func isClosed(_ type: String, _ language: Language, _ run: ScriptQueue) throws -> Bool {
        if language == .ruby { return try isClosedInRuby(type, run) }
        let open = [
            "ISA", "parent", "base", "extends", "AUTOLOAD", "Moo", "Class::", "Exporter", "XSLoader", "bootstrap", "*{",
            "Role", "with ", "fields", "eval", "Object::", "accessor", "Mojo", "Dancer",
        ]
        for path in run.seen {
            guard let file = try tree.lookUp(path), file.size ?? .max < 1 << 20 else { continue }
            let bytes = try tree.read(file, limit: 1 << 20)
            guard bytes.contains(text: "package \(type);") else { continue }
            return !open.contains { bytes.contains(text: $0) }
        }
        return false
    }

    /// The interpreter and its own library, where they are what they are called.
    private func programs(_ interpreter: ImageTree.Node) throws -> [[UInt8]] {
        guard let elf = try tree.elf(interpreter) else { return [] }
        let closure = try ElfClosure(of: interpreter.path, elf, in: tree, environment: process.paths("LD_LIBRARY_PATH"))
        var result: [[UInt8]] = []
        for path in closure.files where !String(decoding: path.name ?? [], as: UTF8.self).hasPrefix("libc.") {
            if let node = try tree.lookUp(path) { result.append(try tree.read(node, limit: Self.programLimit)) }
        }
        return result.contains { $0.contains(text: "BEGIN\0") } ? result : []
    }
}
