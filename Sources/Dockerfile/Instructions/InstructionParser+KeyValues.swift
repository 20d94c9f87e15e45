extension InstructionParser {
    /// The pairs of ENV and LABEL. Which of the two forms it is, the first word tells: with `=` or without.
    func keyValues(_ name: InstructionName) throws(Diagnostic) -> KeyValues {
        let words = head.quotedWords(escape: escape)
        guard let first = words.first else { throw needsArguments(name) }
        guard equals(in: first) != nil else { return try legacyPair(name) }
        var pairs: [KeyValues.Pair] = []
        for word in words {
            guard let equals = equals(in: word) else {
                let text = head.text.string(word)
                throw Diagnostic(
                    .error(.invalidArguments), at: head.text.range(word), "'\(text)' has no '='",
                    hint: "write name=value, with quotes around values that hold spaces")
            }
            pairs.append(try pair(key: word.lowerBound..<equals, value: (equals + 1)..<word.upperBound, of: name))
        }
        return KeyValues(pairs: pairs, form: .assignments)
    }

    private func legacyPair(_ name: InstructionName) throws(Diagnostic) -> KeyValues {
        let scalars = head.text.scalars
        var end = head.arguments.lowerBound
        while end < head.arguments.upperBound, !scalars[end].isTokenSpace { end += 1 }
        var start = end
        while start < head.arguments.upperBound, scalars[start].isTokenSpace { start += 1 }
        guard start > end else {
            throw fault(
                .invalidArguments, "\(name.rawValue) must have two arguments",
                hint: "write \(name.rawValue) \(head.argumentText)=value")
        }
        let pair = try pair(
            key: head.arguments.lowerBound..<end, value: start..<head.arguments.upperBound, of: name)
        return KeyValues(pairs: [pair], form: .legacy)
    }

    private func pair(
        key: Range<Int>, value: Range<Int>, of name: InstructionName
    ) throws(Diagnostic) -> KeyValues.Pair {
        guard !key.isEmpty else { throw fault(.invalidArguments, "\(name.rawValue) names may not be blank") }
        return KeyValues.Pair(key: head.word(key), value: head.word(value))
    }

    private func equals(in word: Range<Int>) -> Int? { head.text.scalars[word].firstIndex(of: "=") }

    /// `name[=default] …`
    func arguments() throws(Diagnostic) -> [ArgDefinition] {
        let words = head.quotedWords(escape: escape)
        guard !words.isEmpty else { throw needsArguments(.arg) }
        var result: [ArgDefinition] = []
        for word in words {
            let end = equals(in: word) ?? word.upperBound
            guard end > word.lowerBound else { throw fault(.invalidArguments, "ARG names may not be blank") }
            let name = head.word(word.lowerBound..<end)
            result.append(
                ArgDefinition(
                    name: name, value: end < word.upperBound ? head.word((end + 1)..<word.upperBound) : nil,
                    description: description(of: name.text)))
        }
        return result
    }

    /// What the comments above say about a name: the rest of the first line that begins with it.
    func description(of name: String) -> String? {
        line.comments.first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
    }
}
