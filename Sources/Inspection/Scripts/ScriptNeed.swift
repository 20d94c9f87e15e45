/// What a script of Perl, Ruby, PHP or Lua loads whenever it starts: the statements that stand outside of functions, conditions
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
    /// A variable without which the program ends.
    case variable(String)
    /// A function of PHP's that an extension has.
    case function(String)
    /// A gem that must be installed, or all that a Gemfile names.
    case gem(String?)
    /// Modules may be where nobody but the program looks.
    case computed

    static func scan(_ language: Language, _ bytes: [UInt8], limit: Int = 4096) -> [ScriptNeed] {
        var result: [ScriptNeed] = []
        var skipped: String?
        var blocks = RubyBlocks()
        var values: [String: String] = [:]
        var functions = ScriptFunctions(language)
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: true) {
            guard result.count < limit else { break }
            let text = String(decoding: line, as: UTF8.self)
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
                var cursor = Cursor(text)
                if functions.take(text) { continue }
                for line in functions.body(calledBy: text) {
                    var inner = Cursor(line)
                    result += language == .perl ? perlLine(line) : lua(&inner, line)
                }
                switch language {
                case .perl: result += perlLine(text)
                case .ruby: blocks.take(text)
                case .lua: result += lua(&cursor, text)
                case .php: result += php(&cursor, text, &values)
                case .python, .node, .java, .shell: return []
                }
            }
        }
        return language == .ruby ? blocks.finish() : result
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
    private static func perlLine(_ text: String) -> [ScriptNeed] {
        let isIndented = text.first?.isWhitespace ?? true
        if !isIndented, text.contains("die") {
            if text.contains("open"), let need = perlOpen(text) { return [need] }
            if let need = perlDemand(text) { return [need] }
        }
        if !isIndented, text.hasPrefix("BEGIN {"), !text.contains("eval"), let end = text.lastIndex(of: "}") {
            return perlLine(String(text.dropFirst(7)[..<end].drop { $0 == " " }))
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
        guard text.hasPrefix("open"), let start = text.range(of: "<"), let end = text.range(of: "die") else {
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
            let name = cursor.name()
            if name == "lib" { return perlPaths(cursor) }
            guard cursor.rest.contains(";"), let first = name.first, first.isLetter else { return [] }
            if name == "parent" || name == "base", !cursor.rest.contains("-norequire") {
                return cursor.rest.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != ":" }.map(String.init)
                    .filter { $0.first?.isUppercase ?? false }.map { .module($0) }
            }
            // Words of a text look like pragmas; those that are missing are not told.
            return first.isUppercase || name.contains("::") ? [.module(name)] : []
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
        return [.computed]
    }

    // MARK: Lua

    private static func lua(_ cursor: inout Cursor, _ text: String) -> [ScriptNeed] {
        if text.hasPrefix("package.path"), let open = text.firstIndex(where: { $0 == "'" || $0 == "\"" }) {
            var path = Cursor(String(text[open...]))
            let places = (path.quoted() ?? "").split(separator: ";").compactMap { part in
                part.firstIndex(of: "?").map { ScriptNeed.directory(Self.plain(part[..<$0])) }
            }
            if !places.isEmpty,
                path.isAtEnd || path.rest.hasPrefix(".. package.path") || path.rest.hasPrefix("..package.path")
            {
                return places
            }
        }
        if !(text.first?.isWhitespace ?? true), let need = luaDemand(text) { return [need] }
        if text.contains("package.path") || text.contains("package.cpath") || text.contains("package.preload")
            || text.contains("package.searchers")
        {
            return [.computed]
        }
        if text.contains("assert(io.open("), !(text.first?.isWhitespace ?? true) {
            let parts = text.split { $0 == "'" || $0 == "\"" }
            return parts.first { $0.hasPrefix("/") }.map { [.input(String($0))] } ?? []
        }
        if cursor.take("local") {
            _ = cursor.name()
            guard cursor.take("=") else { return [] }
        }
        let isFile = cursor.take("dofile")
        guard isFile || cursor.take("require") else { return [] }
        if cursor.take("(") {}
        guard let name = cursor.quoted() else { return [] }
        return [isFile ? .file(name) : .module(name)]
    }

    /// A directory from WORKDIR on, and not from the script's.
    private static func plain(_ text: Substring) -> String {
        let rest = text.hasPrefix("./") ? text.dropFirst(2) : text
        return rest.isEmpty ? "." : String(rest)
    }

    /// A file that is read, and a variable, without which a program ends.
    private static func luaDemand(_ text: String) -> ScriptNeed? {
        func quoted(behind mark: String) -> String? {
            guard let place = text.range(of: mark) else { return nil }
            var cursor = Cursor(String(text[place.upperBound...]))
            return cursor.quoted()
        }
        if let path = quoted(behind: "assert(loadfile(") ?? quoted(behind: "in io.lines(") { return .input(path) }
        if text.contains("or error("), let name = quoted(behind: "os.getenv(") { return .variable(name) }
        return nil
    }

    // MARK: PHP

    /// `require` ends a program where the file is not there; `include` does not.
    ///
    /// - Parameter values: what constants and variables stand for, as far as they are paths.
    private static func php(_ cursor: inout Cursor, _ text: String, _ values: inout [String: String]) -> [ScriptNeed] {
        if cursor.take("<?php") {}
        if cursor.take("return") {}
        if !(text.first?.isWhitespace ?? true) {
            note(cursor, &values)
            if let name = extensionFunction(text) { return [.function(name)] }
        }
        if cursor.rest.hasPrefix("$"), let equals = cursor.rest.firstIndex(of: "="), text.contains("require") {
            cursor.rest = cursor.rest[cursor.rest.index(after: equals)...]
            cursor.skipSpace()
        }
        if cursor.rest.hasPrefix("set_include_path") || cursor.rest.hasPrefix("ini_set")
            || cursor.rest.hasPrefix("chdir")
        {
            return [.computed]
        }
        guard !(text.first?.isWhitespace ?? true), cursor.take("require_once") || cursor.take("require") else {
            return []
        }
        if cursor.take("(") {}
        var path = ""
        while true {
            if cursor.take("__DIR__") {
                path += "."
            } else if cursor.take("dirname(__FILE__)") {
                path += "."
            } else if cursor.take("dirname(__DIR__)") || cursor.take("dirname(dirname(__FILE__))") {
                path += "./.."
            } else if let part = cursor.quoted(), !part.contains("$") {
                path += part
            } else if let name = value(&cursor), let part = values[name] {
                path += part
            } else {
                return []
            }
            guard cursor.take(".") else { break }
        }
        return [.file(path)]
    }

    private static let extensions = [
        "mb_", "curl_", "simplexml_", "mysqli_", "pg_", "gmp_", "imagecreate", "ldap_", "imap_", "xml_", "bcadd",
        "zip_",
    ]

    /// A function that is called in a statement of its own, whose beginning tells that an extension has it.
    private static func extensionFunction(_ text: String) -> String? {
        guard
            !["function_exists", "if ", "if(", "function ", "//", "#", "'", "\""].contains(where: {
                $0 == "'" || $0 == "\"" ? false : text.contains($0)
            })
        else { return nil }
        for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "(" }) {
            guard let open = word.firstIndex(of: "("), let begin = extensions.first(where: { word.hasPrefix($0) })
            else { continue }
            let name = word[..<open]
            if name.count > begin.count || begin == "imagecreate" || begin == "bcadd" { return String(name) }
        }
        return nil
    }

    /// `$name = PATH;` and `define('NAME', PATH);` of what is put together of texts and `__DIR__`.
    private static func note(_ cursor: Cursor, _ values: inout [String: String]) {
        var cursor = cursor
        let name: String
        if cursor.take("define(") {
            guard let text = cursor.quoted(), cursor.take(",") else { return }
            name = text
        } else if cursor.rest.hasPrefix("$"), let found = value(&cursor), cursor.take("=") {
            name = found
        } else {
            return
        }
        var path = ""
        while true {
            if cursor.take("__DIR__") || cursor.take("dirname(__FILE__)") {
                path += "."
            } else if cursor.take("dirname(__DIR__)") {
                path += "./.."
            } else if let part = cursor.quoted(), !part.contains("$") {
                path += part
            } else {
                values[name] = nil
                return
            }
            guard cursor.take(".") else { break }
        }
        values[name] = cursor.rest.hasPrefix(";") || cursor.rest.hasPrefix(")") ? path : nil
    }

    /// A variable or a constant.
    private static func value(_ cursor: inout Cursor) -> String? {
        let isVariable = cursor.rest.hasPrefix("$")
        let name = cursor.rest.dropFirst(isVariable ? 1 : 0).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard !name.isEmpty, isVariable || name.allSatisfy({ $0.isUppercase || $0 == "_" || $0.isNumber }) else {
            return nil
        }
        cursor.rest = cursor.rest.dropFirst(name.count + (isVariable ? 1 : 0))
        cursor.skipSpace()
        return (isVariable ? "$" : "") + name
    }
}
