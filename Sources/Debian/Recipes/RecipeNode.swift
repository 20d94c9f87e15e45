internal import YAML

/// A part of a recipe's YAML, and how values are read from it.
struct RecipeNode {
    let node: YAMLNode
    let file: String

    func error(_ reason: RecipeError.Reason) -> RecipeError { error(reason, at: node.place) }

    private func error(_ reason: RecipeError.Reason, at place: YAMLPlace) -> RecipeError {
        RecipeError(file: file, line: place.line, column: place.column, reason: reason)
    }

    /// The members of a mapping.
    ///
    /// - Parameter known: the keys that it may have.
    func members(_ key: String, known: [String]) throws(RecipeError) -> [String: RecipeNode] {
        guard case .mapping(let members) = node.content else {
            throw error(.unexpectedKind(key: key, expected: .mapping))
        }
        var result: [String: RecipeNode] = [:]
        for member in members {
            guard known.contains(member.key.text) else {
                throw error(.unknownKey(member.key.text, known: known), at: member.place)
            }
            result[member.key.text] = RecipeNode(node: member.value, file: file)
        }
        return result
    }

    /// The members of a mapping with any keys, all of them text.
    func texts(_ key: String) throws(RecipeError) -> [(name: String, place: RecipeNode, value: String)] {
        guard case .mapping(let members) = node.content else {
            throw error(.unexpectedKind(key: key, expected: .mapping))
        }
        var result: [(name: String, place: RecipeNode, value: String)] = []
        for member in members {
            let place = RecipeNode(node: YAMLNode(.scalar(member.key), at: member.place), file: file)
            result.append(
                (member.key.text, place, try RecipeNode(node: member.value, file: file).text(member.key.text)))
        }
        return result
    }

    func text(_ key: String) throws(RecipeError) -> String {
        guard let scalar = node.scalar else { throw error(.unexpectedKind(key: key, expected: .text)) }
        return scalar.text
    }

    func items(_ key: String) throws(RecipeError) -> [RecipeNode] {
        guard case .list(let items) = node.content else { throw error(.unexpectedKind(key: key, expected: .list)) }
        return items.map { RecipeNode(node: $0, file: file) }
    }

    /// The texts of a list.
    func list(_ key: String) throws(RecipeError) -> [String] {
        var result: [String] = []
        for item in try items(key) { result.append(try item.text(key)) }
        return result
    }

    /// An absolute path without `.` and `..`, in which architectures' names may stand.
    func path(_ key: String) throws(RecipeError) -> String {
        let text = try text(key)
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard text.hasPrefix("/"), text.utf8.count < 4096, !text.utf8.contains(0),
            text == "/" || parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
        else { throw error(.invalidValue(key: key, value: text, expected: .absolutePath)) }
        return text
    }

    func paths(_ key: String) throws(RecipeError) -> [String] {
        var result: [String] = []
        for item in try items(key) { result.append(try item.path(key)) }
        return result
    }

    func identifier(_ key: String) throws(RecipeError) -> UInt32 {
        let text = try text(key)
        guard let number = UInt32(text), number < UInt32.max else {
            throw error(.invalidValue(key: key, value: text, expected: .identifier))
        }
        return number
    }

    /// A name of a user or a group, as useradd(8) allows it.
    func accountName(_ key: String) throws(RecipeError) -> String {
        let text = try text(key)
        let isName = text.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case 0x61...0x7A, UInt8(ascii: "_"): true
            case 0x30...0x39, UInt8(ascii: "-"): index > 0
            default: false
            }
        }
        guard isName, !text.isEmpty, text.utf8.count <= 32 else {
            throw error(.invalidValue(key: key, value: text, expected: .name))
        }
        return text
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _: Choice.Type
    ) throws(RecipeError) -> Choice where Choice.RawValue == String {
        let text = try text(key)
        guard let choice = Choice(rawValue: text) else {
            throw error(.invalidValue(key: key, value: text, expected: .oneOf(Choice.allCases.map(\.rawValue))))
        }
        return choice
    }
}

extension RecipeNode {
    /// Reads YAML.
    init(parsing bytes: [UInt8], file: String) throws(RecipeError) {
        let node: YAMLNode?
        do { node = try YAMLNode(parsing: bytes) } catch { throw RecipeError(error, in: file) }
        guard let node else { throw RecipeError(file: file, line: 1, column: 1, reason: .missingKey("packages")) }
        self.init(node: node, file: file)
    }
}

extension RecipeError {
    init(_ error: YAMLError, in file: String) {
        (self.file, line, column) = (file, error.place.line, error.place.column)
        reason =
            switch error.reason {
            case .duplicateKey(let key): .duplicateKey(key)
            case .excess, .severalDocuments: .excess(error.sentence)
            case .syntax, .undefinedAlias, .keyIsNoText, .noMemory: .syntax(error.sentence)
            }
    }
}
