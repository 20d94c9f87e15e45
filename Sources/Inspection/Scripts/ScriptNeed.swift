/// What a script of Perl or Ruby loads whenever it starts: the statements that stand outside of functions, conditions
/// and everything that might catch a failure.
enum ScriptNeed: Hashable, Sendable {
    /// A module by its name.
    case module(String)
    /// A file, from the directory of the script on.
    case file(String)
    /// A directory in which modules are looked for first, from the directory of the script on.
    case directory(String)
    /// The compiled part of a Perl module, by the module's name; nil for the one that asks for it.
    case library(String?)
    /// Files by a pattern in the last part of their path, from the directory of the script on.
    case files(String)
    /// A file that is read when the program starts.
    case input(String)
    /// The same, from the directory of the script on.
    case data(String)
    /// A file that a variable names, or another where nothing is said.
    case chosenInput(variable: String, otherwise: String)
    /// A module that a variable names, or another where nothing is said; the variable may be none.
    case chosenModule(variable: String?, otherwise: String)
    /// A variable without which the program ends.
    case variable(String)
    /// A program that must be on PATH.
    case program(String)
    /// The program that its arguments name takes its place.
    case operands
    /// The script ends so.
    case ends(status: Int)
    /// Without an argument it ends.
    case argument
    /// A release of a module, at least.
    case version(String, of: String)
    /// A release of the language, at least.
    case language(String)
    /// Names that a module is to export.
    case exported([String], by: String)
    /// A gem that must be installed, or all that a Gemfile names.
    case gem(String?)
    /// Modules may be where nobody but the program looks.
    case computed
    /// A module that the program makes itself.
    case made(String)

    /// - Parameter isMain: whether it is the script that is started.
    static func scan(_ language: Language, _ bytes: [UInt8], isMain: Bool = false, limit: Int = 4096) -> [ScriptNeed] {
        var result: [ScriptNeed] = []
        var skipped: String?
        var blocks = RubyBlocks()
        var functions = ScriptFunctions(language)
        let lines = ScriptTexts.code(bytes, language)
        result += Self.ownModules(bytes, language)
        // What is called may be defined further down.
        var defined = ScriptFunctions(language)
        if language == .perl { for line in lines { _ = defined.take(line) } }
        var tried = TriedText()
        var mayEnd = false
        var scalars: [String: ScriptNeed] = [:]
        if language == .perl, bytes.contains(text: "XSLoader::load"), bytes.contains(text: "->bootstrap(") {
            // Whichever of both loads it, it is the same library.
            result.append(.library(nil))
        }
        for line in lines {
            guard result.count < limit else { break }
            let text = line
            if language == .perl, tried.takes(text) { continue }
            if let end = skipped {
                if text.hasPrefix(end) { skipped = nil }
                continue
            }
            if text.hasPrefix("=begin")
                || (language == .perl && text.hasPrefix("=") && text.dropFirst().first?.isLetter ?? false)
            {
                skipped = language == .perl ? "=cut" : "=end"
            } else if text.hasPrefix("__END__") || text.hasPrefix("__DATA__") {
                break
            } else {
                if functions.take(text) { continue }
                for line in defined.bodies(calledBy: isMain ? Self.withoutCaller(text) : text) {
                    result += perlLine(line)
                }
                switch language {
                case .perl:
                    if let need = chosenPerl(text, &scalars) { result.append(need) }
                    result += perlLine(text)
                    if isMain, !mayEnd, let end = perlEnd(text) { result.append(end) }
                    // A condition may have ended it before.
                    mayEnd = mayEnd || ["exit", "exec", "HelpMessage", "usage"].contains { text.contains($0) }
                case .ruby: blocks.take(text)
                case .lua, .php, .python, .node, .java, .shell: return []
                }
            }
        }
        // Variables may come from elsewhere.
        let marks = language == .ruby ? ["otenv", "ENV.update", "ENV.merge", "ENV[k", "ENV[n"] : ["$ENV{$", "otenv"]
        let isOpen = marks.contains { bytes.contains(text: $0) }
        if isOpen { result.removeAll { if case .variable = $0 { true } else { false } } }
        guard language == .ruby else { return result.filter { !mayHaveMade($0, bytes) } }
        return result
            + blocks.finish().filter { need in
                if mayHaveMade(need, bytes) { return false }
                return switch need {
                case .variable: !isOpen
                // What libraries do so is behind conditions that lines do not tell.
                case .ends, .program: isMain
                default: true
                }
            }
    }

