import NIOCore
import NIOSSL
import Synchronization

/// Who is trusted over TLS, and who asks (RFC 8446). Connections are shared by requests that have the same one.
final class TransportSecurity: Sendable {
    private let configuration: TLSConfiguration
    /// Made when a host is first spoken to: reading the authorities takes longer than a handshake.
    private let contexts = Mutex<[Bool: NIOSSLContext]>([:])

    init(_ configuration: TLSConfiguration) {
        var configuration = configuration
        configuration.applicationProtocols = ["http/1.1"]
        self.configuration = configuration
    }

    /// What speaks TLS at this end of a connection.
    ///
    /// - Throws: where the authorities or the client's certificate cannot be used.
    func handler(for peer: PeerIdentity) throws -> NIOSSLClientHandler {
        var serverName: String?
        if case .name(let name) = peer { serverName = name }
        let context = try context(comparesNames: serverName != nil)
        guard configuration.certificateVerification != .none else {
            return try NIOSSLClientHandler(context: context, serverHostname: serverName)
        }
        return try NIOSSLClientHandler._makeSSLClientHandler(
            context: context, serverHostname: serverName,
            additionalPeerCertificateVerificationCallback: { certificate, channel in
                peer.isNamed(by: certificate)
                    ? channel.eventLoop.makeSucceededVoidFuture()
                    : channel.eventLoop.makeFailedFuture(NIOSSLExtraError.failedToValidateHostname)
            })
    }

    /// - Parameter comparesNames: false for an address: the library would compare it with that of a proxy.
    private func context(comparesNames: Bool) throws -> NIOSSLContext {
        try contexts.withLock { contexts in
            if let known = contexts[comparesNames] { return known }
            var configuration = configuration
            if !comparesNames, configuration.certificateVerification == .fullVerification {
                configuration.certificateVerification = .noHostnameVerification
            }
            let made = try NIOSSLContext(configuration: configuration)
            contexts[comparesNames] = made
            return made
        }
    }
}
