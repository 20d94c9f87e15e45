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
            throw RegistryError.blocked(repository.description)
        }
        return places.primary
    }

    /// Reads what a name stands for, which a rule may have put elsewhere: one for its very tag or digest.
    func placed<Result>(
        _ reference: ImageReference, _ body: (ImageReference) async throws -> Result
    ) async throws -> Result {
        guard let places = configuration.rules.places(ofExactly: reference) else { return try await body(reference) }
        guard let last = places.last else { throw RegistryError.blocked(reference.description) }
        for place in places.dropLast() {
            do { return try await body(place) } catch let error as RegistryError where error.leavesOthers {
                try Task.checkCancellation()
            }
        }
        return try await body(last)
    }

    /// Reads from the first of a repository's mirrors that can, else from the repository itself.
    ///
    /// - Parameter kind: how it is asked for; some mirrors are for digests only, or for tags.
    func reading<Result>(
        _ repository: RemoteRepository, by kind: RegistryRules.NameKind,
        _ body: (RemoteRepository) async throws -> Result
    ) async throws -> Result {
        guard let places = configuration.rules.places(for: repository, by: kind) else {
            throw RegistryError.blocked(repository.description)
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
