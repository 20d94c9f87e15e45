package import OCI

/// A template cut into the text between actions and the tokens inside them (text/template, "Text and spaces").
package enum TemplatePiece: Hashable, Sendable {
    case text(String)
    case action([TemplateToken])

    package static func pieces(of template: String) throws(GoTemplateError) -> [TemplatePiece] {
        var scanner = TemplateScanner(template)
        var pieces: [TemplatePiece] = []
        while !scanner.isAtEnd {
            var text = scanner.textBeforeAction()
            guard scanner.skip("{{") else {
                pieces.append(.text(text))
                break
            }
            if scanner.skipsTrimMarkerBefore() { text = text.trimmingTrailingSpace() }
            if !text.isEmpty { pieces.append(.text(text)) }
            if try !scanner.skipComment() { pieces.append(.action(try scanner.tokens())) }
            try scanner.skipClosing()
        }
        return pieces
    }
}

package enum TemplateToken: Hashable, Sendable {
    case identifier(String)
    /// `.`, or `.A.B` with its names. `attached` when it follows `)` without a space.
    case fields([String], attached: Bool)
    case variable(String, fields: [String])
    case literal(JSON)
    case pipe, open, close, comma, declare, assign

    package var spelling: String {
        switch self {
        case .identifier(let name): name
        case .fields(let names, _): "." + names.joined(separator: ".")
        case .variable(let name, let fields): "$" + ([name] + fields).joined(separator: ".")
        case .literal(let value): value.text
        case .pipe: "|"
        case .open: "("
        case .close: ")"
        case .comma: ","
        case .declare: ":="
        case .assign: "="
        }
    }
}

/// Walks over the scalars of a template.
package struct TemplateScanner {
    private let scalars: [Unicode.Scalar]
    private var position = 0

    package init(_ text: String) { scalars = Array(text.unicodeScalars) }

    package var isAtEnd: Bool { position >= scalars.count }

    private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func matches(_ text: String) -> Bool { scalars[position...].starts(with: text.unicodeScalars) }

    package mutating func skip(_ text: String) -> Bool {
        guard matches(text) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    package mutating func textBeforeAction() -> String {
        let start = position
        while !isAtEnd, !matches("{{") { position += 1 }
        return String(scalars[start..<position])
    }

    /// `{{- `: white space before the action is dropped.
    package mutating func skipsTrimMarkerBefore() -> Bool {
        guard current == "-", position + 1 < scalars.count, scalars[position + 1].isSpace else { return false }
        position += 1
        return true
    }

    package mutating func skipComment() throws(GoTemplateError) -> Bool {
        skipSpace()
        guard skip("/*") else { return false }
        while !matches("*/") {
            guard !isAtEnd else { throw .unclosedComment }
            position += 1
        }
        position += 2
        return true
    }

    /// `}}`, or ` -}}`, which drops the white space after the action.
    package mutating func skipClosing() throws(GoTemplateError) {
        skipSpace()
        let trims = skip("-")
        guard skip("}}") else { throw .unclosedAction }
        if trims { skipSpace() }
    }

    package mutating func tokens() throws(GoTemplateError) -> [TemplateToken] {
        var tokens: [TemplateToken] = []
        while true {
            let start = position
            skipSpace()
            guard let scalar = current else { throw .unclosedAction }
            if matches("}}") || (matches("-}}") && position > start) { return tokens }
            tokens.append(try token(scalar, afterSpace: position > start, previous: tokens.last))
        }
    }

    private mutating func token(
        _ scalar: Unicode.Scalar, afterSpace: Bool, previous: TemplateToken?
    ) throws(GoTemplateError) -> TemplateToken {
        switch scalar {
        case "|": return advance(1, .pipe)
        case "(": return advance(1, .open)
        case ")": return advance(1, .close)
        case ",": return advance(1, .comma)
        case "=": return advance(1, .assign)
        case ":":
            guard matches(":=") else { throw .unexpected("':'") }
            return advance(2, .declare)
        case ".": return .fields(fields(), attached: previous == .close && !afterSpace)
        case "$":
            position += 1
            let name = word()
            return .variable(name, fields: current == "." ? fields() : [])
        case "\"", "`": return .literal(.string(try quoted(by: scalar)))
        case "'":
            let text = try quoted(by: scalar)
            guard let only = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
                throw .unexpected("'\(text)'; quote text with \" or `")
            }
            return .literal(.integer(Int64(only.value)))
        case "0"..."9", "+", "-": return try number()
        default:
            guard scalar.isWord else { throw .unexpected("'\(scalar)'") }
            return .identifier(word())
        }
    }

    private mutating func advance(_ count: Int, _ token: TemplateToken) -> TemplateToken {
        position += count
        return token
    }

    private mutating func skipSpace() {
        while let scalar = current, scalar.isSpace { position += 1 }
    }

    private mutating func word() -> String {
        let start = position
        while let scalar = current, scalar.isWord { position += 1 }
        return String(scalars[start..<position])
    }

    private mutating func fields() -> [String] {
        var names: [String] = []
        while current == "." {
            position += 1
            let name = word()
            if name.isEmpty { break }
            names.append(name)
        }
        return names
    }

    private mutating func number() throws(GoTemplateError) -> TemplateToken {
        let start = position
        while let scalar = current, scalar.isWord || scalar == "." || scalar == "+" || scalar == "-" { position += 1 }
        let text = String(scalars[start..<position])
        if let value = Int64(text) { return .literal(.integer(value)) }
        guard let value = Double(text), value.isFinite else { throw .unexpected("'\(text)'") }
        return .literal(.number("\(value)"))
    }

    private mutating func quoted(by quote: Unicode.Scalar) throws(GoTemplateError) -> String {
        position += 1
        var text = ""
        while let scalar = current {
            position += 1
            if scalar == quote { return text }
            if scalar == "\\", quote != "`" {
                text.unicodeScalars.append(try escape())
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        throw .unclosedText
    }

    private mutating func escape() throws(GoTemplateError) -> Unicode.Scalar {
        guard let scalar = current else { throw .unclosedText }
        position += 1
        switch scalar {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "\\", "\"", "'": return scalar
        default: throw .unexpected("'\\\(scalar)' in a quoted text")
        }
    }
}

extension String {
    fileprivate init(_ scalars: ArraySlice<Unicode.Scalar>) {
        self.init()
        unicodeScalars.append(contentsOf: scalars)
    }

    fileprivate func trimmingTrailingSpace() -> String {
        var scalars = Array(unicodeScalars)[...]
        while let last = scalars.last, last.isSpace { scalars.removeLast() }
        return String(scalars)
    }
}

extension Unicode.Scalar {
    fileprivate var isSpace: Bool { self == " " || self == "\t" || self == "\n" || self == "\r" }

    fileprivate var isWord: Bool { self == "_" || properties.isAlphabetic || ("0"..."9").contains(self) }
}
