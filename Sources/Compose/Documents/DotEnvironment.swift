/// The variables of a `.env` file or of a service's `env_file` (Compose specification, "env_file").
package struct DotEnvironment: Hashable, Sendable {
    package struct Variable: Hashable, Sendable {
        package let name: String
        /// Nil for a name alone: the value is whoever's that reads the file.
        package let value: String?
    }

    package private(set) var variables: [Variable] = []

    /// - Parameter known: variables that values can use beside those that stand above them.
    package init(parsing text: String, file: String, known: [String: String]) throws(ComposeError) {
        var reading = Reading(text: Array(text), file: file)
        var values = known
        var length = 0
        while let (name, value, place) = try reading.next() {
            guard let value else {
                variables.append(Variable(name: name, value: nil))
                continue
            }
            var result = value.text
            if value.isExpanded {
                var interpolation = Interpolation(variables: values)
                result = try interpolation.expand(result, at: place)
                length += result.utf8.count
                guard length <= Interpolation.limit else { throw Interpolation.excess(at: place) }
            }
            variables.append(Variable(name: name, value: result))
            values[name] = result
        }
    }

    /// The variables of a file as docker's `run --env-file` reads it, and Compose with `format: raw`: a line is a variable, its value
    /// all behind the first `=`, quotation marks and blanks included.
    package init(plain text: String, file: String) throws(ComposeError) {
        let text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        // A line end of Windows is one character here.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            let line = line.drop(while: \.isWhitespace)
            guard let first = line.first, first != "#" else { continue }
            let name = line.prefix { $0 != "=" }
            guard !name.isEmpty, !name.contains(where: { $0 == " " || $0 == "\t" }), !line.contains("\0") else {
                throw ComposeError(
                    Place(file: file, line: index + 1, column: 1),
                    .invalidValue(key: "variable", value: String(name), expected: .dotEnvironment))
            }
            let value = name.endIndex == line.endIndex ? nil : String(line[name.endIndex...].dropFirst())
            variables.append(Variable(name: String(name), value: value))
        }
    }

    private struct Reading {
        let text: [Character]
        let file: String
        var index = 0
        var line = 1
        var lineStart = 0

        private var here: Place { Place(file: file, line: line, column: index - lineStart + 1) }

        private var peek: Character? { index < text.count ? text[index] : nil }

        private mutating func advance() {
            if text[index].isNewline {
                line += 1
                lineStart = index + 1
            }
            index += 1
        }

        private mutating func skip(while condition: (Character) -> Bool) {
            while let character = peek, condition(character) { advance() }
        }

        struct Value {
            var text: String
            var isExpanded: Bool
        }

        mutating func next() throws(ComposeError) -> (name: String, value: Value?, place: Place)? {
            while true {
                skip { $0.isWhitespace }
                guard peek == "#" else { break }
                skip { !$0.isNewline }
            }
            guard peek != nil else { return nil }
            let place = here
            var name = word()
            if name == "export", peek == " " || peek == "\t" {
                skip { $0 == " " || $0 == "\t" }
                name = word()
            }
            let isName = name.first.map { $0 == "_" || $0.isLetter } == true
            guard isName else {
                throw ComposeError(place, .invalidValue(key: "variable", value: name, expected: .dotEnvironment))
            }
            skip { $0 == " " || $0 == "\t" }
            guard let character = peek, !character.isNewline else { return (name, nil, place) }
            guard character == "=" || character == ":" else {
                throw ComposeError(here, .invalidValue(key: "variable", value: name, expected: .dotEnvironment))
            }
            advance()
            skip { $0 == " " || $0 == "\t" }
            return (name, try value(), place)
        }

        private mutating func word() -> String {
            var word = ""
            while let character = peek,
                character == "_" || character == "." || character == "-" || character.isLetter || character.isNumber
            {
                word.append(character)
                advance()
            }
            return word
        }

        private mutating func value() throws(ComposeError) -> Value {
            guard let quote = peek, quote == "\"" || quote == "'" else {
                var text = ""
                while let character = peek, !character.isNewline {
                    if character == "#", text.isEmpty || text.last?.isWhitespace == true {
                        skip { !$0.isNewline }
                        break
                    }
                    text.append(character)
                    advance()
                }
                while text.last?.isWhitespace == true { text.removeLast() }
                return Value(text: text, isExpanded: true)
            }
            let start = here
            advance()
            var text = ""
            while let character = peek, character != quote {
                advance()
                if character == "\\", let escaped = peek {
                    advance()
                    text += quote == "'" ? (escaped == "'" ? "'" : "\\\(escaped)") : Self.unescaped(escaped)
                } else {
                    text.append(character)
                }
            }
            guard peek == quote else {
                throw ComposeError(start, .invalidValue(key: "variable", value: text, expected: .dotEnvironment))
            }
            advance()
            skip { !$0.isNewline }
            return Value(text: text, isExpanded: quote == "\"")
        }

        private static func unescaped(_ character: Character) -> String {
            switch character {
            case "n": "\n"
            case "r": "\r"
            case "t": "\t"
            case "\\", "\"": String(character)
            // Doubled, so that it begins no variable.
            case "$": "$$"
            default: "\\" + String(character)
            }
        }
    }
}
