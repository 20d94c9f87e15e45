/// The first line of a script (execve(2), "Interpreter scripts").
package struct ScriptHead: Hashable, Sendable {
    /// The program that the kernel starts.
    package let interpreter: String
    /// The one argument that the line may have; the kernel splits no further.
    package let argument: String?

    /// Whether the line ends as on Windows: the kernel takes the carriage return for a part of the name.
    package let endsInCarriageReturn: Bool

    /// Nil for a file that does not begin with `#!` and a program.
    package init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: "#!".utf8) else { return nil }
        // Linux reads 256 bytes.
        var line = bytes.prefix(256).dropFirst(2).prefix { $0 != 0x0A && $0 != 0 }
        endsInCarriageReturn = line.last == 0x0D
        if endsInCarriageReturn { line = line.dropLast() }
        let text = String(decoding: line, as: UTF8.self)
        let parts = text.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
        guard let first = parts.first else { return nil }
        interpreter = String(first)
        let rest = parts.count > 1 ? Self.trimmed(parts[1]) : ""
        argument = rest.isEmpty ? nil : rest
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let last = text.last, last.isWhitespace { text.removeLast() }
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        return String(text)
    }

    /// Whether `env` looks the real interpreter up.
    package var isEnv: Bool { interpreter.hasSuffix("/env") }

    /// The program that `env` starts, and its arguments (env(1)); nil for other interpreters.
    ///
    /// - Parameter environment: what `${NAME}` behind `-S` stands for.
    package func environmentProgram(_ environment: [String: String] = [:]) -> [String]? {
        guard isEnv, let argument else { return nil }
        var words = [argument]
        for option in ["-vS", "-S", "--split-string="] where argument.hasPrefix(option) {
            words = EnvironmentSplit.words(String(argument.dropFirst(option.count)), environment)
            while let word = words.first, word.hasPrefix("-") || word.contains("=") {
                words.removeFirst()
                if ["-u", "-C"].contains(word), !words.isEmpty { words.removeFirst() }
            }
            return words.isEmpty ? nil : words
        }
        // The whole rest is one name, which nobody has if there are blanks in it.
        let parts = argument.split(whereSeparator: \.isWhitespace).map(String.init)
        words = Array(parts.drop { $0.hasPrefix("-") || $0.contains("=") })
        return words.isEmpty ? nil : [words.joined(separator: " ")]
    }
}
