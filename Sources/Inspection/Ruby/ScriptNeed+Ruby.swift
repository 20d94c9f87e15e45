/// What a statement of Ruby needs.
extension ScriptNeed {
    /// A statement that is executed, without what is in front of it.
    static func ruby(_ text: String) -> [ScriptNeed] {
        var cursor = Cursor(text)
        if let need = rubyDemand(text) ?? rubyProgram(text) { return [need] }
        if text.hasPrefix("$LOAD_PATH") || text.hasPrefix("$:") { return rubyPath(text) }
        // What is indented stands in a method, a condition, or in what catches.
        guard text.first == "r" || text.first == "l" || text.hasPrefix("gem") else { return [] }
        if cursor.take("gem"), let name = cursor.quoted() { return [.gem(name)] }
        let isRelative = cursor.take("require_relative")
        guard isRelative || cursor.take("require") || cursor.take("load") else { return [] }
        if cursor.take("(") {}
        if cursor.rest.hasPrefix("File.") { return rubyFile(cursor.rest) }
        guard var name = cursor.quoted() else { return [] }
        if name.hasPrefix("#{__dir__}/") { name = "./" + name.dropFirst(11) + (name.hasSuffix(".rb") ? "" : ".rb") }
        guard !name.contains("#{") else { return [] }
        if cursor.take(")") {}
        guard cursor.isAtEnd else { return [] }
        if text.hasPrefix("load") { return [.file(name)] }
        if name == "bundler/setup" || name == "bundler/inline" {
            return name == "bundler/setup" ? [.gem(nil), .computed, .module(name)] : [.computed, .module(name)]
        }
        return [
            isRelative
                ? .file(name.hasSuffix(".rb") ? name : name + ".rb")
                : name.hasPrefix("./") || name.hasPrefix("/") ? .file(name) : .module(name)
        ]
    }

    /// `require File.join(__dir__, 'a', 'b')` and `require File.expand_path('../a', __dir__)`.
    private static func rubyFile(_ text: Substring) -> [ScriptNeed] {
        let parts = text.split { $0 == "'" || $0 == "\"" }.map(String.init)
        let texts = text.split(omittingEmptySubsequences: false) { $0 == "'" || $0 == "\"" }.enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        // Seen from the file itself, one step is the file.
        let isOfFile = text.contains("expand_path") && text.contains("__FILE__") && !text.contains("dirname")
        guard parts.count > 1, !texts.isEmpty, !texts.contains(where: { $0.contains("#{") }),
            text.contains("__dir__") || text.contains("dirname(__FILE__)") || isOfFile,
            !text.contains(" if "), !text.contains(" unless "), !text.contains("rescue")
        else { return [] }
        let path = (isOfFile ? "./x/" : "./") + texts.joined(separator: "/")
        if path.contains("*") { return [.files(path)] }
        return [.file(path.hasSuffix(".rb") ? path : path + ".rb")]
    }

