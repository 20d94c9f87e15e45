/// What is wrong with a recipe, and where.
package struct RecipeError: Error, Hashable, Sendable {
    /// The recipe's file.
    package let file: String
    /// From 1.
    package let line: Int
    /// From 1.
    package let column: Int
    package let reason: Reason

    package enum Reason: Hashable, Sendable {
        /// No YAML; the text says why.
        case syntax(String)
        /// More than is read; the text says of what.
        case excess(String)
        case unknownKey(String, known: [String])
        case missingKey(String)
        case duplicateKey(String)
        /// Something of another kind stands there.
        case unexpectedKind(key: String, expected: Kind)
        case invalidValue(key: String, value: String, expected: Form)
        case unknownBase(String)
        /// Neither `suite` nor `from` says which release it is.
        case noSuite
        case samePath(String)
    }

    package enum Kind: Hashable, Sendable { case mapping, list, text }

    package enum Form: Hashable, Sendable {
        case name, absolutePath, octalMode, identifier, owner, platform, dependency, environmentName
        case oneOf([String])
    }
}
