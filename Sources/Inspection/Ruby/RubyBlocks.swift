/// The statements of a Ruby script that are executed whenever it starts: those outside of methods, conditions and what catches.
struct RubyBlocks {
    private enum Kind {
        /// A class or module, and the condition that the file is the program.
        case open
        /// `begin`: what is in it counts unless something catches that a file is missing.
        case attempt
        /// A method: what is in it counts where somebody calls it.
        case method
        /// Conditions, loops and blocks.
        case closed
    }

    private var blocks: [(kind: Kind, needs: [ScriptNeed], name: String)] = [(.open, [], "")]
    private var methods: [String: [ScriptNeed]] = [:]
    /// Methods that are called, and from which method.
    private var calls: [(name: String, from: String?)] = []
    /// What an attempt that is being rescued needs.
    private var rescued: [ScriptNeed] = []
    /// The name and the words of a loop over a list of words.
    private var listed: (name: String, words: [String])?
    private static let openers: Set = ["def", "if", "unless", "while", "until", "case", "for"]
    private static let depthLimit = 200

    /// One line of the script.
    mutating func take(_ line: String) {
        let text = Self.trimmed(line)
        guard !text.isEmpty, !text.hasPrefix("#") else { return }
        let word = String(text.prefix { $0.isLetter || $0 == "_" })
        switch word {
        case "end":
            guard blocks.count > 1 else { return }
            let block = blocks.removeLast()
            rescued = []
            if block.kind == .method {
                methods[block.name, default: []] += block.needs
            } else if block.kind != .closed {
                blocks[blocks.count - 1].needs += block.needs
            }
            return
        case "rescue":
            let isStandard =
                !["LoadError", "Exception", "ScriptError"].contains { text.contains($0) }
            if blocks.count > 1, [.attempt, .method].contains(blocks[blocks.count - 1].kind) {
                let needs = blocks[blocks.count - 1].needs
                // Modules that are missing are no StandardError.
                let kept = isStandard ? needs.filter(Self.isLoaded) : []
                if !isStandard { rescued = needs }
                blocks[blocks.count - 1].needs = kept
            }
            // What is done then is not followed.
            if blocks.count > 1 {
                let kept = blocks[blocks.count - 1].needs
                if blocks[blocks.count - 1].kind == .attempt {
                    blocks[blocks.count - 1] = (.closed, [], "")
                    blocks[blocks.count - 2].needs += blocks[blocks.count - 2].kind == .closed ? [] : kept
                }
            }
            return
        case "else", "elsif", "when", "in", "ensure": return
        default: break
        }
        if Self.changesPath(text), blocks.contains(where: { $0.kind == .closed || $0.kind == .method }) {
            // Whether that is done is not known.
            blocks[0].needs.append(.computed)
        }
        let isWhole = text.hasSuffix(" end") || text.hasSuffix(";end")
        if let (name, words) = Self.words(text) { listed = (name, words) }
        if let listed, let variables = Self.demands(text, of: listed.name, listed.words),
            blocks.filter({ $0.kind == .closed }).count == 1
        {
            blocks[0].needs += variables
            self.listed = nil
        }
        if let kind = Self.kind(of: text, word), !isWhole {
            let name = kind == .method ? Self.methodName(text) : ""
            if blocks.count < Self.depthLimit { blocks.append((kind, [], name)) }
            return
        }
        if blocks.count > 1, !rescued.isEmpty, ["abort", "raise", "fail", "exit"].contains(word), text != "exit",
            text != "exit 0"
        {
            // What was caught ends the program all the same.
            blocks[blocks.count - 2].needs += rescued
            rescued = []
        }
        guard !blocks.contains(where: { $0.kind == .closed }) else { return }
        if let name = Self.demandedVariable(text) {
            blocks[blocks.count - 1].needs.append(.variable(name))
            return
        }
        if Self.changesPath(text), !blocks.contains(where: { $0.kind == .method }) {
            blocks[blocks.count - 1].needs += ScriptNeed.rubyPath(text)
            return
        }
        guard !text.contains(" if "), !text.contains(" unless ") else { return }
        if let end = Self.end(text, word), !blocks.contains(where: { $0.kind == .attempt || $0.kind == .method }) {
            blocks[blocks.count - 1].needs.append(end)
            return
        }
        calls.append((Self.called(text), blocks.last { $0.kind == .method }?.name))
        if text.hasPrefix("%w"), let open = text.firstIndex(where: { "[({".contains($0) }), text.contains("require "),
            !text.contains("rescue"), let end = text.firstIndex(where: { "])}".contains($0) }), open < end
        {
            let names = text[text.index(after: open)..<end].split(separator: " ")
            blocks[blocks.count - 1].needs += names.map { .module(String($0)) }
            return
        }
        blocks[blocks.count - 1].needs += ScriptNeed.ruby(text)
    }

    /// Whether a need is one of a module, a file or a gem that is loaded.
    private static func isLoaded(_ need: ScriptNeed) -> Bool {
        switch need {
        case .module, .file, .files, .library, .gem, .computed, .directory, .chosenModule: true
        default: false
        }
    }

