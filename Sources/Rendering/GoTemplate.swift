package import OCI

/// A template of docker's `--format`: the part of Go's text/template that people use with images, over JSON values.
///
/// Known: fields, variables, pipes, parentheses, `if`, `else if`, `with`, `range`, trim markers, comments, and the
/// functions of ``TemplateFunction``. Not known: `define`, `template`, `block`, `break`, `continue`.
package struct GoTemplate: Sendable {
    package let nodes: [Node]

    package init(parsing text: String) throws(GoTemplateError) {
        var parser = TemplateParser(pieces: try TemplatePiece.pieces(of: text))
        nodes = try parser.template()
    }

    /// Renders the template for one value.
    package func render(_ data: JSON) throws(GoTemplateError) -> String {
        var evaluation = TemplateEvaluation(root: data)
        return try evaluation.render(nodes)
    }

    /// Replaces a backslash with `t` or `n` by the character, as docker does in the formats of its lists, because a
    /// shell hands over the two characters.
    package static func expandingEscapes(_ text: String) -> String {
        var result = ""
        var characters = text.makeIterator()
        while let character = characters.next() {
            guard character == "\\" else {
                result.append(character)
                continue
            }
            switch characters.next() {
            case "t": result.append("\t")
            case "n": result.append("\n")
            case let other?: result += ["\\", other]
            case nil: result.append("\\")
            }
        }
        return result
    }
}

extension GoTemplate {
    package enum Node: Sendable {
        case text(String)
        case action(Pipeline)
        /// The first branch whose condition is true, else the last.
        case choice([(condition: Pipeline, body: [Node])], otherwise: [Node])
        case with(Pipeline, body: [Node], otherwise: [Node])
        case range(Pipeline, body: [Node], otherwise: [Node])
    }

    /// `$a, $b := command | command`.
    package struct Pipeline: Sendable {
        package enum Variables: Sendable {
            case none
            case declared([String])
            case assigned([String])
        }

        package var variables = Variables.none
        package var commands: [[Operand]] = []
    }

    package indirect enum Operand: Sendable {
        case dot(fields: [String])
        /// `$` has the empty name.
        case variable(String, fields: [String])
        case literal(JSON)
        case function(TemplateFunction)
        case parenthesised(Pipeline, fields: [String])
    }
}

/// Why a template cannot be read or does not fit its data.
package enum GoTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    case unclosedAction
    case unclosedText
    case unclosedComment
    case unclosedBlock(String)
    case unexpected(String)
    case missingValue
    case unknownFunction(String)
    case undefinedVariable(String)
    case tooDeep(limit: Int)
    /// Loops in loops, or a text that grows.
    case tooMuch
    case unknownField(String, available: [String])
    case notAnObject(field: String)
    case arguments(function: String, usage: String)
    case outOfRange(index: Int64, count: Int)

    /// What follows "the template cannot be used: ".
    package var description: String {
        switch self {
        case .unclosedAction: "{{ stands without }}"
        case .unclosedText: "a quoted text has no closing quote"
        case .unclosedComment: "/* stands without */"
        case .unclosedBlock(let name): "{{\(name)}} stands without {{end}}"
        case .unexpected(let text): "\(text) is not expected there"
        case .missingValue: "an action has no value"
        case .unknownFunction(let name):
            "\(name) is no function; for a field, write .\(name)"
        case .undefinedVariable(let name): "the variable $\(name) is not defined"
        case .tooDeep(let limit): "it is nested deeper than \(limit) levels"
        case .tooMuch: "it asks for more work or text than is done for a template"
        case .unknownField(let name, let available):
            available.isEmpty
                ? "there is no field .\(name)"
                : "there is no field .\(name); there are " + available.map { "." + $0 }.joined(separator: ", ")
        case .notAnObject(let field): "a value without fields is asked for .\(field)"
        case .arguments(let function, let usage): "\(function) is used as {{\(function) \(usage)}}"
        case .outOfRange(let index, let count): "index \(index) is outside of a list of \(count)"
        }
    }
}
