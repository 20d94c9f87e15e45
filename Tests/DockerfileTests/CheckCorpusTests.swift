import Dockerfile
import OCI
import TestSupport
import Testing

/// Distill's own rules against files of the shapes that people write, judged by hand: what a careful reviewer would thank for.
@Suite struct CheckCorpusTests {
    struct Case: Sendable {
        let name: String
        /// The rules whose findings are right in this file.
        let wanted: Set<String>
        let text: String
    }

    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    /// `=== NAME: RULE…`, and the file behind it.
    private static func cases() throws -> [Case] {
        let text = try Files.text(root + "/Tests/DockerfileTests/Fixtures/corpus.txt")
        var cases: [Case] = []
        var head: (name: String, wanted: Set<String>)?
        var lines: [Substring] = []
        func end() {
            if let head {
                cases.append(Case(name: head.name, wanted: head.wanted, text: lines.joined(separator: "\n")))
            }
            lines = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("=== ") else {
                lines.append(line)
                continue
            }
            end()
            let parts = line.dropFirst(4).split(separator: ":", maxSplits: 1)
            head = (String(parts[0]), Set(parts.count > 1 ? parts[1].split(separator: " ").map(String.init) : []))
        }
        end()
        return cases
    }

    private static let own: [Rule.Name] = [
        .secretInDockerfile, .runAsksForRights, .packageCacheKept, .buildToolsInFinalStage, .ownershipChangeCopies,
        .singleStageCompile,
        .finalStageWithoutUser, .baseNotPinned,
    ]

    private struct Tally {
        var right: [String] = []
        var wrong: [String] = []
        var missed: [String] = []
    }

    private static func tallies() throws -> (count: Int, tallies: [String: Tally]) {
        let cases = try cases()
        var tallies: [String: Tally] = [:]
        for entry in cases {
            let syntax = try DockerfileSyntax.parse(SourceFile(name: entry.name, text: entry.text))
            let report = try CheckReport(CheckInput(syntax), options: CheckOptions())
            let found = Set(report.findings.map { "\($0.code)" })
            for rule in own.map(\.rawValue) {
                switch (found.contains(rule), entry.wanted.contains(rule)) {
                case (true, true): tallies[rule, default: Tally()].right.append(entry.name)
                case (true, false): tallies[rule, default: Tally()].wrong.append(entry.name)
                case (false, true): tallies[rule, default: Tally()].missed.append(entry.name)
                case (false, false): break
                }
            }
        }
        return (cases.count, tallies)
    }

    @Test func fewFindingsAreWrong() throws {
        let (count, tallies) = try Self.tallies()
        #expect(count >= 100)
        for rule in Self.own.map(\.rawValue) {
            let tally = try #require(tallies[rule], "\(rule) is in no file")
            #expect(
                tally.wrong.count * 20 <= tally.right.count + tally.wrong.count, "\(rule) is wrong in \(tally.wrong)")
            #expect(tally.missed.count * 5 <= tally.right.count + tally.missed.count, "\(rule) misses \(tally.missed)")
        }
    }

    /// The table of docs/check-corpus.md; `RECORD=1` writes it.
    @Test func theTableIsTrue() throws {
        let (count, tallies) = try Self.tallies()
        var table = "| rule | found, and right | wrong | missed |\n|---|---|---|---|\n"
        for rule in Self.own.map(\.rawValue) {
            let tally = tallies[rule] ?? Tally()
            table +=
                "| [\(rule)](checks/\(rule).md) | \(tally.right.count) | \(tally.wrong.count) | \(tally.missed.count) |\n"
        }
        let path = Self.root + "/docs/check-corpus.md"
        let page = """
            # How often Distill's own rules are right

            `Tests/DockerfileTests/Fixtures/corpus.txt` holds \(count) Dockerfiles of the shapes that people write, each with the findings that a
            careful reviewer would thank for, judged by hand. A test holds wrong findings of each rule below 5 % of all it finds, and writes
            this table. The rules of the reference are the reference's, and are compared with it elsewhere.

            \(table)
            """
        if environmentVariable("RECORD") != nil { try Files.write(page, to: path) }
        #expect(try Files.text(path) == page)
    }
}
