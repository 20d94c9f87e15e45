/// A case of Fixtures/language: a file holds many, and each carries its whole world.
///
/// `=== name` begins a case; in it `--- setup` is a shell script that fills the context, `--- options` are words of the
/// command line, `--- Dockerfile` is the file. A case that buildah cannot judge has `--- expect` with the lines that
/// are expected, or `--- error` with a part of the message; what stands behind these words says why.
package struct LanguageCase: Sendable {
    /// The file's name and the case's.
    package let name: String
    private let sections: [String: (reason: String, text: String)]

    package var setup: String { sections["setup"]?.text ?? "" }
    package var options: [String] {
        sections["options"].map { $0.text.split { $0.isWhitespace }.map(String.init) } ?? []
    }
    package var dockerfile: String { sections["Dockerfile"]?.text ?? "" }
    package var expected: [String]? { sections["expect"].map { $0.text.split(separator: "\n").map(String.init) } }
    package var error: String? { sections["error"].flatMap { $0.text.split(separator: "\n").first.map(String.init) } }

    package static let fixtures =
        #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Tests/EndToEndTests/Fixtures"

    /// Writes what was built into the case's `--- expect`; the difference is for a person to look at (`RECORD=1`).
    package func record(_ lines: [String]) throws {
        let (file, title) = (name.prefix { $0 != ":" }, name.drop { $0 != ":" }.dropFirst(2))
        let path = "\(Self.fixtures)/language/\(file).txt"
        var result: [Substring] = []
        var (isInCase, isReplacing) = (false, false)
        for line in try Files.text(path).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("=== ") { isInCase = line.dropFirst(4) == title }
            if line.hasPrefix("=== ") || line.hasPrefix("--- ") { isReplacing = false }
            if !isReplacing { result.append(line) }
            if isInCase, line.hasPrefix("--- expect") {
                isReplacing = true
                result += lines.map { $0[...] }
            }
        }
        let text = result.joined(separator: "\n")
        try Files.write(text.hasSuffix("\n") ? text : text + "\n", to: path)
    }

    package static let files = [
        "add", "archives", "arguments", "command-forms", "commands", "copy", "copy-flags", "copy-places",
        "environment", "filters", "from", "health", "heredocs", "ignore", "ignore-rules", "keys", "lexing", "lines",
        "linked", "metadata", "metadata-forms", "mounts", "parents", "places-of-work", "platforms", "run",
        "run-flags", "scripts", "special-files", "stage-names", "stages", "symbolic-modes", "triggers", "words",
        "workdir",
    ]

    package static func read(_ file: String) throws -> [LanguageCase] {
        var cases: [LanguageCase] = []
        var name: String?
        var sections: [String: (reason: String, text: String)] = [:]
        var current: (key: String, reason: String, lines: [Substring])?
        func endSection() {
            if let current { sections[current.key] = (current.reason, current.lines.map { $0 + "\n" }.joined()) }
            current = nil
        }
        func endCase() {
            endSection()
            if let name { cases.append(LanguageCase(name: "\(file): \(name)", sections: sections)) }
            sections = [:]
        }
        let text = try Files.text("\(fixtures)/language/\(file).txt")
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("=== ") {
                endCase()
                name = String(line.dropFirst(4))
            } else if line.hasPrefix("--- ") {
                endSection()
                let words = line.dropFirst(4).split(separator: " ", maxSplits: 1).map(String.init)
                current = (words[0], words.count > 1 ? words[1] : "", [])
            } else {
                current?.lines.append(line)
            }
        }
        // The last line feed ends the last line, it does not begin another.
        if current?.lines.last?.isEmpty == true { current?.lines.removeLast() }
        endCase()
        return cases
    }
}
