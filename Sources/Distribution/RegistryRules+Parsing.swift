extension RegistryRules {
    /// Reads `registries.conf` version 2: the tables `registry` and `registry.mirror`. Other tables and members are for
    /// other programs and are left out.
    package init(parsing text: String) throws(RegistryRulesError) {
        var reader = RulesReader()
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard reader.read(line) else { throw RegistryRulesError(line: index + 1) }
        }
        rules = reader.rules.filter { !$0.prefix.isEmpty }
    }
}

/// A line that is not as `registries.conf` wants it, counted from one.
package struct RegistryRulesError: Error, Hashable, Sendable {
    package let line: Int
}

/// The part of TOML 1.0 that such files use: tables, strings on one line, Booleans; arrays are skipped.
private struct RulesReader {
    var rules: [RegistryRules.Rule] = []

    private enum Table {
        case registry, mirror, other
    }

    private enum Value {
        case text(String)
        case flag(Bool)
        case other
    }

    private var table = Table.other
    private var isInArray = false

    /// False for a line that cannot be read.
    mutating func read(_ line: Substring) -> Bool {
        let content = Self.trimmed(Self.withoutComment(line))
        if isInArray {
            isInArray = !content.hasSuffix("]")
            return true
        }
        if content.isEmpty { return true }
        if content.hasPrefix("[") { return open(content) }
        guard let equals = content.firstIndex(of: "=") else { return false }
        let key = Self.trimmed(content[..<equals])
        guard let value = value(Self.trimmed(content[content.index(after: equals)...])) else { return false }
        return set(key, value)
    }

    private mutating func open(_ header: Substring) -> Bool {
        guard header.hasSuffix("]") else { return false }
        switch header.filter({ $0 != " " }) {
        case "[[registry]]":
            table = .registry
            rules.append(RegistryRules.Rule(prefix: ""))
        case "[[registry.mirror]]":
            guard let last = rules.indices.last else { return false }
            table = .mirror
            rules[last].mirrors.append(RegistryRules.Mirror(location: ""))
        default: table = .other
        }
        return true
    }

    private mutating func value(_ text: Substring) -> Value? {
        switch text.first {
        case "\"", "'":
            guard text.utf8.count >= 2, text.last == text.first else { return nil }
            let content = text.dropFirst().dropLast()
            // No name of a registry has a character that must be escaped.
            let isPlain = !content.contains("\\") && !content.contains { $0 == text.first }
            return isPlain ? .text(String(content)) : nil
        case "[":
            isInArray = !text.hasSuffix("]")
            return .other
        case nil: return nil
        default: return text == "true" ? .flag(true) : text == "false" ? .flag(false) : .other
        }
    }

    private mutating func set(_ key: Substring, _ value: Value) -> Bool {
        guard table != .other, let last = rules.indices.last else { return true }
        switch (table, key, value) {
        case (.registry, "prefix", .text(let text)): rules[last].prefix = text
        case (.registry, "location", .text(let text)):
            rules[last].location = text
            if rules[last].prefix.isEmpty { rules[last].prefix = text }
        case (.registry, "insecure", .flag(let flag)): rules[last].isInsecure = flag
        case (.registry, "blocked", .flag(let flag)): rules[last].isBlocked = flag
        case (.mirror, "location", .text(let text)):
            guard let mirror = rules[last].mirrors.indices.last else { return false }
            rules[last].mirrors[mirror].location = text
        case (.mirror, "insecure", .flag(let flag)):
            guard let mirror = rules[last].mirrors.indices.last else { return false }
            rules[last].mirrors[mirror].isInsecure = flag
        case (_, "prefix", _), (_, "location", _), (_, "insecure", _), (_, "blocked", _): return false
        default: break
        }
        return true
    }

    private static func withoutComment(_ line: Substring) -> Substring {
        var quote: Character?
        for index in line.indices {
            switch (line[index], quote) {
            case ("#", nil): return line[..<index]
            case ("\"", nil), ("'", nil): quote = line[index]
            case (let character, let open?) where character == open: quote = nil
            default: break
            }
        }
        return line
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        var result = text.drop(while: isSpace)
        while let last = result.last, isSpace(last) { result.removeLast() }
        return result
    }
}
