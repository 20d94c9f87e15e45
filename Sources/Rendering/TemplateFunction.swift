package import OCI

/// The functions that docker's templates offer: those of text/template that make sense for values, and docker's own.
package enum TemplateFunction: String, Sendable {
    case and, or, not, eq, ne, lt, le, gt, ge, len, index, slice, print, printf, println
    case json, join, split, lower, upper, title, pad, truncate

    package func call(_ arguments: [JSON]) throws(GoTemplateError) -> JSON {
        switch self {
        case .and: try some(of: arguments).first { !$0.isTrue } ?? arguments[arguments.count - 1]
        case .or: try some(of: arguments).first { $0.isTrue } ?? arguments[arguments.count - 1]
        case .not: .bool(!(try one(of: arguments).isTrue))
        case .eq: .bool(try isFirstEqualToAny(arguments))
        case .ne: .bool(!(try isFirstEqualToAny(try exactly(2, of: arguments))))
        case .lt: .bool(try order(arguments) < 0)
        case .le: .bool(try order(arguments) <= 0)
        case .gt: .bool(try order(arguments) > 0)
        case .ge: .bool(try order(arguments) >= 0)
        case .len: try length(of: try one(of: arguments))
        case .index: try element(of: arguments)
        case .slice: try slice(arguments)
        case .print: .string(Self.printed(arguments))
        case .println: .string(arguments.map(\.goText).joined(separator: " ") + "\n")
        case .printf: .string(try formatted(arguments))
        case .json: .string(try one(of: arguments).text)
        case .join: .string(try joined(arguments))
        case .split: .strings(try separated(arguments))
        case .lower: .string(try text(of: try one(of: arguments)).lowercased())
        case .upper: .string(try text(of: try one(of: arguments)).uppercased())
        case .title: .string(Self.titled(try text(of: try one(of: arguments))))
        case .pad: .string(try padded(arguments))
        case .truncate: .string(try truncated(arguments))
        }
    }

    private var usage: String {
        switch self {
        case .and, .or, .print, .println: "VALUE…"
        case .not, .len, .json: "VALUE"
        case .eq, .ne, .lt, .le, .gt, .ge: "VALUE VALUE"
        case .index: "LIST NUMBER, or OBJECT \"name\""
        case .slice: "LIST FROM TO"
        case .printf: "\"format\" VALUE…"
        case .join: "LIST \"separator\""
        case .split: "TEXT \"separator\""
        case .lower, .upper, .title: "TEXT"
        case .pad: "TEXT BEFORE AFTER"
        case .truncate: "TEXT LENGTH"
        }
    }

    private var misused: GoTemplateError { .arguments(function: rawValue, usage: usage) }

    private func exactly(_ count: Int, of arguments: [JSON]) throws(GoTemplateError) -> [JSON] {
        guard arguments.count == count else { throw misused }
        return arguments
    }

    private func some(of arguments: [JSON]) throws(GoTemplateError) -> [JSON] {
        guard !arguments.isEmpty else { throw misused }
        return arguments
    }

    private func one(of arguments: [JSON]) throws(GoTemplateError) -> JSON { try exactly(1, of: arguments)[0] }

    private func text(of value: JSON) throws(GoTemplateError) -> String {
        guard let text = value.string else { throw misused }
        return text
    }

    /// A count that is at least zero and small enough to build text from.
    private func count(of value: JSON) throws(GoTemplateError) -> Int {
        guard let number = value.integer, (0...4096).contains(number) else { throw misused }
        return Int(number)
    }
}

// MARK: - Comparison

extension TemplateFunction {
    private func isFirstEqualToAny(_ arguments: [JSON]) throws(GoTemplateError) -> Bool {
        guard arguments.count >= 2 else { throw misused }
        let first = arguments[0]
        return arguments.dropFirst().contains { other in
            if case .number(let left) = first, case .number(let right) = other {
                return Int64(left).map { $0 == Int64(right) } ?? (Double(left) == Double(right))
            }
            return first == other
        }
    }

    /// Negative, zero or positive, as the first of two numbers or texts stands to the second.
    private func order(_ arguments: [JSON]) throws(GoTemplateError) -> Int {
        switch (try exactly(2, of: arguments)[0], arguments[1]) {
        case (.number(let left), .number(let right)):
            if let left = Int64(left), let right = Int64(right) { return left < right ? -1 : left > right ? 1 : 0 }
            guard let left = Double(left), let right = Double(right) else { throw misused }
            return left < right ? -1 : left > right ? 1 : 0
        case (.string(let left), .string(let right)): return left < right ? -1 : left > right ? 1 : 0
        default: throw misused
        }
    }
}

// MARK: - Lists

