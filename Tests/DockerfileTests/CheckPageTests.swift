import Dockerfile
import Foundation
import OCI
import Testing

/// Every rule has a page, and finds what the page says that it finds.
@Suite struct CheckPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func everyRuleIsInTheTable() {
        #expect(Set(Rule.all.map(\.name)) == Set(Rule.Name.allCases))
        #expect(Rule.all.count == Rule.Name.allCases.count)
    }

    @Test func everyPageHasARule() throws {
        let pages = try FileManager.default.contentsOfDirectory(atPath: Self.root.path + "/docs/checks")
        #expect(Set(pages) == Set(Rule.all.map { "\($0.name.rawValue).md" }))
    }

    @Test(arguments: Rule.all.map(\.name)) func examplesAreTrue(_ name: Rule.Name) throws {
        let rule = try #require(Rule.all.first { $0.name == name })
        let page = try String(contentsOf: Self.root.appending(path: rule.page), encoding: .utf8)
        #expect(page.hasPrefix("# \(name.rawValue)\n"))
        let examples = Self.blocks(page, "dockerfile")
        try #require(examples.count == 2)
        let ignore = try Self.blocks(page, "ignore").first.map { try IgnorePatterns(SourceFile(name: "i", text: $0)) }
        #expect(try Self.findings(examples[0], ignore).contains(.rule(name)))
        #expect(try !Self.findings(examples[1], ignore).contains(.rule(name)))
    }

    private static func findings(_ text: String, _ ignore: IgnorePatterns?) throws -> [DiagnosticCode] {
        let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: text))
        let platform = Platform(os: "linux", architecture: "amd64")
        let isArm = text.contains("only-arm64")
        let base = CheckInput.Base(
            ImageConfig(platform: Platform(os: "linux", architecture: isArm ? "arm64" : "amd64")))
        let input = CheckInput(
            syntax, platform: platform, buildPlatform: platform, ignore: ignore, bases: [0: base])
        var options = CheckOptions()
        options.experimental = .all
        return try CheckReport(input, options: options).findings.map(\.code)
    }

    private static func blocks(_ page: String, _ language: String) -> [String] {
        page.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }
}
