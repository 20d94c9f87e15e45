import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Names the cause of a failed request in a few words.
enum ConnectionFailure {
    static func reason(_ error: any Error, timeouts: TransferPolicy) -> String {
        switch error {
        case let error as NIOConnectionError: connection(error, timeouts)
        case let error as HTTPFailure: exchange(error, timeouts)
        case let error as IOError: operatingSystem(error)
        case let error as UnusableProxy: proxy(error)
        case is HTTPParserError: "what it answers is no HTTP"
        case is SilentRegistry: "it takes nothing more, and does not answer"
        case let error as ProxyFailure: "the proxy gives no way there: \(reason(error.cause, timeouts: timeouts))"
        case let error as TunnelFailure: tunnel(error)
        case let error as NIOSSLError: security(error)
        case let error as NIOSSLExtraError: security(error)
        case ChannelError.connectTimeout: "no connection within \(timeouts.connectTimeout)"
        default: isClosure(error) ? "the connection was closed" : "\(error)"
        }
    }

    private static func connection(_ error: NIOConnectionError, _ timeouts: TransferPolicy) -> String {
        if let failure = error.connectionErrors.first { return reason(failure.error, timeouts: timeouts) }
        return "the host name '\(error.host)' is not known"
    }

    private static func exchange(_ failure: HTTPFailure, _ timeouts: TransferPolicy) -> String {
        switch failure {
        case .deadlineExceeded: "it does not answer in time"
        case .silent: "nothing came for \(timeouts.idleTimeout)"
        case .closed: "the connection was closed"
        case .handshakeTimeout: "the TLS handshake took too long"
        case .proxyLogin: "the proxy asks for a name and a password"
        }
    }

    private static func proxy(_ error: UnusableProxy) -> String {
        let reason =
            switch error.reason {
            case .noAddress: "it is no address"
            case .scheme(let name): "'\(name)' is no kind of proxy that is spoken to (http, https, socks5)"
            case .longLogin: "SOCKS has no names and passwords of more than 255 bytes"
            }
        return "the proxy that \(error.variable) names cannot be used: \(reason)"
    }

    private static func tunnel(_ failure: TunnelFailure) -> String {
        switch failure {
        case .login: "it wants a name and a password, or others"
        case .refused: "it refuses"
        case .noProxy: "what answers there is no such proxy"
        case .silent(let time): "it said nothing for \(time)"
        case .closed: "it closed the connection"
        }
    }

    /// Whether another try would end in the same way: the other side's certificate is not what is wanted.
    static func isLasting(_ error: any Error) -> Bool {
        if error is NIOSSLExtraError || error is UnusableProxy { return true }
        if let error = error as? ProxyFailure { return isLasting(error.cause) }
        if let error = error as? TunnelFailure { return error == .login || error == .noProxy }
        if error as? HTTPFailure == .proxyLogin { return true }
        guard case NIOSSLError.handshakeFailed = error else { return false }
        let text = "\(error)"
        return ["CERTIFICATE", "ALERT", "WRONG_VERSION_NUMBER", "HTTP_REQUEST"].contains(where: text.contains)
    }

    /// Whether the other side has closed the connection.
    static func isClosure(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPFailure: error == .closed
        case let error as IOError: error.errnoCode == 104 || error.errnoCode == 32
        case ChannelError.inputClosed, ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof:
            true
        default: false
        }
    }

    /// Whether all the time that an answer may take is over.
    static func isExhausting(_ error: any Error) -> Bool {
        error is SilentRegistry || error as? HTTPFailure == .deadlineExceeded
    }

    private static func security(_ error: NIOSSLError) -> String {
        guard case .handshakeFailed = error else { return "\(error)" }
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "no known authority has signed its certificate" }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") { return "it does not speak TLS" }
        if text.contains("ALERT") { return "it refuses the TLS handshake; perhaps it wants a client certificate" }
        return "the TLS handshake failed"
    }

    private static func security(_ error: NIOSSLExtraError) -> String {
        error == .failedToValidateHostname ? "its certificate is for another host" : "\(error)"
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