    /// A variable that is fetched, a file that is read, a gem whose program is started, and files by a pattern.
    private static func rubyDemand(_ text: String) -> ScriptNeed? {
        func quoted(behind mark: String) -> (text: String, rest: Substring)? {
            guard let place = text.range(of: mark) else { return nil }
            var cursor = Cursor(String(text[place.upperBound...]))
            return cursor.quoted().map { ($0, cursor.rest) }
        }
        // What catches that a value is missing stands in the same line.
        if ["rescue", "exist?", "key?", "file?"].contains(where: text.contains) { return nil }
        if let (name, rest) = quoted(behind: "ENV.fetch("), rest.hasPrefix(")"),
            !rest.dropFirst().drop(while: { $0 == " " }).hasPrefix("{")
        {
            return .variable(name)
        }
        for mark in ["File.read(", "YAML.load_file(", "File.readlines(", "File.foreach(", "Dir.chdir("] {
            if let (path, rest) = quoted(behind: mark), !path.contains("#{"), !text.contains(" rescue "),
                mark != "Dir.chdir(" || rest.hasPrefix(")")
            {
                return .input(path)
            }
            if let (variable, rest) = quoted(behind: mark + "ENV.fetch("), !text.contains(" rescue "),
                rest.hasPrefix(",")
            {
                var cursor = Cursor(String(rest.dropFirst().drop { $0 == " " }))
                if let path = cursor.quoted(), cursor.rest.hasPrefix(")"), !path.contains("#{"), path.hasPrefix("/") {
                    return .chosenInput(variable: variable, otherwise: path)
                }
            }
            for folder in ["File.join(__dir__, ", "File.expand_path("] {
                guard let (path, rest) = quoted(behind: mark + folder), !path.contains("#{"), !text.contains(" rescue ")
                else { continue }
                if folder.hasPrefix("File.join"), let whole = joined(path, rest) { return .data(whole) }
                if rest.hasPrefix(", __dir__)") || rest.hasPrefix(",__dir__)") { return .data(path) }
            }
        }
        if let (name, rest) = quoted(behind: "ENV[") {
            let ends = ["abort", "raise", "exit", "fail"]
            let after = rest.drop { $0 == "]" || $0 == " " }
            for word in ["or ", "|| "] where after.hasPrefix(word) {
                if ends.contains(where: after.dropFirst(word.count).hasPrefix) { return .variable(name) }
            }
        }
        if let (name, _) = quoted(behind: "Gem.activate_bin_path(") ?? quoted(behind: "Gem.bin_path(") {
            return .gem(name)
        }
        if text.hasPrefix("Bundler.require") { return .gem(nil) }
        if text.hasPrefix("Dir"), text.contains("require"), text.contains("__dir__"), text.contains("*") {
            let end = text.firstIndex(of: "{") ?? text.endIndex
            if case .files(let path)? = rubyFile(text[..<end]).first { return .files(path) }
        }
        return nil
    }

    /// The parts of `File.join(__dir__, 'a', 'b')` behind the first.
    private static func joined(_ first: String, _ rest: Substring) -> String? {
        var (path, cursor) = (first, Cursor(String(rest)))
        while cursor.take(",") {
            guard let part = cursor.quoted(), !part.contains("#{") else { return nil }
            path += "/" + part
        }
        return cursor.rest.hasPrefix(")") ? path : nil
    }

    /// A program without which a statement fails.
    private static func rubyProgram(_ text: String) -> ScriptNeed? {
        guard !text.contains("rescue"), !text.contains("#{") else { return nil }
        var cursor = Cursor(text)
        if cursor.take("exec") {
            _ = cursor.take("(")
            guard let line = cursor.quoted(), let name = line.split(separator: " ").first else { return nil }
            return ["|", "&", ";", "$", ">", "="].contains(where: line.contains) ? nil : .program(String(name))
        }
        if text.hasPrefix("system("),
            text.contains(") || exit(1)") || text.contains(") or abort")
                || text.contains(") || abort") || text.contains("exception: true")
        {
            _ = cursor.take("system")
            _ = cursor.take("(")
            return cursor.quoted().flatMap { $0.split(separator: " ").first }.map { .program(String($0)) }
        }
        guard text.hasPrefix("`") || text.contains("= `"), let start = text.firstIndex(of: "`") else { return nil }
        let name = text[text.index(after: start)...].prefix { $0.isLetter || $0.isNumber || "-_./".contains($0) }
        return name.isEmpty || text.contains("2>") || text.contains("|") ? nil : .program(String(name))
    }

    /// `$LOAD_PATH.unshift File.expand_path('../lib', __dir__)` and the like.
    static func rubyPath(_ text: String) -> [ScriptNeed] {
        let code = text.firstRange(of: " unless ").map { String(text[..<$0.lowerBound]) } ?? text
        let parts = code.split(omittingEmptySubsequences: false) { $0 == "'" || $0 == "\"" }
        let texts = parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        guard code.hasPrefix("$"), !code.contains(" if "), !texts.isEmpty, parts.count % 2 == 1,
            !code.contains("#{"), code == text || text.contains("include?")
        else { return [.computed] }
        guard texts.count == 1 || code.ranges(of: "File.join(").count == 1 else { return [.computed] }
        let path = texts.joined(separator: "/")
        // Seen from the file itself, one step is the file.
        if code.contains("__FILE__"), !code.contains("dirname") { return [.directory("./x/" + path)] }
        return [.directory(path.hasPrefix("/") ? path : "./" + path.drop { $0 == "/" })]
    }
}
