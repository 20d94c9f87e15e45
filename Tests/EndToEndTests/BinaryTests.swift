import TestSupport
import Testing

/// What the executable is made of (docs/decisions/0010-a-small-binary.md).
@Suite struct BinaryTests {
    /// A single import of whole Foundation, in our sources or in a package's, links 39 MB of ICU's data.
    @Test(arguments: ["icudt[0-9]", "libFoundation\\.so", "lib_FoundationICU"])
    func holdsNoWholeFoundation(pattern: String) async throws {
        let outcome = try await Command("grep", ["-a", "-c", "-E", pattern, Distill.binary]).run()
        #expect(outcome.exitCode == 1, "\(pattern) is in \(Distill.binary): \(outcome)")
    }
}
