import OCI

/// What a client asks BuildKit's Control to solve (`moby.buildkit.v1.SolveRequest`).
package struct SolveRequest: Sendable {
    package struct Entry: Sendable {
        package var type = ""
        package var attributes: [String: String] = [:]

        package init(_ bytes: [UInt8]) throws {
            try ProtobufReader.forEachField(bytes) { field, value in
                if field == 1 { type = value.text }
                if field == 2 { try Self.add(value, to: &attributes) }
            }
        }

        init(type: String, attributes: [String: String]) { (self.type, self.attributes) = (type, attributes) }

        static func add(_ value: ProtobufReader.Value, to map: inout [String: String]) throws {
            let (name, bytes) = try ProtobufReader.entry(value.data)
            map[name] = String(decoding: bytes, as: UTF8.self)
        }
    }

    package internal(set) var reference = ""
    package internal(set) var session = ""
    package internal(set) var hasDefinition = false
    package internal(set) var exporters: [Entry] = []
    package internal(set) var frontend = FrontendRequest()
    package internal(set) var cacheExports: [Entry] = []
    package internal(set) var entitlements: [String] = []

    /// The same request with another result.
    init(_ other: SolveRequest, exporting exporter: Entry) {
        self = other
        (exporters, cacheExports) = ([exporter], [])
    }

    package init(_ bytes: [UInt8]) throws {
        var frontend = FrontendRequest()
        var (oldType, oldAttributes) = ("", [String: String]())
        try ProtobufReader.forEachField(bytes) { field, value in
            switch field {
            case 1: reference = value.text
            case 2: hasDefinition = try FrontendRequest.hasOperations(value.data)
            case 3: oldType = value.text
            case 4: try Entry.add(value, to: &oldAttributes)
            case 5: session = value.text
            case 6: frontend.name = value.text
            case 7: try Entry.add(value, to: &frontend.options)
            case 8:
                try ProtobufReader.forEachField(value.data) { field, value in
                    if field == 4 { cacheExports.append(try Entry(value.data)) }
                    if field == 5 { frontend.cacheImports.append(try Entry(value.data)) }
                }
            case 9: entitlements.append(value.text)
            case 10:
                let (name, definition) = try ProtobufReader.entry(value.data)
                frontend.inputs[name] = definition
            case 13: exporters.append(try Entry(value.data))
            default: break
            }
        }
        if exporters.isEmpty, !oldType.isEmpty { exporters = [Entry(type: oldType, attributes: oldAttributes)] }
        // A prefix says which of several nodes a session belongs to.
        if let colon = session.firstIndex(of: ":") { session = String(session[session.index(after: colon)...]) }
        self.frontend = frontend
    }
}

/// What a frontend is to build, and how (`moby.buildkit.v1.frontend.SolveRequest`).
package struct FrontendRequest: Sendable {
    package var name = ""
    package var options: [String: String] = [:]
    /// Definitions by their names.
    package var inputs: [String: [UInt8]] = [:]
    package var cacheImports: [SolveRequest.Entry] = []
    package var hasDefinition = false
    /// Whether the work is to be done at once.
    package var evaluates = false

    package init() {}

    package init(_ bytes: [UInt8]) throws {
        try ProtobufReader.forEachField(bytes) { field, value in
            switch field {
            case 1: hasDefinition = try Self.hasOperations(value.data)
            case 2: name = value.text
            case 3: try SolveRequest.Entry.add(value, to: &options)
            case 13:
                let (name, definition) = try ProtobufReader.entry(value.data)
                inputs[name] = definition
            case 12: cacheImports.append(try SolveRequest.Entry(value.data))
            case 14: evaluates = value.flag
            default: break
            }
        }
    }

    static func hasOperations(_ definition: [UInt8]) throws -> Bool {
        var isThere = false
        try ProtobufReader.forEachField(definition) { field, _ in if field == 1 { isThere = true } }
        return isThere
    }

    /// The caches of the option `cache-imports`, a list of JSON; what is none of it counts as nothing.
    var namedImports: [SolveRequest.Entry] {
        // BuildKit's frontend refuses such a list; here it names no cache.
        guard let text = options["cache-imports"], let list = (try? JSON.parse(text))?.array else { return [] }
        return list.map { item in
            var attributes: [String: String] = [:]
            for member in item["Attrs"]?.object?.members ?? [] { attributes[member.key] = member.value.string }
            return SolveRequest.Entry(type: item["Type"]?.string ?? "", attributes: attributes)
        }
    }

    /// Options of a family: `build-arg:NAME`.
    func family(_ prefix: String) -> [(name: String, value: String)] {
        options.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.value) }.sorted {
            $0.name < $1.name
        }
    }
}
