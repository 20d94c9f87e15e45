import OCI
import TestSupport
import Testing

@testable import Distribution

/// Registries that are silent after they were sent something.
@Suite(.timeLimit(.minutes(10))) struct SilentRegistryTests {
    /// One that answers nobody any more is not waited for as long, at the end of an upload, of a piece, or of a manifest.
    @Test(arguments: [("PUT", Int64.max), ("PATCH", 0)]) func leavesARegistryThatStandsStill(
        method: String, whole: Int64
    ) async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, count in
            switch request.line.split(separator: " ").first {
            case "POST": [.answer("202 Accepted", ["Location": "/v2/x/blobs/uploads/1", "Content-Length": "0"])]
            case "HEAD": [.answer("404 Not Found", ["Content-Length": "0"])]
            // The first question is which of http and https it speaks.
            case "GET": count == 0 ? [.ok([])] : [.hang]
            default: [.hang]
            }
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let image = SampleImage()
            let reference = try ImageReference("127.0.0.1:\(server.port)/x")
            try await withClient {
                $0.policy.idleTimeout = .seconds(1)
                $0.requestTimeout = method == "PUT" ? .seconds(2) : .seconds(100)
                $0.policy.commitTimeout = .seconds(1800)
                $0.policy.delays = []
                $0.maximumWholeBlob = whole
            } _: { client in
                let error = await #expect(throws: RegistryError.self) {
                    try await client.push(
                        image.descriptor, from: MemoryContent([image.manifest] + image.blobs), to: reference)
                }
                guard case .unreachable = error else { throw Unexpected(error) }
            }
            #expect(server.requests.contains { $0.line.hasPrefix(method) }, "\(server.requests.map(\.line))")
        }
    }

    /// One that is silent for long, and answers others, is waited for.
    @Test func waitsForARegistryThatWorks() async throws {
        let (answered, signal) = AsyncStream.makeStream(of: Void.self)
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, count in
            // It ends its work once it was asked whether it is there.
            if request.target == "/v2/", count > 0 { signal.yield() }
            return switch request.line.split(separator: " ").first {
            case "POST": [.answer("202 Accepted", ["Location": "/v2/x/blobs/uploads/1", "Content-Length": "0"])]
            case "HEAD": [.answer("404 Not Found", ["Content-Length": "0"])]
            case "PUT":
                [.wait(answered), .answer("201 Created", ["Connection": "close", "Content-Length": "0"]), .close]
            default: [.ok([])]
            }
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let image = SampleImage()
            let reference = try ImageReference("127.0.0.1:\(server.port)/x")
            try await withClient {
                $0.policy.idleTimeout = .seconds(1)
                // What the server has not read of a body ends some connections early.
                $0.policy.delays = Array(repeating: .zero, count: 9)
                $0.parallelBlobs = 1
            } _: { client in
                try await client.push(
                    image.descriptor, from: MemoryContent([image.manifest] + image.blobs), to: reference)
            }
            #expect(server.requests.filter { $0.target == "/v2/" }.count > 1)
        }
    }
}
