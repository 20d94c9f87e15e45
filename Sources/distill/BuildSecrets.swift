import LinuxSystem
import SystemPackage

/// The values of `--secret`: read when a step asks for one, and kept nowhere.
struct BuildSecrets: Sendable {
    private enum Source: Sendable {
        case file(String)
        case variable(String)
    }

    private var sources: [String: Source] = [:]

    init(options: [String]) throws {
        for option in options {
            func fail(_ reason: String) -> UsageError { .invalidOption(name: "--secret", value: option, reason: reason) }
            let form = "the form is id=NAME,src=FILE or id=NAME,env=VARIABLE"
            var fields: [String: String] = [:]
            for field in CommaSeparated.fields(option) {
                let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 2 else { throw fail(form) }
                let name = parts[0].lowercased()
                guard ["id", "src", "source", "env", "type"].contains(name) else { throw fail("'\(parts[0])' means nothing here; \(form)") }
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
                    sources[id] = ProcessFacts.environment[id] == nil ? .file(id) : .variable(id)
                }
            default: throw fail("the type is file or env")
            }
        }
    }

    var provider: @Sendable (String) throws -> [UInt8]? {
        { id in
            switch sources[id] {
            case nil: return nil
            case .variable(let name): return ProcessFacts.environment[name].map { Array($0.utf8) }
            case .file(let path):
                guard let bytes = HostFiles.read(FilePath(path)) else {
                    throw UsageError.unreadableFile(path: path, reason: "the secret '\(id)' cannot be read from it")
                }
                return bytes
            }
        }
    }
}
