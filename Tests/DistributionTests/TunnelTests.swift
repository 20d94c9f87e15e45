import NIOCore
import OCI
import Synchronization
import TestSupport
import Testing

@testable import Distribution

/// Contract of `TunnelDialogue`: what proxies answer opens the way or is told, byte by byte as in one piece.
@Suite(.timeLimit(.minutes(10))) struct TunnelTests {
    /// What came of a dialogue: what was said behind the opening, and how it ended.
    private func outcome(_ dialogue: any TunnelDialogue, _ answers: [[UInt8]]) -> String {
        var dialogue = dialogue
        var received = ByteBuffer()
        var said: [String] = []
        for answer in answers {
            received.writeBytes(answer)
            var isWaiting = false
            while !isWaiting {
                do {
                    switch try dialogue.answer(&received) {
                    case .wait: isWaiting = true
                    case .say(let bytes): said.append(hex(bytes))
                    case .open: return (said + ["open \(received.readableBytes)"]).joined(separator: " ")
                    }
                } catch { return (said + ["\(error)"]).joined(separator: " ") }
            }
        }
        return (said + ["wait"]).joined(separator: " ")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func asksForATunnel() {
        let target = TunnelTarget(host: "fd00::1", port: 443)
        let plain = ConnectDialogue(to: target, login: nil)
        #expect(
            String(decoding: plain.opening, as: UTF8.self)
                == "CONNECT [fd00::1]:443 HTTP/1.1\r\nHost: [fd00::1]:443\r\nUser-Agent: distill\r\n\r\n")
        let known = ConnectDialogue(to: target, login: (name: "ann", password: "p"))
        #expect(String(decoding: known.opening, as: UTF8.self).contains("\r\nProxy-Authorization: Basic YW5uOnA=\r\n"))
    }

    /// Answers to CONNECT, whole and in pieces.
    @Test(arguments: [
        ("HTTP/1.1 200 Connection established\r\n\r\n", "open 0"), ("HTTP/1.0 200\r\n\r\n", "open 0"),
        ("HTTP/1.1 204 x\r\nVia: y\r\n\r\nrest", "open 4"), ("HTTP/1.1 200 x\n\n", "open 0"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "open 0"),
        ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nsorry", "login"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "refused"), ("HTTP/1.1 301 x\r\nLocation: y\r\n\r\n", "refused"),
        ("HTTP/1.1 abc\r\n\r\n", "noProxy"), ("HTTP/2 200\r\n\r\n", "noProxy"), ("\u{5}\u{0}\r\n\r\n", "noProxy"),
        ("SSH-2.0-x\r\n\r\n", "noProxy"), ("HTTP/1.1 200 OK\r\n", "wait"), ("", "wait"),
        (String(repeating: "x", count: 16 << 10), "noProxy"),
        ("HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 4000) + "\r\n", "noProxy"),
    ])
    func readsAnswersToCONNECT(answer: String, expected: String) {
        let dialogue = ConnectDialogue(to: TunnelTarget(host: "m.example", port: 443), login: nil)
        #expect(outcome(dialogue, [Array(answer.utf8)]) == expected)
        guard !expected.hasPrefix("open 4"), answer.utf8.count < 1000 else { return }
        #expect(outcome(dialogue, answer.utf8.map { [$0] }) == expected)
    }

    /// Answers of SOCKS proxies, whole and in pieces: "m.example", 443, "ann" with "pw".
    @Test(
        arguments: [
            ([5, 0, 5, 0, 0, 1, 1, 2, 3, 4, 0, 80], "05010003096d2e6578616d706c6501bb open 0"),
            ([5, 2, 1, 0, 5, 0, 0, 1, 1, 2, 3, 4, 0, 80], "0103616e6e027077 05010003096d2e6578616d706c6501bb open 0"),
            ([5, 2, 1, 0, 5, 0, 0, 3, 2, 65, 66, 0, 80], "0103616e6e027077 05010003096d2e6578616d706c6501bb open 0"),
            (
                [5, 2, 1, 0, 5, 0, 0, 4] + Array(repeating: 0, count: 18),
                "0103616e6e027077 05010003096d2e6578616d706c6501bb open 0"
            ),
            ([5, 2, 1, 1], "0103616e6e027077 login"), ([5, 0xFF], "login"), ([5, 1], "noProxy"), ([4, 0], "noProxy"),
            ([72, 84], "noProxy"), ([5, 0, 5, 5, 0, 1], "05010003096d2e6578616d706c6501bb refused"),
            ([5, 0, 4], "05010003096d2e6578616d706c6501bb noProxy"),
            ([5, 0, 5, 0, 0, 9, 1], "05010003096d2e6578616d706c6501bb noProxy"), ([5], "wait"),
            ([5, 0, 5, 0, 0, 1, 1, 2], "05010003096d2e6578616d706c6501bb wait"),
        ] as [([UInt8], String)])
    func readsAnswersOfSOCKS(answer: [UInt8], expected: String) throws {
        let login = try #require(SOCKSProxy.Login(name: "ann", password: "pw"))
        let dialogue = SOCKSDialogue(to: TunnelTarget(host: "m.example", port: 443), login: login)
        #expect(dialogue.opening == [5, 2, 0, 2])
        #expect(outcome(dialogue, [answer]) == expected)
        #expect(outcome(dialogue, answer.map { [$0] }) == expected)
    }

    @Test(arguments: [
        ("10.77.0.1", "050100010a4d000101bb"), ("fd00::1", "05010004fd00000000000000000000000000000101bb"),
    ])
    func namesAddressesAsSuch(host: String, expected: String) throws {
        let login = try #require(SOCKSProxy.Login(name: "", password: ""))
        let dialogue = SOCKSDialogue(to: TunnelTarget(host: host, port: 443), login: login)
        #expect(outcome(dialogue, [[5, 0]]) == expected + " wait")
    }

    @Test(arguments: [
        ("reg.example", "reg.example", true), ("REG.example", "reg.example.", true), ("*.example", "reg.example", true),
        ("*.example", "a.reg.example", false), ("*.example", "example", false), ("*.example", ".example", false),
        ("reg.example", "other.example", false), ("r*.example", "reg.example", false), ("*", "example", false),
        ("", "", true), ("10.77.0.1", "reg.example", false),
    ])
    func knowsWhomACertificateNames(name: String, host: String, isNamed: Bool) {
        #expect(PeerIdentity.covers(name, host) == isNamed)
    }

    // MARK: Through a proxy

    /// A SOCKS proxy that wants "ann" and "pw", and that answers requests to whatever target itself, with `body`.
    private static func serve(
        _ connection: LoopbackServer.Connection, _ body: [UInt8], _ asked: borrowing Mutex<[String]>
    ) async throws {
        var received: [UInt8] = []
        var state = 0
        for await piece in connection.input {
            received += piece.readableBytesView
            if state == 0, received.count >= 4 {
                guard received.prefix(4) == [5, 2, 0, 2] else { return }
                received.removeFirst(4)
                state = 1
                try await connection.write([5, 2])
            }
            if state == 1, received.count >= 8 {
                let isRight = received.prefix(8) == [1, 3] + Array("ann".utf8) + [2] + Array("pw".utf8)
                received.removeFirst(8)
                state = 2
                try await connection.write([1, isRight ? 0 : 1])
                if !isRight { return }
            }
            if state == 2, received.count >= 5, received.count >= 7 + Int(received[4]) {
                let name = String(decoding: received[5..<(5 + Int(received[4]))], as: UTF8.self)
                asked.withLock { $0.append(name) }
                received.removeFirst(7 + Int(received[4]))
                state = 3
                try await connection.write([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
            }
            if state == 3, received.contains(0x0A) {
                try await connection.write(Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8) + body)
                return
            }
        }
    }

    private func fetch(_ url: String, through proxy: String) async throws -> [UInt8] {
        var policy = TransferPolicy()
        policy.delays = []
        var bytes: [UInt8] = []
        try await RemoteFileClient.withClient(configuration: policy, environment: ["all_proxy": proxy]) { client in
            _ = try await client.fetch(
                url, maximumSize: 1 << 30, progress: { _, _ in }, restart: {}, body: { bytes += $0 })
        }
        return bytes
    }

    /// A proxy that wants a password, and passes on more than a socket's buffer holds before it closes.
    @Test func goesThroughSOCKSWithAPassword() async throws {
        let part = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
        let body = Array(repeatElement(part, count: 120).joined())
        let asked = Mutex<[String]>([])
        try await LoopbackServer.with {
            $0
        } serve: { (_: Int, connection) in
            try await Self.serve(connection, body, asked)
        } _: { port in
            let bytes = try await fetch("http://m.example/x", through: "socks5://ann:pw@127.0.0.1:\(port)")
            #expect(bytes.count == body.count && Digest(sha256: bytes) == Digest(sha256: body))
            #expect(asked.withLock { $0 } == ["m.example"])
            let error = await #expect(throws: RemoteFileError.self) {
                try await fetch("http://m.example/x", through: "socks5h://ann:no@127.0.0.1:\(port)")
            }
            #expect(
                error
                    == .unreachable(
                        url: "http://m.example/x",
                        reason: "the proxy gives no way there: it wants a name and a password, or others"))
        }
    }

    @Test func tellsWhyThereIsNoTunnel() async throws {
        try await LoopbackServer.with {
            $0
        } serve: { (_: Int, connection) in
            for await _ in connection.input {
                try await connection.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
                return
            }
        } _: { port in
            // It does not speak TLS, and nobody is there.
            for (proxy, reason) in [
                ("https://127.0.0.1:\(port)", "it does not speak TLS"),
                ("socks5://a:b@127.0.0.1:1", "the connection was refused"),
            ] {
                let error = await #expect(throws: RemoteFileError.self) {
                    try await fetch("https://m.example/x", through: proxy)
                }
                let expected = "the proxy gives no way there: \(reason)"
                #expect(error == .unreachable(url: "https://m.example/x", reason: expected))
            }
        }
    }
}
