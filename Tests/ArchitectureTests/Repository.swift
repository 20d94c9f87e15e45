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

    static func all(below directory: String) async throws -> [SourceLine] {
        var lines: [SourceLine] = []
        for path in try await Repository.files(below: directory, named: "*.swift") {
            var isExplained = false
            for (index, line) in try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
            {
                let (code, hasComment) = withoutComment(line)
                isExplained = isExplained || hasComment
                lines.append(SourceLine(path: path, number: index + 1, code: code, isExplained: isExplained))
                isExplained = hasComment || (isExplained && code.contains("try?"))
            }
        }
        return lines
    }

    /// Cuts the line where a comment begins; two slashes within a text are none.
    private static func withoutComment(_ line: Substring) -> (code: String, hasComment: Bool) {
        var isText = false
        var previous: Character = " "
        for index in line.indices {
            let character = line[index]
            if character == "\"", previous != "\\" { isText.toggle() }
            if !isText, character == "/", previous == "/" {
                return (String(line[..<line.index(before: index)]), true)
            }
            previous = character
        }
        return (String(line), false)
    }
}
