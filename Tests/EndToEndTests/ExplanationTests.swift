import OCI
import TestSupport
import Testing

/// `--explain-cache` and `--progress rawjson`.
struct ExplanationTests {
    private static let dockerfile = "FROM scratch\nARG A=1\nCOPY --chmod=$A file /\nWORKDIR /w\n"

    @Test func tellsWhyStepsAreExecuted() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": Self.dockerfile, "file": "1", "other": "1"])
            func misses(_ options: String...) async throws -> [String] {
                let outcome = try await distill.command(["build", "--explain-cache"] + options + [context]).run()
                try outcome.mustSucceed()
                return outcome.text.split(separator: "\n").compactMap { line in
                    line.split(separator: " NOT CACHED: ", maxSplits: 1).count == 2 ? String(line) : nil
                }
            }
            #expect(
                try await misses("--build-arg", "A=644") == [
                    "#1 NOT CACHED: no earlier build of this step is known",
                    "#2 NOT CACHED: no earlier build of this step is known",
                ])
            #expect(try await misses("--build-arg", "A=644") == [])
            #expect(
                try await misses("--build-arg", "A=600") == [
                    "#1 NOT CACHED: --chmod was '644' and is '600'", "#2 NOT CACHED: the step before it changed",
                ])
            try Files.write("2", to: "\(context)/other")
            #expect(try await misses("--build-arg", "A=600") == [])
            try Files.write("2", to: "\(context)/file")
            #expect(try await misses("--build-arg", "A=600").first == "#1 NOT CACHED: file changed")
            #expect(try await misses("--build-arg", "A=600", "--no-cache-filter", "0").count == 2)
        }
    }

    @Test func writesWhatProgramsRead() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": Self.dockerfile, "file": "1"])
            let outcome = try await distill("build", "--progress", "rawjson", "--build-arg", "A=644", context)
            try outcome.mustSucceed()
            let lines = outcome.errorOutput.split(separator: "\n").filter { $0.hasPrefix("{") }
            let events = try lines.map { try JSON.parse(Array($0.utf8)) }
            let vertexes = events.flatMap { $0["vertexes"]?.array ?? [] }
            #expect(
                vertexes.filter { $0["completed"] != nil }.compactMap { $0["name"]?.string } == [
                    "[0 1/2] COPY --chmod=644 file /", "[0 2/2] WORKDIR /w",
                ])
            let last = try #require(vertexes.last)
            #expect(last["inputs"]?.strings == [vertexes[0]["digest"]?.string ?? ""])
            #expect(last["reason"]?.string == "no earlier build of this step is known")
            let statuses = events.flatMap { $0["statuses"]?.array ?? [] }
            #expect(statuses.contains { $0["id"]?.string == "copy" && $0["completed"] != nil })
        }
    }
}
