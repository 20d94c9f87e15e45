internal import OCI

/// What a statement of Perl needs besides modules that it names.
extension ScriptNeed {
    /// `__PACKAGE__->run unless caller;` is executed where the file is the program.
    static func withoutCaller(_ text: String) -> String {
        guard let place = text.range(of: " unless caller") else { return text }
        return String(text[..<place.lowerBound]) + (text.hasPrefix("__PACKAGE__->") && !text.contains("(") ? "()" : "")
    }

    private static func quoted(_ text: String, behind mark: String) -> String? {
        guard let place = text.range(of: mark) else { return nil }
        var cursor = Cursor(String(text[place.upperBound...].drop { $0 == " " || $0 == "(" }))
        return cursor.quoted().flatMap { $0.contains("$") ? nil : $0 }
    }

    /// Parts of frameworks that are loaded by shorter names, and programs.
    static func perlPart(_ text: String, isIndented: Bool) -> ScriptNeed? {
        let trimmed = text.drop { $0 == " " || $0 == "\t" }
        guard !trimmed.hasPrefix("#"), !text.contains("eval") else { return nil }
        // Plack::Builder: an application's middleware.
        if text.hasPrefix("my $app = builder { enable ") || (trimmed.hasPrefix("enable ") && isIndented) {
            if let name = quoted(text, behind: "enable "), name.first?.isLetter ?? false {
                return .module("Plack::Middleware::" + name)
            }
        }
        guard !isIndented else { return nil }
        for word in ["with ", "extends "] where text.hasPrefix(word) {
            if let name = quoted(text, behind: word), name.first?.isUppercase ?? false { return .module(name) }
        }
        if let source = quoted(text, behind: "DBI->connect("), source.hasPrefix("dbi:") || source.hasPrefix("DBI:"),
            !text.contains("try")
        {
            let driver = source.dropFirst(4).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            return driver.isEmpty ? nil : .module("DBD::" + driver)
        }
        if text.hasPrefix("exec @ARGV") || text.hasPrefix("exec {$ARGV[0]} @ARGV"), !text.contains(" if ") {
            return .operands
        }
        if text.hasPrefix("exec "), text.contains(" or die") || text.hasSuffix(";"), !text.contains(" if "),
            let program = quoted(text, behind: "exec ")
        {
            return .program(program.split(separator: " ").first.map(String.init) ?? program)
        }
        if text.hasPrefix("system"), text.contains("== 0 or die"), let program = quoted(text, behind: "system") {
            return .program(program.split(separator: " ").first.map(String.init) ?? program)
        }
        return nil
    }

    /// `unshift(@INC, 'DIRECTORY');`.
    static func perlSearchPath(_ text: String) -> ScriptNeed? {
        let trimmed = text.drop { $0 == " " || $0 == "\t" }
        guard trimmed.hasPrefix("unshift") || trimmed.hasPrefix("push"), trimmed.contains("@INC") else { return nil }
        return quoted(text, behind: "@INC, ").map { .directory($0) } ?? .computed
    }

