extension YAMLNode {
    /// Reads the one document of a stream, with its aliases in place; nil where the stream has none.
    ///
    /// - Parameter bytes: UTF-8, or UTF-16 behind a byte order mark.
    /// - Throws: ``YAMLError`` with the place of the first mistake.
    package init?(parsing bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
        var reading = try Reading(bytes, limits)
        guard let node = try reading.document() else { return nil }
        self = node
    }

    /// A part that is complete, with what an alias of it would add.
    private struct Built {
        let node: YAMLNode
        let parts: Int
        let textBytes: Int
        /// Lists and mappings within each other.
        let height: Int
    }

    /// Makes nodes of events. Everything is counted before it is made, so that a document of a few lines cannot become large.
    private struct Reading: ~Copyable {
        private var events: EventStream
        private let limits: YAMLLimits
        private var anchors: [String: Built] = [:]
        private var parts = 0
        private var textBytes = 0
        private var aliases = 0

        init(_ bytes: [UInt8], _ limits: YAMLLimits) throws(YAMLError) {
            let start = YAMLPlace(line: 1, column: 1)
            guard bytes.count <= limits.bytes else { throw YAMLError(start, .excess(.bytes(limits.bytes))) }
            guard Self.directives(bytes) <= 64 else { throw YAMLError(start, .syntax(.directive)) }
            events = try EventStream(bytes)
            self.limits = limits
        }

        /// Lines that begin with `%`: libyaml compares each directive with all before it, and a real file has two at most.
        private static func directives(_ bytes: [UInt8]) -> Int {
            var count = 0
            for index in bytes.indices where bytes[index] == UInt8(ascii: "%") {
                if index == 0 || bytes[index - 1] == UInt8(ascii: "\n") || bytes[index - 1] == UInt8(ascii: "\r") {
                    count += 1
                }
            }
            return count
        }

        mutating func document() throws(YAMLError) -> YAMLNode? {
            _ = try events.next()
            guard case .documentStart = try events.next().kind else { return nil }
            let root = try built(try events.next(), depth: 0)
            _ = try events.next()
            let next = try events.next()
            guard case .streamEnd = next.kind else { throw YAMLError(next.place, .severalDocuments) }
            return root.node
        }

        private mutating func built(_ event: Event, depth: Int) throws(YAMLError) -> Built {
            guard depth < limits.depth else { throw YAMLError(event.place, .excess(.depth(limits.depth))) }
            let result: Built
            switch event.kind {
            case .alias(let name): return try repeated(name, event.place, depth)
            case .scalar(let scalar):
                try count(parts: 1, textBytes: scalar.text.utf8.count, event.place)
                let node = YAMLNode(.scalar(scalar), tag: event.tag, at: event.place)
                result = Built(node: node, parts: 1, textBytes: scalar.text.utf8.count, height: 1)
            case .listStart: result = try list(event, depth)
            case .mappingStart: result = try mapping(event, depth)
            case .end, .documentStart, .streamStart, .streamEnd: throw YAMLError(event.place, .syntax(.other))
            }
            if let anchor = event.anchor { anchors[anchor] = result }
            return result
        }

        private mutating func repeated(_ name: String, _ place: YAMLPlace, _ depth: Int) throws(YAMLError) -> Built {
            guard let target = anchors[name] else { throw YAMLError(place, .undefinedAlias(name)) }
            aliases += 1
            guard aliases <= limits.aliases else { throw YAMLError(place, .excess(.aliases(limits.aliases))) }
            guard depth + target.height <= limits.depth else { throw YAMLError(place, .excess(.depth(limits.depth))) }
            try count(parts: target.parts, textBytes: target.textBytes, place)
            return target
        }

        private mutating func count(parts: Int, textBytes: Int, _ place: YAMLPlace) throws(YAMLError) {
            self.parts += parts
            self.textBytes += textBytes
            guard self.parts <= limits.parts else { throw YAMLError(place, .excess(.parts(limits.parts))) }
            guard self.textBytes <= limits.textBytes else {
                throw YAMLError(place, .excess(.textBytes(limits.textBytes)))
            }
        }

        private mutating func list(_ start: Event, _ depth: Int) throws(YAMLError) -> Built {
            let before = (parts, textBytes)
            try count(parts: 1, textBytes: 0, start.place)
            var items: [YAMLNode] = []
            var height = 0
            while let event = try nextPart() {
                let item = try built(event, depth: depth + 1)
                items.append(item.node)
                height = max(height, item.height)
            }
            let node = YAMLNode(.list(items), tag: start.tag, at: start.place)
            return Built(node: node, parts: parts - before.0, textBytes: textBytes - before.1, height: height + 1)
        }

        private mutating func mapping(_ start: Event, _ depth: Int) throws(YAMLError) -> Built {
            let before = (parts, textBytes)
            try count(parts: 1, textBytes: 0, start.place)
            var members: [Member] = []
            var firsts: [String: YAMLPlace] = [:]
            var height = 0
            while let event = try nextPart() {
                let name = try built(event, depth: depth + 1).node
                guard let key = name.scalar else { throw YAMLError(name.place, .keyIsNoText) }
                let value = try built(try events.next(), depth: depth + 1)
                if let first = firsts.updateValue(name.place, forKey: key.text) {
                    throw YAMLError(first, .duplicateKey(key.text))
                }
                members.append(Member(key: key, at: name.place, value: value.node))
                height = max(height, value.height)
            }
            let node = YAMLNode(.mapping(members), tag: start.tag, at: start.place)
            return Built(node: node, parts: parts - before.0, textBytes: textBytes - before.1, height: height + 1)
        }

        /// The next part of a list or mapping; nil at its end.
        private mutating func nextPart() throws(YAMLError) -> Event? {
            let event = try events.next()
            if case .end = event.kind { return nil }
            return event
        }
    }
}
