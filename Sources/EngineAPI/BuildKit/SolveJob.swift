import LinuxSystem
import Synchronization

/// A build that a client has asked Control for, and that its gateway calls are about.
final class SolveJob: Sendable {
    /// What the client gave back as its result.
    enum Returned: Sendable {
        case nothing
        case result(String)
        case failure(GRPCStatus)
    }

    let request: SolveRequest
    let log = StatusLog()
    let returned = Arrival<Returned>()
    private let count = Mutex(0)

    init(_ request: SolveRequest) { self.request = request }

    /// An ID for what is to be built, which means nothing to the client.
    ///
    /// - Throws: ``GRPCStatus`` for more than any client asks for.
    func nextID() throws(GRPCStatus) -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        guard number <= 1000 else { throw GRPCStatus(.resourceExhausted, "too many results in one build") }
        return "\(request.reference)/\(number)"
    }
}
