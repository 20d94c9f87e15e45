package import Distribution
package import LinuxSystem
import Subprocess
import Synchronization

/// Runs `docker-credential-NAME`. Each is asked once for a registry, however many connections a command makes.
package final class CredentialPrograms: CredentialHelperRunner {
    private struct Question: Hashable {
        let name: String
        let input: [UInt8]
    }

    private let environment: HostEnvironment
    private let patience: Duration
    private let known = Mutex<[Question: CredentialHelperResult]>([:])

    /// - Parameter patience: how long a helper may take; a person may have to be asked.
    package init(_ environment: HostEnvironment, patience: Duration = .seconds(120)) {
        (self.environment, self.patience) = (environment, patience)
    }

    package func run(helper name: String, verb: CredentialHelperVerb, input: [UInt8]) async throws
        -> CredentialHelperResult
    {
        let question = Question(name: name, input: input)
        if verb == .get, let answer = known.withLock({ $0[question] }) { return answer }
        let result = try await bounded(name, verb, input)
        known.withLock { $0[question] = verb == .get ? result : nil }
        return result
    }

    private func bounded(_ name: String, _ verb: CredentialHelperVerb, _ input: [UInt8]) async throws
        -> CredentialHelperResult
    {
        guard let program = environment.program("docker-credential-\(name)") else { return .missing }
        let configuration = Configuration(
            executable: .path(program), arguments: [verb.rawValue], environment: .custom(variables))
        return try await withThrowingTaskGroup(of: CredentialHelperResult.self) { group in
            group.addTask { try await Self.execute(configuration, input) }
            group.addTask { [patience] in
                try await Task.sleep(for: patience)
                return .silent(patience)
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .missing
        }
    }

    private var variables: [Environment.Key: String] {
        var result: [Environment.Key: String] = [:]
        for (name, value) in environment.variables {
            if let key = Environment.Key(rawValue: name) { result[key] = value }
        }
        return result
    }

    private static func execute(_ configuration: Configuration, _ input: [UInt8]) async throws -> CredentialHelperResult
    {
        // One that does not read what it is told must not end whoever asks.
        ProcessSignal.ignoreBrokenPipes()
        do {
            let result = try await Subprocess.run(
                configuration, input: .inputWriter, output: .bytes(limit: 1 << 20), error: .discarded
            ) { execution in
                // A helper may end without reading; with `.array` that would abort this process.
                _ = try? await execution.standardInputWriter.write(input)
                try? await execution.standardInputWriter.finish()  // closed by the helper's end at the latest
            }
            return .ended(succeeded: result.terminationStatus.isSuccess, output: result.standardOutput)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            // A Windows program outside of Windows, a script without its interpreter.
            if error.code == .spawnFailed || error.code == .executableNotFound { return .missing }
            throw error
        }
    }
}