extension TemplateFunction {
    private func length(of value: JSON) throws(GoTemplateError) -> JSON {
        switch value {
        case .string(let text): .integer(Int64(text.utf8.count))
        case .array(let items): .integer(Int64(items.count))
        case .object(let object): .integer(Int64(object.members.count))
        case .null: .integer(0)
        case .bool, .number: throw misused
        }
    }

    /// `index VALUE KEY…`; a name that an object does not have is an empty text, as in Go's maps of texts.
    private func element(of arguments: [JSON]) throws(GoTemplateError) -> JSON {
        var value = try some(of: arguments)[0]
        for key in arguments.dropFirst() {
            switch (value, key) {
            case (.object(let object), .string(let name)): value = object[name] ?? .string("")
            case (.null, .string): value = .string("")
            case (.array(let items), .number(let text)):
                guard let index = Int64(text) else { throw misused }
                guard items.indices.contains(Int(clamping: index)) else {
                    throw .outOfRange(index: index, count: items.count)
                }
                value = items[Int(clamping: index)]
            default: throw misused
            }
        }
        return value
    }

    /// `slice LIST FROM TO`, of a list or of the bytes of a text; FROM and TO may be left out.
    private func slice(_ arguments: [JSON]) throws(GoTemplateError) -> JSON {
        guard (1...3).contains(arguments.count) else { throw misused }
        var bounds: [Int64] = []
        for argument in arguments.dropFirst() {
            guard let bound = argument.integer else { throw misused }
            bounds.append(bound)
        }
        func range(_ count: Int) throws(GoTemplateError) -> Range<Int> {
            let from = bounds.first ?? 0
            let to = bounds.count > 1 ? bounds[1] : Int64(count)
            for bound in [from, to] where bound < 0 || bound > Int64(count) {
                throw .outOfRange(index: bound, count: count)
            }
            guard from <= to else { throw .outOfRange(index: from, count: count) }
            return Int(from)..<Int(to)
        }
        switch arguments[0] {
        case .array(let items): return .array(Array(items[try range(items.count)]))
        case .string(let text):
            let bytes = Array(text.utf8)
            return .string(String(decoding: bytes[try range(bytes.count)], as: UTF8.self))
        case .null, .bool, .number, .object: throw misused
        }
    }
}

// MARK: - Text

extension TemplateFunction {
    /// Go's Sprint: a space stands between two values of which neither is a text.
    private static func printed(_ values: [JSON]) -> String {
        var text = ""
        for (index, value) in values.enumerated() {
            if index > 0, value.string == nil, values[index - 1].string == nil { text += " " }
            text += value.goText
        }
        return text
    }

    private func joined(_ arguments: [JSON]) throws(GoTemplateError) -> String {
        let separator = try text(of: try exactly(2, of: arguments)[1])
        switch arguments[0] {
        case .array(let items):
            guard items.count * separator.utf8.count <= 16 << 20 else { throw .tooMuch }
            return items.map(\.goText).joined(separator: separator)
        case .null: return ""
        case .bool, .number, .string, .object: throw misused
        }
    }

    private func separated(_ arguments: [JSON]) throws(GoTemplateError) -> [String] {
        let whole = try text(of: try exactly(2, of: arguments)[0])
        let separator = Array(try text(of: arguments[1]).unicodeScalars)
        let scalars = Array(whole.unicodeScalars)
        if separator.isEmpty { return scalars.map { String($0) } }
        var parts: [String] = []
        var part = String.UnicodeScalarView()
        var position = 0
        while position < scalars.count {
            if scalars[position...].starts(with: separator) {
                parts.append(String(part))
                part = String.UnicodeScalarView()
                position += separator.count
            } else {
                part.append(scalars[position])
                position += 1
            }
        }
        return parts + [String(part)]
    }

    private static func titled(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for character in text {
            result += startsWord ? character.uppercased() : String(character)
            startsWord = !(character.isLetter || character.isNumber || character == "_" || character == "'")
        }
        return result
    }

    private func padded(_ arguments: [JSON]) throws(GoTemplateError) -> String {
        let inner = try text(of: try exactly(3, of: arguments)[0])
        if inner.isEmpty { return "" }
        return String(repeating: " ", count: try count(of: arguments[1])) + inner
            + String(repeating: " ", count: try count(of: arguments[2]))
    }

    private func truncated(_ arguments: [JSON]) throws(GoTemplateError) -> String {
        let whole = try text(of: try exactly(2, of: arguments)[0])
        guard let length = arguments[1].integer, length >= 0 else { throw misused }
        return String(whole.prefix(Int(clamping: length)))
    }

    private func formatted(_ arguments: [JSON]) throws(GoTemplateError) -> String {
        guard let format = try some(of: arguments)[0].string,
            let text = PrintfFormat(format).fill(Array(arguments.dropFirst()))
        else { throw misused }
        return text
    }
}
