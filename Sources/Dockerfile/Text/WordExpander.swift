/// Expands variables and removes quotes, as a shell does for one word (reference, "Environment replacement").
///
/// The rules are those of the reference frontend's lexer, quirks included: single quotes are literal, double quotes
/// expand, a variable keeps its value within one instruction because the values are given beforehand.
package struct WordExpander: Sendable {
    /// Departures from the ordinary rules, for reading text without changing it.
    package struct Options: OptionSet, Hashable, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        package static let keepQuotes = Options(rawValue: 1)
        package static let keepEscapes = Options(rawValue: 2)
        /// Quotes are ordinary characters: the bodies of here-documents.
        package static let ignoreQuotes = Options(rawValue: 4)
        /// References to variables that have no value stay as they are.
        package static let keepUndefined = Options(rawValue: 8)
        /// White space behind `<<` and `<<-` belongs to the word: `<< EOF` is one.
        package static let joinHeredocs = Options(rawValue: 16)
    }

    /// What came of a word.
    package struct Expansion: Hashable, Sendable {
        package var text: String
        /// The text split at white space that was not quoted.
        package var words: [String]
        /// The variables that were read and have a value.
        package var used: Set<String>
        /// The variables that were read and have none, in order of first use.
        package var undefined: [String]
    }

    package let escape: EscapeCharacter
    package let variables: [String: String]
    package let options: Options

    /// The longest result, in bytes: variables may refer to variables, and doubling sixty times must not fill memory.
    static let maximumLength = 1 << 20
    static let maximumDepth = 64

    package init(escape: EscapeCharacter, variables: [String: String] = [:], options: Options = []) {
        (self.escape, self.variables, self.options) = (escape, variables, options)
    }

    package func expand(_ text: String) throws(ExpansionError) -> Expansion {
        var lexer = ShellLexer(scalars: Array(text.unicodeScalars), rules: self)
        let (result, words) = try lexer.read(until: nil, keepingEscapes: options.contains(.keepEscapes), depth: 0)
        return Expansion(text: result, words: words, used: lexer.used, undefined: lexer.undefined)
    }
}

/// Why a word cannot be expanded.
package enum ExpansionError: Error, Hashable, Sendable {
    case missingBrace
    case missingSlash
    case badSubstitution
    case openSingleQuote
    case openDoubleQuote
    case unsupportedModifier(String)
    /// `${name?message}` and the variable is not set.
    case unset(name: String, message: String)
    /// `${name:?message}` and the variable is empty.
    case empty(name: String, message: String)
    case invalidPattern(String)
    case tooDeep
    case tooLong
    case tooComplex

    /// One sentence for people.
    package var message: String {
        switch self {
        case .missingBrace: "a '}' is missing in a substitution"
        case .missingSlash: "a '/' is missing in a substitution"
        case .badSubstitution: "bad substitution"
        case .openSingleQuote: "a single quote is not closed"
        case .openDoubleQuote: "a double quote is not closed"
        case .unsupportedModifier(let text): "unsupported modifier (\(text)) in a substitution"
        case .unset(let name, let message): "\(name): \(message.isEmpty ? "is not allowed to be unset" : message)"
        case .empty(let name, let message): "\(name): \(message.isEmpty ? "is not allowed to be empty" : message)"
        case .invalidPattern(let text): "invalid pattern (\(text)) in a substitution"
        case .tooDeep: "substitutions are nested more than \(WordExpander.maximumDepth) deep"
        case .tooLong: "the expanded text is longer than \(WordExpander.maximumLength) bytes"
        case .tooComplex: "a pattern takes too long to match"
        }
    }
}
