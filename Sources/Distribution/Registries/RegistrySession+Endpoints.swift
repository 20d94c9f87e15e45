import OCI
import Synchronization

/// Which of http and https each registry speaks, where that has to be tried.
final class KnownEndpoints: Sendable {
    /// A registry, or what of it lies where the rules ask for no certificate.
    struct Name: Hashable, Sendable {
        let registry: String
        let mayBeInsecure: Bool
    }

    let known = Mutex<[Name: RegistryEndpoint]>([:])
    let flights = SingleFlight<Name, RegistryEndpoint>()
}

extension RegistrySession {
    /// Where a registry answers. Only this machine and registries that were declared insecure are ever asked over http.
    func endpoint(of registry: String) async throws -> RegistryEndpoint {
        try await endpoint(
            KnownEndpoints.Name(registry: registry, mayBeInsecure: configuration.rules.isInsecure(registry)))
    }

    /// Where a repository's registry answers; a rule may be for a part of it alone.
    func endpoint(of repository: RemoteRepository) async throws -> RegistryEndpoint {
        let mayBeInsecure = configuration.rules.isInsecure(repository.description)
        return try await endpoint(
            KnownEndpoints.Name(registry: repository.registry, mayBeInsecure: mayBeInsecure))
    }

    private func endpoint(_ name: KnownEndpoints.Name) async throws -> RegistryEndpoint {
        let candidates = try candidates(for: name)
        if let only = candidates.first, candidates.count == 1 { return only }
        return try await endpoints.flights.value(
            for: name, known: { endpoints.known.withLock { $0[name] } }
        ) {
            let found = try await retrying { try await firstThatAnswers(candidates) }
            endpoints.known.withLock { $0[name] = found }
            return found
        }
    }

    private func candidates(for name: KnownEndpoints.Name) throws -> [RegistryEndpoint] {
        let (registry, mayBeInsecure) = (name.registry, name.mayBeInsecure)
        guard let secure = RegistryEndpoint(registry: registry, isSecure: true, mayBeInsecure: mayBeInsecure),
            let plain = RegistryEndpoint(registry: registry, isSecure: false, mayBeInsecure: mayBeInsecure)
        else { throw RegistryError.unreachable(host: registry, reason: "it is no host name") }
        switch transport(of: secure)?.security {
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
