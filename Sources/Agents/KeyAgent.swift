package import LinuxSystem
package import Storage
import Subprocess
import SystemPackage

/// An ssh-agent(1) of our own that holds the keys of `--ssh ID=KEY`, so that no step ever sees a key.
///
/// It is started as the parent of a command that reads from a pipe which only this process writes to: the end of the pipe,
/// however this process ends, is the end of the agent, and so is the end of the command, after ten seconds at most.
package struct KeyAgent {
    package struct Key: Sendable {
        package let path: String
        package let bytes: [UInt8]

        package init(path: String, bytes: [UInt8]) {
            (self.path, self.bytes) = (path, bytes)
        }
    }

    package enum Fault: Error {
        /// The program, which a package has.
        case notInstalled(String)
        case notStarted
        case keyRefused(path: String)
    }

    private let agent: FilePath
    private let adder: FilePath
    private let shell: FilePath

    /// - Throws: ``Fault/notInstalled(_:)``.
    package init(_ environment: HostEnvironment) throws(Fault) {
        func program(_ name: String) throws(Fault) -> FilePath {
            guard let path = environment.program(name) else { throw .notInstalled(name) }
            return path
        }
        (agent, adder, shell) = (try program("ssh-agent"), try program("ssh-add"), try program("sh"))
    }

    private static let command = "echo ready; read -r line; kill \"$SSH_AGENT_PID\""

    /// Runs `body` while an agent has the keys.
    package func holding<Result: Sendable>(
        _ keys: [Key], in store: Store, _ body: @Sendable (AgentAddress) async throws -> Result
    ) async throws -> Result {
        let place = try store.makeTemporaryDirectory()
        defer { withExtendedLifetime(place) {} }
        // Relative, for paths may be too long. The agent removes this name at its end, from the root directory by then, where
        // nothing must be called so.
        let name = "agent-\(UInt64.random(in: 0 ... .max))"
        guard let address = AgentAddress(place.path.appending(name)) else { throw Fault.notStarted }
        let outcome = try await Subprocess.run(
            .path(agent), arguments: ["-a", name, shell.string, "-c", Self.command],
            environment: .inherit.updating(["SSH_AUTH_SOCK": nil]),
            workingDirectory: place.path, platformOptions: Self.options, input: .inputWriter, output: .sequence,
            error: .discarded
        ) { execution in
            let result: Swift.Result<Result, any Error>
            do {
                guard try await Self.isReady(execution.standardOutput) else { throw Fault.notStarted }
                for key in keys { try await add(key, to: name, in: place.path) }
                result = .success(try await body(address))
            } catch { result = .failure(error) }
            // One that has ended already needs no end.
            try? await execution.standardInputWriter.finish()
            return result
        }
        return try outcome.closureResult.get()
    }

    /// Whether the command says that the agent listens.
    private static func isReady(_ output: some AsyncSequence) async throws -> Bool {
        for try await _ in output { return true }
        return false
    }

    /// By a pipe: the modes of the file are its owner's business here, as they are for BuildKit.
    private func add(_ key: Key, to name: String, in directory: FilePath) async throws {
        let added = try await Subprocess.run(
            .path(adder), arguments: ["-q", "-"],
            environment: .inherit.updating(["SSH_AUTH_SOCK": name, "SSH_ASKPASS_REQUIRE": "never", "DISPLAY": nil]),
            workingDirectory: directory, platformOptions: Self.options, input: .array(key.bytes), output: .discarded,
            error: .discarded)
        guard added.terminationStatus.isSuccess else { throw Fault.keyRefused(path: key.path) }
    }

    /// In a session of its own: what a terminal's keys send does not reach it, and it cannot ask for anything there.
    private static var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(100))]
        return options
    }
}
