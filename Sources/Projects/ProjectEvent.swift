package import Compose
package import Networking

/// What happens to a project's services, as whoever looks on is told.
package enum ProjectEvent: Sendable {
    case started(String)
    case exited(String, code: Int32)
    case examined(String, Supervision.Health)
    /// A service is asked to end.
    case stopping(String)
    /// Whoever looks after these services is asked to end them.
    case ending([String])
    /// The project is asked to end, by a signal.
    case endAsked
    /// Services have no way to the outside.
    case noOutside(OutsideAccess.Obstacle)
}
