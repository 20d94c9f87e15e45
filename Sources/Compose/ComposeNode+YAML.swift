internal import Yams

extension ComposeNode {
    /// Bytes of a file.
    static let sizeLimit = 1 << 20
    /// Parts of a file, those that aliases repeat among them.
    static let partLimit = 50_000
    static let depthLimit = 64

    /// Reads a YAML document with its aliases and merge keys resolved.
    ///
    /// - Throws: ``ComposeError`` with the place of the first mistake.
    package init(parsing text: String, file: String) throws(ComposeError) {
        func fail(_ line: Int, _ column: Int, _ reason: ComposeError.Reason) -> ComposeError {
            ComposeError(Place(file: file, line: max(1, line), column: max(1, column)), reason)
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
        guard let node else { throw fail(1, 1, .noServices) }
        var reading = Reading(file: file)
        self = try reading.read(node, depth: 0)
    }

    /// Turns Yams' nodes into ours, and counts them.
    private struct Reading {
        let file: String
        var count = 0

        private func place(_ node: Node) -> Place {
            Place(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        }

        mutating func read(_ node: Node, depth: Int) throws(ComposeError) -> ComposeNode {
            let place = place(node)
            count += 1
            guard count <= ComposeNode.partLimit, depth < ComposeNode.depthLimit else {
                throw ComposeError(place, .tooLarge(limit: depth < ComposeNode.depthLimit ? ComposeNode.partLimit : ComposeNode.depthLimit))
            }
            switch node {
            case .scalar(let scalar):
                let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
                return ComposeNode(isNull ? .null : .scalar(scalar.string), at: place, mark: mark(node))
            case .sequence(let sequence):
                var items: [ComposeNode] = []
                for item in sequence { items.append(try read(item, depth: depth + 1)) }
                return ComposeNode(.list(items), at: place, mark: mark(node))
            case .mapping(let mapping):
                return ComposeNode(.mapping(try members(mapping, depth)), at: place, mark: mark(node))
            case .alias: throw ComposeError(place, .syntax("an alias of nothing"))
            }
        }

        private func mark(_ node: Node) -> Mark? {
            switch node.tag.rawValue {
            case "!reset": .reset
            case "!override": .override
            default: nil
            }
        }

        private mutating func members(_ mapping: Node.Mapping, _ depth: Int) throws(ComposeError) -> [Member] {
            var members: [Member] = []
            var inherited: [Member] = []
            var keys: Set<String> = []
            for (key, value) in mapping {
                let place = place(key)
                guard let text = key.scalar?.string else { throw ComposeError(place, .syntax("a key that is no text")) }
                let read = try read(value, depth: depth + 1)
                if text == "<<", key.scalar?.style == .plain {
                    inherited += try merged(read)
                } else if !keys.insert(text).inserted {
                    throw ComposeError(place, .duplicateKey(text))
                } else {
                    members.append(Member(text, at: place, read))
                }
            }
            // What the mapping says itself counts, then what stands first (YAML, "Merge Key Language-Independent Type").
            for member in inherited where keys.insert(member.key).inserted { members.append(member) }
            return members
        }

        private func merged(_ node: ComposeNode) throws(ComposeError) -> [Member] {
            switch node.content {
            case .mapping(let members): return members
            case .list(let items):
                var result: [Member] = []
                for item in items { result += try merged(item) }
                return result
            case .null, .scalar: throw node.error(.unexpectedKind(key: "<<", expected: .mapping))
            }
        }
    }
}

extension ComposeNode {
    /// The node as YAML, for people.
    package var yaml: String {
        // Made of texts, lists and mappings, which have a form always.
        (try? Yams.serialize(node: yamsNode, allowUnicode: true)) ?? ""
    }

    private var yamsNode: Node {
        switch content {
        case .null: Node("null", Tag(.null))
        case .scalar(let text): Node(text, Tag(.implicit), Self.isPlain(text) ? .any : .doubleQuoted)
        case .list(let items): Node(items.map(\.yamsNode))
        case .mapping(let members): Node(members.map { (Node($0.key), $0.value.yamsNode) })
        }
    }

    /// Whether a text stays one without quotes.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.first, first.isLetter || first == "/" || first == "." else { return false }
        let isWord = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
        return !isWord
    }
}
