import LinuxSystem
import OCI
import Synchronization

/// What a client has prepared to be built, and whether it was: targets of a bake file stand on one another.
final class PreparedResult: Sendable {
    let frontend: FrontendRequest
    let job: SolveJob
    /// The image, once it is built for another target.
    let image = Arrival<Digest>()
    private let isTaken = Mutex(false)

    init(_ frontend: FrontendRequest, _ job: SolveJob) { (self.frontend, self.job) = (frontend, job) }

    /// Whether the caller is the one who builds it; the others wait.
    func take() -> Bool {
        isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }
}
