package import BuildGraph
package import OCI

/// A step that failed: which one, and why.
package struct BuildError: Error, Sendable {
    package enum Cause: Sendable {
        /// The command of a RUN step ended with something else than 0.
        ///
        /// - Parameter output: the end of what it wrote, some KiB at most.
        case commandFailed(status: Int32, arguments: [String], output: [UInt8])
        /// The program of a RUN step, its shell if it is none of its own, is not there, or cannot be executed.
        case notExecuted(String, isMissing: Bool, isShell: Bool)
        /// The kernel ended the command of a RUN step because it had used up what it was given, in bytes.
        case outOfMemory(limit: Int64?)
        /// A source of COPY or ADD is not there.
        ///
        /// - Parameter siblings: paths that are there in its place, a thousand at most.
        case missingSource(String, ContextName?, siblings: [String] = [])
        /// A source of COPY or ADD is there, and a line of an ignore file hides it.
        case ignoredSource(String, by: String)
        /// USER or --chown names someone whom the image does not know.
        case account(AccountError)
        case invalidMode(String)
        /// A required secret was not given.
        case missingSecret(String)
        /// A required SSH agent was not given.
        case missingAgent(String)
        /// RUN for a platform whose programs this machine does not execute.
        case foreignPlatform(Platform)
        case unsupported(String)
        case other(any Error)
    }

    package let origin: Origin
    package let cause: Cause
    /// What the failed step left, if that was asked for.
    package let kept: KeptStep?
    /// Why that could not be kept, if it was asked for.
    package let keepingFailure: (any Error)?

    init(_ origin: Origin, _ cause: Cause, kept: KeptStep? = nil, keepingFailure: (any Error)? = nil) {
        (self.origin, self.cause, self.kept, self.keepingFailure) = (origin, cause, kept, keepingFailure)
    }
}
