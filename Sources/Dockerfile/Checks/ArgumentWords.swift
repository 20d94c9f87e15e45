/// Splits arguments to words in the two ways of the language.
extension InstructionHead {
    /// Words between white space; quotes mean nothing here.
    func plainWords() -> [Word] {
        var words: [Word] = []
        var index = arguments.lowerBound
        while index < arguments.upperBound {
            let start = index
            while index < arguments.upperBound, !text.scalars[index].isTokenSpace { index += 1 }
            words.append(word(start..<index))
            while index < arguments.upperBound, text.scalars[index].isTokenSpace { index += 1 }
        }
        return words
    }

    /// Where the words of ENV, LABEL and ARG stand: white space inside quotes, or behind an escape character, does not
    /// split. Quotes and escapes stay; expansion removes them.
    func quotedWords(escape: EscapeCharacter) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var index = arguments.lowerBound
        while true {
            while index < arguments.upperBound, text.scalars[index].isSpace { index += 1 }
            guard index < arguments.upperBound else { return words }
            let start = index
            let end = endOfQuotedWord(&index, escape: escape.scalar)
            if end > start { words.append(start..<end) }
        }
    }

    /// An escape character at the very end of the arguments is dropped.
    private func endOfQuotedWord(_ index: inout Int, escape: Unicode.Scalar) -> Int {
        var quote: Unicode.Scalar?
        while index < arguments.upperBound {
            let scalar = text.scalars[index]
            if let open = quote {
                if scalar == open { quote = nil }
                if scalar == escape, open != "'" {
                    if index + 1 == arguments.upperBound {
                        index += 1
                        return index - 1
                    }
                    index += 1
                }
            } else if scalar.isSpace {
                return index
            } else if scalar == escape {
                if index + 1 == arguments.upperBound {
                    index += 1
                    return index - 1
                }
                index += 1
            } else if scalar == "'" || scalar == "\"" {
                quote = scalar
            }
            index += 1
        }
        return arguments.upperBound
    }

    func word(_ part: Range<Int>) -> Word { Word(text.string(part), at: text.range(part)) }

    /// All arguments as one word; nil if there are none.
    func wholeWord() -> Word? { arguments.isEmpty ? nil : word(arguments) }

    /// Words of a JSON array, or plain ones.
    func listWords() throws(Diagnostic) -> [Word] {
        switch JSONArguments(argumentText) {
        case .strings(let strings):
            let range = text.range(arguments)
            return strings.map { Word($0, at: range) }
        case .otherArray: throw notStrings()
        case .none: return plainWords()
        }
    }

    /// Words of COPY and ADD: `<<` and the delimiter behind it are one, unless they stand in a JSON array.
    func copyWords() throws(Diagnostic) -> [Word] {
        let words = try listWords()
        guard case .none = JSONArguments(argumentText) else { return words }
        var result: [Word] = []
        for word in words {
            guard let mark = result.last, Heredoc.isMark(Array(mark.text.unicodeScalars)) else {
                result.append(word)
                continue
            }
            result[result.count - 1] = Word(
                mark.text + " " + word.text, at: SourceRange(start: mark.range.start, end: word.range.end))
        }
        return result
    }

    func notStrings() -> Diagnostic {
        Diagnostic(
            .error(.invalidJSON), at: text.range(arguments), "a JSON array of arguments may hold strings only")
    }
}
