import OCI
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// A further process of a container, of which only the end counts.
@Suite(.timeLimit(.minutes(5))) struct ExaminationTests {
    private func examine(_ recording: RecordedRuntime.Recording, timeout: Duration) async throws -> ProcessExamination {
        let runtime = RecordedRuntime { process in process.arguments == ["/probe"] ? recording : .init(.waits) }
        let first = ProcessSpec(
            arguments: ["/first"], environment: ["A=b"], workingDirectory: .root, hostname: "h", root: "/nonexistent")
        let container = try await runtime.create(first, bundle: "/nonexistent", streams: .together { _ in true })
        return try await container.examine(first, with: ["/probe"], timeout: timeout)
    }

    /// It is over with the process, however much time that had.
    @Test func endsWithTheProcess() async throws {
        let recording = RecordedRuntime.Recording(.exits(.code(3)), writes: [(.output, "out\n"), (.error, "why\n")])
        let examination = try await examine(recording, timeout: .seconds(3600))
        #expect(examination.exit == .code(3) && examination.output == Array("out\nwhy\n".utf8))
    }

    @Test func endsWithItsTime() async throws {
        let examination = try await examine(.init(.waits, writes: [(.output, "begun\n")]), timeout: .milliseconds(1))
        #expect(examination.exit == nil && examination.output == Array("begun\n".utf8))
    }

    /// What is not executed is told.
    @Test func tellsOfAMissingProgram() async throws {
        await #expect(throws: SandboxError.programMissing("/probe")) {
            _ = try await examine(.init(.fails(.programMissing("/probe"))), timeout: .seconds(3600))
        }
    }
}
