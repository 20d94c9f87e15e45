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

    private static func compiled(_ pattern: String) throws(BakeError.FunctionFault) -> Regex<AnyRegexOutput> {
        // The named groups of other engines begin with a letter.
        let spelled = pattern.split(separator: "(?P<", omittingEmptySubsequences: false).joined(separator: "(?<")
        do { return try Regex(spelled) } catch { throw .invalid(pattern) }
    }

    /// A text where the pattern has no groups; a mapping where they have names; else a list.
    private static func matches(
        _ pattern: String, _ text: String, limit: Int = 10_000
    ) throws(BakeError.FunctionFault) -> [BakeValue] {
        let regex = try compiled(pattern)
        var result: [BakeValue] = []
        var rest = text[...]
        while result.count < limit {
            let found: Regex<AnyRegexOutput>.Match?
            do { found = try regex.firstMatch(in: rest) } catch { throw .invalid(pattern) }
            guard let match = found else { break }
            result.append(value(of: match.output))
            if match.range.isEmpty {
                guard match.range.upperBound < rest.endIndex else { break }
                rest = rest[rest.index(after: match.range.upperBound)...]
            } else {
                rest = rest[match.range.upperBound...]
            }
        }
        return result
    }

    private static func value(of output: AnyRegexOutput) -> BakeValue {
        func text(_ index: Int) -> BakeValue { output[index].substring.map { .text(String($0)) } ?? .null }
        guard output.count > 1 else { return text(0) }
        let names = (1..<output.count).compactMap { index in output[index].name.map { ($0, text(index)) } }
        if names.count == output.count - 1 { return .mapping(Dictionary(names) { $1 }) }
        return .list((1..<output.count).map(text))
    }

    /// `$1` and `${1}` in the replacement are groups.
    private static func replacedPattern(
        _ text: String, _ pattern: String, _ replacement: String
    ) throws(BakeError.FunctionFault) -> String {
        let regex = try compiled(pattern)
        var result = ""
        var rest = text[...]
        while true {
            let found: Regex<AnyRegexOutput>.Match?
            do { found = try regex.firstMatch(in: rest) } catch { throw .invalid(pattern) }
            guard let match = found else { break }
            result += rest[..<match.range.lowerBound] + expanded(replacement, match.output)
            guard result.utf8.count <= sizeLimit else { throw .outOfRange }
            rest = rest[match.range.upperBound...]
            if match.range.isEmpty {
                guard let first = rest.popFirst() else { break }
                result.append(first)
            }
        }
        return result + rest
    }

    private static func expanded(_ replacement: String, _ output: AnyRegexOutput) -> String {
        var result = ""
        var rest = replacement[...]
        while let character = rest.popFirst() {
            guard character == "$" else {
                result.append(character)
                continue
            }
            if rest.first == "$" {
                rest.removeFirst()
                result += "$"
                continue
            }
            let isBraced = rest.first == "{"
            let name = (isBraced ? rest.dropFirst() : rest).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            rest = rest.dropFirst(name.count + (isBraced ? 2 : 0))
            if let index = Int(name) {
                if index < output.count { result += output[index].substring ?? "" }
            } else if let named = output.first(where: { $0.name == String(name) }) {
                result += named.substring ?? ""
            }
        }
        return result
    }
}
