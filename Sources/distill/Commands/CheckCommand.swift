import ArgumentParser
import BuildGraph
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Rendering

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Look for mistakes in Dockerfiles without building them.",
        usage: "distill check [OPTIONS] [FILE…]",
        discussion: """
            Exits with 1 where a file cannot be built, or asks to fail because of its warnings (# check=error=true), and with 0
            where there is nothing but warnings.
            """)

    @Option(help: ArgumentHelp("plain, json, sarif, or github for annotations of a workflow.", valueName: "kind"))
    var format: CheckFormat = .plain
    @Option(
        help: ArgumentHelp(
            "Set a build argument; without '=value' it is taken from the environment.", valueName: "name=value"))
    var buildArg: [String] = []
    @Option(help: ArgumentHelp("The stage that would be built, by name or number.", valueName: "stage"))
    var target: String?
    @Option(help: ArgumentHelp("The platform that would be built for.", valueName: "os/arch[/variant]"))
    var platform: [String] = []
    @Argument(
        help: ArgumentHelp(
            "Dockerfiles, or directories that have one (the working directory where none is named); '-' reads standard input.",
            valueName: "FILE"))
    var files: [String] = []

    func run() async throws {
        let environment = HostEnvironment.ofProcess()
        var request = BuildRequest(platform: try BuildWords.platforms(platform).first ?? .host)
        request.target = target
        request.buildArguments = try BuildWords.arguments(buildArg, environment)
        // What the store knows of bases helps; without one they are unknown.
        let engine = StoreLocation.openExisting(environment).map { Engine(store: $0, environment: environment) }
        defer { engine?.close() }
        var results: [DockerfileReview] = []
        for file in files.isEmpty ? ["."] : files {
            let ignore = try DockerfileSource.ignorePatterns(beside: file)
            results.append(
                DockerfileReview(try DockerfileSource.readAlone(file), request, ignore: ignore) { engine?.known($0) })
        }
        StandardStream.output.show(format.text(results, Distill.outputStyle))
        if results.contains(where: \.fails) { throw ExitCode(1) }
    }
}

enum CheckFormat: String, ExpressibleByArgument, CaseIterable {
    case plain, json, sarif, github

    func text(_ results: [DockerfileReview], _ style: Style) -> ShownText {
        switch self {
        case .plain: results.flatMap { result in result.findings.map { $0.shown(in: result.source, style) } }.joined()
        case .json: "\(ShownText(json: JSON.array(results.map(\.json)).indentedText))\n"
        case .sarif: "\(ShownText(json: SARIF.document(results).indentedText))\n"
        case .github:
            results.flatMap { result in result.findings.map { WorkflowAnnotation.line($0, in: result.source) } }
                .joined()
        }
    }
}

extension Diagnostic {
    /// The finding with its place, the lines that it is about, and what to do.
    func shown(in source: SourceFile, _ style: Style) -> ShownText {
        var report = ErrorReport(message, hint: hint)
        report.locate(range, in: source)
        let head = style.paint(
            "\(severity.rawValue): \(String(describing: code))", severity == .error ? .error : .warning)
        var text: ShownText = "\(report.place ?? source.name): \(head): \(message)\n"
        for line in report.excerpt { text += "\(line)\n" }
        if let hint { text += "  hint: \(hint)\n" }
        return text
    }
}

extension DockerfileReview {
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

/// Findings as a workflow of GitHub Actions shows them beside the lines (its documentation, "Workflow commands").
enum WorkflowAnnotation {
    static func line(_ finding: Diagnostic, in source: SourceFile) -> ShownText {
        let command =
            switch finding.severity {
            case .error: "error"
            case .warning: "warning"
            case .note: "notice"
            }
        let (start, end) = (finding.range.start, finding.range.end)
        let columns = start.line == end.line ? ",col=\(start.column),endColumn=\(end.column)" : ""
        let place =
            "file=\(property(source.name)),line=\(start.line),endLine=\(end.line)\(columns),title=\(property("\(finding.code)"))"
        let text = finding.hint.map { "\(finding.message) (\($0))" } ?? finding.message
        return "::\(command) \(place)::\(data(text))\n"
    }

    private static func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private static func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}

/// Findings as tools for code scanning read them (SARIF 2.1.0).
enum SARIF {
    static func document(_ results: [DockerfileReview]) -> JSON {
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
            "ruleId": .string("\(finding.code)"), "level": .string(finding.severity.rawValue),
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
