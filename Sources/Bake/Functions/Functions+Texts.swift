extension Functions {
    static let texts: [String: StandardFunction] = [
        "upper": StandardFunction(1) { a throws(BakeError.FunctionFault) in .text(try a.text(0).uppercased()) },
        "lower": StandardFunction(1) { a throws(BakeError.FunctionFault) in .text(try a.text(0).lowercased()) },
        "title": StandardFunction(1) { a throws(BakeError.FunctionFault) in .text(title(try a.text(0))) },
        "strlen": StandardFunction(1) { a throws(BakeError.FunctionFault) in .number(Double(try a.text(0).count)) },
        "byteslen": StandardFunction(1) { a throws(BakeError.FunctionFault) in .number(Double(try a.text(0).utf8.count))
        },
        "substr": StandardFunction(3) { a throws(BakeError.FunctionFault) in
            try substring(Array(a.text(0)), a.whole(1), a.whole(2)).map { .text(String($0)) } ?? .text("")
        },
        "bytesslice": StandardFunction(3) { a throws(BakeError.FunctionFault) in
            try substring(Array(a.text(0).utf8), a.whole(1), a.whole(2)).map {
                .text(String(decoding: $0, as: UTF8.self))
            } ?? .text("")
        },
        "reverse": StandardFunction(1) { a throws(BakeError.FunctionFault) in .text(String(try a.text(0).reversed())) },
        "chomp": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .text(String(try a.text(0).reversed().drop { $0.isNewline }.reversed()))
        },
        "indent": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (count, text) = (try a.whole(0), try a.text(1))
            guard (0...1024).contains(count) else { throw .outOfRange }
            return .text(try replaced(text, "\n", "\n" + String(repeating: " ", count: count)))
        },
        "trim": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let characters = Set(try a.text(1))
            return .text(trimmed(try a.text(0)) { characters.contains($0) })
        },
        "trimspace": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .text(trimmed(try a.text(0)) { $0.isWhitespace })
        },
        "trimprefix": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (text, prefix) = (try a.text(0), try a.text(1))
            return .text(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
        },
        "trimsuffix": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (text, suffix) = (try a.text(0), try a.text(1))
            return .text(text.hasSuffix(suffix) ? String(text.dropLast(suffix.count)) : text)
        },
        "replace": StandardFunction(3) { a throws(BakeError.FunctionFault) in
            .text(try replaced(a.text(0), a.text(1), a.text(2)))
        },
        "split": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            .list(pieces(try a.text(1), try a.text(0)).map { .text($0) })
        },
        "join": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            var items: [String] = []
            for index in 1..<max(1, a.count) { items += try a.texts(index) }
            let separator = try a.text(0)
            guard items.reduce(items.count * separator.utf8.count, { $0 + $1.utf8.count }) <= sizeLimit else {
                throw .outOfRange
            }
            return .text(items.joined(separator: separator))
        },
        "format": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            .text(try FormatWords.format(a.text(0), Array(a.values.dropFirst())))
        },
        "formatlist": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in try formatList(a) },
        "sanitize": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .text(
                String(
                    try a.text(0).map { character in
                        character.isASCII && (character.isLetter || character.isNumber || "-_".contains(character))
                            ? character : "_"
                    }))
        },
        "basename": StandardFunction(1) { a throws(BakeError.FunctionFault) in .text(Paths.last(try a.text(0))) },
        "dirname": StandardFunction(1) { a throws(BakeError.FunctionFault) in .text(Paths.parent(try a.text(0))) },
    ]

    private static func title(_ text: String) -> String {
        var result = ""
        var beginsWord = true
        for character in text {
            result += beginsWord ? character.uppercased() : String(character)
            beginsWord = !(character.isLetter || character.isNumber)
        }
        return result
    }

    /// - Returns: nil where nothing is left.
    private static func substring<Element>(_ items: [Element], _ offset: Int, _ length: Int) -> ArraySlice<Element>? {
        let start = offset < 0 ? max(0, items.count + offset) : offset
        guard start < items.count, length != 0 else { return nil }
        return items[start..<(length < 0 ? items.count : min(items.count, start + length))]
    }

    private static func trimmed(_ text: String, _ isDropped: (Character) -> Bool) -> String {
        String(text.drop(while: isDropped).reversed().drop(while: isDropped).reversed())
    }

    /// Parts between separators; every character where the separator is empty.
    static func pieces(_ text: String, _ separator: String) -> [String] {
        let pattern = Array(separator.utf8)
        guard !pattern.isEmpty else { return text.map { String($0) } }
        let bytes = Array(text.utf8)
        var (result, start, index) = ([String](), 0, 0)
        while index + pattern.count <= bytes.count {
            if bytes[index] == pattern[0], bytes[index..<index + pattern.count].elementsEqual(pattern) {
                result.append(String(decoding: bytes[start..<index], as: UTF8.self))
                index += pattern.count
                start = index
            } else {
                index += 1
            }
        }
        return result + [String(decoding: bytes[start...], as: UTF8.self)]
    }

    static func replaced(_ text: String, _ pattern: String, _ replacement: String) throws(BakeError.FunctionFault)
        -> String
    {
        let parts = pieces(text, pattern)
        guard text.utf8.count + parts.count * replacement.utf8.count <= sizeLimit else { throw .outOfRange }
        if pattern.isEmpty { return replacement + parts.map { $0 + replacement }.joined() }
        return parts.joined(separator: replacement)
    }

    private static func formatList(_ a: Arguments) throws(BakeError.FunctionFault) -> BakeValue {
        let form = try a.text(0)
        let arguments = Array(a.values.dropFirst())
        var length: Int?
        for argument in arguments {
            guard case .list(let items) = argument else { continue }
            guard length ?? items.count == items.count else { throw .differentLengths }
            length = items.count
        }
        guard let length else { return .list([.text(try FormatWords.format(form, arguments))]) }
        var result: [BakeValue] = []
        var size = 0
        for index in 0..<length {
            let row = arguments.map { argument in
                if case .list(let items) = argument { items[index] } else { argument }
            }
            let text = try FormatWords.format(form, row)
            size += text.utf8.count
            guard size <= sizeLimit else { throw .outOfRange }
            result.append(.text(text))
        }
        return .list(result)
    }
}

/// Paths as texts.
enum Paths {
    static func last(_ path: String) -> String {
        if path.isEmpty { return "." }
        let trimmed = String(path.reversed().drop { $0 == "/" }.reversed())
        return trimmed.isEmpty ? "/" : String(trimmed.split(separator: "/").last ?? "")
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return cleaned(String(path[...slash]))
    }

    /// Without `.`, `..` behind a name, and double slashes.
    static func cleaned(_ path: String) -> String {
        var parts: [Substring] = []
        let isAbsolute = path.hasPrefix("/")
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        let text = parts.joined(separator: "/")
        return isAbsolute ? "/" + text : text.isEmpty ? "." : text
    }
}
