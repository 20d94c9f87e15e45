/// A value of TOML 1.0, as far as settings for registries have such.
indirect enum TOMLValue: Hashable, Sendable {
    case text(String)
    case flag(Bool)
    case list([TOMLValue])
    case table(TOMLTable)
    /// A number or a time.
    case other
}

/// A table of TOML, its members in the order in which they stand.
struct TOMLTable: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        let key: String
        /// Counted from one.
        let line: Int
        var value: TOMLValue
    }

    private(set) var members: [Member] = []
    private var places: [String: Int] = [:]

    subscript(key: String) -> TOMLValue? { places[key].map { members[$0].value } }

    /// False when there is one of this key.
    mutating func add(_ value: TOMLValue, _ key: String, line: Int) -> Bool {
        guard places[key] == nil else { return false }
        places[key] = members.count
        members.append(Member(key: key, line: line, value: value))
        return true
    }

    /// Puts a value at a path of keys (`a.b = 1`), with the tables between.
    mutating func add(_ value: TOMLValue, at path: ArraySlice<String>, line: Int) -> Bool {
        guard let key = path.first else { return false }
        if path.count == 1 { return add(value, key, line: line) }
        return descend(to: key, line: line) { $0.add(value, at: path.dropFirst(), line: line) }
    }

    /// Puts in what stood below a header, `[a.b]`, or as one more element below `[[a.b]]`.
    mutating func put(_ section: TOMLTable, at path: ArraySlice<String>, isElement: Bool, line: Int) -> Bool {
        guard let key = path.first else { return section.members.allSatisfy { add($0.value, $0.key, line: $0.line) } }
        guard path.count == 1, isElement else {
            return descend(to: key, line: line) {
                $0.put(section, at: path.dropFirst(), isElement: isElement, line: line)
            }
        }
        guard let place = places[key] else { return add(.list([.table(section)]), key, line: line) }
        guard case .list(var list) = members[place].value else { return false }
        members[place].value = .other
        list.append(.table(section))
        members[place].value = .list(list)
        return true
    }

    /// Changes the table of a key, which is made if it is missing; in an array it is the last one.
    private mutating func descend(to key: String, line: Int, _ body: (inout TOMLTable) -> Bool) -> Bool {
        guard let place = places[key] else {
            var child = TOMLTable()
            return body(&child) && add(.table(child), key, line: line)
        }
        switch members[place].value {
        case .table(var child):
            // What is taken out is not copied when it changes.
            members[place].value = .other
            let isRight = body(&child)
            members[place].value = .table(child)
            return isRight
        case .list(var list):
            guard case .table(var child)? = list.last else { return false }
            members[place].value = .other
            list[list.count - 1] = .other
            let isRight = body(&child)
            list[list.count - 1] = .table(child)
            members[place].value = .list(list)
            return isRight
        default: return false
        }
    }
}

/// A line that is not as TOML wants it, counted from one.
struct TOMLError: Error, Hashable {
    let line: Int
}
