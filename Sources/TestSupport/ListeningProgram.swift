import Subprocess
import SystemPackage

/// A server that says on standard error where it listens.
enum ListeningProgram {
    /// Runs `body` beside a server, which then ends.
    static func with<Result: Sendable>(
        _ program: String, _ arguments: [String], _ body: @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let configuration = Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(arguments))
        return try await Subprocess.run(
            configuration, input: .none, output: .discarded, error: .sequence
        ) { execution in
            // Whatever happens, the program ends; it may have ended by itself.
            defer { try? execution.send(signal: .kill) }
            let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
            let lines = execution.standardError.strings()
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await line in lines {
                        if let port = Self.port(in: line) { continuation.yield(port) }
                    }
                    continuation.finish()
                }
                for await port in ports {
                    let result = try await body(port)
                    try execution.send(signal: .kill)
                    return result
                }
                throw ListeningProgramError.didNotStart(program)
            }
        }.closureResult
    }

    /// `… msg="listening on 127.0.0.1:43210" …`
    private static func port(in line: String) -> Int? {
        guard let match = line.firstMatch(of: /listening on 127\.0\.0\.1:(\d+)/) else { return nil }
        return Int(match.output.1)
    }
}

enum ListeningProgramError: Error {
    case didNotStart(String)
}

/// The registry of the Python package django-oci, which has nothing in common with docker's.
package enum PythonRegistry {
    /// The interpreter that has the package.
    package static var python: String { environmentVariable("DISTILL_PYTHON") ?? "python3" }

    /// Runs `body` beside a registry, which then ends.
    ///
    /// - Parameters:
    ///   - script: the program that serves it.
    ///   - directory: where the registry keeps its files.
    package static func with<Result: Sendable>(
        script: String, in directory: String, _ body: @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        try await ListeningProgram.with(python, [script, directory], body)
    }
}

/// Repositories over HTTP.
package enum GitServer {
    /// Runs `body` beside a server, which then ends.
    ///
    /// - Parameters:
    ///   - script: the program that serves.
    ///   - directory: holds bare repositories.
    ///   - isSmart: whether it speaks git's own protocol, or gives files as any web server.
    ///   - login: `USER:PASSWORD` that it wants.
    package static func with<Result: Sendable>(
        script: String, in directory: String, isSmart: Bool = true, login: String? = nil,
        _ body: @Sendable (_ url: String) async throws -> Result
    ) async throws -> Result {
        let arguments = [script, directory, isSmart ? "smart" : "dumb"] + (login.map { [$0] } ?? [])
        return try await ListeningProgram.with("python3", arguments) { port in
            try await body("http://127.0.0.1:\(port)")
        }
    }
}
