import Distribution
import NIOCore
import OCI

/// What a client offers while it builds: its files, its secrets, its credentials.
struct ClientSession: Sendable {
    let client: GRPCClient
    let peer: Peer
    /// `/service/method` in lower case.
    let methods: Set<String>
    /// The same for the same directory of the same client.
    let sharedKey: String

    func offers(_ method: String) -> Bool { methods.contains(method.lowercased()) }

    static let fileSync = "/moby.filesync.v1.FileSync/DiffCopy"
    static let fileSend = "/moby.filesync.v1.FileSend/DiffCopy"
    static let credentials = "/moby.filesync.v1.Auth/Credentials"
    static let secret = "/moby.buildkit.secrets.v1.Secrets/GetSecret"
    static let checkAgent = "/moby.sshforward.v1.SSH/CheckAgent"
    static let forwardAgent = "/moby.sshforward.v1.SSH/ForwardAgent"
    static let upload = "/moby.upload.v1.Upload/Pull"

    /// - Parameter headers: by name in lower case.
    init(_ client: GRPCClient, of peer: Peer, headers: [String: [String]]) {
        (self.client, self.peer) = (client, peer)
        methods = Set((headers["x-docker-expose-session-grpc-method"] ?? []).map { $0.lowercased() })
        sharedKey = headers["x-docker-expose-session-sharedkey"]?.first ?? ""
    }

    /// The bytes of a secret; nil if the client has none of this name.
    func secret(_ id: String) async throws -> [UInt8]? {
        guard offers(Self.secret) else { return nil }
        do {
            let answer = try await client.ask(Self.secret, ProtobufWriter.message { $0.string(1, id) })
            var data: [UInt8] = []
            try ProtobufReader.forEachField(answer) { field, value in if field == 1 { data = value.data } }
            return data
        } catch let status as GRPCStatus where status.code == .notFound || status.code == .unimplemented {
            return nil
        }
    }

    /// The client's credential for a registry; nil if it has none.
    func credential(for registry: String) async throws -> Credential? {
        guard offers(Self.credentials) else { return nil }
        let host = registry == "docker.io" ? "registry-1.docker.io" : registry
        let answer: [UInt8]
        // A client whose helper fails is one without a credential: the registry tells then.
        do {
            answer = try await client.ask(Self.credentials, ProtobufWriter.message { $0.string(1, host) })
        } catch is GRPCStatus { return nil }
        var (name, secret) = ("", "")
        try ProtobufReader.forEachField(answer) { field, value in
            if field == 1 { name = value.text } else if field == 2 { secret = value.text }
        }
        if secret.isEmpty { return nil }
        return name.isEmpty ? .identityToken(secret) : .password(name: name, password: secret)
    }

    /// Whether the client has an SSH agent of this name.
    func hasAgent(_ id: String) async throws -> Bool {
        guard offers(Self.checkAgent) else { return false }
        do {
            _ = try await client.ask(Self.checkAgent, ProtobufWriter.message { $0.string(1, id) })
        } catch is GRPCStatus { return false }
        return true
    }
}
