import Glibc
import Subprocess
import SystemPackage

/// A program to run, with all that it gets.
package struct Command: Sendable {
    package var program: String
    package var arguments: [String]
    /// Variables beside those of the tests' own environment; nil takes one away.
    package var environment: [String: String?]
    package var workingDirectory: String?
    package var input: [UInt8]

    /// - Parameter program: a path when it has a slash, else a name that is looked for on `PATH`.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String?] = [:],
        workingDirectory: String? = nil, input: String = ""
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.input = Array(input.utf8)
    }

    /// How a program ended, and what it wrote.
    package struct Outcome: Sendable, CustomStringConvertible {
        /// The exit code, or 128 and the signal's number, as a shell says it.
        package let exitCode: Int
        /// Standard output.
        package let bytes: [UInt8]
        package let errorOutput: String

        /// Standard output as text.
        package var output: String { String(decoding: bytes, as: UTF8.self) }

        package var succeeded: Bool { exitCode == 0 }

        /// The output without its last line feed.
        package var line: String { output.hasSuffix("\n") ? String(output.dropLast()) : output }

        package var description: String {
            "exit code \(exitCode)\n--- standard output\n\(output)--- standard error\n\(errorOutput)"
        }
    }

    /// The most that is kept of each stream, in bytes; more is an error.
    private static let limit = 64 << 20

    /// Runs the program to its end.
    package func run() async throws -> Outcome {
        let result = try await Subprocess.run(
            configuration, input: .inputWriter, output: .bytes(limit: Self.limit), error: .bytes(limit: Self.limit)
        ) { execution in
            await write(to: execution.standardInputWriter)
        }
        return Outcome(
            exitCode: Self.exitCode(result.terminationStatus),
            bytes: result.standardOutput,
            errorOutput: String(decoding: result.standardError, as: UTF8.self))
    }

    /// Runs the program until its standard error has shown a number of lines, then kills it (SIGKILL).
    ///
    /// - Returns: the lines that were seen; fewer when the program ended by itself.
    package func kill(afterErrorLines count: Int) async throws -> [String] {
        let result = try await Subprocess.run(
            configuration, input: .inputWriter, output: .discarded, error: .sequence
        ) { execution in
            await write(to: execution.standardInputWriter)
            var lines: [String] = []
            for try await line in execution.standardError.strings() {
                lines.append(line)
                if lines.count == count { break }
            }
            // Best effort: the program may have ended by itself.
            try? execution.send(signal: .kill)
            return lines
        }
        return result.closureResult
    }

    /// Runs the program to its end, and sends it a signal some time after a line of its standard error begins with a text.
    package func run(sending signal: Int32, whenErrorShows text: String, after delay: Duration = .zero) async throws
        -> Outcome
    {
        let result = try await Subprocess.run(
            configuration, input: .inputWriter, output: .bytes(limit: Self.limit), error: .sequence
        ) { execution in
            await write(to: execution.standardInputWriter)
            var seen = ""
            for try await line in execution.standardError.strings() {
                seen += line + "\n"
                // The line of a step's output has the step's number and the time before it.
                if line.hasPrefix(text) || line.hasSuffix(" " + text) {
                    try await Task.sleep(for: delay)
                    _ = Glibc.kill(execution.processIdentifier.value, signal)
                }
            }
            return seen
        }
        return Outcome(
            exitCode: Self.exitCode(result.terminationStatus), bytes: result.standardOutput,
            errorOutput: result.closureResult)
    }

    /// Hands the program its input. A program may end before it has read all of it, which is no error.
    ///
    /// Not `.array(input)`: swift-subprocess aborts the process when such a write fails.
    private func write(to writer: StandardInputWriter) async {
        _ = try? await writer.write(input)  // best effort: see above
        try? await writer.finish()  // best effort: see above
    }

    private var configuration: Configuration {
        var updates: [Environment.Key: String?] = [:]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { updates[key] = value }
        }
        return Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(arguments), environment: .inherit.updating(updates),
            workingDirectory: workingDirectory.map { FilePath($0) })
    }

    private static func exitCode(_ status: TerminationStatus) -> Int {
        switch status {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    }
}
