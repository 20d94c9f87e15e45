import LinuxSystem
import NIOCore
import NIOSSL
import OCI

/// Who is at the other end of a connection: what one client has sent is never another's.
enum Peer: Hashable, Sendable {
    /// A user of this machine, as the kernel knows.
    case user(UInt32)
    /// Whoever has the key of a certificate, by the digest of the certificate.
    case certificate(Digest)
    /// Nobody that could be known again.
    case stranger(UInt64)

    /// - Parameter channel: one whose client has said something: a handshake is over then.
    static func of(_ channel: any Channel) async -> Peer {
        // A channel without credentials is none of a socket in the file system.
        if let user = try? await credentials(of: channel).get().user, user != .max { return .user(user) }
        // None over plain TCP.
        if let certificate = try? await channel.nioSSL_peerCertificate().map({ $0.flatMap(digest) }).get() {
            return .certificate(certificate)
        }
        return .stranger(.random(in: 0 ... .max))
    }

    private static func digest(_ certificate: NIOSSLCertificate) -> Digest? {
        // One that was verified can be written.
        (try? certificate.toDERBytes()).map { Digest(sha256: $0) }
    }

    /// What the kernel tells of the other end of a socket in the file system (SO_PEERCRED, unix(7)).
    static func credentials(of channel: any Channel) -> EventLoopFuture<Credentials> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(Credentials())
        }
        return socket.unsafeGetSocketOption(level: .socket, name: NIOBSDSocket.Option(rawValue: 17))
    }

    /// `struct ucred` of unix(7).
    struct Credentials: Sendable {
        var process: Int32 = 0
        var user: UInt32 = .max
        var group: UInt32 = .max
    }
}
