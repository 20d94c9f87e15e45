/// Why a connection gave no answer, or not all of it.
enum HTTPFailure: Error, Hashable, Sendable {
    /// TLS was not there in time.
    case handshakeTimeout
    /// The head of the answer was not there in time.
    case deadlineExceeded
    /// Nothing came for so long.
    case silent
    /// The other side closed the connection before the answer's end.
    case closed
    /// The proxy asks for a name and a password.
    case proxyLogin
}
