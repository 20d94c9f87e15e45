package import OCI

/// The head of a request, as far as routes need it.
package struct APIRequest: Sendable {
    package let method: String
    /// Decoded, without the version.
    package let path: [String]
    package let query: APIQuery
    package let version: APIVersion
    /// By name in lower case; of one that stands several times, all values.
    package let headers: [String: [String]]

    /// - Throws: ``APIError`` for a version that is not spoken.
    package init(method: String, target: String, headers: [String: [String]] = [:]) throws(APIError) {
        self.method = method
        self.headers = headers
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        query = APIQuery(parts.count == 2 ? String(parts[1]) : "")
        var segments = (parts.first ?? "").split(separator: "/").map { PercentEncoding.decoded(String($0)) }
        if let first = segments.first, let version = try Self.version(first) {
            segments.removeFirst()
            self.version = version
        } else {
            version = .newest
        }
        path = segments
    }

    private static func version(_ segment: String) throws(APIError) -> APIVersion? {
        guard segment.hasPrefix("v"), let digit = segment.utf8.dropFirst().first, (0x30...0x39).contains(digit) else {
            return nil
        }
        let text = String(segment.dropFirst())
        guard let version = APIVersion(text) else { throw .badVersion(text) }
        if version > .newest { throw .versionTooNew(text, newest: APIVersion.newest.description) }
        if version < .oldest { throw .versionTooOld(text, oldest: APIVersion.oldest.description) }
        return version
    }

    package func header(_ name: String) -> String? { headers[name.lowercased()]?.first }

    package func values(_ name: String) -> [String] { headers[name.lowercased()] ?? [] }

    /// Whether the connection is to become another protocol's.
    package func wantsUpgrade(to name: String) -> Bool {
        let words = values("upgrade").flatMap { $0.split(separator: ",") }
        return words.contains { $0.lowercased().filter { $0 != " " } == name }
    }
}

/// The query of a request.
package struct APIQuery: Sendable {
    private let values: [String: [String]]

    package init(_ text: String) {
        var values: [String: [String]] = [:]
        for field in text.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentEncoding.decoded(String(parts[0]), isQuery: true)
            values[name, default: []].append(
                parts.count == 2 ? PercentEncoding.decoded(String(parts[1]), isQuery: true) : "")
        }
        self.values = values
    }

    /// The first value; nil for one that is missing or empty.
    package subscript(_ name: String) -> String? { values[name]?.first.flatMap { $0.isEmpty ? nil : $0 } }

    package func has(_ name: String) -> Bool { values[name] != nil }

    package func all(_ name: String) -> [String] { (values[name] ?? []).filter { !$0.isEmpty } }

    /// Everything but a few words means yes, as clients of several languages write it.
    package func isOn(_ name: String, default usual: Bool = false) -> Bool {
        guard let text = values[name]?.first else { return usual }
        return !["", "0", "no", "false", "none"].contains(text.lowercased())
    }

    package func integer(_ name: String) throws(APIError) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let value = Int64(text) else { throw .badParameter(name, value: text) }
        return value
    }

    /// A value that is a JSON document; nil if it is missing or `null`.
    package func json(_ name: String) throws(APIError) -> JSON? {
        guard let text = self[name] else { return nil }
        let json: JSON
        do { json = try JSON.parse(text) } catch { throw .badParameter(name, value: text) }
        return json.isNull ? nil : json
    }

    /// `buildargs` and `labels`: names and their values; a name without a value has `null`.
    package func pairs(_ name: String) throws(APIError) -> [(name: String, value: String?)] {
        guard let json = try json(name) else { return [] }
        guard let members = json.object?.members else { throw .badParameter(name, value: json.text) }
        var result: [(name: String, value: String?)] = []
        for member in members {
            guard member.value.isNull || member.value.string != nil else { throw .badParameter(name, value: json.text) }
            result.append((member.key, member.value.string))
        }
        return result
    }
}

/// `filters`: names and what is wanted of each, in either of the forms that clients write.
package struct APIFilters: Sendable {
    private let values: [String: [String]]

    /// - Parameter known: the names that mean something here.
    package init(_ query: APIQuery, known: Set<String>) throws(APIError) {
        var values: [String: [String]] = [:]
        if let json = try query.json("filters") {
            guard let members = json.object?.members else { throw .badParameter("filters", value: json.text) }
            for member in members {
                guard known.contains(member.key) else { throw .unknownFilter(member.key) }
                if let list = member.value.strings {
                    values[member.key] = list
                } else if let set = member.value.object {
                    values[member.key] = set.members.filter { $0.value.bool != false }.map(\.key)
                } else {
                    throw .badParameter("filters", value: json.text)
                }
            }
        }
        self.values = values
    }

    /// No filter.
    package static let none = APIFilters(values: [:])

    package subscript(_ name: String) -> [String] { values[name] ?? [] }

    package var isEmpty: Bool { values.isEmpty }

    private init(values: [String: [String]]) { self.values = values }

    package func without(_ name: String) -> APIFilters { APIFilters(values: values.filter { $0.key != name }) }

    /// A filter that is yes or no; nil if it is not given.
    package func flag(_ name: String) throws(APIError) -> Bool? {
        guard let text = values[name]?.first else { return nil }
        guard let value = SwitchWord.value(text) else { throw .badParameter(name, value: text) }
        return value
    }
}
