package import Agents
package import LinuxSystem
import Storage
import SystemPackage

/// The values of `--ssh`: `ID` for the agent that the caller has, `ID=SOCKET`, or `ID=KEY[,KEY]` for keys that an agent of our own holds.
extension BuildAgents {
    /// - Throws: ``InvalidOption``, and ``KeyAgent/Fault`` where keys are named that no agent can hold.
    package init(options: [String], environment: HostEnvironment) throws {
        self.init(environment: environment)
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let id = parts.first, !id.isEmpty, parts.last?.isEmpty == false else {
                throw Self.fault(option, "the form is default, NAME=SOCKET or NAME=KEY[,KEY]")
            }
            sources[id] = try parts.count == 2 ? Self.source(parts[1], option) : Self.session(option, environment)
        }
        if sources.values.contains(where: { if case .keys = $0 { true } else { false } }) {
            _ = try KeyAgent(environment)
        }
    }

    private static func fault(_ option: String, _ reason: String) -> InvalidOption {
        .init(name: "--ssh", value: option, reason: reason)
    }

    /// The agent that whoever calls has.
    private static func session(_ option: String, _ environment: HostEnvironment) throws -> Source {
        guard let path = environment["SSH_AUTH_SOCK"], !path.isEmpty else {
            throw fault(option, "no agent runs: SSH_AUTH_SOCK is not set")
        }
        guard let real = ProcessFacts.realPath(FilePath(path)), let address = AgentAddress(real),
            kind(address) == .socket
        else {
            throw fault(option, "no agent runs: SSH_AUTH_SOCK names '\(path)', which is no socket")
        }
        return .agent(address)
    }

    private static func source(_ value: String, _ option: String) throws -> Source {
        let paths = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        var keys: [KeyAgent.Key] = []
        for path in paths {
            if OwnedDescriptor.descriptorNumber(FilePath(path)) != nil {
                keys.append(KeyAgent.Key(path: path, bytes: try key(path, option)))
                continue
            }
            guard let real = ProcessFacts.realPath(FilePath(path)), let address = AgentAddress(real),
                let kind = kind(address)
            else {
                throw fault(option, "there is no '\(path)'")
            }
            switch kind {
            case .socket where paths.count == 1: return .agent(address)
            case .socket: throw fault(option, "'\(path)' is a socket, and stands alone")
            case .directory: throw fault(option, "'\(path)' is a directory; name a socket or a key")
            default: keys.append(KeyAgent.Key(path: path, bytes: try key(path, option)))
            }
        }
        return .keys(keys)
    }

    private static func kind(_ address: AgentAddress) -> FileStatus.Kind? {
        // What cannot be looked at is told as what is not there.
        try? address.directory.status(Array(address.name.utf8))?.kind
    }

    private static func key(_ path: String, _ option: String) throws -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try InputFile.open(path).readAll(limit: PrivateKeyFile.sizeLimit) } catch let error
            as SystemCallError
        {
            throw fault(option, "'\(path)' cannot be read as a key: \(error.errno)")
        }
        switch PrivateKeyFile.content(bytes) {
        case .key: return bytes
        case .encrypted:
            throw fault(
                option,
                "the key '\(path)' has a passphrase: add it to your agent with 'ssh-add \(path)', and give --ssh default"
            )
        case .publicKey: throw fault(option, "'\(path)' is a public key; name the private one")
        case .none: throw fault(option, "'\(path)' is neither a socket nor a private key")
        }
    }
}
