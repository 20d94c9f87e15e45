import AsyncHTTPClient
import NIOCore
import NIOPosix

/// Names the cause of a failed request in a few words.
enum ConnectionFailure {
    static func reason(_ error: any Error, timeouts: RemoteFileClient.Configuration) -> String {
        switch error {
        case let error as NIOConnectionError: connection(error)
        case let error as HTTPClientError: client(error, timeouts)
        case let error as IOError: operatingSystem(error)
        case ChannelError.connectTimeout: "no connection within \(timeouts.connectTimeout)"
        case ChannelError.inputClosed, ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof:
            "the connection was closed"
        default: "\(error)"
        }
    }

    private static func connection(_ error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first {
            return (failure.error as? IOError).map(operatingSystem) ?? "\(failure.error)"
        }
        return "the host name '\(error.host)' is not known"
    }

    private static func client(_ error: HTTPClientError, _ timeouts: RemoteFileClient.Configuration) -> String {
        switch error {
        case .connectTimeout: "no connection within \(timeouts.connectTimeout)"
        case .readTimeout: "nothing came for \(timeouts.idleTimeout)"
        case .remoteConnectionClosed: "the connection was closed"
        case .tlsHandshakeTimeout: "the TLS handshake took too long"
        case .proxyAuthenticationRequired: "the proxy asks for a name and a password"
        case .httpProxyHandshakeTimeout: "the proxy does not answer"
        default: "\(error)"
        }
    }

    /// The errors of Linux that a connection usually meets, in words that say what happened.
    private static func operatingSystem(_ error: IOError) -> String {
        switch error.errnoCode {
        case 101: "the network is unreachable"
        case 104, 32: "the connection was closed"
        case 110: "the host does not answer"
        case 111: "the connection was refused"
        case 113: "there is no route to the host"
        default: "\(error)"
        }
    }
}
