import OCI
import Synchronization

/// Mirrors of which something is known.
final class KnownMirrors: Sendable {
    private let hosts = Mutex<Set<String>>([])

    func contains(_ host: String) -> Bool { hosts.withLock { $0.contains(host) } }

    func insert(_ host: String) { hosts.withLock { _ = $0.insert(host) } }
}

extension RegistryClient {
    /// Where a repository is written, and read when no mirror has it.
    func primary(of repository: RemoteRepository) throws -> RemoteRepository {
        guard let places = configuration.rules.places(for: repository) else {
            throw RegistryError.blocked(repository)
        }
        return places.primary
    }

    /// Reads from the first of a repository's mirrors that can, else from the repository itself.
    ///
    /// - Parameter kind: how it is asked for; some mirrors are for digests only, or for tags.
    func reading<Result>(
        _ repository: RemoteRepository, by kind: RegistryRules.NameKind,
        _ body: (RemoteRepository) async throws -> Result
    ) async throws -> Result {
        guard let places = configuration.rules.places(for: repository, by: kind) else {
            throw RegistryError.blocked(repository)
        }
        for mirror in places.mirrors where !session.deadMirrors.contains(mirror.registry) {
            do { return try await body(mirror) } catch RegistryError.notFound {
                // A mirror need not have all that the registry has.
            } catch let error where error is RegistryError || error is Interruption {
                try Task.checkCancellation()
                session.deadMirrors.insert(mirror.registry)
            }
        }
        return try await body(places.primary)
    }
}
