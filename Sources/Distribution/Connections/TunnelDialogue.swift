import NIOCore
import OCI

/// Where a tunnel leads.
struct TunnelTarget: Hashable, Sendable {
    /// An IPv6 address without brackets.
    let host: String
    let port: Int

    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What is said to a proxy until a tunnel is there.
protocol TunnelDialogue: Sendable {
    /// What is said first.
    var opening: [UInt8] { get }
    /// Takes from what has come as much as can be understood.
    mutating func answer(_ received: inout ByteBuffer) throws(TunnelFailure) -> TunnelStep
}

enum TunnelStep: Hashable, Sendable {
    /// There must come more.
    case wait
    case say([UInt8])
    /// What comes now comes from the target.
    case open
}

/// Why a proxy gives no tunnel.
enum TunnelFailure: Error, Hashable, Sendable {
    /// It wants a name and a password, or others.
    case login
    /// It does not lead there, or cannot reach it.
    case refused
    /// It speaks something else.
    case noProxy
    /// It said nothing for so long.
    case silent(Duration)
    case closed
}

/// CONNECT (RFC 9110, section 9.3.6).
struct ConnectDialogue: TunnelDialogue {
    let opening: [UInt8]

    init(to target: TunnelTarget, login: (name: String, password: String)?) {
        var text = "CONNECT \(target.authority) HTTP/1.1\r\nHost: \(target.authority)\r\nUser-Agent: distill\r\n"
        if let login {
            text += "Proxy-Authorization: \(BasicCredentials.header(login))\r\n"
        }
        opening = Array((text + "\r\n").utf8)
    }

    mutating func answer(_ received: inout ByteBuffer) throws(TunnelFailure) -> TunnelStep {
        while let lines = try received.takeHead() {
            let words = (lines.first ?? "").split(separator: " ")
            guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1])
            else { throw .noProxy }
            switch status {
            case 100..<200: continue
            case 200..<300: return .open
            case 407: throw .login
            default: throw .refused
            }
        }
        return .wait
    }
}

/// SOCKS 5 (RFC 1928), with a name and a password where there are some (RFC 1929).
struct SOCKSDialogue: TunnelDialogue {
    private enum State {
        case method, login, connection
    }

    private let target: TunnelTarget
    private let login: SOCKSProxy.Login?
    private var state = State.method

    init(to target: TunnelTarget, login: SOCKSProxy.Login?) { (self.target, self.login) = (target, login) }

    /// The methods are "none" and "name and password".
    var opening: [UInt8] { login == nil ? [5, 1, 0] : [5, 2, 0, 2] }

    mutating func answer(_ received: inout ByteBuffer) throws(TunnelFailure) -> TunnelStep {
        switch state {
        case .method:
            guard let (version, method) = received.readMultipleIntegers(as: (UInt8, UInt8).self) else { return .wait }
            guard version == 5 else { throw .noProxy }
            switch method {
            case 0: return .say(connect())
            case 2:
                guard let login else { throw .noProxy }
                state = .login
                return .say(Self.greeting(login))
            case 0xFF: throw .login
            default: throw .noProxy
            }
        case .login:
            guard let (_, status) = received.readMultipleIntegers(as: (UInt8, UInt8).self) else { return .wait }
            guard status == 0 else { throw .login }
            return .say(connect())
        case .connection: return try connected(&received)
        }
    }

    private static func greeting(_ login: SOCKSProxy.Login) -> [UInt8] {
        let (name, password) = (Array(login.name.utf8), Array(login.password.utf8))
        return [1, UInt8(name.count)] + name + [UInt8(password.count)] + password
    }

    private mutating func connect() -> [UInt8] {
        state = .connection
        let address: [UInt8]
        if let bytes = NetworkAddress(target.host)?.bytes {
            address = [bytes.count == 4 ? 1 : 4] + bytes
        } else {
            // A name of the domain name system has at most 253 (RFC 1035, section 2.3.4).
            let name = Array(target.host.utf8.prefix(255))
            address = [3, UInt8(name.count)] + name
        }
        return [5, 1, 0] + address + [
            UInt8(truncatingIfNeeded: target.port >> 8), UInt8(truncatingIfNeeded: target.port),
        ]
    }

    /// The answer holds the address at the proxy's other side, which nobody needs.
    private func connected(_ received: inout ByteBuffer) throws(TunnelFailure) -> TunnelStep {
        let bytes = received.readableBytesView.prefix(5).map { $0 }
        if let version = bytes.first, version != 5 { throw .noProxy }
        if bytes.count > 1, bytes[1] != 0 { throw .refused }
        guard bytes.count == 5 else { return .wait }
        let length: Int
        switch bytes[3] {
        case 1: length = 10
        case 3: length = 7 + Int(bytes[4])
        case 4: length = 22
        default: throw .noProxy
        }
        guard received.readableBytes >= length else { return .wait }
        received.moveReaderIndex(forwardBy: length)
        return .open
    }
}

extension ByteBuffer {
    /// The lines of the head of a message of HTTP, when its end is there.
    ///
    /// - Throws: ``TunnelFailure/noProxy`` where it is longer than anybody needs.
    mutating func takeHead() throws(TunnelFailure) -> [Substring]? {
        let view = readableBytesView
        let limit = 16 << 10
        var line = 0
        for (offset, byte) in view.prefix(limit).enumerated() where byte == 0x0A {
            // A line without anything but its end, which may be a line feed alone.
            if offset - line <= 1, offset > 0 {
                let text = readString(length: offset + 1) ?? ""
                return text.split(whereSeparator: \.isNewline)
            }
            line = offset + 1
        }
        if view.count >= limit { throw .noProxy }
        return nil
    }
}
