import OCI

/// One of several fields that belong together, as `type=registry,ref=NAME` has them: a place of a cache, an output, a secret.
package struct BakeEntry: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case cache, output, secret, agent, attestation }

    package let kind: Kind
    package private(set) var fields: [(name: String, value: String)]
    /// Of an agent: the socket, or the keys.
    package private(set) var paths: [String] = []

    package subscript(_ name: String) -> String? {
        get { fields.last { $0.name == name }?.value }
        set {
            fields.removeAll { $0.name == name }
            if let newValue { fields.append((name, newValue)) }
        }
    }

    init(_ kind: Kind, fields: [(name: String, value: String)]) { (self.kind, self.fields) = (kind, fields) }

    /// Reads one line of fields, or the short form of the kind.
    init(_ kind: Kind, _ text: String) {
        self.init(kind, fields: [])
        let parts = Codecs.commaSeparated(text)
        let isShort = !text.contains("=")
        switch kind {
        case .agent:
            let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            fields = [("id", sides.first ?? "")]
            if sides.count == 2 { paths = sides[1].split(separator: ",").map(String.init) }
        case .cache where isShort && parts.count == 1: fields = [("type", "registry"), ("ref", text)]
        case .output where text == "-": fields = [("type", "tar"), ("dest", "-")]
        case .output where isShort && parts.count == 1: fields = [("type", "local"), ("dest", text)]
        case .cache, .output, .secret, .attestation:
            for part in parts where !part.isEmpty {
                let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                fields.append((sides[0], sides.count == 2 ? sides[1] : ""))
            }
        }
        settle()
    }

    /// Reads a mapping of fields, or a line.
    init?(_ kind: Kind, _ value: BakeValue) {
        if let text = value.string {
            self.init(kind, text)
            return
        }
        guard case .mapping(let members) = value else { return nil }
        self.init(kind, fields: [])
        for (name, member) in members.sorted(by: { $0.key < $1.key }) where member != .null {
            if kind == .agent, name == "paths", case .list(let items) = member {
                paths = items.compactMap(\.string)
            } else {
                guard let text = member.string else { return nil }
                fields.append((name, text))
            }
        }
        settle()
    }

    /// One spelling for what can be written in several ways.
    private mutating func settle() {
        switch kind {
        case .secret:
            if let source = self["source"] {
                self["src"] = source
                self["source"] = nil
            }
            let type = self["type"]
            self["type"] = nil
            if type == "env", self["env"] == nil {
                self["env"] = self["src"] ?? self["id"]
                self["src"] = nil
            }
        case .output:
            if let destination = self["destination"] {
                self["dest"] = destination
                self["destination"] = nil
            }
        case .cache, .agent, .attestation: break
        }
    }

    /// What a later entry of the same stands in the place of.
    var identity: String {
        switch kind {
        case .attestation: self["type"] ?? ""
        case .secret, .agent: self["id"] ?? ""
        case .cache, .output: text
        }
    }

    /// As an option of the command line has it.
    package var text: String {
        if kind == .agent {
            return (self["id"] ?? "") + (paths.isEmpty ? "" : "=" + paths.joined(separator: ","))
        }
        return fields.map { field in
            let part = field.value.isEmpty ? field.name : "\(field.name)=\(field.value)"
            guard part.contains(where: { $0 == "," || $0 == "\"" || $0 == "\n" }) else { return part }
            return "\"" + part.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }.joined(separator: ",")
    }

    var json: JSON {
        var object: JSONObject = [:]
        switch kind {
        case .secret:
            for name in ["id", "src", "env"] { object[name] = self[name].map(JSON.string) }
        case .agent:
            object["id"] = self["id"].map(JSON.string)
            if !paths.isEmpty { object["paths"] = JSON.strings(paths) }
        case .attestation:
            for field in fields.sorted(by: { $0.name < $1.name }) {
                let isSwitch = field.name == "disabled"
                object[field.name] = isSwitch ? .bool(field.value != "false") : .string(field.value)
            }
        case .cache, .output:
            for field in fields.sorted(by: { $0.name < $1.name }) { object[field.name] = .string(field.value) }
        }
        return .object(object)
    }

    package static func == (left: BakeEntry, right: BakeEntry) -> Bool {
        left.kind == right.kind && left.text == right.text
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(text)
    }
}

extension [BakeEntry] {
    /// Each once; of two that speak of the same the later counts, in the earlier's place.
    var settled: [BakeEntry] {
        var result: [BakeEntry] = []
        for entry in self {
            if let index = result.firstIndex(where: { $0.identity == entry.identity }) {
                result[index] = entry
            } else {
                result.append(entry)
            }
        }
        return result
    }
}
