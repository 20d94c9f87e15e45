import BuildGraph
import Dockerfile
import OCI
import Testing

/// Broken Dockerfiles come to a graph or a diagnostic, and a graph is sound.
@Suite struct HostileTests {
    @Test(arguments: 1...2) func loweringNeverTraps(_ seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        var graphs = 0
        for _ in 0..<5000 {
            var lines = ["FROM base AS a"]
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                var line = Self.lines.randomElement(using: &generator) ?? ""
                for _ in 0..<Int.random(in: 0...2, using: &generator) {
                    let place = line.unicodeScalars.indices.randomElement(using: &generator) ?? line.startIndex
                    line.insert(contentsOf: Self.pieces.randomElement(using: &generator) ?? "", at: place)
                }
                lines.append(line)
            }
            let text = lines.joined(separator: "\n")
            guard let graph = try? Self.graph(text) else { continue }
            graphs += 1
            for vertex in graph.vertices { #expect(vertex.inputs.allSatisfy { $0 < vertex.id }, "\(text)") }
            let steps = graph.stages.flatMap(\.history).compactMap(\.vertex)
            #expect(steps.allSatisfy { $0.index < graph.vertices.count }, "\(text)")
        }
        #expect(graphs > 200)
    }

    private static func graph(_ text: String) throws -> BuildGraph? {
        let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: text))
        let plan = try StagePlan(syntax, BuildRequest())
        var bases: [ImageRequest: Image] = [:]
        var wanted = plan.references
        for _ in 0..<3 {
            for request in wanted {
                bases[request] = Image(config: ImageConfig(platform: request.platform), layers: [])
            }
            switch try plan.lower(bases: bases) {
            case .graph(let graph): return graph
            case .needs(let more): wanted = more
            }
        }
        return nil
    }

    private static let lines = [
        "FROM a", "FROM scratch AS b", "FROM other:1 AS c", "COPY --from=a /x /y", "COPY --from=0 --chown=1:2 x* y/",
        "RUN --mount=type=cache,target=/c,id=$A x", "RUN --mount=type=bind,from=a,target=/x y", "RUN <<E\nx\nE",
        "COPY <<E /x\n$A\nE", "ENV A=${B:-$A} B=2", "ARG A=1 B", "WORKDIR $A/x", "EXPOSE 80-90 $A", "VOLUME /a $A",
        "LABEL a=$A", "USER ${A:-u}", "CMD [\"a\"]", "ENTRYPOINT x", "HEALTHCHECK --retries=3 CMD x", "ONBUILD RUN x",
        "STOPSIGNAL 9", "SHELL [\"/bin/x\"]", "ADD --checksum=sha256:00 https://x.example/a /b", "MAINTAINER me",
    ]

    private static let pieces = [
        "$", "${", "}", "\\", "\"", "'", "/", "..", "*", "[", "]", ",", "=", " ", "\n", "--", "${A//x/y}", "${A%%*}",
        "0", "9999999999",
        "<<", "é", "\0", ":",
    ]

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }
}
