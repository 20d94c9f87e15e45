import Distribution
import LinuxSystem
import OCI
import TestSupport
import Testing

@testable import Engine

/// Contract of `RemoteFiles`: a file comes whole, and after a break once; one that is too long or not there is an error that says which.
@Suite(.timeLimit(.minutes(10))) struct RemoteFilesContractTests {
    enum Form: CaseIterable, Sendable { case client, shared, remembering }

    private static let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    private func with(_ form: Form, _ body: (any RemoteFiles) async throws -> Void) async throws {
        switch form {
        case .client:
            var configuration = RemoteFileClient.Configuration()
            configuration.delays = [.zero, .zero]
            try await RemoteFileClient.withClient(configuration: configuration, environment: [:], body)
        case .shared: try await body(SharedRemoteFiles(environment: HostEnvironment()))
        case .remembering: try await body(FetchedSources(SharedRemoteFiles(environment: HostEnvironment())))
        }
    }

    private func fetch(_ url: String, from files: any RemoteFiles, maximumSize: Int64 = 1 << 20) async throws -> [UInt8]
    {
        var bytes: [UInt8] = []
        try await files.fetch(
            url, maximumSize: maximumSize, progress: { _, _ in }, restart: { bytes = [] }, body: { bytes += $0 })
        return bytes
    }

    @Test(arguments: Form.allCases) func filesComeWhole(form: Form) async throws {
        try await ScriptedHTTPServer.with(script: { _, _ in [.ok(Self.content)] }) { server in
            try await with(form) { (files: any RemoteFiles) async throws in
                let bytes = try await fetch(server.url("/file"), from: files)
                #expect(bytes == Self.content)
                if let remembered = files as? FetchedSources {
                    #expect(remembered.digest(of: server.url("/file")) == Digest(sha256: Self.content))
                    #expect(remembered.digest(of: server.url("/other")) == nil)
                }
            }
        }
    }

    /// The server sends a part, ends, and then has the whole file without saying that it is the same one.
    @Test(arguments: Form.allCases) func afterABreakTheyBeginAnew(form: Form) async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { _, count in
            let half = Array(Self.content[..<50_000])
            return count == 0
                ? [.answer("200 OK", ["Content-Length": "\(Self.content.count)"], half), .close] : [.ok(Self.content)]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            try await with(form) { (files: any RemoteFiles) async throws in
                let bytes = try await fetch(server.url("/file"), from: files)
                #expect(bytes == Self.content)
                if let remembered = files as? FetchedSources {
                    #expect(remembered.digest(of: server.url("/file")) == Digest(sha256: Self.content))
                }
            }
        }
    }

    @Test(arguments: Form.allCases) func whatIsTooLongOrNotThereIsTold(form: Form) async throws {
        try await ScriptedHTTPServer.with(script: { request, _ in
            request.target == "/file" ? [.ok(Self.content)] : [.answer("404 Not Found", [:], [])]
        }) { server in
            try await with(form) { (files: any RemoteFiles) async throws in
                await #expect(throws: RemoteFileError.self) {
                    _ = try await fetch(server.url("/file"), from: files, maximumSize: 99_999)
                }
                await #expect(throws: RemoteFileError.status(url: server.url("/none"), code: 404)) {
                    _ = try await fetch(server.url("/none"), from: files)
                }
                await #expect(throws: RemoteFileError.self) { _ = try await fetch("nothing", from: files) }
            }
        }
    }
}
