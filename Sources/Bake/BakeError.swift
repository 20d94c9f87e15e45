package import Dockerfile

/// What is wrong with the definition of builds, and where.
package struct BakeError: Error, Hashable, Sendable {
    package let reason: Reason
    /// nil where no file is to blame: a target that was asked for.
    package var source: SourceFile?
    /// nil in files of JSON, whose places are not kept.
    package var range: SourceRange?

    package init(_ reason: Reason, source: SourceFile? = nil, range: SourceRange? = nil) {
        (self.reason, self.source, self.range) = (reason, source, range)
    }

    package enum Reason: Hashable, Sendable {
        /// - Parameter expected: what would be right, in the words of the language: `a value`, `'}'`.
        case syntax(expected: String)
        case unterminated(Construct)
        case invalidEscape
        case invalidNumber(String)
        case notJSON
        /// More than is read or computed.
        case excess(Excess)
        case unknownVariable(String, known: [String])
        case unknownFunction(String, known: [String])
        case unknownAttribute(String, owner: String, known: [String])
        case unknownBlock(String)
        case missingAttribute(String, owner: String)
        /// A block has another number of names.
        case wrongLabels(String)
        case duplicateAttribute(String)
        case invalidName(String)
        /// Variables or functions that need each other.
        case cycle(String)
        case wrongKind(expected: Kind, found: Kind)
        case noMember(String)
        case divisionByZero
        case wrongCount(function: String)
        case function(String, FunctionFault)
        case nameNeedsMatrix
        case matrixOfGroup
        case validation(String)
        case invalidVariable(String, value: String)
        case invalidField(String, value: String)
        case unknownTarget(String, known: [String])
        case noMatch(String, known: [String])
        case noDefault(known: [String])
        case loop([String])
        /// `--set`
        case invalidOverride(String)
        case unknownOverride(String)
        /// The platforms of a context are not all that its target is built for.
        case missingPlatforms(String, of: String)
        case standardInput(String)
    }

    package enum Construct: String, Hashable, Sendable { case text, template, comment, document }

    package enum Excess: Hashable, Sendable { case size, depth, work, targets }

    package enum Kind: String, Hashable, Sendable { case null, boolean, number, text, list, mapping, textOrList, name }

    /// Why a function has no value for its arguments.
    package enum FunctionFault: Error, Hashable, Sendable {
        case wrongKind(expected: Kind, found: Kind)
        case outOfRange
        case invalid(String)
        case noResult
        case differentLengths
    }
}
