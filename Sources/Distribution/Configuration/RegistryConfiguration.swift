internal import OCI

extension RegistryClient {
    /// Bounds, pauses and transports of a client.
    package struct Configuration: Sendable {
        package var policy: TransferPolicy
        /// How long a small request (a manifest, a token, a question) may take as a whole.
        package var requestTimeout = Duration.seconds(60)
        /// Bytes a second on average, below which a blob's transfer counts as broken.
        package var minimumRate: Int64 = 1 << 10
        /// Bytes.
        package var maximumManifestSize = Int64(DocumentLimit.manifest)
        /// Bytes of a config.
        package var maximumConfigSize = Int64(DocumentLimit.config)
        /// How many blobs are under way at once in one copy.
        package var parallelBlobs = 4
        /// Bytes; larger blobs are sent in chunks from the start, others when a registry refuses them whole.
        package var maximumWholeBlob = Int64.max
        /// Bytes of one piece of a chunked upload, at most 64 MiB; it is held in memory.
        package var chunkSize: Int64 = 8 << 20
        /// Bytes below which a piece that a registry finds too large is not made smaller any more.
        var smallestChunk: Int64 = 256 << 10
        /// By registry as in an image's name (`docker.io`, `localhost:5000`).
        package var transports: [String: RegistryTransport] = [:]

        /// Mirrors, other locations, and what is blocked.
        package var rules = RegistryRules()

        /// How long the answer to a blob may be waited for: after the slowest transfer, whatever comes in between.
        func longestUpload(of length: Int64) -> Duration {
            slowStart + requestTimeout + slowest(length)
        }

        /// How long bytes may be under way.
        func slowest(_ length: Int64) -> Duration { .seconds(length / max(1, minimumRate)) }

        /// How long a blob's transfer may be slower than that.
        var slowStart = Duration.seconds(120)
        /// What waits between two tries.
        var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

        package init() {
            policy = TransferPolicy()
            // A registry is silent while it hashes a large layer that it was sent.
            policy.idleTimeout = .seconds(60)
        }
    }
}

/// How one registry is spoken to, where the defaults do not hold: https with the system's authorities for every host,
/// http for this machine (`localhost`, 127.0.0.0/8, `::1`).
package struct RegistryTransport: Hashable, Sendable, CustomReflectable {
    package enum Security: Hashable, Sendable {
        case verified
        /// https with any certificate, else http.
        case unverified
        case plain
    }

    package var security: Security
    /// PEM texts of certificates beside the system's authorities.
    package var authorities: [String]
    package var clientIdentity: ClientIdentity?

    /// A client's certificate with its chain, and its private key: PEM texts.
    package struct ClientIdentity: Hashable, Sendable, CustomReflectable {
        package let certificates: String
        package let privateKey: String

        package init(certificates: String, privateKey: String) {
            (self.certificates, self.privateKey) = (certificates, privateKey)
        }

        package var customMirror: Mirror { Mirror(self, children: []) }
    }

    package init(
        security: Security = .verified, authorities: [String] = [], clientIdentity: ClientIdentity? = nil
    ) {
        (self.security, self.authorities, self.clientIdentity) = (security, authorities, clientIdentity)
    }

    package var customMirror: Mirror { Mirror(self, children: ["security": security]) }
}
