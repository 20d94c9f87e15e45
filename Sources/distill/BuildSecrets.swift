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
            var fields: [String: String] = [:]
            for field in option.split(separator: ",") {
                let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
                fields[parts[0]] = parts.count == 2 ? parts[1] : ""
            }
            guard let id = fields["id"], !id.isEmpty else {
                throw UsageError.invalidOption(name: "--secret", value: option, reason: "the form is id=NAME,src=FILE or id=NAME,env=VARIABLE")
            }
            let type = fields["type"] ?? (fields["env"] != nil ? "env" : "file")
            switch type {
            case "env": sources[id] = .variable(fields["env"] ?? fields["src"] ?? fields["source"] ?? id)
            case "file":
                if let path = fields["src"] ?? fields["source"] {
                    sources[id] = .file(path)
                } else {
                    sources[id] = ProcessFacts.environment[id] == nil ? .file(id) : .variable(id)
                }
            default: throw UsageError.invalidOption(name: "--secret", value: option, reason: "the type is file or env")
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

    /// The sockets of `--ssh`.
    static func agents(options: [String]) throws -> [String: String] {
        var result: [String: String] = [:]
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            guard let id = parts.first, let socket = parts.count == 2 ? parts[1] : ProcessFacts.environment["SSH_AUTH_SOCK"] else {
                throw UsageError.invalidOption(name: "--ssh", value: option, reason: "no agent runs: SSH_AUTH_SOCK is not set")
            }
            result[id] = socket
        }
        return result
    }
}
