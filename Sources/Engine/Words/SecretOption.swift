package import LinuxSystem

/// The values of `--secret`.
package enum SecretOption {
    /// - Returns: where the secrets come from, by ID.
    package static func read(_ options: [String], _ environment: HostEnvironment) throws -> [String: SecretSource] {
        var sources: [String: SecretSource] = [:]
        for option in options {
            func fail(_ reason: String) -> InvalidOption { .init(name: "--secret", value: option, reason: reason) }
            let form = "the form is id=NAME,src=FILE or id=NAME,env=VARIABLE"
            var fields: [String: String] = [:]
            for field in try CommaSeparated.fields(option, of: "--secret") {
                let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 2 else { throw fail(form) }
                let name = parts[0].lowercased()
                guard ["id", "src", "source", "env", "type"].contains(name) else {
                    throw fail("'\(parts[0])' means nothing here; \(form)")
                }
                fields[name] = parts[1]
            }
            guard let id = fields["id"], !id.isEmpty else { throw fail(form) }
            let type = fields["type"] ?? (fields["env"] != nil ? "env" : "file")
            switch type {
            case "env": sources[id] = .variable(fields["env"] ?? fields["src"] ?? fields["source"] ?? id)
            case "file":
                if let path = fields["src"] ?? fields["source"] {
                    sources[id] = .file(path)
                } else {
                    sources[id] = environment[id] == nil ? .file(id) : .variable(id)
                }
            default: throw fail("the type is file or env")
            }
        }
        return sources
    }
}