    /// A place in a line.
    struct Cursor {
        var rest: Substring

        init(_ text: String) { rest = text[...] }

        mutating func skipSpace() { rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\r" } }

        mutating func take(_ word: String) -> Bool {
            guard rest.hasPrefix(word) else { return false }
            let behind = rest.dropFirst(word.count)
            if let next = behind.first, word.last?.isLetter ?? false, next.isLetter || next.isNumber || next == "_" {
                return false
            }
            rest = behind
            skipSpace()
            return true
        }

        mutating func name() -> String {
            let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" }
            rest = rest.dropFirst(name.count)
            skipSpace()
            return String(name)
        }

        /// A text in quotes, without anything that is put in when it is needed.
        mutating func quoted() -> String? {
            guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
            let text = rest.dropFirst().prefix { $0 != quote }
            guard rest.dropFirst(text.count + 1).first == quote else { return nil }
            rest = rest.dropFirst(text.count + 2)
            skipSpace()
            return String(text)
        }

        /// Whether the statement ends here.
        var isAtEnd: Bool {
            rest.isEmpty || rest.first == ";" || rest.first == "#" || rest.hasPrefix("--") || rest.hasPrefix("//")
        }
    }

    // MARK: Perl

    /// Statements of one line.
    private static func perlLine(_ text: String, depth: Int = 0) -> [ScriptNeed] {
        let isIndented = text.first?.isWhitespace ?? true
        if !isIndented, text.contains("die") {
            if text.contains("open"), let need = perlOpen(text) { return [need] }
            if let need = perlDemand(text) { return [need] }
        }
        if let need = perlPart(text, isIndented: isIndented) { return [need] }
        if let need = perlSearchPath(text) { return [need] }
        if !isIndented, depth < 8, text.hasPrefix("BEGIN {"), !text.contains("eval"),
            let end = text.lastIndex(of: "}")
        {
            return perlLine(String(text.dropFirst(7)[..<end].drop { $0 == " " }), depth: depth + 1)
        }
        let trimmed = text.drop { $0 == " " || $0 == "\t" }
        guard trimmed.hasPrefix("use "), trimmed.filter({ $0 == ";" }).count > 1 else {
            var cursor = Cursor(text)
            return perl(&cursor, isIndented: isIndented)
        }
        return trimmed.split(separator: ";").flatMap { part -> [ScriptNeed] in
            var cursor = Cursor(part + ";")
            return perl(&cursor, isIndented: isIndented || !part.drop { $0 == " " }.hasPrefix("use "))
        }
    }

