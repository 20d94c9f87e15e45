import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import OCI
import Synchronization

/// Tunnels through proxies that the HTTP library cannot ask for any: those that are spoken to over TLS, and SOCKS ones that want a
/// name and a password.
///
/// It is a proxy itself, on this machine and for this process alone: it answers CONNECT to who names a password that was made for
/// it, asks the real proxy, and passes on what comes.
final class TunnelRelay: Sendable {
    let port: Int
    /// What lets one in; anybody on this machine can connect.
    let login: HTTPClient.Authorization
    private let listener: any Channel
    private let way: TunnelWay

    /// - Throws: where there is no loopback interface, or no authority can be read.
    init(to proxy: RelayedProxy, _ policy: TransferPolicy) throws {
        var generator = SystemRandomNumberGenerator()
        let password = (0..<4).map { _ in String(generator.next() as UInt64, radix: 36) }.joined()
        let login = HTTPClient.Authorization.basic(username: "distill", password: password)
        let way = try TunnelWay(to: proxy, password: login.headerValue, policy)
        listener = try ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TunnelEntrance(way))
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        (port, self.login, self.way) = (listener.localAddress?.port ?? 0, login, way)
    }

    /// Why the last tunnel was not had.
    var failure: (any Error)? { way.failure.withLock { $0 } }

    func close() async {
        // It ends with the process at the latest.
        try? await listener.close()
    }
}

/// How a relay comes to its tunnels.
final class TunnelWay: Sendable {
    let failure = Mutex<(any Error)?>(nil)
    private let proxy: RelayedProxy
    private let password: String
    private let patience: Duration
    private let tls: NIOSSLContext?

    init(to proxy: RelayedProxy, password: String, _ policy: TransferPolicy) throws {
        // A little less than whoever asks has: who it is that does not answer can be told only here.
        (self.proxy, self.password, patience) = (proxy, password, policy.connectTimeout * 0.8)
        if case .secure = proxy {
            tls = try NIOSSLContext(configuration: policy.authorities.clientConfiguration())
        } else {
            tls = nil
        }
    }

    /// Where a request wants to be led.
    func target(of lines: [Substring]) throws(TunnelFailure) -> TunnelTarget {
        let isAllowed = lines.dropFirst().contains { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2 && parts[0].lowercased() == "proxy-authorization"
                && parts[1].drop { $0 == " " } == password
        }
        guard isAllowed else { throw .login }
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3, words[0] == "CONNECT", let colon = words[1].lastIndex(of: ":"),
            let port = UInt16(words[1][words[1].index(after: colon)...])
        else { throw .noProxy }
        let host = words[1][..<colon]
        return TunnelTarget(
            host: String(host.hasPrefix("[") ? host.dropFirst().dropLast() : host), port: Int(port))
    }

    /// A connection to the proxy that leads to the target.
    func connect(to target: TunnelTarget, on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let opened = loop.makePromise(of: Void.self)
        let (host, port) =
            switch proxy {
            case .secure(let url): (url.origin.bareHost, url.origin.port)
            case .socks(let socks): (socks.host, socks.port)
            }
        return ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(patience))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.prepare(channel, for: target, opened) }
            }
            .connect(host: host, port: port)
            .flatMap { channel in opened.futureResult.map { channel } }
            .flatMapErrorThrowing { error in
                // Nobody has told it, where there was no connection.
                opened.fail(error)
                throw error
            }
    }

    private func prepare(_ channel: any Channel, for target: TunnelTarget, _ opened: EventLoopPromise<Void>) throws {
        let pipeline = channel.pipeline.syncOperations
        let dialogue: any TunnelDialogue
        switch proxy {
        case .secure(let url):
            if let tls {
                let name = NetworkAddress(url.origin.host) == nil ? url.origin.host : nil
                let peer = PeerIdentity(url.origin)
                let handler = try NIOSSLClientHandler._makeSSLClientHandler(
                    context: tls, serverHostname: name,
                    additionalPeerCertificateVerificationCallback: { certificate, channel in
                        peer.isNamed(by: certificate)
                            ? channel.eventLoop.makeSucceededVoidFuture()
                            : channel.eventLoop.makeFailedFuture(NIOSSLExtraError.failedToValidateHostname)
                    })
                try pipeline.addHandler(handler)
            }
            dialogue = ConnectDialogue(to: target, login: url.nameAndPassword)
        case .socks(let socks):
            guard let login = socks.login else { throw TunnelFailure.login }
            dialogue = SOCKSDialogue(to: target, login: login)
        }
        try pipeline.addHandler(TunnelAsking(dialogue, patience, opened))
    }
}
