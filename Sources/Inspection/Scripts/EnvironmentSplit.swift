/// The words of one text as `env -S` splits it (GNU env, "-S/--split-string syntax").
enum EnvironmentSplit {
    /// Bytes of variables, more than which are not put in.
    private static let limit = 64 << 10

    /// - Parameter environment: for `${NAME}`.
    static func words(_ text: String, _ environment: [String: String]) -> [String] {
        var result: [String] = []
        var word = ""
        var isInWord = false
        var length = 0
        var quote: Character?
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "$", quote != "'", rest.first == "{", let end = rest.firstIndex(of: "}") {
                let value = environment[String(rest[rest.index(after: rest.startIndex)..<end])] ?? ""
                length += value.utf8.count
                if length > limit { break }
                word += value
                rest = rest[rest.index(after: end)...]
                isInWord = true
            } else if character == "\\", quote != "'", let next = rest.popFirst() {
                if next == "c" { break }
                if next == "_" {
                    if quote == nil { end(&word, &isInWord, &result) } else { word.append(" ") }
                } else {
                    word.append(escaped(next))
                }
                isInWord = isInWord || next != "_"
            } else if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "'" || character == "\"" {
                (quote, isInWord) = (character, true)
            } else if character.isWhitespace {
                end(&word, &isInWord, &result)
            } else if character == "#", !isInWord {
                break
            } else {
                word.append(character)
                isInWord = true
            }
        }
        end(&word, &isInWord, &result)
        return result
    }

    private static func end(_ word: inout String, _ isInWord: inout Bool, _ result: inout [String]) {
        if isInWord { result.append(word) }
        (word, isInWord) = ("", false)
    }

    private static func escaped(_ character: Character) -> Character {
        switch character {
        case "n": "\n"
        case "t": "\t"
        case "r": "\r"
        default: character
        }
    }
}