    /// What a statement with `die` demands: a variable, a directory, a file that is executed, a module that is tried.
    private static func perlDemand(_ text: String) -> ScriptNeed? {
        if let place = text.range(of: "$ENV{") {
            let name = text[place.upperBound...].filter { $0 != "'" && $0 != "\"" }.prefix { $0 != "}" }
            let isAsked =
                text.contains("// die") || text.contains("|| die") || text.contains("or die")
                || (text.hasPrefix("die") && text.contains(" unless ") && !text.contains("&&") && !text.contains("||"))
            return isAsked && !name.isEmpty ? .variable(String(name)) : nil
        }
        if text.hasPrefix("eval {"), text.contains("} or die") || text.contains("} || die"),
            let place = text.range(of: "require ")
        {
            let name = text[place.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" }
            return name.first?.isUppercase ?? false ? .module(String(name)) : nil
        }
        guard text.contains(" or die") else { return nil }
        for word in ["chdir", "do", "opendir"] where text.hasPrefix(word) || text.contains("= \(word) ") {
            let parts = text.split(omittingEmptySubsequences: false) { $0 == "'" || $0 == "\"" }
            guard parts.count > 2, !parts[1].contains("$"), word != "opendir" || parts[1].hasPrefix("/") else {
                continue
            }
            return .input(String(parts[1]))
        }
        return nil
    }

    /// `open(my $f, '<', 'PATH') or die …`.
    private static func perlOpen(_ text: String) -> ScriptNeed? {
        // `||` belongs to the last argument where no brackets are.
        if text.contains("|| die"), !text.hasPrefix("open(") { return nil }
        guard text.hasPrefix("open"), let start = text.range(of: "<"), let end = text.range(of: "die"),
            start.upperBound <= end.lowerBound
        else {
            return nil
        }
        let parts = text[start.upperBound..<end.lowerBound].split { $0 == "'" || $0 == "\"" }
        guard let path = parts.first(where: { $0.hasPrefix("/") }), !path.contains("$") else { return nil }
        return .input(String(path))
    }

    /// `use` counts wherever it stands (perlfunc), `require` where nothing is around it.
    private static func perl(_ cursor: inout Cursor, isIndented: Bool) -> [ScriptNeed] {
        cursor.skipSpace()
        if cursor.take("use") || cursor.take("no") {
            if let wanted = perlRelease(cursor.rest) { return [.language(wanted)] }
            let name = cursor.name()
            if name == "lib" { return perlPaths(cursor) }
            guard cursor.rest.contains(";"), let first = name.first, first.isLetter else { return [] }
            if name == "parent" || name == "base", !cursor.rest.contains("-norequire") {
                return cursor.rest.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != ":" }.map(String.init)
                    .filter { $0.first?.isUppercase ?? false }.map { .module($0) }
            }
            // Words of a text look like pragmas; those that are missing are not told.
            guard first.isUppercase || name.contains("::") else { return [] }
            return [.module(name)] + perlImports(name, cursor.rest)
        }
        if !isIndented, cursor.take("XSLoader::load") || cursor.take("bootstrap") {
            if cursor.take("(") {}
            let name = cursor.quoted() ?? cursor.name()
            return [.library(name.first?.isUppercase ?? false ? name : nil)]
        }
        guard !isIndented, cursor.take("require") else { return [] }
        if let file = cursor.quoted() { return cursor.isAtEnd && !file.contains("$") ? [.file(file)] : [] }
        let name = cursor.name()
        return cursor.isAtEnd && (name.first?.isUppercase ?? false) ? [.module(name)] : []
    }

    /// `dirname(__FILE__) . '/lib'` and `catdir($FindBin::Bin, '..', 'lib')`: the texts, from the file's directory on.
    private static func perlBeside(_ text: Substring) -> String? {
        let text = text.prefix { $0 != ";" }
        let own = ["dirname(__FILE__)", "dirname(abs_path(__FILE__))", "dirname(realpath(__FILE__))", "$FindBin::Bin"]
        guard own.contains(where: { text.contains($0) }), text.count(where: { $0 == "$" }) < 2,
            !text.contains("\"") || !text.contains("$")
        else { return nil }
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "'" || $0 == "\"" }
        guard parts.count % 2 == 1 else { return nil }
        return parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }.joined(separator: "/")
    }

    private static func perlPaths(_ cursor: Cursor) -> [ScriptNeed] {
        var cursor = cursor
        if let path = cursor.quoted() {
            if ["$FindBin::Bin", "$FindBin::RealBin", "$Bin", "$RealBin"].contains(where: path.hasPrefix) {
                return [.directory("./" + path.drop { $0 != "/" }.drop { $0 == "/" })]
            }
            return path.contains("$") ? [.computed] : [.directory(path)]
        }
        if cursor.take("qw") {
            let marks: Set<Character> =
                cursor.rest.first == "/" ? ["/", ";", " "] : ["(", ")", "{", "}", "[", "]", "<", ">", "|", ";", " "]
            return cursor.rest.split { marks.contains($0) }.map { .directory(String($0)) }
        }
        return [perlBeside(cursor.rest).map { .directory("./" + $0) } ?? .computed]
    }
}
