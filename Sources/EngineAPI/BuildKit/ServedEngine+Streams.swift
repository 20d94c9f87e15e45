import NIOCore
import NIOHPACK

extension ServedEngine {
    /// POST /grpc: the connection becomes one of HTTP/2, on which the client calls.
    func serveCalls(_ exchange: Exchange) async throws {
        guard exchange.request.wantsUpgrade(to: "h2c") else { throw APIError.badParameter("Upgrade", value: "") }
        let (streams, arrivals) = AsyncStream.makeStream(of: HTTP2Stream.self)
        try await exchange.upgradeToHTTP2 { channel in
            channel.closeFuture.whenComplete { _ in arrivals.finish() }
            _ = try HTTP2Setup.serve(on: channel, arrivals)
        }
        await serve(streams)
    }

    /// POST /session: the connection becomes one of HTTP/2, on which this side calls.
    func serveSession(_ exchange: Exchange) async throws {
        let request = exchange.request
        guard request.wantsUpgrade(to: "h2c") else { throw APIError.badParameter("Upgrade", value: "") }
        guard let id = request.header("x-docker-expose-session-uuid"), !id.isEmpty else {
            throw APIError.missingParameter("X-Docker-Expose-Session-Uuid")
        }
        let multiplexer = try await exchange.upgradeToHTTP2 { try HTTP2Setup.call(on: $0) }
        let channel = exchange.connection.channel
        let session = ClientSession(
            GRPCClient(channel: channel, multiplexer: multiplexer), of: peer, headers: request.headers)
        await hold(session, id, until: channel.closeFuture)
    }

    /// Keeps a session for as long as its connection is there.
    func hold(_ session: ClientSession, _ id: String, until end: EventLoopFuture<Void>) async {
        sessions.set(id, session)
        try? await end.get()  // however it ends
        sessions.remove(id)
    }

    /// Answers the calls of a connection.
    func serve(_ streams: AsyncStream<HTTP2Stream>) async {
        await withDiscardingTaskGroup { group in
            for await stream in streams {
                group.addTask { await answer(stream) }
            }
            group.cancelAll()
        }
    }

    private func answer(_ stream: HTTP2Stream) async {
        let call = GRPCStream(stream, isServer: true)
        // A client that has gone hears nothing any more.
        do {
            guard let head = try await call.requestHead() else { return stream.channel.close(promise: nil) }
            let path = head.first(name: ":path") ?? ""
            do {
                try await whileThere(call) { try await self.dispatch(path, head, call, stream) }
                try await call.finish(.ok)
            } catch {
                try await call.finish(status(error))
            }
        } catch { stream.channel.close(promise: nil) }
    }

    /// Runs a function that is cancelled when the caller goes away.
    private func whileThere(_ call: GRPCStream, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                await call.awaitDeparture()
                return false
            }
            defer { group.cancelAll() }
            if try await group.next() == true { return }
            group.cancelAll()
            while try await group.next() == false {}
        }
    }

    private func dispatch(_ path: String, _ head: HPACKHeaders, _ call: GRPCStream, _ stream: HTTP2Stream) async throws
    {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count == 2 else { throw GRPCStatus(.unimplemented, "there is no '\(path)'") }
        switch parts[0] {
        case "moby.buildkit.v1.Control": try await control(parts[1], head, call, stream)
        case "moby.buildkit.v1.frontend.LLBBridge":
            try await bridge(parts[1], head.first(name: "buildkit-controlapi-buildid") ?? "", call)
        case "grpc.health.v1.Health" where parts[1] == "Check":
            try await call.send(ProtobufWriter.message { $0.integer(1, 1) })
        default: throw GRPCStatus(.unimplemented, "there is no '\(path)'")
        }
    }
}
