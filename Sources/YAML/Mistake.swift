extension YAMLError {
    /// A mistake in a document's form; the raw value says it.
    package enum Mistake: String, Hashable, Sendable, CaseIterable {
        case notUTF8 = "these bytes are no UTF-8"
        case notUTF16 = "these bytes are no UTF-16"
        case controlCharacter = "a control character stands here"
        case tab = "a tab cannot indent; use spaces"
        case firstCharacter = "no value begins with this character; put quotes around the text"
        case colon = "a ':' cannot stand here; put quotes around the text, or begin a line for the key"
        case missingColon = "a ':' is missing behind the key; look at the indentation too"
        case key = "a key is expected here; look at the indentation"
        case explicitKey = "a '?' cannot stand here"
        case item = "an item with '-' is expected here; look at the indentation"
        case misplacedItem = "an item with '-' cannot stand here; begin it on a line of its own"
        case listEnd = "a ',' or ']' is missing"
        case mappingEnd = "a ',' or '}' is missing"
        case value = "a value is missing here"
        case quote = "a quote is not closed"
        case escape = "double quotes know no such escape; write '\\\\', or use single quotes"
        case anchor = "a name of letters and digits is missing behind '&' or '*'"
        case tag = "this is no tag"
        case tagHandle = "no %TAG line says what this tag's prefix means"
        case directive = "a line that begins with '%' must be a %YAML or %TAG directive"
        case version = "this version of YAML is not known"
        case block = "behind '|' and '>' stands nothing but a digit from 1 to 9, '+', '-' or a comment"
        case document = "the document has ended above; look at the indentation"
        case other = "it cannot be read from here on"
    }
}

extension YAMLError.Mistake {
    /// What libyaml found; its words serve to tell the cases apart, and are not shown.
    ///
    /// Source: libyaml 0.2.5, the problems that its reader, scanner and parser set.
    init(problem: String) {
        self = Self.problems[problem] ?? .other
    }

    private static let problems: [String: Self] = [
        "control characters are not allowed": .controlCharacter,
        "invalid leading UTF-8 octet": .notUTF8,
        "invalid trailing UTF-8 octet": .notUTF8,
        "incomplete UTF-8 octet sequence": .notUTF8,
        "invalid length of a UTF-8 sequence": .notUTF8,
        "invalid Unicode character": .notUTF8,
        "incomplete UTF-16 character": .notUTF16,
        "incomplete UTF-16 surrogate pair": .notUTF16,
        "expected low surrogate area": .notUTF16,
        "unexpected low surrogate area": .notUTF16,
        "found a tab character that violates indentation": .tab,
        "found a tab character where an indentation space is expected": .tab,
        "found character that cannot start any token": .firstCharacter,
        "mapping values are not allowed in this context": .colon,
        "found unexpected ':'": .colon,
        "could not find expected ':'": .missingColon,
        "did not find expected key": .key,
        "mapping keys are not allowed in this context": .explicitKey,
        "did not find expected '-' indicator": .item,
        "block sequence entries are not allowed in this context": .misplacedItem,
        "did not find expected ',' or ']'": .listEnd,
        "did not find expected ',' or '}'": .mappingEnd,
        "did not find expected node content": .value,
        "found unexpected end of stream": .quote,
        "found unexpected document indicator": .quote,
        "found unknown escape character": .escape,
        "did not find expected hexdecimal number": .escape,
        "found invalid Unicode character escape code": .escape,
        "did not find expected alphabetic or numeric character": .anchor,
        "did not find expected '!'": .tag,
        "did not find expected tag URI": .tag,
        "did not find the expected '>'": .tag,
        "did not find URI escaped octet": .tag,
        "found an incorrect leading UTF-8 octet": .tag,
        "found an incorrect trailing UTF-8 octet": .tag,
        "did not find expected whitespace or line break": .tag,
        "found undefined tag handle": .tagHandle,
        "found unknown directive name": .directive,
        "could not find expected directive name": .directive,
        "found unexpected non-alphabetical character": .directive,
        "did not find expected whitespace": .directive,
        "found duplicate %TAG directive": .directive,
        "found duplicate %YAML directive": .directive,
        "did not find expected digit or '.' character": .version,
        "did not find expected version number": .version,
        "found extremely long version number": .version,
        "found incompatible YAML document": .version,
        "found an indentation indicator equal to 0": .block,
        "did not find expected comment or line break": .block,
        "did not find expected <document start>": .document,
    ]
}
