import Glibc
import SystemPackage
import TestSupport

/// The repository that these tests stand in.
enum Repository {
    /// Its root directory: three above this file.
    static let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().string

    /// The paths of all files below some directories of the root, without what tools leave there.
    static func files(below directories: String..., named pattern: String = "*") async throws -> [String] {
        let found = try await Command(
            "find", directories + ["-name", ".*", "-prune", "-o", "-type", "f", "-name", pattern, "-print"],
            workingDirectory: root
        ).run()
        return found.output.split(separator: "\n").map(String.init).sorted()
    }

    static func text(_ path: String) throws -> String { try Files.text("\(root)/\(path)") }

    static func lines(_ path: String) throws -> [String] {
        try text(path).utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String($0) ?? ""
        }
    }
}

/// A line of Swift without its comment.
struct SourceLine: CustomStringConvertible {
    let path: String
    let number: Int
    let code: String
    /// Whether a comment stands on this line or above it; one comment may explain several lines of `try?`.
    let isExplained: Bool

    var description: String { "\(path):\(number): \(code)" }

    /// The target that a path below `Sources` belongs to.
    var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }

    /// Every line below `Sources`; read once, for the tests ask for them at the same time.
    static func all() async throws -> [SourceLine] { try await sources.value }

    private static let sources = Task {
        var lines: [SourceLine] = []
        for path in try await Repository.files(below: "Sources", named: "*.swift") {
            // What stood on the line before: whether a comment explains it, whether it swallows, and how it goes on.
            var (isExplained, swallows, opens, indentation) = (false, false, true, 0)
            for (index, line) in try Repository.lines(path).enumerated() {
                let (code, hasComment) = withoutComment(line)
                let deeper = code.utf8.prefix { $0 == UInt8(ascii: " ") }.count
                // A comment covers the statement below it, on as many lines as that takes, and further ones that swallow.
                if !hasComment, !swallows, opens || deeper <= indentation { isExplained = false }
                isExplained = isExplained || hasComment
                lines.append(SourceLine(path: path, number: index + 1, code: code, isExplained: isExplained))
                let isComment = hasComment && code.utf8.allSatisfy { $0 == UInt8(ascii: " ") }
                swallows = isComment || code.mentions("try?")
                opens = code.hasSuffix("{") || code.hasSuffix(" in")
                indentation = deeper
            }
        }
        return lines
    }

    /// Cuts the line where a comment begins; two slashes within a text are none.
    private static func withoutComment(_ line: String) -> (code: String, hasComment: Bool) {
        guard line.mentions("//") else { return (line, false) }
        let bytes = Array(line.utf8)
        var (isText, previous) = (false, UInt8(ascii: " "))
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\""), previous != UInt8(ascii: "\\") { isText.toggle() }
            if !isText, byte == UInt8(ascii: "/"), previous == byte {
                return (String(decoding: bytes[..<(index - 1)], as: UTF8.self), true)
            }
            previous = byte
        }
        return (line, false)
    }
}

extension String {
    /// Whether these bytes stand in it: asked of every line of the tree before an expression is tried, which takes a hundred times as long.
    func mentions(_ literal: String) -> Bool {
        withCString { text in literal.withCString { strstr(text, $0) != nil } }
    }
}
