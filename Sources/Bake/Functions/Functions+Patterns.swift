extension Functions {
    static let patterns: [String: StandardFunction] = [
        "regex": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            guard let match = try matches(a.text(0), a.text(1), limit: 1).first else { throw .noResult }
            return match
        },
        "regexall": StandardFunction(2) { a throws(BakeError.FunctionFault) in .list(try matches(a.text(0), a.text(1)))
        },
        "regex_replace": StandardFunction(3) { a throws(BakeError.FunctionFault) in
            .text(try replacedPattern(a.text(0), a.text(1), a.text(2)))
        },
    ]

    /// The most matches of one call.
    private static let matchLimit = 100_000

    private static func compiled(_ pattern: String) throws(BakeError.FunctionFault) -> Pattern {
        do { return try Pattern(pattern) } catch { throw .invalid(pattern) }
    }

    private static func found(
        _ pattern: Pattern, _ text: [Unicode.Scalar], limit: Int
    ) throws(BakeError.FunctionFault) -> [[Range<Int>?]] {
        let found: [[Range<Int>?]]
        do { found = try pattern.matches(in: text, limit: limit) } catch { throw .outOfRange }
        guard found.count <= matchLimit else { throw .outOfRange }
        return found
    }

    /// A text where the pattern has no groups; a mapping where they have names; else a list.
    private static func matches(
        _ pattern: String, _ text: String, limit: Int = matchLimit + 1
    ) throws(BakeError.FunctionFault) -> [BakeValue] {
        let expression = try compiled(pattern)
        let names = expression.groups.compactMap { $0 }
        guard names.isEmpty || names.count == expression.groups.count else { throw .invalid(pattern) }
        let scalars = Array(text.unicodeScalars)
        return try found(expression, scalars, limit: limit).map { ranges in
            let texts = ranges.map { range in range.map { BakeValue.text(String(scalars[$0])) } ?? .null }
            guard texts.count > 1 else { return texts[0] }
            guard !names.isEmpty else { return .list(Array(texts.dropFirst())) }
            return .mapping(Dictionary(zip(names, texts.dropFirst())) { $1 })
        }
    }

    private static func replacedPattern(
        _ text: String, _ pattern: String, _ replacement: String
    ) throws(BakeError.FunctionFault) -> String {
        let expression = try compiled(pattern)
        let scalars = Array(text.unicodeScalars)
        var result = ""
        var place = 0
        for match in try found(expression, scalars, limit: matchLimit + 1) {
            guard let whole = match[0] else { continue }
            let groups = match.map { range in range.map { String(scalars[$0]) } ?? "" }
            result += String(scalars[place..<whole.lowerBound]) + expanded(replacement, groups, expression.groups)
            guard result.utf8.count <= sizeLimit else { throw .outOfRange }
            place = whole.upperBound
        }
        return result + String(scalars[place...])
    }

    /// `$1`, `${1}`, `$name` and `${name}` in a replacement are groups, and nothing where there is no such; `$$` is a dollar, and so is one
    /// that no name follows.
    private static func expanded(_ replacement: String, _ groups: [String], _ names: [String?]) -> String {
        var result = ""
        var rest = replacement[...]
        while let character = rest.popFirst() {
            guard character == "$" else {
                result.append(character)
                continue
            }
            let isBraced = rest.first == "{"
            let name = (isBraced ? rest.dropFirst() : rest).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            let behind = rest.dropFirst(name.count + (isBraced ? 1 : 0))
            if name.isEmpty || (isBraced && behind.first != "}") {
                result += "$"
                if rest.first == "$" { rest.removeFirst() }
                continue
            }
            rest = behind.dropFirst(isBraced ? 1 : 0)
            if let index = Int(name) {
                if groups.indices.contains(index) { result += groups[index] }
            } else if let index = names.firstIndex(of: String(name)) {
                result += groups[index + 1]
            }
        }
        return result
    }
}

extension String {
    fileprivate init(_ scalars: ArraySlice<Unicode.Scalar>) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
