import Dockerfile
import Foundation
import Testing

/// docs/dockerfile-support.md leaves nothing out, and names tests that exist.
@Suite struct SupportPageTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let page = tests.deletingLastPathComponent().appending(path: "docs/dockerfile-support.md")

    @Test func namesEverything() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        for name in InstructionName.allCases { #expect(text.contains("\n| \(name.rawValue) |"), "\(name)") }
        for rule in Rule.all { #expect(text.contains("| [\(rule.name.rawValue)](checks/\(rule.name.rawValue).md) |")) }
        let flags = [
            "platform", "mount", "network", "security", "from", "chown", "chmod", "link", "parents", "exclude",
            "checksum",
            "keep-git-dir", "unpack", "interval", "timeout", "start-period", "start-interval", "retries",
        ]
        for flag in flags { #expect(text.contains("`--\(flag)`"), "\(flag)") }
        for kind in Mount.Kind.allCases { #expect(text.contains("type=\(kind.rawValue)"), "\(kind)") }
    }

    @Test func namesTestsThatExist() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        var sources = ""
        for folder in ["DockerfileTests", "BuildGraphTests", "SolverTests", "EndToEndTests"] {
            for file in try FileManager.default.contentsOfDirectory(atPath: Self.tests.path + "/" + folder) {
                guard file.hasSuffix(".swift") else { continue }
                sources += try String(contentsOf: Self.tests.appending(path: "\(folder)/\(file)"), encoding: .utf8)
            }
        }
        let suites = text.matches(of: /\b\w+Tests\b/).map { String($0.output) }.filter {
            !$0.hasPrefix("Dockerfile") && $0 != "BuildGraphTests" && $0 != "EndToEndTests"
        }
        #expect(suites.count > 50)
        for suite in Set(suites) { #expect(sources.contains("struct \(suite)"), "\(suite)") }
        for quoted in text.matches(of: /(?:ParserTests|, )"([^"|]+)"|ParserTests "([^"|]+)"/) {
            let name = String(quoted.output.1 ?? quoted.output.2 ?? "")
            #expect(sources.contains("\"\(name)\""), "\(name)")
        }
    }
}
