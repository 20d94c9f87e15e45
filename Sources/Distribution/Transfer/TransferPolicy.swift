/// How long a transfer waits, and how often it tries again.
package struct TransferPolicy: Sendable {
    package var connectTimeout = Duration.seconds(15)
    /// How long a server may stay silent in the middle of an answer.
    package var idleTimeout = Duration.seconds(30)
    /// How long a server may take to begin its answer, informational ones (RFC 9110, 15.2) before it or not.
    package var headTimeout = Duration.seconds(60)
    /// How long a server may be silent before it answers to the end of an upload or to a manifest: it puts together what it
    /// was sent, in a store that may be slow.
    package var commitTimeout = Duration.seconds(1800)
    /// Whose certificates count.
    package var authorities = TrustedAuthorities()
    /// The pauses before the second try and those after it: one try more than there are pauses.
    package var delays: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]
    /// The longest pause that a server may ask for with `Retry-After`.
    package var maximumRetryAfter = Duration.seconds(60)
    package var maximumRedirects = 10

    package init() {}
}
