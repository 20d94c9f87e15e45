import OCI

extension Body {
    /// Reads a file of JSON (HCL JSON syntax specification): objects below the types of blocks are blocks, texts are templates.
    init(json bytes: [UInt8], file: Int) throws(Fault) {
        let spot = Spot(file: file, bytes: nil)
        guard bytes.count <= Parser.sizeLimit else { throw Fault(.excess(.size), at: spot) }
        let document: JSON
        do { document = try JSON.parse(bytes, maximumDepth: Parser.depthLimit) } catch {
            let place = min(error.offset, bytes.count)
            throw Fault(.notJSON, at: Spot(file: file, bytes: place..<min(place + 1, bytes.count)))
        }
        var reading = JSONReading(file: file)
        self = try reading.body(document, blocks: ["target", "group", "variable", "function"])
    }

    private struct JSONReading {
        let file: Int

        var spot: Spot { Spot(file: file, bytes: nil) }

        mutating func body(_ json: JSON, blocks: Set<String>) throws(Fault) -> Body {
            var body = Body()
            for object in try objects(json) {
                for (name, value) in object.members {
                    if name == "validation" && blocks.isEmpty {
                        body.blocks += try validations(value)
                    } else if blocks.contains(name) {
                        for labelled in try objects(value) {
                            for (label, content) in labelled.members {
                                body.blocks.append(
                                    Block(
                                        type: name, labels: [label], body: try self.body(content, blocks: []),
                                        spot: spot))
                            }
                        }
                    } else if name != "//" {
                        body.attributes.append(Attribute(name: name, spot: spot, expression: try expression(value)))
                    }
                }
            }
            return body
        }

        private mutating func validations(_ json: JSON) throws(Fault) -> [Block] {
            var result: [Block] = []
            for object in try objects(json) {
                result.append(
                    Block(
                        type: "validation", labels: [], body: try body(.object(object), blocks: ["validation"]),
                        spot: spot))
            }
            return result
        }

        /// An object, or several in a list.
        private func objects(_ json: JSON) throws(Fault) -> [JSONObject] {
            if let object = json.object { return [object] }
            guard let items = json.array else {
                throw Fault(.wrongKind(expected: .mapping, found: BakeValue(json).kind), at: spot)
            }
            var result: [JSONObject] = []
            for item in items { result += try objects(item) }
            return result
        }

        private mutating func expression(_ json: JSON) throws(Fault) -> Expression {
            switch json {
            case .null, .bool, .number: return Expression(content: .literal(BakeValue(json)), spot: spot)
            case .string(let text): return try template(text)
            case .array(let items):
                var values: [Expression] = []
                for item in items { values.append(try expression(item)) }
                return Expression(content: .list(values), spot: spot)
            case .object(let object):
                var members: [Expression.Member] = []
                for (key, value) in object.members {
                    members.append(Expression.Member(key: try template(key), value: try expression(value)))
                }
                return Expression(content: .mapping(members), spot: spot)
            }
        }

        private func template(_ text: String) throws(Fault) -> Expression {
            guard text.contains("${") || text.contains("%{") else {
                return Expression(content: .literal(.text(text)), spot: spot)
            }
            var parser = Parser(Array(text.utf8), file: file)
            do {
                let parts = try parser.template(until: .limit)
                return Expression(content: .template(parts), spot: spot).withoutPlaces(spot)
            } catch { throw Fault(error.reason, at: spot) }
        }
    }
}

extension Expression {
    /// Places inside of a text say nothing about its file.
    fileprivate func withoutPlaces(_ spot: Spot) -> Expression {
        Expression(content: content.withoutPlaces(spot), spot: spot)
    }
}

extension Expression.Content {
    fileprivate func withoutPlaces(_ spot: Spot) -> Expression.Content {
        func plain(_ expression: Expression) -> Expression { expression.withoutPlaces(spot) }
        switch self {
        case .literal, .variable: return self
        case .template(let parts): return .template(parts.map { $0.withoutPlaces(spot) })
        case .attribute(let value, let name): return .attribute(plain(value), name)
        case .index(let value, let index): return .index(plain(value), plain(index))
        case .splat(let value, let steps):
            return .splat(
                plain(value),
                steps.map { step in if case .index(let index) = step { .index(plain(index)) } else { step } })
        case .call(let name, let arguments, let expands): return .call(name, arguments.map(plain), expands: expands)
        case .list(let items): return .list(items.map(plain))
        case .mapping(let members): return .mapping(members.map { .init(key: plain($0.key), value: plain($0.value)) })
        case .unary(let found, let value): return .unary(found, plain(value))
        case .binary(let found, let left, let right): return .binary(found, plain(left), plain(right))
        case .conditional(let condition, let first, let second):
            return .conditional(plain(condition), plain(first), plain(second))
        case .loop(let loop):
            return .loop(
                .init(
                    keyName: loop.keyName, valueName: loop.valueName, collection: plain(loop.collection),
                    key: loop.key.map(plain), value: plain(loop.value), condition: loop.condition.map(plain),
                    groups: loop.groups))
        }
    }
}

extension Expression.Part {
    fileprivate func withoutPlaces(_ spot: Spot) -> Expression.Part {
        switch self {
        case .text: self
        case .value(let value): .value(value.withoutPlaces(spot))
        case .choice(let condition, let first, let second):
            .choice(
                condition.withoutPlaces(spot), first.map { $0.withoutPlaces(spot) },
                second.map { $0.withoutPlaces(spot) })
        case .loop(let key, let value, let collection, let body):
            .loop(
                keyName: key, valueName: value, collection: collection.withoutPlaces(spot),
                body.map { $0.withoutPlaces(spot) })
        }
    }
}
