import TestSupport
import Testing

/// What every other test here relies on.
@Suite struct ProgramTests {
    @Test func survivesProgramsThatDoNotReadTheirInput() async throws {
        for _ in 1...20 {
            let outcome = try await Command("true", input: String(repeating: "unread ", count: 200_000)).run()
            #expect(outcome.succeeded)
        }
    }

    @Test func handsOverInputAndCollectsBothStreams() async throws {
        let outcome = try await Command("sh", ["-c", "cat; echo aside >&2; exit 3"], input: "line\n").run()
        #expect(outcome.exitCode == 3)
        #expect(outcome.output == "line\n")
        #expect(outcome.errorOutput == "aside\n")
    }
}
