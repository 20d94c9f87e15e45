import LinuxSystem
import Storage
import SystemPackage

/// The values of `--ssh`: `ID` for the agent of this session, `ID=SOCKET`, or `ID=KEY[,KEY]` for keys that an agent of our own holds.
struct BuildAgents: Sendable {
    /// What makes the sockets that steps see, by ID.
    typealias Makers = [String: Binding.SocketMaker]

    private enum Source: Sendable {
        case agent(AgentAddress)
        case keys([KeyAgent.Key])
    }

    private var sources: [String: Source] = [:]

    /// - Throws: ``UsageError``, and ``KeyAgent/Fault`` where keys are named that no agent can hold.
    init(options: [String]) throws {
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let id = parts.first, !id.isEmpty, parts.last?.isEmpty == false else {
                throw Self.fault(option, "the form is default, NAME=SOCKET or NAME=KEY[,KEY]")
            }
            sources[id] = try parts.count == 2 ? Self.source(parts[1], option) : Self.session(option)
        }
        if sources.values.contains(where: { if case .keys = $0 { true } else { false } }) { _ = try KeyAgent() }
    }

    private static func fault(_ option: String, _ reason: String) -> UsageError { .invalidOption(name: "--ssh", value: option, reason: reason) }

    /// The agent that whoever calls has.
    private static func session(_ option: String) throws -> Source {
        guard let path = ProcessFacts.environment["SSH_AUTH_SOCK"], !path.isEmpty else {
            throw fault(option, "no agent runs: SSH_AUTH_SOCK is not set")
        }
        guard let real = ProcessFacts.realPath(FilePath(path)), let address = AgentAddress(real), kind(address) == .socket else {
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
            guard let real = ProcessFacts.realPath(FilePath(path)), let address = AgentAddress(real), let kind = kind(address) else {
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
        do { bytes = try InputFile.open(path).readAll(limit: PrivateKeyFile.sizeLimit) } catch let error as SystemCallError {
            throw fault(option, "'\(path)' cannot be read as a key: \(ErrorReport.reason(error.errno))")
        }
        switch PrivateKeyFile.content(bytes) {
        case .key: return bytes
        case .encrypted: throw fault(option, "the key '\(path)' has a passphrase: add it to your agent with 'ssh-add \(path)', and give --ssh default")
        case .publicKey: throw fault(option, "'\(path)' is a public key; name the private one")
        case .none: throw fault(option, "'\(path)' is neither a socket nor a private key")
        }
    }

    /// Runs `body` while there are agents for all IDs.
    func around(_ store: Store, _ body: @Sendable (Makers) async throws -> Void) async throws {
        var makers: Makers = [:]
        var keys: [(id: String, keys: [KeyAgent.Key])] = []
        for (id, source) in sources.sorted(by: { $0.key < $1.key }) {
            switch source {
            case .agent(let address): makers[id] = address.maker
            case .keys(let own): keys.append((id, own))
            }
        }
        try await Self.holding(keys[...], makers, in: store, body)
    }

    /// An agent for each ID: a step that is given one does not sign with the keys of another.
    private static func holding(
        _ keys: ArraySlice<(id: String, keys: [KeyAgent.Key])>, _ makers: Makers, in store: Store, _ body: @Sendable (Makers) async throws -> Void
    ) async throws {
        guard let first = keys.first else { return try await body(makers) }
        try await KeyAgent().holding(first.keys, in: store) { address in
            try await holding(keys.dropFirst(), makers.merging([first.id: address.maker]) { $1 }, in: store, body)
        }
    }
}
