/// How long a transfer waits, and how often it tries again.
public struct TransferPolicy: Sendable {
    public var connectTimeout = Duration.seconds(15)
    /// How long a server may stay silent in the middle of an answer.
    public var idleTimeout = Duration.seconds(30)
    /// How long a server may take to begin its answer, informational ones (RFC 9110, 15.2) before it or not.
    public var headTimeout = Duration.seconds(60)
    /// The pauses before the second try and those after it: one try more than there are pauses.
    public var delays: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]
    /// The longest pause that a server may ask for with `Retry-After`.
    public var maximumRetryAfter = Duration.seconds(60)
    public var maximumRedirects = 10

    public init() {}
}
