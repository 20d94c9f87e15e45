import BuildGraph
import Foundation
import OCI
import Testing

/// Dockerfiles and the graphs that they come to, one pair a file in Fixtures. `RECORD=1` writes the results anew.
@Suite struct LoweringTests {
    static let bases: [String: ContainerConfig] = {
        var base = ContainerConfig()
        base.environment = ["PATH=/bin", "HOME=/root"]
        base.command = ["sh"]
        base.user = "base"
        var triggers = ContainerConfig()
        triggers.onBuild = [
            "RUN triggered", "COPY --from=helper /x /y", "COPY --from=third:1 /x <<E /y/\n$HOME\nE", "ENV t=1",
        ]
        return ["base": base, "base:latest": base, "base:1.2": base, "triggers:latest": triggers]
    }()

    @Test(arguments: [
        "environment", "commands", "metadata", "workdir", "copy", "run", "triggers", "reachable", "platforms",
    ])
    func lowers(_ name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).txt")
        let text = try String(contentsOf: file, encoding: .utf8)
        let parts = text.split(separator: "=====\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let result = lowered(parts[0], bases: Self.bases) + "\n"
        if ProcessInfo.processInfo.environment["RECORD"] != nil {
            try (parts[0] + "=====\n" + result).write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(parts.count == 2 && result == parts[1])
    }
}
