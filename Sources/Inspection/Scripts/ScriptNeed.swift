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
    /// Modules may be where nobody but the program looks.
    case computed

    static func scan(_ language: Language, _ bytes: [UInt8], limit: Int = 4096) -> [ScriptNeed] {
        var result: [ScriptNeed] = []
        var skipped: String?
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
                switch language {
                case .perl: result += perl(&cursor, isIndented: text.first?.isWhitespace ?? true)
                case .ruby: result += ruby(&cursor, text)
                case .lua: result += lua(&cursor, text)
                case .php: result += php(&cursor, text)
                case .python, .node, .java, .shell: return []
                }
            }
        }
        return result
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
            if path.hasPrefix("$FindBin::Bin") || path.hasPrefix("$FindBin::RealBin") {
                return [.directory("./" + path.drop { $0 != "/" }.drop { $0 == "/" })]
            }
            return path.contains("$") ? [.computed] : [.directory(path)]
        }
        if cursor.take("qw") {
            return cursor.rest.split { "(){}[]/; ".contains($0) }.map { .directory(String($0)) }
        }
        return [.computed]
    }

    // MARK: Ruby

    private static func ruby(_ cursor: inout Cursor, _ text: String) -> [ScriptNeed] {
        if text.hasPrefix("$LOAD_PATH") || text.hasPrefix("$:") { return rubyPath(text) }
        // What is indented stands in a method, a condition, or in what catches.
        guard text.first == "r" || text.first == "l" else { return [] }
        let isRelative = cursor.take("require_relative")
        guard isRelative || cursor.take("require") || cursor.take("load") else { return [] }
        if cursor.take("(") {}
        guard let name = cursor.quoted(), !name.contains("#{") else { return [] }
        if cursor.take(")") {}
        guard cursor.isAtEnd else { return [] }
        if text.hasPrefix("load") { return [.file(name)] }
        if name == "bundler/setup" || name == "bundler/inline" { return [.computed, .module(name)] }
        return [
            isRelative
                ? .file(name.hasSuffix(".rb") ? name : name + ".rb")
                : name.hasPrefix("./") || name.hasPrefix("/") ? .file(name) : .module(name)
        ]
    }

    /// `$LOAD_PATH.unshift File.expand_path('../lib', __dir__)` and the like.
    private static func rubyPath(_ text: String) -> [ScriptNeed] {
        guard let start = text.firstIndex(where: { $0 == "'" || $0 == "\"" }) else { return [.computed] }
        var cursor = Cursor(String(text[start...]))
        guard let path = cursor.quoted(), !path.contains("#{") else { return [.computed] }
        // Seen from the file itself, one step is the file.
        if text.contains("__FILE__"), !text.contains("dirname") { return [.directory("./x/" + path)] }
        return [.directory(path.hasPrefix("/") ? path : "./" + path)]
    }

    // MARK: Lua

    private static func lua(_ cursor: inout Cursor, _ text: String) -> [ScriptNeed] {
        if text.contains("package.path") || text.contains("package.cpath") || text.contains("package.preload")
            || text.contains("package.searchers")
        {
            return [.computed]
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

    // MARK: PHP

    /// `require` ends a program where the file is not there; `include` does not.
    private static func php(_ cursor: inout Cursor, _ text: String) -> [ScriptNeed] {
        if cursor.take("<?php") {}
        if cursor.take("return") {}
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
            } else {
                return []
            }
            guard cursor.take(".") else { break }
        }
        return [.file(path)]
    }
}
