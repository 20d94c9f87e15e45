import OCI
import Testing

@testable import Secrets

@Suite struct AllowFileTests {
    private func finding(_ path: String) throws -> SecretFinding {
        var chance = Chance(1)
        return try #require(try Scan.findings("ghp_\(chance.mixed(36))", in: path).first)
    }

    private func report(_ yaml: String, _ paths: [String], now: Int64 = 1_800_000_000) throws -> SecretReport {
        var report = SecretReport(image: "x", platform: .host)
        report.items = try paths.map {
            SecretReport.Item(try finding($0), level: .high, layer: 1, diffID: nil, isBase: false)
        }
        report.apply(try AllowFile(parsing: Array(yaml.utf8)), now: now)
        return report
    }

    @Test func byPathAndFingerprint() throws {
        let print = try finding("a").fingerprint
        for (yaml, open) in [
            ("- {rule: github-token, path: 'srv/**', reason: test}", 1),
            ("- {fingerprint: \(print), reason: moved}", 0),
            ("- {rule: jwt, path: '**', reason: other}", 3), ("allow:\n- {path: '**/key', reason: all}", 1),
            ("- {path: /srv/a/*, reason: x}", 2),
        ] {
            #expect(try report(yaml, ["srv/a/key", "srv/key", "other/b"]).open.count == open, "\(yaml)")
        }
    }

    @Test func unusedAndExpired() throws {
        let yaml =
            "- {rule: jwt, path: x, reason: unused}\n- {path: srv/key, reason: old, until: 2020-01-31}\n- {path: srv/key, reason: new, until: 2999-12-31}\n"
        let report = try report(yaml, ["srv/key"])
        #expect(report.unusedEntries.map(\.reason) == ["unused"])
        #expect(report.expiredEntries.map(\.reason) == ["old"])
        #expect(report.open.isEmpty)
    }

    @Test(arguments: [
        "- {rule: jwt, path: x}", "- {rule: jwt, path: x, reason: ' '}", "- {rule: nothing, path: x, reason: y}",
        "- {rule: jwt, reason: y}", "x: y", "- 1", "text",
        "- {path: x, reason: y, until: tomorrow}", "- {path: x, reason: y, other: z}", "- {fingerprint: 12, reason: y}",
        "- [", "- {path: [x], reason: y}",
    ]) func mistakes(_ yaml: String) {
        #expect(throws: AllowFileError.self) { try AllowFile(parsing: Array(yaml.utf8)) }
    }

    @Test(arguments: ["", "[]", "allow:", "allow: []"]) func nothing(_ yaml: String) throws {
        #expect(try AllowFile(parsing: Array(yaml.utf8)).entries.isEmpty)
    }

    @Test func aBaselineAllowsWhatIsThere() throws {
        let found = try [finding("srv/a*b"), finding("srv/c")]
        let text = AllowFile.baseline(found, reason: "first look")
        #expect(try report(text, ["srv/a*b", "srv/c"]).open.isEmpty)
        #expect(try report(text, ["srv/axb"]).open.count == 1)
        #expect(try AllowFile(parsing: Array(AllowFile.baseline([], reason: "x").utf8)).entries.isEmpty)
    }

    @Test func patterns() {
        for (pattern, path, fits) in [
            ("a/*", "a/b", true), ("a/*", "a/b/c", false), ("a/**", "a/b/c", true), ("**/c", "c", true),
            ("**/c", "a/b/c", true), ("**/c", "a/bc", false),
            ("a/**/c", "a/c", true), ("a/**/c", "a/x/y/c", true), ("?", "/", false), ("a\\*", "a*", true),
            ("a\\*", "ab", false), ("", "", true), ("*", "", true),
        ] { #expect(PathPattern.matches(Array(pattern.utf8), Array(path.utf8)) == fits, "\(pattern) \(path)") }
    }
}

@Suite struct DocumentTests {
    @Test func everyTextOfADocument() throws {
        var chance = Chance(2)
        let token = "ghp_\(chance.mixed(36))"
        var scan = DocumentScan(SecretScanner())
        scan.add(
            .object([
                "config": .object([
                    "Env": .strings(["PATH=/bin", "A=\(token)"]),
                    "Labels": .object(["db.password": .string(chance.mixed(20))]),
                ]),
                "history": .array([.object(["created_by": .string("RUN |1 T=\(token) make")])]),
                "other": .object(["x": .string(token)]),
            ]), name: "image")
        #expect(
            scan.findings.map(\.path) == [
                "image.config.Env[1]", "image.config.Labels.db.password", "image.history[0].created_by",
                "image.other.x",
            ])
        #expect(scan.findings.map(\.rule) == [.githubToken, .generic, .githubToken, .githubToken])
        #expect(scan.findings.last?.offset == 0)
    }
}
