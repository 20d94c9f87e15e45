/// A `--mount` of RUN as it was written: options that may hold variables.
package struct MountSyntax: Hashable, Sendable {
    /// One `key=value` or `key`.
    package struct Option: Hashable, Sendable {
        /// In lower case.
        package let key: Word
        package let value: Word?
    }

    package let options: [Option]
    package let range: SourceRange

    init(_ value: FlagValue) throws(Diagnostic) {
        range = value.word.range
        var options: [Option] = []
        for field in try MountFieldReader.fields(of: value) {
            guard let equals = field.scalars.firstIndex(of: "=") else {
                options.append(Option(key: field.lowercasedWord, value: nil))
                continue
            }
            let key = field.part(0..<equals).lowercasedWord
            let word = field.part((equals + 1)..<field.scalars.count).word
            if key.text == "from" {
                let dollar = word.text.firstIndex(of: "$")
                guard dollar == nil || dollar == word.text.indices.last else {
                    throw Diagnostic(
                        .error(.invalidMount), at: word.range, "'from' of a mount does not expand variables",
                        hint: "define a stage with FROM \(word) AS name, and use its name")
                }
            }
            options.append(Option(key: key, value: word))
        }
        self.options = options
    }
}

extension FlagValue {
    fileprivate var lowercasedWord: Word { Word(string.lowercased(), at: word.range) }
}
