/// A JSON document that keeps what it was given: members in order, numbers as text (RFC 8259).
///
/// The images that Distill handles are other people's documents. Members that we do not know, the order of members and
/// the spelling of numbers must survive a round trip, which no decoder into fixed types offers.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The number as it was written; use ``integer`` to read it.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    package static func integer(_ value: Int64) -> JSON { .number(String(value)) }

    package static func strings(_ values: some Sequence<String>) -> JSON { .array(values.map(JSON.string)) }

    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    package var integer: Int64? { if case .number(let text) = self { Int64(text) } else { nil } }
    package var isNull: Bool { self == .null }

    /// An array's strings; nil if this is not an array of strings.
    package var strings: [String]? {
        guard let array else { return nil }
        var result: [String] = []
        for item in array {
            guard let text = item.string else { return nil }
            result.append(text)
        }
        return result
    }

    package subscript(_ key: String) -> JSON? { object?[key] }
}

/// The members of a JSON object in the order in which they stand.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var members: [(key: String, value: JSON)] = []
    /// The last place of each name, once there are many; without it, a document of many members costs their square.
    private var places: [String: Int]?

    /// Members that are looked through one by one.
    private static let fewMembers = 16

    package init() {}

    package init(dictionaryLiteral elements: (String, JSON)...) {
        for (key, value) in elements { self[key] = value }
    }

    /// Reads, replaces or removes a member. A name that stands twice is read as its last value, as most readers do.
    package subscript(_ key: String) -> JSON? {
        get { place(of: key).map { members[$0].value } }
        set {
            guard let newValue else { return remove(key) }
            if let index = place(of: key) { members[index].value = newValue } else { append(key, newValue) }
        }
    }

    private func place(of key: String) -> Int? {
        if let places { places[key] } else { members.lastIndex { $0.key == key } }
    }

    private mutating func remove(_ key: String) {
        guard place(of: key) != nil else { return }
        members.removeAll { $0.key == key }
        places = nil
        if members.count > Self.fewMembers { findPlaces() }
    }

    private mutating func findPlaces() {
        places = Dictionary(members.enumerated().map { ($1.key, $0) }) { _, last in last }
    }

    /// Appends without looking for an earlier member of the same name; the parser's door.
    mutating func append(_ key: String, _ value: JSON) {
        members.append((key, value))
        if places != nil {
            places?[key] = members.count - 1
        } else if members.count > Self.fewMembers {
            findPlaces()
        }
    }

    package var isEmpty: Bool { members.isEmpty }

    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count
            && zip(left.members, right.members).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    }

    package func hash(into hasher: inout Hasher) {
        for member in members {
            hasher.combine(member.key)
            hasher.combine(member.value)
        }
    }
}
