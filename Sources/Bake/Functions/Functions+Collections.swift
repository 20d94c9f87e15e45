import OCI

/// Lists as sets: each value once, in an order of their own.
enum Collections {
    static func set(_ items: [BakeValue]) -> [BakeValue] {
        distinct(items).sorted { left, right in
            if case .number(let first) = left, case .number(let second) = right { return first < second }
            return (left.string ?? left.json.text) < (right.string ?? right.json.text)
        }
    }

    static func distinct(_ items: [BakeValue]) -> [BakeValue] {
        var seen: Set<BakeValue> = []
        return items.filter { seen.insert($0).inserted }
    }

    static func flattened(_ items: [BakeValue]) -> [BakeValue] {
        items.flatMap { item in if case .list(let inner) = item { flattened(inner) } else { [item] } }
    }
}

extension Functions {
    static let collections: [String: StandardFunction] = [
        "length": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            switch a[0] {
            case .mapping(let members): .number(Double(members.count))
            case .text(let text): .number(Double(text.count))
            default: .number(Double(try a.list(0).count))
            }
        },
        "concat": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            var result: [BakeValue] = []
            for index in 0..<a.count { result += try a.list(index) }
            return .list(result)
        },
        "contains": StandardFunction(2) { a throws(BakeError.FunctionFault) in .bool(try a.list(0).contains(a[1])) },
        "distinct": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .list(Collections.distinct(try a.list(0)))
        },
        "compact": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .list(try a.list(0).filter { $0 != .text("") && $0 != .null })
        },
        "flatten": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .list(Collections.flattened(try a.list(0)))
        },
        "reverselist": StandardFunction(1) { a throws(BakeError.FunctionFault) in .list(try a.list(0).reversed()) },
        "sort": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .list(try a.texts(0).sorted().map { .text($0) })
        },
        "chunklist": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (items, size) = (try a.list(0), try a.whole(1))
            guard size >= 0 else { throw .outOfRange }
            guard size > 0 else { return .list([.list(items)]) }
            return .list(
                stride(from: 0, to: items.count, by: size).map {
                    .list(Array(items[$0..<min($0 + size, items.count)]))
                })
        },
        "slice": StandardFunction(3) { a throws(BakeError.FunctionFault) in
            let (items, start, end) = (try a.list(0), try a.whole(1), try a.whole(2))
            guard 0 <= start, start <= end, end <= items.count else { throw .outOfRange }
            return .list(Array(items[start..<end]))
        },
        "element": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (items, index) = (try a.list(0), try a.whole(1))
            guard !items.isEmpty else { throw .outOfRange }
            return items[((index % items.count) + items.count) % items.count]
        },
        "index": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            guard let item = try member(a) else { throw .outOfRange }
            return item
        },
        "hasindex": StandardFunction(2) { a throws(BakeError.FunctionFault) in .bool(try member(a) != nil) },
        "indexof": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            guard let index = try a.list(0).firstIndex(of: a[1]) else { throw .noResult }
            return .number(Double(index))
        },
        "keys": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .list(try a.mapping(0).keys.sorted().map { .text($0) })
        },
        "values": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .list(try a.mapping(0).sorted { $0.key < $1.key }.map(\.value))
        },
        "lookup": StandardFunction(2...3) { a throws(BakeError.FunctionFault) in
            if let value = try a.mapping(0)[a.text(1)] { return value }
            guard a.count == 3 else { throw .noResult }
            return a[2]
        },
        "merge": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            var result: [String: BakeValue] = [:]
            for index in 0..<a.count where a[index] != .null { result.merge(try a.mapping(index)) { $1 } }
            return .mapping(result)
        },
        "zipmap": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (keys, values) = (try a.texts(0), try a.list(1))
            guard keys.count == values.count else { throw .differentLengths }
            return .mapping(Dictionary(zip(keys, values)) { $1 })
        },
        "coalesce": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            guard let value = a.values.first(where: { $0 != .null }) else { throw .noResult }
            return value
        },
        "coalescelist": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            for index in 0..<a.count where a[index] != .null {
                let items = try a.list(index)
                if !items.isEmpty { return .list(items) }
            }
            throw .noResult
        },
    ]

    private static func member(_ a: Arguments) throws(BakeError.FunctionFault) -> BakeValue? {
        if case .mapping(let members) = a[0] { return members[try a.text(1)] }
        let (items, index) = (try a.list(0), try a.whole(1))
        return items.indices.contains(index) ? items[index] : nil
    }

    static let sets: [String: StandardFunction] = [
        "sethaselement": StandardFunction(2) { a throws(BakeError.FunctionFault) in .bool(try a.list(0).contains(a[1]))
        },
        "setunion": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            var result: [BakeValue] = []
            for index in 0..<a.count { result += try a.list(index) }
            return .list(Collections.set(result))
        },
        "setintersection": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            var result = try a.list(0)
            for index in 1..<max(1, a.count) {
                let other = Set(try a.list(index))
                result.removeAll { !other.contains($0) }
            }
            return .list(Collections.set(result))
        },
        "setsubtract": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let other = Set(try a.list(1))
            return .list(Collections.set(try a.list(0).filter { !other.contains($0) }))
        },
        "setsymmetricdifference": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            var result: Set<BakeValue> = []
            for index in 0..<a.count { result.formSymmetricDifference(try a.list(index)) }
            return .list(Collections.set(Array(result)))
        },
        "setproduct": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in
            var rows: [[BakeValue]] = [[]]
            for index in 0..<a.count {
                let items = try a.list(index)
                guard rows.count * items.count <= 10_000 else { throw .outOfRange }
                rows = rows.flatMap { row in items.map { row + [$0] } }
            }
            return .list(rows.map { .list($0) })
        },
    ]
}
