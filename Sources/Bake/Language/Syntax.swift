/// A stretch of one of the files that are read together.
struct Spot: Hashable, Sendable {
    /// The number of the file.
    let file: Int
    /// Bytes from the beginning; nil in files of JSON.
    let bytes: Range<Int>?
}

/// A mistake before its file is looked up.
struct Fault: Error {
    let reason: BakeError.Reason
    let spot: Spot

    init(_ reason: BakeError.Reason, at spot: Spot) { (self.reason, self.spot) = (reason, spot) }
}

/// An expression of the language (HCL native syntax specification, "Expressions").
struct Expression: Hashable, Sendable {
    indirect enum Content: Hashable, Sendable {
        case literal(BakeValue)
        case template([Part])
        case variable(String)
        case attribute(Expression, String)
        case index(Expression, Expression)
        /// `[*]` and `.*`: what follows is done with each element.
        case splat(Expression, [Step])
        case call(String, [Expression], expands: Bool)
        case list([Expression])
        case mapping([Member])
        case unary(Operator, Expression)
        case binary(Operator, Expression, Expression)
        case conditional(Expression, Expression, Expression)
        case loop(Loop)
    }

    struct Member: Hashable, Sendable {
        let key: Expression
        let value: Expression
    }

    /// What follows a splat.
    enum Step: Hashable, Sendable {
        case attribute(String)
        case index(Expression)
    }

    /// `for`: a list, or a mapping where there is a key.
    struct Loop: Hashable, Sendable {
        let keyName: String?
        let valueName: String
        let collection: Expression
        let key: Expression?
        let value: Expression
        let condition: Expression?
        /// `...`: values of one key become a list.
        let groups: Bool
    }

    /// A piece of a template (HCL native syntax specification, "Templates").
    indirect enum Part: Hashable, Sendable {
        case text(String)
        case value(Expression)
        case choice(Expression, [Part], [Part])
        case loop(keyName: String?, valueName: String, collection: Expression, [Part])
    }

    enum Operator: String, Hashable, Sendable {
        case or = "||"
        case and = "&&"
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case modulo = "%"
        case not = "!"
    }

    let content: Content
    let spot: Spot

    /// A name that stands alone.
    var keyword: String? { if case .variable(let name) = content { name } else { nil } }
}

/// `name = expression`
struct Attribute: Hashable, Sendable {
    let name: String
    let spot: Spot
    let expression: Expression
}

/// `type "label" { … }`
struct Block: Hashable, Sendable {
    let type: String
    let labels: [String]
    let body: Body
    let spot: Spot
}

struct Body: Hashable, Sendable {
    var attributes: [Attribute] = []
    var blocks: [Block] = []

    subscript(_ name: String) -> Expression? { attributes.last { $0.name == name }?.expression }
}
