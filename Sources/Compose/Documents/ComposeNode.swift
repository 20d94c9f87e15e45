/// A part of a Compose file: what stands there, and where.
package struct ComposeNode: Hashable, Sendable {
    package indirect enum Content: Hashable, Sendable {
        case null
        case scalar(String)
        case list([ComposeNode])
        case mapping([Member])
    }

    package struct Member: Hashable, Sendable {
        package let key: String
        package let place: Place
        package var value: ComposeNode

        init(_ key: String, at place: Place, _ value: ComposeNode) {
            (self.key, self.place, self.value) = (key, place, value)
        }
    }

    /// How a later file's value takes the place of an earlier one's (Compose specification, "Merge").
    enum Mark: Hashable, Sendable {
        /// `!reset`: the key is removed.
        case reset
        /// `!override`: nothing of the earlier value stays.
        case override
    }

    package var content: Content
    package let place: Place
    var mark: Mark?

    init(_ content: Content, at place: Place, mark: Mark? = nil) {
        (self.content, self.place, self.mark) = (content, place, mark)
    }

    func error(_ reason: ComposeError.Reason) -> ComposeError { ComposeError(place, reason) }

    /// The value of a mapping's key; nil for anything else.
    package subscript(_ key: String) -> ComposeNode? {
        guard case .mapping(let members) = content else { return nil }
        return members.first { $0.key == key }?.value
    }
}

// MARK: - Reading values

extension ComposeNode {
    var isNull: Bool { content == .null }

    /// The members of a mapping; none for null.
    func members(_ key: String) throws(ComposeError) -> [Member] {
        switch content {
        case .null: return []
        case .mapping(let members): return members
        case .scalar, .list: throw error(.unexpectedKind(key: key, expected: .mapping))
        }
    }

    /// The members of a mapping that may have certain keys; those that begin with `x-` belong to others.
    func fields(_ owner: String, _ key: String, known: [String], unsupported: [String] = []) throws(ComposeError)
        -> [String: ComposeNode]
    {
        var result: [String: ComposeNode] = [:]
        for member in try members(key) where !member.key.hasPrefix("x-") {
            if unsupported.contains(member.key) {
                throw ComposeError(member.place, .unsupportedKey(member.key, owner: owner))
            }
            guard known.contains(member.key) else {
                throw ComposeError(member.place, .unknownKey(member.key, owner: owner, known: known))
            }
            // A key without a value is a key that is not there.
            if !member.value.isNull { result[member.key] = member.value }
        }
        return result
    }

    func text(_ key: String) throws(ComposeError) -> String {
        guard case .scalar(let text) = content else { throw error(.unexpectedKind(key: key, expected: .text)) }
        guard !text.utf8.contains(0) else { throw error(.invalidValue(key: key, value: "\\0", expected: .name)) }
        return text
    }

    func items(_ key: String) throws(ComposeError) -> [ComposeNode] {
        guard case .list(let items) = content else { throw error(.unexpectedKind(key: key, expected: .list)) }
        return items
    }

    /// The texts of a list.
    func list(_ key: String) throws(ComposeError) -> [String] {
        var result: [String] = []
        for item in try items(key) { result.append(try item.text(key)) }
        return result
    }

    /// The texts of a list, or one text.
    func textOrList(_ key: String) throws(ComposeError) -> [ComposeNode] {
        switch content {
        case .scalar: return [self]
        case .list(let items): return items
        case .null, .mapping: throw error(.unexpectedKind(key: key, expected: .textOrList))
        }
    }

    func boolean(_ key: String) throws(ComposeError) -> Bool {
        let text = try text(key)
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw error(.invalidValue(key: key, value: text, expected: .boolean))
        }
    }

    func number(_ key: String, in range: ClosedRange<Int> = 0...Int(Int32.max)) throws(ComposeError) -> Int {
        let text = try text(key)
        guard let number = Int(text), range.contains(number) else {
            throw error(.invalidValue(key: key, value: text, expected: .number))
        }
        return number
    }

    func choice(_ key: String, _ choices: [String]) throws(ComposeError) -> String {
        let text = try text(key)
        guard choices.contains(text) else {
            throw error(.invalidValue(key: key, value: text, expected: .oneOf(choices)))
        }
        return text
    }

    /// `NAME: value` of a mapping, or `NAME=value` of a list; a value that is not given is nil.
    func pairs(_ key: String, separators: [Character] = ["="]) throws(ComposeError) -> [Pair] {
        var result: [Pair] = []
        func add(_ pair: Pair) throws(ComposeError) {
            guard !pair.name.isEmpty else {
                throw ComposeError(pair.place, .invalidValue(key: key, value: pair.name, expected: .environmentName))
            }
            result.append(pair)
        }
        switch content {
        case .null: return []
        case .mapping(let members):
            for member in members {
                let value = member.value.isNull ? nil : try member.value.text(member.key)
                try add(Pair(name: member.key, value: value, place: member.place))
            }
        case .list(let items):
            for item in items {
                let text = try item.text(key)
                guard let end = text.firstIndex(where: separators.contains) else {
                    try add(Pair(name: text, value: nil, place: item.place))
                    continue
                }
                try add(
                    Pair(name: String(text[..<end]), value: String(text[text.index(after: end)...]), place: item.place))
            }
        case .scalar: throw error(.unexpectedKind(key: key, expected: .listOrMapping))
        }
        // Of a name that stands twice the last counts, in its place.
        var names: Set<String> = []
        return result.reversed().filter { names.insert($0.name).inserted }.reversed()
    }

    struct Pair: Hashable, Sendable {
        let name: String
        let value: String?
        let place: Place
    }
}
