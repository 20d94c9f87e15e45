import OCI
import Synchronization

/// Which of http and https each registry speaks, where that has to be tried.
final class KnownEndpoints: Sendable {
    let known = Mutex<[String: RegistryEndpoint]>([:])
    let flights = SingleFlight<String, RegistryEndpoint>()
}

extension RegistrySession {
    /// Where a registry answers. Only this machine and registries that were declared insecure are ever asked over http.
    func endpoint(for registry: String) async throws -> RegistryEndpoint {
        let candidates = try candidates(for: registry)
        if let only = candidates.first, candidates.count == 1 { return only }
        return try await endpoints.flights.value(
            for: registry, known: { endpoints.known.withLock { $0[registry] } }
        ) {
            let found = try await retrying { try await firstThatAnswers(candidates) }
            endpoints.known.withLock { $0[registry] = found }
            return found
        }
    }

    private func candidates(for registry: String) throws -> [RegistryEndpoint] {
        guard let secure = RegistryEndpoint(registry: registry, isSecure: true),
            let plain = RegistryEndpoint(registry: registry, isSecure: false)
        else { throw RegistryError.unreachable(host: registry, reason: "it is no host name") }
        switch transport(of: registry)?.security {
        case .verified: return [secure]
        case .unverified: return [secure, plain]
        case .plain: return [plain]
        case nil: return plain.root.origin.isLoopback ? [plain, secure] : [secure]
        }
    }

    private func firstThatAnswers(_ candidates: [RegistryEndpoint]) async throws -> RegistryEndpoint {
        var failure: (any Error)?
        for endpoint in candidates {
            do {
                let response = try await exchange(.question(to: endpoint), at: endpoint.root, nil)
                // A server of TLS that is spoken to in plain text answers with 400.
                if endpoint.root.origin.isSecure || response.status != 400 { return endpoint }
            } catch let error where !(error is CancellationError) {
                failure = failure ?? error
            }
        }
        throw failure ?? RegistryError.unreachable(host: candidates.first?.registry ?? "", reason: "it does not answer")
    }
}