    /// Whether a statement changes where files are looked for.
    private static func changesPath(_ text: String) -> Bool {
        let names = ["$LOAD_PATH", "$:"]
        guard names.contains(where: text.contains) else { return false }
        if names.contains(where: text.hasPrefix) { return true }
        return [".unshift", ".push", ".prepend", ".insert", ".concat", " <<"].contains { change in
            names.contains { text.contains($0 + change) }
        }
    }

    /// `%w[A B].each do |name|`.
    private static func words(_ text: String) -> (name: String, words: [String])? {
        guard text.hasPrefix("%w["), text.hasSuffix("|"), let end = text.firstIndex(of: "]"),
            let start = text.firstRange(of: ".each do |")
        else { return nil }
        let words = text[..<end].dropFirst(3).split(separator: " ").map(String.init)
        return (String(text[start.upperBound...].dropLast()), words)
    }

    /// `abort '…' unless ENV.key?(name)` in such a loop.
    private static func demands(_ text: String, of name: String, _ words: [String]) -> [ScriptNeed]? {
        guard ["raise", "abort", "fail"].contains(where: text.hasPrefix) else { return nil }
        let ends = ["ENV[\(name)]", "ENV.key?(\(name))", "ENV.has_key?(\(name))", "ENV.include?(\(name))"]
        return ends.contains { text.hasSuffix(" unless " + $0) } ? words.map { .variable($0) } : nil
    }

    /// `raise 'x' unless ENV['NAME']` and its like.
    private static func demandedVariable(_ text: String) -> String? {
        guard ["raise", "abort", "fail"].contains(where: text.hasPrefix), let place = text.range(of: " unless ENV")
        else { return nil }
        let rest = text[place.upperBound...]
        guard
            rest.hasPrefix("[") || rest.hasPrefix(".key?(") || rest.hasPrefix(".has_key?(")
                || rest.hasPrefix(".include?("),
            !rest.contains("&&"), !rest.contains("||")
        else { return nil }
        let parts = rest.split(omittingEmptySubsequences: false) { $0 == "'" || $0 == "\"" }
        return parts.count > 2 ? String(parts[1]) : nil
    }

    /// `exit 3`, `abort('x')` and `raise 'x'` as statements of their own.
    private static func end(_ text: String, _ word: String) -> ScriptNeed? {
        let rest = text.dropFirst(word.count).drop { $0 == " " || $0 == "(" || $0 == "!" }
        switch word {
        case "abort": return text.contains("rescue") ? nil : .ends(status: 1)
        case "raise": return rest.isEmpty || text.contains("rescue") ? nil : .ends(status: 1)
        case "exit":
            if rest.hasPrefix("false") { return .ends(status: 1) }
            guard let status = Int(rest.prefix { $0.isNumber }), status != 0 else { return nil }
            return .ends(status: status & 0xFF)
        default: return nil
        }
    }

    /// The method that a statement calls: `main`, `main(x)`, `App.run`, `App.new.run`.
    private static func called(_ text: String) -> String {
        let word = text.prefix { $0.isLetter || $0.isNumber || "_.:?!".contains($0) }
        let rest = text[word.endIndex...]
        guard rest.isEmpty || rest.hasPrefix("(") || rest.hasPrefix(" #") || rest.hasPrefix(" ARGV") else { return "" }
        return word.split(separator: ".").last.map(String.init) ?? ""
    }

    private static func kind(of text: String, _ word: String) -> Kind? {
        if word == "def" { return text.contains(" = ") ? nil : .method }
        if word == "class" || word == "module" { return .open }
        if word == "begin" { return .attempt }
        if word == "if", text.contains("__FILE__"), text.contains("$0") || text.contains("$PROGRAM_NAME") {
            return .open
        }
        if openers.contains(word) { return .closed }
        for mark in ["= if ", "= case ", "= unless ", "= begin"] where text.contains(mark) { return .closed }
        if text.hasSuffix(" do") || (text.contains(" do |") && text.hasSuffix("|")) { return .closed }
        return nil
    }

    private static func trimmed(_ line: String) -> String {
        var text = line[...].drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    /// `def self.run(x)` defines `run`.
    private static func methodName(_ text: String) -> String {
        let name = text.dropFirst(4).prefix { $0.isLetter || $0.isNumber || "_.?!".contains($0) }
        return name.split(separator: ".").last.map(String.init) ?? ""
    }

    /// All that counts: what stands outside of methods, and in those that are called from there.
    func finish() -> [ScriptNeed] {
        var result = blocks.filter { $0.kind != .closed && $0.kind != .method }.flatMap(\.needs)
        let callers = Dictionary(grouping: calls) { $0.from }
        var (queue, seen): ([String], Set<String>) = ((callers[nil] ?? []).map(\.name), [])
        while let name = queue.popLast() {
            guard let needs = methods[name], seen.insert(name).inserted else { continue }
            result += needs
            queue += (callers[name] ?? []).map(\.name)
        }
        return result
    }
}
