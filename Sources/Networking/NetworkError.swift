package import SystemPackage

/// Why a private network cannot be made, or a port not be published.
package enum NetworkError: Error {
    /// What was asked of the kernel.
    package enum Subject: Hashable, Sendable { case namespace, tap, link, address, route, rule, routes }

    case refused(Subject, Errno)
    /// All ranges of addresses are taken.
    case noFreeRange
    case tooManyMembers(limit: Int)
    /// There is no way to the outside, which was asked for.
    case noOutside(OutsideAccess.Obstacle)
    /// Something else listens there, or may not listen there.
    case cannotListen(Publication, Errno)
}
