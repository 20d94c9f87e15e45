import ArgumentParser
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Rendering

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Look for mistakes in Dockerfiles without building them.",
        usage: "distill check [OPTIONS] FILE…")

    @Option(help: ArgumentHelp("plain, json or sarif.", valueName: "kind"))
    var format: CheckFormat = .plain
    @Argument(help: ArgumentHelp("Dockerfiles; '-' reads standard input.", valueName: "FILE"))
    var files: [String]

    func run() async throws {
        var results: [CheckResult] = []
        for file in files {
            let ignore = try DockerfileSource.ignorePatterns(beside: file)
            results.append(CheckResult(try DockerfileSource.readAlone(file), buildArguments: [:], platform: .host, ignore: ignore))
        }
        StandardStream.output.show(format.text(results, Distill.outputStyle))
        if results.contains(where: \.fails) { throw ExitCode(1) }
    }
}

enum CheckFormat: String, ExpressibleByArgument, CaseIterable {
    case plain, json, sarif

    func text(_ results: [CheckResult], _ style: Style) -> ShownText {
        switch self {
        case .plain: results.map { $0.text(style) }.joined()
        case .json: "\(ShownText(json: JSON.array(results.map(\.json)).indentedText))\n"
        case .sarif: "\(ShownText(json: SARIF.document(results).indentedText))\n"
        }
    }
}

/// What was found in one Dockerfile.
struct CheckResult {
    let source: SourceFile
    let findings: [Diagnostic]
    /// Whether the file cannot be built, or asks to fail because of its findings.
    let fails: Bool

    init(_ source: SourceFile, buildArguments: [String: String], platform: Platform, target: String? = nil, ignore: IgnorePatterns? = nil) {
        self.source = source
        do {
            let syntax = try DockerfileSyntax.parse(source)
            let input = CheckInput(syntax, buildArguments: buildArguments, platform: platform, target: target, ignore: ignore)
            let report = try CheckReport(input)
            findings = report.findings
            fails = report.failsBuild
        } catch {
            findings = error.diagnostics
            fails = true
        }
    }

    func text(_ style: Style) -> ShownText {
        findings.map { finding in
            var report = ErrorReport(finding.message, hint: finding.hint)
            report.locate(finding.range, in: source)
            let role: Style.Role = finding.severity == .error ? .error : .warning
            let head = style.paint("\(finding.severity.rawValue): \(String(describing: finding.code))", role)
            var text: ShownText = "\(report.place ?? source.name): \(head): \(finding.message)\n"
            for line in report.excerpt { text += "\(line)\n" }
            if let hint = finding.hint { text += "  hint: \(hint)\n" }
            return text
        }.joined()
    }

    var json: JSON {
        .object([
            "file": .string(source.name), "fails": .bool(fails),
            "findings": .array(
                findings.map { finding in
                    var object: JSONObject = [
                        "rule": .string("\(finding.code)"), "severity": .string(finding.severity.rawValue),
                        "message": .string(finding.message),
                        "start": position(finding.range.start), "end": position(finding.range.end),
                    ]
                    if let hint = finding.hint { object["hint"] = .string(hint) }
                    return .object(object)
                }),
        ])
    }

    private func position(_ position: SourcePosition) -> JSON {
        .object(["line": .integer(Int64(position.line)), "column": .integer(Int64(position.column))])
    }
}

/// Findings as tools for code scanning read them (SARIF 2.1.0).
enum SARIF {
    static func document(_ results: [CheckResult]) -> JSON {
        let findings = results.flatMap { result in result.findings.map { (result.source, $0) } }
        let names = Set(findings.map { "\($0.1.code)" }).sorted()
        return .object([
            "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"), "version": .string("2.1.0"),
            "runs": .array([
                .object([
                    "tool": .object([
                        "driver": .object([
                            "name": .string("distill"), "version": .string(ToolVersion.text),
                            "rules": .array(names.map(rule)),
                        ])
                    ]),
                    "results": .array(findings.map { result($0.0, $0.1) }),
                ])
            ]),
        ])
    }

    private static func rule(_ name: String) -> JSON {
        let summary = Rule.all.first { $0.name.rawValue == name }?.summary ?? "The Dockerfile cannot be built"
        return .object(["id": .string(name), "shortDescription": .object(["text": .string(summary)])])
    }

    private static func result(_ source: SourceFile, _ finding: Diagnostic) -> JSON {
        let (start, end) = (finding.range.start, finding.range.end)
        return .object([
            "ruleId": .string("\(finding.code)"), "level": .string(finding.severity == .error ? "error" : "warning"),
            "message": .object(["text": .string(finding.hint.map { "\(finding.message) (\($0))" } ?? finding.message)]),
            "locations": .array([
                .object([
                    "physicalLocation": .object([
                        "artifactLocation": .object(["uri": .string(source.name)]),
                        "region": .object([
                            "startLine": .integer(Int64(start.line)), "startColumn": .integer(Int64(start.column)),
                            "endLine": .integer(Int64(end.line)), "endColumn": .integer(Int64(end.column)),
                        ]),
                    ])
                ])
            ]),
        ])
    }
}
