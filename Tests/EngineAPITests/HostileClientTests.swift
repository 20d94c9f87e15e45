import EngineAPI
import LinuxSystem
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Clients that send what no client sends, or go in the middle: the server answers the next one, and keeps nothing of them.
@Suite(.serialized) struct HostileClientTests {
    /// Runs a function beside a server.
    private func withServer(_ body: @escaping @Sendable (_ socket: String) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            let socket = "\(directory)/s"
            let environment = HostEnvironment(
                variables: ["DISTILL_ROOT": "\(directory)/store", "HOME": directory],
                workingDirectory: FilePath(directory))
            let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
            let server = APIServer(
                APIServer.Configuration(
                    addresses: [.socket(FilePath(socket), group: nil)], environment: environment, idle: nil,
                    describe: { FailureText("\($0)") }, ready: { isReady.finish() }))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                for await _ in ready {}
                try await body(socket)
                group.cancelAll()
            }
        }
    }

    /// A connection that keeps what it hears.
    private final class Client: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let heard = Mutex<[UInt8]>([])

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            heard.withLock { $0 += bytes.readableBytesView }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        var bytes: [UInt8] { heard.withLock { $0 } }
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private static func connect(_ socket: String) async throws -> (client: Client, channel: any Channel) {
        let client = Client()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { $0.pipeline.addHandler(client) }
            .connect(unixDomainSocketPath: socket).get()
        return (client, channel)
    }

    private static let ping = "GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"

    /// What a server says to some bytes until it closes the connection.
    private static func answer(_ bytes: [UInt8], _ socket: String, halfCloses: Bool = false) async throws -> String {
        let (client, channel) = try await connect(socket)
        // The server may have closed it in the middle.
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
        if halfCloses { try? await channel.close(mode: .output).get() }  // as above
        try await channel.closeFuture.get()
        return client.text
    }

    private static func expectAlive(_ socket: String) async throws {
        let text = try await answer(Array(ping.utf8), socket)
        #expect(text.hasPrefix("HTTP/1.1 200 OK"), "\(text)")
    }

    /// Descriptors of this process that lead to sockets.
    private static func sockets() throws -> Int {
        let folder = try Directory(opening: "/proc/self/fd")
        return try folder.names().count { name in
            // One that has gone since is none.
            (try? folder.readLink(name)).map { String(decoding: $0, as: UTF8.self).hasPrefix("socket:") } ?? false
        }
    }

    @Test(.timeLimit(.minutes(1))) func twoHundredConnectionsAreAnswered() async throws {
        try await withServer { socket in
            let before = try Self.sockets()
            try await withThrowingTaskGroup(of: String.self) { group in
                var held: [any Channel] = []
                // Some say nothing, or half a request, and stay.
                for index in 0..<50 {
                    let (_, channel) = try await Self.connect(socket)
                    let part = Self.ping.utf8.prefix(index)
                    if !part.isEmpty { try await channel.writeAndFlush(ByteBuffer(bytes: part)).get() }
                    held.append(channel)
                }
                for _ in 0..<200 { group.addTask { try await Self.answer(Array(Self.ping.utf8), socket) } }
                var count = 0
                for try await text in group where text.hasPrefix("HTTP/1.1 200 OK") { count += 1 }
                #expect(count == 200)
                for channel in held { try await channel.close().get() }
            }
            try await Self.expectAlive(socket)
            while try Self.sockets() > before + 2 { await Task.yield() }
        }
    }

    private static let upgrade = """
        POST /grpc HTTP/1.1\r
        Host: d\r
        Connection: Upgrade\r
        Upgrade: h2c\r
        \r
        PRI * HTTP/2.0\r
        \r
        SM\r
        \r

        """
    private static let build = """
        POST /build?t=x HTTP/1.1\r
        Host: d\r
        Content-Type: application/x-tar\r
        Transfer-Encoding: chunked\r
        \r
        400\r

        """

    @Test(.timeLimit(.minutes(1))) func clientsMayGoAtEachPoint() async throws {
        try await withServer { socket in
            let before = try Self.sockets()
            for request in [Self.ping, Self.upgrade, Self.build] {
                let bytes = Array(request.utf8)
                for count in stride(from: 0, through: bytes.count, by: 3) {
                    let (_, channel) = try await Self.connect(socket)
                    if count > 0 { try? await channel.writeAndFlush(ByteBuffer(bytes: bytes[..<count])).get() }  // gone
                    try? await channel.close().get()  // gone already
                }
            }
            try await Self.expectAlive(socket)
            while try Self.sockets() > before + 2 { await Task.yield() }
        }
    }

    @Test(.timeLimit(.minutes(1))) func whoSendsNoMoreIsAnswered() async throws {
        try await withServer { socket in
            let text = try await Self.answer(Array("GET /version HTTP/1.0\r\n\r\n".utf8), socket, halfCloses: true)
            #expect(text.contains("ApiVersion"), "\(text)")
            for part in ["", "GET", "PRI * HT", "POST /auth HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"] {
                _ = try await Self.answer(Array(part.utf8), socket, halfCloses: true)
            }
            try await Self.expectAlive(socket)
        }
    }

    /// Clients in Go send a PING with each piece of data that they read: thousands in a build are none too many.
    @Test(.timeLimit(.minutes(1))) func manyPingsAreAnswered() async throws {
        let frame: (_ kind: UInt8, _ payload: [UInt8]) -> [UInt8] = { kind, payload in
            [0, 0, UInt8(payload.count), kind, 0, 0, 0, 0, 0] + payload
        }
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, [])
        let pings = (0..<2000).flatMap { number in
            frame(6, [0, 0, 0, 0, 0, 0] + [UInt8(number / 256), UInt8(number % 256)])
        }
        try await withServer { socket in
            let (client, channel) = try await Self.connect(socket)
            try await channel.writeAndFlush(ByteBuffer(bytes: preface + pings)).get()
            // An answer is as long as its question.
            while channel.isActive, client.bytes.count < pings.count { await Task.yield() }
            #expect(channel.isActive)
            try await channel.close().get()
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatIsNoRequestIsRefused() async throws {
        let deep = String(repeating: "[", count: 100_000)
        func post(_ path: String, _ body: String) -> String {
            "POST \(path) HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        let requests: [(text: String, status: String)] = [
            (post("/auth", deep), "400"), (post("/auth", "{"), "400"), (post("/auth", "[]"), "400"),
            (post("/auth", "{\"username\":" + deep), "400"),
            (
                "GET /images/json?filters=" + String(repeating: "%5B", count: 2000)
                    + " HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", "400"
            ),
            ("GET /images/..%2F..%2Fetc%2Fpasswd/json HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n", "404"),
        ]
        try await withServer { socket in
            for (text, status) in requests {
                let answer = try await Self.answer(Array(text.utf8), socket)
                #expect(
                    answer.hasPrefix("HTTP/1.1 \(status)") || answer.hasPrefix("HTTP/1.1 4"),
                    "\(text.prefix(60)): \(answer)")
            }
            try await Self.expectAlive(socket)
        }
    }

    @Test(.timeLimit(.minutes(1))) func noBytesEndTheServer() async throws {
        var generator = SeededGenerator(seed: 6)
        var noise: [[UInt8]] = []
        for index in 0..<60 {
            let random = (0..<Int.random(in: 1...4000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            noise.append(index.isMultiple(of: 2) ? random : Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + random)
        }
        noise.append(Array("GET / HTTP/1.1\r\n".utf8) + [UInt8](repeating: 0x61, count: 2 << 20))
        noise.append(Array("GET /_ping HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n".utf8))
        let sent = noise
        try await withServer { socket in
            for bytes in sent {
                let (_, channel) = try await Self.connect(socket)
                try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()  // closed in the middle
                try? await channel.close(mode: .output).get()  // closed already
                let waiting = channel.eventLoop.scheduleTask(in: .seconds(5)) {
                    Issue.record("not closed: \(bytes.prefix(30)) of \(bytes.count)")
                    channel.close(promise: nil)
                }
                try await channel.closeFuture.get()
                waiting.cancel()
            }
            try await Self.expectAlive(socket)
        }
    }
}
