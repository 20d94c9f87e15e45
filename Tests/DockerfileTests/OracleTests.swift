import Foundation
import OCI
import TestSupport
import Testing

@testable import Dockerfile

/// Compares with the reference's own parser, where its Python package `dockerfile` is installed.
///
/// `DISTILL_PYTHON` names the interpreter; `python3` otherwise.
@Suite(.enabled(if: Oracle.isExpected, "the Python module 'dockerfile' is not installed"))
struct OracleTests {
    @Test func agreesOnTheCorpus() throws { try compare(Corpus.dockerfiles) }

    @Test func agreesOnTheLanguageCases() throws {
        let cases = try LanguageCase.files.flatMap { try LanguageCase.read($0) }
        try compare(cases.map(\.dockerfile).filter { !$0.isEmpty && isComparable($0) })
    }

    @Test func agreesOnMutations() throws {
        var mutator = Mutator(seeds: Corpus.dockerfiles, pieces: Corpus.pieces, seed: 7)
        var texts: [String] = []
        while texts.count < 5000 {
            // Only text: of other bytes the reference makes replacement characters, which we refuse.
            if let text = String(validating: mutator.next(), as: UTF8.self), isComparable(text) { texts.append(text) }
        }
        try compare(texts)
    }

    /// Leaves out where the packaged parser is known to differ: it is older than the reference that we follow (no `check`
    /// directive, no `${a/b/c}`, no white space in front of a here-document's delimiter), it reads flags byte by byte, and
    /// surrogates, NUL and byte order marks do not get through Python.
    private func isComparable(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { $0 < 0x80 && $0 != 0 }
        return (isPlain || !text.contains("--")) && !text.contains("\\ud") && !text.contains("\0")
            && !text.contains("\\u0000")
            && !text.contains("\u{FEFF}") && !text.lowercased().contains("check") && !text.contains("${a/")
            && text.firstMatch(of: /<<-?[\s\\`]/.matchingSemantics(.unicodeScalar)) == nil
    }

    /// The packaged parser takes an array for the exec form whatever stands behind it; the reference of today wants the whole text
    /// to be JSON (moby/buildkit, frontend/dockerfile/parser, parseJSON).
    private func isTextBehindArray(_ mine: JSON, _ theirs: JSON) -> Bool {
        guard mine["json"] == .bool(false), theirs["json"] == .bool(true) else { return false }
        let text = (mine["value"]?.strings ?? []).joined(separator: " ").drop { $0 != "[" }
        // Whole JSON that we take for text would be our fault.
        return !text.isEmpty && (try? JSON.parse(Array(text.utf8))) == nil
    }

    private func describe(_ json: JSON) -> String { String(decoding: json.bytes, as: UTF8.self) }

    private func compare(_ texts: [String]) throws {
        let answers = try Oracle.parse(texts)
        #expect(answers.count == texts.count)
        for (text, answer) in zip(texts, answers) {
            let ours = OracleForm.instructions(of: text)
            if answer["skipped"] != nil || ours == .null { continue }
            if answer["error"] != nil {
                #expect(ours == nil, "accepted what the reference refuses with \(answer): \(text.debugDescription)")
            } else if let ours {
                for (mine, theirs) in zip(ours.array ?? [], answer.array ?? [])
                where mine != theirs && !isTextBehindArray(mine, theirs) {
                    Issue.record("\(text.debugDescription): \(describe(mine)) is not \(describe(theirs))")
                }
                #expect(ours.array?.count == answer.array?.count, "\(text.debugDescription)")
            } else {
                Issue.record("refused what the reference reads: \(text.debugDescription)")
            }
        }
    }
}

enum Oracle {
    private static let python = ProcessInfo.processInfo.environment["DISTILL_PYTHON"] ?? "python3"

    /// True where `CI` is set too, so that a missing module fails there and is reported as skipped elsewhere.
    static let isExpected = ProcessInfo.processInfo.environment["CI"] != nil || run(["-c", "import dockerfile"]) == 0

    static func parse(_ texts: [String]) throws -> [JSON] {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // Left-overs in a temporary folder harm nobody.
        let (input, output) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try Data(JSON.strings(texts).bytes).write(to: input)
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/parse.py")
        try #require(run([script.path, input.path, output.path]) == 0)
        return try #require(try JSON.parse(Array(Data(contentsOf: output))).array)
    }

    private static func run(_ arguments: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [python] + arguments
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// Our reading of a Dockerfile in the oracle's words.
enum OracleForm {
    /// Null if it cannot be compared; nil if the file is refused at the level that the oracle looks at: lines, JSON, pairs; not flags or counts.
    static func instructions(of text: String) -> JSON? {
        var reader = LineReader(Array(text.utf8))
        var result: [JSON] = []
        do throws(Diagnostic) {
            while let line = try reader.next() { result.append(try instruction(line, reader.escape)) }
        } catch {
            // Blank names are refused behind the level that the package looks at.
            return error.message.hasSuffix("names may not be blank") ? .null : nil
        }
        return result.isEmpty ? nil : .array(result)
    }

    private static func instruction(_ line: LogicalLine, _ escape: EscapeCharacter) throws(Diagnostic) -> JSON {
        let parser = InstructionParser(line, escape: escape)
        var inner = parser
        var depth = 0
        while inner.head.name == .onbuild, !inner.head.arguments.isEmpty, depth < 1 {
            var nested = line
            nested.text = inner.head.text.suffix(from: inner.head.arguments.lowerBound)
            inner = InstructionParser(nested, escape: escape)
            depth += 1
        }
        // Of ONBUILD ONBUILD the package gives no value.
        let (value, isJSON) = depth > 0 && inner.head.name == .onbuild ? ([""], false) : try arguments(inner)
        return .object([
            "keyword": .string(parser.head.keyword.text.uppercased()),
            "nested": .string(depth > 0 ? inner.head.keyword.text.uppercased() : ""), "json": .bool(isJSON),
            "lines": .array([.integer(Int64(line.range.start.line)), .integer(Int64(line.range.end.line))]),
            "flags": .strings(parser.head.flags.map { String(scalars: $0.scalars) }), "value": .strings(value),
            // The package does not pass on those of ONBUILD.
            "heredocs": .array(depth > 0 ? [] : line.heredocs.map { .strings([$0.name, $0.content]) }),
        ])
    }

    private static func arguments(_ parser: InstructionParser) throws(Diagnostic) -> ([String], Bool) {
        let head = parser.head
        let json = JSONArguments(head.argumentText)
        switch head.name {
        case nil: return ([""], false)
        case .env, .label:
            guard !head.quotedWords(escape: parser.escape).isEmpty else { return ([], false) }
            return (try parser.keyValues(head.name ?? .env).pairs.flatMap { [$0.key.text, $0.value.text] }, false)
        case .arg: return (head.quotedWords(escape: parser.escape).map { head.text.string($0) }, false)
        case .from, .expose: return (head.plainWords().map(\.text), false)
        case .copy, .add, .volume:
            if case .strings(let words) = json { return (words, true) }
            return (try head.listWords().map(\.text), false)
        case .cmd, .entrypoint, .run, .shell:
            switch try parser.commandForm(head.argumentText) {
            case .exec(let words): return (words, true)
            case .shell(let text): return (text.isEmpty ? [] : [text], false)
            }
        case .healthcheck: return try healthcheck(parser)
        case .maintainer, .stopsignal, .user, .workdir, .onbuild:
            return (head.wholeWord().map { [$0.text] } ?? [], false)
        }
    }

    private static func healthcheck(_ parser: InstructionParser) throws(Diagnostic) -> ([String], Bool) {
        let text = parser.head.argumentText
        guard let end = text.unicodeScalars.firstIndex(where: \.isSpace) else {
            return (text.isEmpty ? [] : [text], false)
        }
        let type = String(text[..<end])
        let rest = String(scalars: text.unicodeScalars[end...].trimmed)
        switch try parser.commandForm(rest) {
        case .exec(let words): return ([type] + words, true)
        case .shell(let command): return (command.isEmpty ? [type] : [type, command], false)
        }
    }
}
