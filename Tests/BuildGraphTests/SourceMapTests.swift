import BuildGraph
import Dockerfile
import OCI
import Testing

/// Which lines an error names: the cases of the reference's errors_test.go, as far as the language knows of them. What
/// fails while it is executed carries the range of its vertex; an image that is not found that of its name.
@Suite struct SourceMapTests {
    @Test(arguments: [
        ("from alpine\nenv", 2...2),
        ("from scratch\nenv foo=bar\nrun what", 3...3),
        ("from scratch\nenv foo=bar\ncopy foo bar\nenv bar=baz", 3...3),
        ("from scratch\nenv foo=bar\ncopy --foo=bar / /\nenv bar=baz", 3...3),
        ("from scratch\nenv foo=bar\ncopy --from=invalid foo bar\nenv bar=baz", 3...3),
        ("from scratch\nrun wh\\\nat\nenv bar=baz", 2...3),
    ])
    func namesTheLines(_ text: String, _ lines: ClosedRange<Int>) throws {
        do throws(DockerfileError) {
            let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: text))
            let plan = try StagePlan(syntax, BuildRequest())
            if let image = plan.references.first {
                #expect(plan.place(of: image)?.lines == lines)
                return
            }
            guard case .graph(let graph) = try plan.lower(bases: [:]) else {
                Issue.record("an image is missing")
                return
            }
            #expect(graph.vertices.last?.origin.range?.lines == lines)
        } catch {
            #expect(error.diagnostics.map(\.range.lines) == [lines])
        }
    }

    @Test func findsImages() throws {
        let text = "ARG B=base\nFROM other AS unused\nFROM ${B}:1\nRUN --mount=from=third:2,target=/x y"
        let plan = try StagePlan(
            DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: text)), BuildRequest())
        #expect(plan.references.map(\.reference.familiar) == ["base:1", "third:2"])
        #expect(plan.references.map { plan.place(of: $0)?.start.description } == ["3:6", "4:18"])
    }
}
