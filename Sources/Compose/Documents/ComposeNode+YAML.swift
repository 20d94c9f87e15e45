internal import YAML

extension ComposeNode {
    /// Reads a YAML document with its aliases and merge keys resolved.
    ///
    /// - Parameter bytes: UTF-8, or UTF-16 behind a byte order mark.
    /// - Throws: ``ComposeError`` with the place of the first mistake.
    package init(parsing bytes: [UInt8], file: String) throws(ComposeError) {
        let node: YAMLNode?
        do { node = try YAMLNode(parsing: bytes) } catch { throw ComposeError(error, in: file) }
        guard let node else { throw ComposeError(Place(file: file, line: 1, column: 1), .noServices) }
        self = try Reading(file: file).read(node)
    }

    package init(parsing text: String, file: String) throws(ComposeError) {
        try self.init(parsing: Array(text.utf8), file: file)
    }

    /// Turns the nodes of YAML into ours. Merge keys repeat nothing but what their aliases did, which is bounded.
    private struct Reading {
        let file: String

        private func place(_ place: YAMLPlace) -> Place { Place(file: file, line: place.line, column: place.column) }

        func read(_ node: YAMLNode) throws(ComposeError) -> ComposeNode {
            let place = place(node.place)
            let mark = mark(node)
            if node.isNull { return ComposeNode(.null, at: place, mark: mark) }
            switch node.content {
            case .scalar(let scalar): return ComposeNode(.scalar(scalar.text), at: place, mark: mark)
            case .list(let items):
                var result: [ComposeNode] = []
                for item in items { result.append(try read(item)) }
                return ComposeNode(.list(result), at: place, mark: mark)
            case .mapping(let members): return ComposeNode(.mapping(try read(members)), at: place, mark: mark)
            }
        }

        private func mark(_ node: YAMLNode) -> Mark? {
            switch node.tag {
            case "!reset": .reset
            case "!override": .override
            default: nil
            }
        }

        private func read(_ members: [YAMLNode.Member]) throws(ComposeError) -> [Member] {
            var result: [Member] = []
            var inherited: [Member] = []
            for member in members {
                let value = try read(member.value)
                if member.isMerge {
                    inherited += try merged(value)
                } else {
                    result.append(Member(member.key.text, at: place(member.place), value))
                }
            }
            // What the mapping says itself counts, then what stands first (YAML, "Merge Key Language-Independent Type").
            var keys = Set(result.map(\.key))
            for member in inherited where keys.insert(member.key).inserted { result.append(member) }
            return result
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

extension ComposeError {
    init(_ error: YAMLError, in file: String) {
        place = Place(file: file, line: error.place.line, column: error.place.column)
        reason =
            switch error.reason {
            case .duplicateKey(let key): .duplicateKey(key)
            case .excess, .severalDocuments: .excess(error.sentence)
            case .syntax, .undefinedAlias, .keyIsNoText, .noMemory: .syntax(error.sentence)
            }
    }
}

extension ComposeNode {
    /// The node as YAML, for people.
    package var yaml: String { yamlNode.document ?? "" }

    private var yamlNode: YAMLNode {
        switch content {
        case .null: YAMLNode(.scalar(YAMLScalar("null")))
        case .scalar(let text): YAMLNode(.scalar(YAMLScalar(text, isPlain: Self.isPlain(text))))
        case .list(let items): YAMLNode(.list(items.map(\.yamlNode)))
        case .mapping(let members):
            YAMLNode(
                .mapping(
                    members.map {
                        YAMLNode.Member(
                            key: YAMLScalar($0.key), at: YAMLPlace(line: 1, column: 1), value: $0.value.yamlNode)
                    }))
        }
    }

    /// Whether a text stays one without quotes.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.first, first.isLetter || first == "/" || first == "." else { return false }
        let isWord = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
        return !isWord
    }
}
