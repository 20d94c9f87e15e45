/// What is looked for: every rule, and the values of one build. Those are gone with this object.
package final class SecretScanner {
    private var rules = LiteralSet()
    private var matchers: [SecretMatcher] = []
    private var known = LiteralSet()
    private var needles: [KnownNeedle] = []
    private var generic = LiteralSet()
    private var genericMatchers: [SecretMatcher] = []

    /// - Parameters:
    ///   - values: what may not be in the result; they are wiped by whoever made them.
    ///   - rules: whether shapes are looked for too.
    package init(_ values: [KnownValue] = [], rules hasRules: Bool = true) {
        if hasRules {
            for rule in RuleBook.all { Self.add(rule, to: &rules, &matchers) }
            for rule in RuleBook.generic { Self.add(rule, to: &generic, &genericMatchers) }
        }
        for value in values {
            for part in value.parts.prefix(256) {
                for (spelling, form) in Spelling.forms(of: part) where form.count <= Self.longestForm {
                    for (needle, literal) in KnownNeedle.needles(value.origin, spelling, form) {
                        _ = known.add(literal)
                        needles.append(needle)
                    }
                }
            }
        }
    }

    /// Bytes; a longer one cannot be compared whole within a window, and its parts are found in its place.
    private static let longestForm = 12 << 10

    private static func add(_ rule: RuleBook.Rule, to literals: inout LiteralSet, _ matchers: inout [SecretMatcher]) {
        for literal in rule.literals {
            let bytes = Array(literal.utf8)
            _ = rule.isAligned ? literals.add(bytes, pairsAt: [0]) : literals.add(bytes)
            matchers.append(rule.matcher)
        }
    }

    /// What begins in a part of a window, in no order.
    func matches(in window: ScanWindow, from start: Int, upTo limit: Int) -> [SecretMatch] {
        var found: [SecretMatch] = []
        rules.forEach(in: window.bytes, from: start, upTo: limit) { found += matchers[$0](window, $1) }
        known.forEach(in: window.bytes, from: start, upTo: limit) { literal, place in
            if let match = needles[literal].match(window, place) { found.append(match) }
        }
        return found
    }

    func genericMatches(in window: ScanWindow) -> [SecretMatch] {
        var found: [SecretMatch] = []
        generic.forEach(in: window.bytes, from: 0, upTo: window.count) { found += genericMatchers[$0](window, $1) }
        return found
    }

    /// A text as it may be shown: with a sign in the place of everything that is a secret, or looks like one.
    package func redacted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let ranges = bytes.withUnsafeBytes { pointer in
            let window = ScanWindow(bytes: pointer)
            return (matches(in: window, from: 0, upTo: bytes.count) + genericMatches(in: window)).map(\.range).filter {
                !$0.isEmpty
            }
        }
        guard !ranges.isEmpty else { return text }
        var result: [UInt8] = []
        var isHidden = false
        for (index, byte) in bytes.enumerated() {
            let isSecret = ranges.contains { $0.contains(index) }
            if !isSecret { result.append(byte) } else if !isHidden { result += Array("…".utf8) }
            isHidden = isSecret
        }
        return String(decoding: result, as: UTF8.self)
    }

    deinit {
        known.wipe()
        for index in needles.indices { needles[index].wipe() }
    }
}
