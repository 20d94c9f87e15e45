/// The lines of a program of Perl or Ruby that are no text within it: what a here-document or a quote of several lines has is
/// not executed.
struct ScriptTexts {
    /// More lines than any program has.
    private static let lineLimit = 200_000

    private let language: Language
    private let lines: [String]
    /// Lines without blanks in front, and the places at which they stand.
    private let places: [Substring: [Int]]

    static func code(_ bytes: [UInt8], _ language: Language) -> [String] {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: true).prefix(lineLimit)
            .map { String(decoding: $0, as: UTF8.self) }
        guard language == .perl || language == .ruby else { return lines }
        return ScriptTexts(language, lines).code()
    }

    private init(_ language: Language, _ lines: [String]) {
        (self.language, self.lines) = (language, lines)
        var places: [Substring: [Int]] = [:]
        for (index, line) in lines.enumerated() { places[Self.trimmed(line), default: []].append(index) }
        self.places = places
    }

    private func code() -> [String] {
        var result: [String] = []
        var index = 0
        var isManual = false
        while index < lines.count {
            let line = lines[index]
            index += 1
            result.append(line)
            // What a manual shows is skipped by who asks for the lines.
            if line.hasPrefix("=") { isManual = !line.hasPrefix("=cut") && !line.hasPrefix("=end") }
            if line.hasPrefix("__END__") || line.hasPrefix("__DATA__") { break }
            if isManual || line.utf8.count > 4000 || Self.trimmed(line).hasPrefix("#") { continue }
            for end in documents(line) {
                // One that has no end is none.
                guard let place = end.place(from: index, places, lines) else { continue }
                index = place + 1
            }
            // What is compiled is told apart by who asks for the lines.
            if !line.contains("eval"), let place = quote(line, from: index) { index = place }
        }
        return result
    }

    private struct End {
        let word: Substring
        let isIndented: Bool

        func place(from start: Int, _ places: [Substring: [Int]], _ lines: [String]) -> Int? {
            places[word]?.first { $0 >= start && (isIndented || lines[$0].hasPrefix(word)) }
        }
    }

    /// The ends of the here-documents that begin in a line.
    private func documents(_ line: String) -> [End] {
        var result: [End] = []
        var rest = line[...]
        while let place = rest.firstRange(of: "<<"), result.count < 16 {
            rest = rest[place.upperBound...]
            let isIndented = rest.first == "~" || (language == .ruby && rest.first == "-")
            if isIndented { rest = rest.dropFirst() }
            if let quote = rest.first, "'\"`".contains(quote) {
                let word = rest.dropFirst().prefix { $0 != quote }
                if !word.isEmpty { result.append(End(word: word, isIndented: isIndented)) }
                rest = rest.dropFirst(min(rest.count, word.count + 2))
            } else {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                if let first = word.first, !first.isNumber { result.append(End(word: word, isIndented: isIndented)) }
                rest = rest.dropFirst(word.count)
            }
        }
        return result
    }

    private static let brackets: [Character: String] = ["{": "}", "(": ")", "[": "]"]

    private static let perlMarks: Set = ["q", "qq", "m", "qr", "s"]
    private static let rubyMarks: Set = ["%q", "%Q", "%", "%r", "%x"]

    /// Where the text ends that is begun at the end of a line: `q{`, `%q(`, `= "`.
    private func quote(_ line: String, from start: Int) -> Int? {
        var text = line[...]
        while text.last?.isWhitespace ?? false { text.removeLast() }
        guard let last = text.last else { return nil }
        let before = text.dropLast()
        if let close = Self.brackets[last] {
            let mark = before.reversed().prefix { $0.isLetter || $0 == "%" }.reversed()
            let marks = language == .perl ? Self.perlMarks : Self.rubyMarks
            guard marks.contains(String(mark)) else { return nil }
            return lines[start...].firstIndex { Self.trimmed($0).hasPrefix(close) }.map { $0 + 1 }
        }
        guard last == "\"" || last == "'", !text.contains("#"), text.count(where: { $0 == last }) % 2 == 1,
            let sign = before.last(where: { !$0.isWhitespace }), "=(,.".contains(sign)
        else { return nil }
        return lines[start...].firstIndex { $0.contains(last) }.map { $0 + 1 }
    }

    private static func trimmed(_ line: String) -> Substring {
        var text = line.drop { $0 == " " || $0 == "\t" }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }
}

extension ScriptNeed {
    private static let writers = [
        "File.write", "FileUtils", "'w'", "\"w\"", "'>'", "\">\"", "'>>'", "mkdir", "copy", "system", "rename",
    ]

    /// Whether a program may have made a file that it reads: it names it twice, and writes.
    static func mayHaveMade(_ need: ScriptNeed, _ bytes: [UInt8]) -> Bool {
        switch need {
        case .input(let path), .data(let path):
            let text = String(decoding: bytes, as: UTF8.self)
            return text.ranges(of: path).count > 1 && writers.contains { text.contains($0) }
        default: return false
        }
    }

    /// Modules that a program makes itself: what it puts into `%INC` counts as loaded, and a `require` of its own finds more.
    static func ownModules(_ bytes: [UInt8], _ language: Language) -> [ScriptNeed] {
        if language == .ruby {
            let isOwn = ["def require(", "def require ", "alias_method :require", "$LOADED_FEATURES", "$\""].contains {
                bytes.contains(text: $0)
            }
            let isAbove = ["def load(", "def load "].contains { mark in
                bytes.starts(with: mark.utf8) || bytes.contains(text: "\n" + mark)
            }
            return isOwn || isAbove ? [.computed] : []
        }
        guard language == .perl, bytes.contains(text: "$INC{") else { return [] }
        var result: [ScriptNeed] = []
        for line in bytes.split(separator: 0x0A) where line.contains(0x24) {
            let text = String(decoding: line, as: UTF8.self)
            guard let place = text.firstRange(of: "$INC{"), let end = text[place.upperBound...].firstIndex(of: "}"),
                text[end...].contains("=")
            else { continue }
            let name = text[place.upperBound..<end].filter { !"'\" ".contains($0) }
            if name.hasSuffix(".pm"), !name.contains("$") {
                result.append(.made(name.dropLast(3).split(separator: "/").joined(separator: "::")))
            } else {
                result.append(.computed)
            }
        }
        return result
    }
}
