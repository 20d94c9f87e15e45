import Distribution
import Synchronization

/// The client of a session, made when it is first asked for.
final class SharedClient: Sendable {
    private let made = Mutex<RegistryClient?>(nil)

    func client(making make: () throws -> RegistryClient) throws -> RegistryClient {
        try made.withLock { made in
            if let made { return made }
            let client = try make()
            made = client
            return client
        }
    }

    func close() async { await made.withLock { $0 }?.close() }
}
