/// The modules that a Python file imports when it is loaded: the import statements at the beginnings of lines.
///
/// Statements in functions and behind `try:` are indented, and may be missing.
enum PythonImports {
    /// `names` are what `from module import …` lists: modules below it, or anything else.
    struct Import: Hashable {
        /// Dots of a relative import.
        let level: Int
        let module: String
        let names: [String]
    }

    /// Imports of one file; each is looked for in every directory of the path.
    private static let limit = 4096

    static func scan(_ bytes: [UInt8]) -> [Import] {
        var result: [Import] = []
        var quote: String?
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: true) {
            let text = String(decoding: line, as: UTF8.self)
            if result.count >= limit { break }
            if quote == nil, text.hasPrefix("import ") || text.hasPrefix("from ") { result += parse(text) }
            quote = openQuote(text, quote)
        }
        return Array(result.prefix(limit))
    }

    private static func parse(_ line: String) -> [Import] {
        let code = line.prefix { $0 != "#" && $0 != ";" }
        if code.hasPrefix("import ") {
            return code.dropFirst(7).split(separator: ",").compactMap { item in
                guard let name = item.split(whereSeparator: \.isWhitespace).first, isModule(name) else { return nil }
                return Import(level: 0, module: String(name), names: [])
            }
        }
        let words = code.dropFirst(5).split(maxSplits: 2, whereSeparator: \.isWhitespace)
        guard words.count >= 2, words[1] == "import" else { return [] }
        let level = words[0].prefix { $0 == "." }.count
        let module = words[0].dropFirst(level)
        guard module.isEmpty ? level > 0 : isModule(module) else { return [] }
        let list = words.count > 2 ? words[2].filter { $0 != "(" && $0 != ")" && $0 != "\\" && $0 != "\r" } : ""
        let names = list.split(separator: ",").compactMap { $0.split(whereSeparator: \.isWhitespace).first.map(String.init) }
        return [Import(level: level, module: String(module), names: names.filter { isModule($0) })]
    }

    private static func isModule(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.unicodeScalars.allSatisfy { $0.properties.isXIDContinue || $0 == "_" }
        }
    }

    /// The triple quote that is open behind a line; nil outside of texts.
    private static func openQuote(_ line: String, _ open: String?) -> String? {
        guard line.contains("\"\"\"") || line.contains("'''") else { return open }
        var open = open
        var rest = line[...]
        while let place = rest.firstIndex(where: { $0 == "\"" || $0 == "'" || $0 == "#" }) {
            rest = rest[place...]
            if rest.first == "#", open == nil { break }
            let three = String(rest.prefix(3))
            if three == "\"\"\"" || three == "'''" {
                if open == nil { open = three } else if open == three { open = nil }
                rest = rest.dropFirst(3)
            } else {
                rest = rest.dropFirst()
            }
        }
        return open
    }
}
