/// A command that is written as one text, in words as a shell parts them; nothing else of a shell's language counts.
enum CommandWords {
    /// - Returns: nil where a quote is not closed.
    static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        /// In place: a copy for each character makes a long text cost its square.
        func append(_ part: some StringProtocol) { if word?.append(contentsOf: part) == nil { word = String(part) } }
        for character in text {
            if isEscaped {
                // Within double quotes a backslash stands for itself before most characters (POSIX shell, 2.2.3).
                if quote == "\"", !"\\\"$`\n".contains(character) { append("\\") }
                append(String(character))
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
                word = word ?? ""
            } else if let open = quote {
                if character == open { quote = nil } else { append(String(character)) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let ended = word { words.append(ended) }
                word = nil
            } else {
                append(String(character))
            }
        }
        if let ended = word { words.append(ended) }
        return quote == nil && !isEscaped ? words : nil
    }
}
