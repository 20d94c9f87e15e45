internal import LinuxSystem
internal import Subprocess
internal import SystemPackage

/// A process that outlives this one for a moment: if this one ends without having ended its container, by SIGKILL for
/// example, it kills the container.
///
/// It reads from a pipe that only this process writes to. A line says that all is well, the end of the pipe that it is not.
struct Watchdog {
    /// Where the OCI runtime writes the number of the container's first process.
    let processFile: FilePath

    private static let shell = FilePath("/bin/sh")

    /// The runtime may be starting when it is left alone: its file is waited for, five seconds at most.
    private static let script = """
        read -r line && exit
        count=0
        while [ ! -s "$1" ] && [ $count -lt 50 ]; do sleep 0.1; count=$((count + 1)); done
        read -r process < "$1" || [ -n "$process" ] && [ "$process" -gt 1 ] && kill -KILL "$process"
        """

    /// Runs `body` under watch. Without a shell on this machine nothing watches.
    func watching<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        guard ProcessFacts.isExecutable(Self.shell) else { return try await body() }
        var options = PlatformOptions()
        // What a terminal's keys send does not reach it.
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(100))]
        let outcome = try await Subprocess.run(
            .path(Self.shell), arguments: ["-c", Self.script, "distill-watchdog", processFile.string],
            environment: .inherit, platformOptions: options, input: .inputWriter, output: .discarded, error: .discarded
        ) { execution in
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            // It may have been killed: then there is nobody to tell.
            _ = try? await execution.standardInputWriter.write(Array("done\n".utf8))
            try? await execution.standardInputWriter.finish()
            return result
        }
        return try outcome.closureResult.get()
    }
}
