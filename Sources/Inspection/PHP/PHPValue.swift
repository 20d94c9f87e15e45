/// What an expression of PHP is worth, as far as files tell.
indirect enum PHPValue: Sendable {
    case text(String)
    case number(Int)
    case truth(Bool)
    case null
    /// By key; what has none has its number as one.
    case list([(key: String, value: PHPValue)])
    /// An object, by the name of its class.
    case object(String)
    case function(PHPFunction)
    case unknown

    private static let textLimit = 1 << 16

    /// Some texts behind one another; what is too long is not known.
    static func joined(_ texts: [String], _ mark: String = "") -> PHPValue {
        let count = texts.reduce(mark.utf8.count * texts.count) { $0 + $1.utf8.count }
        return count <= textLimit ? .text(texts.joined(separator: mark)) : .unknown
    }

    /// A text with another in the places of a mark; nil where it may be too long.
    static func replaced(_ text: String, _ mark: String, with other: String) -> String? {
        guard text.utf8.count <= textLimit, text.utf8.count * max(other.utf8.count, 1) <= 64 * textLimit else {
            return nil
        }
        return text.replacing(mark, with: other)
    }

    /// Whether others may stand in it.
    var holdsValues: Bool {
        switch self {
        case .list, .function: true
        case .text, .number, .truth, .null, .object, .unknown: false
        }
    }

    /// What a condition makes of it; nil where that is not known.
    var isTrue: Bool? {
        switch self {
        case .text(let text): !(text.isEmpty || text == "0")
        case .number(let number): number != 0
        case .truth(let value): value
        case .null: false
        case .list(let items): !items.isEmpty
        case .object, .function: true
        case .unknown: nil
        }
    }

    var isNull: Bool? {
        switch self {
        case .null: true
        case .unknown: nil
        case .text, .number, .truth, .list, .object, .function: false
        }
    }

    /// As a text that is put together with others.
    var asText: String? {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .truth(let value): value ? "1" : ""
        case .null: ""
        case .list, .object, .function, .unknown: nil
        }
    }

    var asNumber: Int? {
        switch self {
        case .number(let number): number
        case .text(let text): Int(text)
        case .truth(let value): value ? 1 : 0
        case .null: 0
        case .list, .object, .function, .unknown: nil
        }
    }

    /// Whether both are the same, types included; nil where that is not known.
    func isIdentical(_ other: PHPValue) -> Bool? {
        switch (self, other) {
        case (.unknown, _), (_, .unknown), (.list, .list), (.object, .object), (.function, _), (_, .function): nil
        case (.text(let left), .text(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.truth(let left), .truth(let right)): left == right
        case (.null, .null): true
        default: false
        }
    }

    /// Whether `==` holds; nil where that is not known, or where types differ in more than being null or a truth.
    func isEqual(_ other: PHPValue) -> Bool? {
        switch (self, other) {
        case (.truth(let value), _): other.isTrue.map { $0 == value }
        case (_, .truth(let value)): isTrue.map { $0 == value }
        case (.text(let left), .number(let right)): Int(left).map { $0 == right }
        case (.number(let left), .text(let right)): Int(right).map { $0 == left }
        case (.text, .text), (.number, .number), (.null, .null): isIdentical(other)
        case (.null, .text(let text)), (.text(let text), .null): text.isEmpty
        case (.null, _): isTrue.flatMap { _ in other.isTrue.map { !$0 } }
        case (_, .null): isTrue.map { !$0 }
        default: nil
        }
    }

    /// What a list has under a key; nil where it is no list that is known.
    func item(_ key: String) -> PHPValue? {
        guard case .list(let items) = self else { return nil }
        return items.last { $0.key == key }?.value ?? .null
    }
}