    /// `my $m = $ENV{NAME} || 'Module';`, and `eval "require $m; 1" or die` behind it.
    static func chosenPerl(_ text: String, _ scalars: inout [String: ScriptNeed]) -> ScriptNeed? {
        if text.hasPrefix("my $"), let equals = text.firstRange(of: " = ") {
            let name = String(text[..<equals.lowerBound].dropFirst(4))
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
            scalars[name] = nil
            var rest = text[equals.upperBound...]
            var variable: String?
            if rest.hasPrefix("$ENV{"), let end = rest.firstIndex(of: "}") {
                variable = rest[..<end].dropFirst(5).filter { $0 != "'" && $0 != "\"" }
                rest = rest[rest.index(after: end)...]
                guard rest.hasPrefix(" || ") || rest.hasPrefix(" // ") else { return nil }
                rest = rest.dropFirst(4)
            }
            var cursor = Cursor(String(rest))
            guard let value = cursor.quoted(), cursor.rest.hasPrefix(";"), value.first?.isUppercase ?? false,
                value.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" })
            else { return nil }
            scalars[name] = .chosenModule(variable: variable, otherwise: value)
            return nil
        }
        if text.hasPrefix("$"), text.contains("=") {
            scalars[String(text.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" })] = nil
        }
        guard text.hasPrefix("eval \"require $"), text.contains("or die") || text.contains("|| die") else { return nil }
        let name = text.dropFirst(15).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return scalars[String(name)]
    }

    /// The lines of a text that is compiled by `eval q{` and may fail.
    struct TriedText {
        private var depth = 0

        mutating func takes(_ line: String) -> Bool {
            var rest = line[...]
            if depth == 0 {
                guard let start = line.range(of: "eval q{") ?? line.range(of: "eval qq{") else { return false }
                rest = line[start.upperBound...]
                depth = 1
            }
            for character in rest where depth > 0 {
                if character == "{" { depth += 1 } else if character == "}" { depth -= 1 }
            }
            return true
        }
    }

    /// What ends the program in an outermost statement.
    static func perlEnd(_ text: String) -> ScriptNeed? {
        let code = text.prefix { $0 != "#" }
        if code.hasPrefix("exit "), code.contains(";"), let status = Int(code.dropFirst(5).prefix { $0.isNumber }),
            status != 0, code.drop(while: { $0 != ";" }).dropFirst().allSatisfy(\.isWhitespace),
            !code.contains(" if "), !code.contains(" unless ")
        {
            return .ends(status: status & 0xFF)
        }
        for word in ["@ARGV or die", "@ARGV || die", "die unless @ARGV"] where code.hasPrefix(word) { return .argument }
        if code.hasPrefix("die "), code.contains(" unless @ARGV;") { return .argument }
        return nil
    }

    /// `use v5.40;` and `use 5.010;`: the second number of the release.
    static func perlRelease(_ rest: Substring) -> String? {
        let text = rest.prefix { $0.isNumber || $0 == "." || $0 == "v" }
        guard rest.dropFirst(text.count).drop(while: { $0 == " " }).first == ";" else { return nil }
        if text.hasPrefix("v5.") { return String(text.dropFirst(3).prefix { $0.isNumber }) }
        guard text.hasPrefix("5."), text.count >= 5 else { return nil }
        return Int(text.dropFirst(2).prefix(3)).map(String.init)
    }

    /// `use Name 1.2 qw(a b);`: the release and the names that are asked for.
    static func perlImports(_ module: String, _ rest: Substring) -> [ScriptNeed] {
        var rest = rest.prefix { $0 != ";" }
        var result: [ScriptNeed] = []
        let version = rest.prefix { $0.isNumber || $0 == "." || $0 == "v" || $0 == "_" }
        if let first = version.first, first.isNumber {
            result.append(.version(String(version), of: module))
            rest = rest.dropFirst(version.count).drop { $0 == " " }
        }
        guard rest.hasPrefix("qw") else { return result }
        let marks: Set<Character> = ["(", ")", "{", "}", "[", "]", "/", "<", ">", " ", "\t", "\n"]
        let names = rest.dropFirst(2).split { marks.contains($0) }.map { String($0.drop { $0 == "&" }) }
        // Tags, patterns and options are the module's own affair.
        if !names.isEmpty, names.allSatisfy({ $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }) {
            result.append(.exported(names, by: module))
        }
        return result
    }
}

extension ClosureCheck {
    /// What of a need the image does not have.
    func lack(_ need: ScriptNeed, _ script: String, _ hasArguments: Bool, _ places: ScriptPlaces) throws
        -> Finding.Kind?
    {
        switch need {
        case .program(let name):
            if case .missing = try find(name) { return .missingProgram(subject: script, program: name) }
        case .ends(let status): return .failedScript(script: script, status: status)
        case .argument: return hasArguments ? nil : .failedScript(script: script, status: 255)
        case .language(let wanted):
            // Its library tells its release.
            guard let number = Int(wanted), try tree.lookUp("/usr/local/bin/perl") == nil,
                let root = try tree.lookUp("/usr/share/perl"), root.isDirectory
            else {
                return nil
            }
            let releases = try tree.children(of: root).compactMap { child -> Int? in
                let parts = String(decoding: child.path.name ?? [], as: UTF8.self).split(separator: ".")
                return parts.count > 1 && parts[0] == "5" ? Int(parts[1]) : nil
            }
            guard let newest = releases.max(), newest < number else { return nil }
            return .missingName(script: script, module: "Perl 5.\(newest)", name: "v5.\(wanted)")
        case .version(let wanted, let module):
            guard let text = try text(of: module, places), let has = Self.version(in: text),
                let number = Double(wanted), let own = Double(has), own < number
            else { return nil }
            return .missingName(script: script, module: module, name: wanted)
        case .exported(let names, let module):
            guard let text = try text(of: module, places), text.contains(text: "@EXPORT"),
                !["AUTOLOAD", "sub import", "EXPORT_TAGS{", "Sub::Exporter", "Exporter::Tiny", "POSIX"].contains(
                    where: {
                        text.contains(text: $0)
                    })
            else { return nil }
            for name in names where ScriptNames.count(name, in: text) == 0 {
                return .missingName(script: script, module: module, name: name)
            }
        default: break
        }
        return nil
    }

    private func text(of module: String, _ places: ScriptPlaces) throws -> [UInt8]? {
        guard case .file(let node) = try places.find(module: module) else { return nil }
        return try tree.read(node, limit: 1 << 20)
    }

    /// `our $VERSION = '1.62';`
    private static func version(in text: [UInt8]) -> String? {
        for line in String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard line.contains("$VERSION"), let equals = line.firstIndex(of: "=") else { continue }
            let rest = line[line.index(after: equals)...].drop { $0 == " " || $0 == "'" || $0 == "\"" }
            let number = rest.prefix { $0.isNumber || $0 == "." }
            return number.filter { $0 == "." }.count == 1 ? String(number) : nil
        }
        return nil
    }
}
