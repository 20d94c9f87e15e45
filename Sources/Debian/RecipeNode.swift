internal import Yams

/// A part of a recipe's YAML, and how values are read from it.
struct RecipeNode {
    /// Items of a list, or members of a mapping, more than which no recipe has.
    private static let itemLimit = 10_000

    let node: Node
    let file: String

    func error(_ reason: RecipeError.Reason) -> RecipeError {
        RecipeError(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, reason: reason)
    }

    /// The members of a mapping.
    ///
    /// - Parameter known: the keys that it may have.
    func members(_ key: String, known: [String]) throws(RecipeError) -> [String: RecipeNode] {
        guard case .mapping(let mapping) = node else { throw error(.unexpectedKind(key: key, expected: .mapping)) }
        guard mapping.count <= Self.itemLimit else { throw error(.tooLarge(limit: Self.itemLimit)) }
        var result: [String: RecipeNode] = [:]
        for (name, value) in mapping {
            let place = RecipeNode(node: name, file: file)
            guard let text = name.scalar?.string else { throw place.error(.unexpectedKind(key: key, expected: .text)) }
            guard known.contains(text) else { throw place.error(.unknownKey(text, known: known)) }
            guard result[text] == nil else { throw place.error(.duplicateKey(text)) }
            result[text] = RecipeNode(node: value, file: file)
        }
        return result
    }

    /// The members of a mapping with any keys, all of them text.
    func texts(_ key: String) throws(RecipeError) -> [(name: String, place: RecipeNode, value: String)] {
        guard case .mapping(let mapping) = node else { throw error(.unexpectedKind(key: key, expected: .mapping)) }
        guard mapping.count <= Self.itemLimit else { throw error(.tooLarge(limit: Self.itemLimit)) }
        var result: [(name: String, place: RecipeNode, value: String)] = []
        for (name, value) in mapping {
            let place = RecipeNode(node: name, file: file)
            guard let text = name.scalar?.string else { throw place.error(.unexpectedKind(key: key, expected: .text)) }
            guard !result.contains(where: { $0.name == text }) else { throw place.error(.duplicateKey(text)) }
            result.append((text, place, try RecipeNode(node: value, file: file).text(text)))
        }
        return result
    }

    func text(_ key: String) throws(RecipeError) -> String {
        guard let scalar = node.scalar else { throw error(.unexpectedKind(key: key, expected: .text)) }
        return scalar.string
    }

    func items(_ key: String) throws(RecipeError) -> [RecipeNode] {
        guard case .sequence(let sequence) = node else { throw error(.unexpectedKind(key: key, expected: .list)) }
        guard sequence.count <= Self.itemLimit else { throw error(.tooLarge(limit: Self.itemLimit)) }
        return sequence.map { RecipeNode(node: $0, file: file) }
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
    /// Bytes of a recipe's text.
    private static let sizeLimit = 1 << 20

    /// Reads YAML text.
    init(parsing text: String, file: String) throws(RecipeError) {
        func fail(_ line: Int, _ column: Int, _ reason: RecipeError.Reason) -> RecipeError {
            RecipeError(file: file, line: line, column: column, reason: reason)
        }
        guard text.utf8.count <= Self.sizeLimit else { throw fail(1, 1, .tooLarge(limit: Self.sizeLimit)) }
        let node: Node?
        do { node = try Yams.compose(yaml: text) } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw fail(mark.line, mark.column, .syntax(problem))
            case .duplicatedKeysInMapping(let duplicates, let context):
                throw fail(context.mark.line, context.mark.column, .duplicateKey(duplicates.first ?? ""))
            default: throw fail(1, 1, .syntax("it cannot be read"))
            }
        } catch { throw fail(1, 1, .syntax("it cannot be read")) }
        guard let node else { throw fail(1, 1, .missingKey("packages")) }
        self.init(node: node, file: file)
    }
}
