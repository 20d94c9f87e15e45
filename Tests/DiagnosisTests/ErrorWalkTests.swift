import Dockerfile
import Rendering
import SystemPackage
import TestSupport
import Testing

@testable import Diagnosis

/// Every error type of every target has words: a sentence, a place or what to do next, and no name of the program's own.
@Suite struct ErrorWalkTests {
    /// A type of an error as its source declares it.
    private struct Declaration {
        /// The file without its ending, and the type.
        let key: String
        /// The type's own name.
        let name: String
        let cases: [String]
    }

    private static let sources = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("Sources").string

    private static func declarations() async throws -> [Declaration] { try await found.value }

    /// Looked for once.
    private static let found = Task {
        let pattern = "^ *([a-z]+ )*(enum|struct|class) [A-Za-z]+: [^{]*\\bError\\b[^{]*\\{"
        let outcome = try await Command("grep", ["-rnE", "--include=*.swift", pattern, sources]).run()
        var result: [Declaration] = []
        for line in outcome.output.split(separator: "\n") where !line.contains("/TestSupport/") {
            let parts = line.split(separator: ":", maxSplits: 2)
            guard parts.count == 3, let number = Int(parts[1]) else { continue }
            let file = parts[0].split(separator: "/").last.map { String($0.dropLast(".swift".count)) } ?? ""
            let words = parts[2].split { !$0.isLetter && !$0.isNumber }.map(String.init)
            guard let kind = words.firstIndex(where: { ["enum", "struct", "class"].contains($0) }) else { continue }
            let name = words[kind + 1]
            let indent = String(parts[2].prefix { $0 == " " })
            let lines = try Files.text(String(parts[0])).split(separator: "\n", omittingEmptySubsequences: false)
            let body = lines[number...].prefix { !$0.hasPrefix(indent + "}") }
            let start = indent + "    case "
            let cases = body.filter { $0.hasPrefix(start) }.map { line in
                String(line.dropFirst(start.count).prefix { $0.isLetter || $0.isNumber })
            }
            result.append(
                Declaration(key: "\(file).\(name)", name: name, cases: words[kind] == "enum" ? cases : []))
        }
        return result
    }

    /// The name of an enumeration's case; nil for other values.
    private static func caseName(_ error: any Error) -> String? {
        let mirror = Mirror(reflecting: error)
        guard mirror.displayStyle == .enum else { return nil }
        if let label = mirror.children.first?.label { return label }
        // Some describe themselves in words; those have a case for each row.
        let text = "\(error)"
        return text.allSatisfy { $0.isLetter || $0.isNumber } ? text : nil
    }

    @Test func everyTypeIsKnown() async throws {
        let rows = try ErrorTable.rows()
        let known = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.errors) })
        let declarations = try await Self.declarations()
        #expect(declarations.count > 60)
        for declaration in declarations where ErrorTable.inner[declaration.key] == nil {
            guard let errors = known[declaration.key] else {
                Issue.record("\(declaration.key) is an error without a row in ErrorTable")
                continue
            }
            let names = Set(errors.compactMap(Self.caseName))
            // Those that describe themselves in words have no names here.
            guard errors.allSatisfy({ Self.caseName($0) != nil }) else { continue }
            for name in declaration.cases {
                #expect(names.contains(name), "\(declaration.key).\(name) has no row in ErrorTable")
            }
        }
        // Nothing is excused that is not there any more.
        let keys = Set(declarations.map(\.key))
        for key in Array(known.keys) + Array(ErrorTable.inner.keys) {
            #expect(keys.contains(key), "\(key) is in no source")
        }
    }

    @Test func everyErrorHasWords() async throws {
        let names = Set(try await Self.declarations().map(\.name))
        let source = SourceFile(name: "Dockerfile", text: "CPOY a b\n")
        for row in try ErrorTable.rows() {
            for error in row.errors {
                let report = try #require(
                    ErrorReport(SourcedError(error: error, source: source)), "\(row.key): \(error) has no words")
                let text = report.text(.plain).text
                #expect(!report.sentence.isEmpty && text.hasPrefix("distill: "), "\(row.key): \(text)")
                #expect(!report.sentence.hasSuffix("."), "\(row.key): \(text)")
                #expect(
                    report.hint != nil || report.place != nil || Self.needsNoStep(row.key), "\(row.key): \(text)")
                let words = Set(text.split { !$0.isLetter && !$0.isNumber }.map(String.init))
                let leaked = words.filter { $0.hasSuffix("Error") || $0 == "Optional" || $0 == "rawValue" }
                #expect(leaked.isEmpty && names.isDisjoint(with: words), "\(row.key): \(text)")
                #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }, "\(row.key): \(text)")
            }
        }
    }

    /// What a client of docker's is told is docker's wording; the reason of an option names the values that there are; a
    /// diagnostic gets its place from the DockerfileError that it is in.
    private static func needsNoStep(_ key: String) -> Bool {
        ["APIError.APIError", "InvalidOption.InvalidOption", "Diagnostic.Diagnostic"].contains(key)
    }
}
