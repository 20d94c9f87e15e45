import Containers
import Diagnosis
import Dockerfile
import Engine
import OCI
import Rendering
import Testing

/// Errors as people read them: one sentence, where, and what to do next.
@Suite struct ErrorReportTests {
    private static let source = SourceFile(name: "app/Dockerfile", bytes: Array("FROM scratch\nCPOY a b\n".utf8))

    private static func mistake() throws -> any Error {
        do { _ = try DockerfileSyntax.parse(source) } catch { return SourcedError(error: error, source: source) }
        return CancellationError()
    }

    static let cases: [(error: any Error, status: Int32, text: String)] = [
        (
            ContainerError.missingProgram("/app"), 127,
            "distill: the image has no program '/app'\n  hint: 'distill inspect' shows the image's ENTRYPOINT, CMD and PATH; a script needs its interpreter, a dynamic program its loader\n"
        ),
        (
            ContainerError.notExecutable("/app"), 126,
            "distill: '/app' cannot be executed: it is no program for this machine, or no file with the right to it\n  hint: give it the right with COPY --chmod=755, or build it for this machine's processor\n"
        ),
        (
            InvalidOption(name: "--network", value: "bridged", reason: "known are host and none"), 64,
            "distill: --network 'bridged': known are host and none\n"
        ),
        // What may be a secret is not shown.
        (
            InvalidOption(name: "--build-arg", value: "TOKEN=s3cret", reason: "no"), 64,
            "distill: --build-arg 'TOKEN=…': no\n"
        ),
        (CancellationError(), 130, "distill: interrupted\n"),
        (
            UsageError.noSuchReference("a\u{1B}]0;x\u{07}b"), 1,
            "distill: there is no image 'a\\x1b]0;x\\x07b'\n  hint: 'distill image ls' lists them\n"
        ),
        (
            EngineError.missingContext(path: "https://me:s3cret@host/x"), 1,
            "distill: the context 'https://host/x' is no directory\n  hint: a context is a directory, a repository's URL, an archive's URL, or - for standard input\n"
        ),
    ]

    @Test(arguments: cases.indices) func reads(_ index: Int) throws {
        let (error, status, text) = Self.cases[index]
        let report = try #require(ErrorReport(error))
        #expect(report.status == status)
        #expect(report.text(.plain).text == text)
    }

    @Test func pointsIntoTheFile() throws {
        let report = try #require(ErrorReport(Self.mistake()))
        #expect(report.place == "app/Dockerfile:2:1")
        let text = report.text(.plain).text
        #expect(text.contains("CPOY a b"))
        #expect(text.contains("hint: did you mean"))
    }

    /// The argument parser tells its own.
    @Test func knowsWhatIsNotOurs() {
        struct Other: Error {}
        #expect(ErrorReport(Other()) == nil)
    }
}
