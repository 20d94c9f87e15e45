/// The statements of a Ruby script that are executed whenever it starts: those outside of methods, conditions and what catches.
struct RubyBlocks {
    private enum Kind {
        /// A class or module, and the condition that the file is the program.
        case open
        /// `begin`: what is in it counts unless something catches that a file is missing.
        case attempt
        /// Methods, conditions, loops and blocks.
        case closed
    }

    private var blocks: [(kind: Kind, needs: [ScriptNeed])] = [(.open, [])]
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
            if block.kind != .closed { blocks[blocks.count - 1].needs += block.needs }
            return
        case "rescue":
            let isStandard =
                !["LoadError", "Exception", "ScriptError"].contains { text.contains($0) }
            if blocks.count > 1, blocks[blocks.count - 1].kind == .attempt, !isStandard {
                blocks[blocks.count - 1].needs = []
            }
            // What is done then is not followed.
            if blocks.count > 1 {
                let kept = blocks[blocks.count - 1].needs
                if blocks[blocks.count - 1].kind == .attempt {
                    blocks[blocks.count - 1] = (.closed, [])
                    blocks[blocks.count - 2].needs += blocks[blocks.count - 2].kind == .closed ? [] : kept
                }
            }
            return
        case "else", "elsif", "when", "in", "ensure": return
        default: break
        }
        let isWhole = text.hasSuffix(" end") || text.hasSuffix(";end")
        if let kind = Self.kind(of: text, word), !isWhole {
            if blocks.count < Self.depthLimit { blocks.append((kind, [])) }
            return
        }
        guard !blocks.contains(where: { $0.kind == .closed }), !text.contains(" if "), !text.contains(" unless ") else {
            return
        }
        blocks[blocks.count - 1].needs += ScriptNeed.ruby(text)
    }

    private static func kind(of text: String, _ word: String) -> Kind? {
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

    /// All that counts.
    func finish() -> [ScriptNeed] { blocks.filter { $0.kind != .closed }.flatMap(\.needs) }
}
