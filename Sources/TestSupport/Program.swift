import Subprocess

/// Outside programs as oracles.
package enum Program {
    /// True where `CI` is set too, so that a missing program fails there and is reported as skipped elsewhere.
    package static func isExpected(_ names: String...) async throws -> Bool {
        for name in names {
            let found = try await Command("sh", ["-c", "test -n \"$CI\" || command -v \(name)"]).run()
            if !found.succeeded { return false }
        }
        return true
    }

    /// Runs a shell script with `input` on standard input.
    ///
    /// - Returns: what it wrote to standard output.
    /// - Throws: ``Failure`` with the script's standard error when its exit code is not zero.
    package static func shell(_ script: String, _ input: [UInt8] = []) async throws -> [UInt8] {
        var command = Command("sh", ["-euc", script])
        command.input = input
        let outcome = try await command.run()
        guard outcome.succeeded else { throw Failure(script: script, message: outcome.errorOutput) }
        return outcome.bytes
    }

    package struct Failure: Error { let script, message: String }
}
