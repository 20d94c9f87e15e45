internal import OCI

/// Pieces → nodes. Nesting is bounded, because a template comes from outside.
package struct TemplateParser {
    private let pieces: [TemplatePiece]
    private var position = 0
    private let maximumDepth = 64

    package init(pieces: [TemplatePiece]) { self.pieces = pieces }

    package mutating func template() throws(GoTemplateError) -> [GoTemplate.Node] {
        let (nodes, end) = try block(depth: 0)
        switch end {
        case .endOfTemplate: return nodes
        case .end: throw .unexpected("{{end}}")
        case .otherwise: throw .unexpected("{{else}}")
        }
    }

    /// How a block ended: `{{end}}`, or `{{else …}}` with the tokens after the word.
    private enum BlockEnd {
        case end
        case otherwise([TemplateToken])
        case endOfTemplate
    }

    private mutating func block(depth: Int) throws(GoTemplateError) -> ([GoTemplate.Node], BlockEnd) {
        guard depth < maximumDepth else { throw .tooDeep(limit: maximumDepth) }
        var nodes: [GoTemplate.Node] = []
        while position < pieces.count {
            let piece = pieces[position]
            position += 1
            switch piece {
            case .text(let text): nodes.append(.text(text))
            case .action(let tokens):
                guard case .identifier(let word)? = tokens.first else {
                    nodes.append(.action(try pipeline(tokens[...])))
                    continue
                }
                let rest = tokens.dropFirst()
                switch word {
                case "end":
                    if let extra = rest.first { throw .unexpected("'\(extra.spelling)' after end") }
                    return (nodes, .end)
                case "else": return (nodes, .otherwise(Array(rest)))
                case "if": nodes.append(try choice(rest, depth: depth))
                case "with":
                    let (body, otherwise) = try bodies(of: word, depth: depth)
                    nodes.append(.with(try pipeline(rest), body: body, otherwise: otherwise))
                case "range":
                    let (body, otherwise) = try bodies(of: word, depth: depth)
                    nodes.append(.range(try pipeline(rest), body: body, otherwise: otherwise))
                default: nodes.append(.action(try pipeline(tokens[...])))
                }
            }
        }
        return (nodes, .endOfTemplate)
    }

    private mutating func choice(
        _ tokens: ArraySlice<TemplateToken>, depth: Int
    ) throws(GoTemplateError) -> GoTemplate.Node {
        var branches: [(condition: GoTemplate.Pipeline, body: [GoTemplate.Node])] = []
        var condition = try pipeline(tokens)
        while true {
            let (body, end) = try block(depth: depth + 1)
            branches.append((condition, body))
            switch end {
            case .endOfTemplate: throw .unclosedBlock("if")
            case .end: return .choice(branches, otherwise: [])
            case .otherwise(let rest):
                if rest.first == .identifier("if") {
                    condition = try pipeline(rest.dropFirst())
                } else {
                    return .choice(branches, otherwise: try otherwise(rest, of: "if", depth: depth))
                }
            }
        }
    }

    /// The body of `with` or `range`, and that of its `{{else}}`.
    private mutating func bodies(
        of word: String, depth: Int
    ) throws(GoTemplateError) -> (body: [GoTemplate.Node], otherwise: [GoTemplate.Node]) {
        let (body, end) = try block(depth: depth + 1)
        switch end {
        case .endOfTemplate: throw .unclosedBlock(word)
        case .end: return (body, [])
        case .otherwise(let rest): return (body, try otherwise(rest, of: word, depth: depth))
        }
    }

    private mutating func otherwise(
        _ rest: [TemplateToken], of word: String, depth: Int
    ) throws(GoTemplateError) -> [GoTemplate.Node] {
        if let extra = rest.first { throw .unexpected("'\(extra.spelling)' after else") }
        let (nodes, end) = try block(depth: depth + 1)
        switch end {
        case .end: return nodes
        case .otherwise: throw .unexpected("second {{else}}")
        case .endOfTemplate: throw .unclosedBlock(word)
        }
    }

    private func pipeline(_ tokens: ArraySlice<TemplateToken>) throws(GoTemplateError) -> GoTemplate.Pipeline {
        var reader = PipelineReader(tokens: tokens, maximumDepth: maximumDepth)
        let pipeline = try reader.pipeline(depth: 0)
        if let extra = reader.next { throw .unexpected("'\(extra.spelling)'") }
        return pipeline
    }
}

/// The tokens of one action → a pipeline.
private struct PipelineReader {
    var tokens: ArraySlice<TemplateToken>
    let maximumDepth: Int

    var next: TemplateToken? { tokens.first }

    mutating func pipeline(depth: Int) throws(GoTemplateError) -> GoTemplate.Pipeline {
        guard depth < maximumDepth else { throw .tooDeep(limit: maximumDepth) }
        var pipeline = GoTemplate.Pipeline()
        pipeline.variables = variables()
        repeat {
            let operands = try command(depth: depth)
            if operands.isEmpty { throw .missingValue }
            pipeline.commands.append(operands)
        } while skip(.pipe)
        return pipeline
    }

    private mutating func skip(_ token: TemplateToken) -> Bool {
        guard next == token else { return false }
        tokens.removeFirst()
        return true
    }

    /// `$x :=`, `$x =` or `$i, $x :=`; nothing is taken when the variables are operands.
    private mutating func variables() -> GoTemplate.Pipeline.Variables {
        var rest = tokens
        var names: [String] = []
        while case .variable(let name, fields: [])? = rest.first, !name.isEmpty {
            rest.removeFirst()
            names.append(name)
            guard rest.first == .comma else { break }
            rest.removeFirst()
        }
        guard (1...2).contains(names.count), let operation = rest.popFirst() else { return .none }
        switch operation {
        case .declare:
            tokens = rest
            return .declared(names)
        case .assign:
            tokens = rest
            return .assigned(names)
        case .identifier, .fields, .variable, .literal, .pipe, .open, .close, .comma: return .none
        }
    }

    private mutating func command(depth: Int) throws(GoTemplateError) -> [GoTemplate.Operand] {
        var operands: [GoTemplate.Operand] = []
        while let token = next, token != .pipe, token != .close {
            tokens.removeFirst()
            operands.append(try operand(token, depth: depth))
        }
        return operands
    }

    private mutating func operand(_ token: TemplateToken, depth: Int) throws(GoTemplateError) -> GoTemplate.Operand {
        switch token {
        case .fields(let names, _): return .dot(fields: names)
        case .variable(let name, let fields): return .variable(name, fields: fields)
        case .literal(let value): return .literal(value)
        case .identifier("true"): return .literal(.bool(true))
        case .identifier("false"): return .literal(.bool(false))
        case .identifier("nil"): return .literal(.null)
        case .identifier(let name):
            guard let function = TemplateFunction(rawValue: name) else { throw .unknownFunction(name) }
            return .function(function)
        case .open:
            let inner = try pipeline(depth: depth + 1)
            guard skip(.close) else { throw .unexpected("end of the action: ( without )") }
            guard case .fields(let names, attached: true)? = next else {
                return .parenthesised(inner, fields: [])
            }
            tokens.removeFirst()
            return .parenthesised(inner, fields: names)
        case .pipe, .close, .comma, .declare, .assign: throw .unexpected("'\(token.spelling)'")
        }
    }
}
