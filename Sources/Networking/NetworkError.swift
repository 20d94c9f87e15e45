package import SystemPackage

/// Why a private network cannot be made, or a port not be published.
package enum NetworkError: Error {
    /// A program of this machine that makes it, and Debian's package that has it.
    case noProgram(String, package: String)
    /// What ip-batch(8) said.
    case refused(String)
    /// All ranges of addresses are taken.
    case noFreeRange
    case tooManyMembers(limit: Int)
    /// Something else listens there, or may not listen there.
    case cannotListen(Publication, Errno)
}
