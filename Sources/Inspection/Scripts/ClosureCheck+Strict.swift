internal import OCI

/// Variables of Perl that a script has not declared, where it says that it declares all (strict).
extension ClosureCheck {
    /// Names that are there without being declared.
    private static let usual: Set = ["a", "b", "ENV", "ARGV", "INC", "STDIN", "STDOUT", "STDERR", "_", "ARGVOUT"]

    /// The first variable that an outermost statement assigns and nobody can have declared.
    static func undeclared(_ text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
        let used = lines.filter { $0.hasPrefix("use ") }.map { $0.dropFirst(4).prefix { $0 != ";" && $0 != " " } }
        // What others export is not looked into; `vars` and their like declare in another way.
        let pragmas: Set<Substring> = ["strict", "warnings", "utf8", "feature", "lib", "integer", "bytes"]
        let releases = used.filter { $0.hasPrefix("v5.") }.compactMap { Int($0.dropFirst(3).prefix { $0.isNumber }) }
        guard used.allSatisfy({ pragmas.contains($0) || $0.hasPrefix("v5.") }),
            used.contains("strict") || releases.contains(where: { $0 >= 12 }),
            !["no strict", "require", "eval", "<<", "do ", "__END__", "__DATA__", "\n=", "*{", "package "].contains(
                where: text.contains),
            !["q{", "q(", "q[", "q|", "q/", "q<", "qq"].contains(where: text.contains),
            lines.allSatisfy({ line in
                ["'", "\""].allSatisfy { line.split(separator: $0, omittingEmptySubsequences: false).count % 2 == 1 }
                    && !isOpen(line)
            })
        else { return nil }
        var isStrict = false
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("use strict") || line.hasPrefix("use v5.") { isStrict = true }
            guard isStrict, line.hasPrefix("$") else { continue }
            let name = line.dropFirst().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard let first = name.first, !first.isNumber, first != "_", !usual.contains(String(name)),
                line[name.endIndex...].hasPrefix(" = "),
                !isDeclared(name, text)
            else { continue }
            return "$" + name
        }
        return nil
    }

    /// Whether a line declares in a way that ``isDeclared(_:_:)`` does not read: a list that goes on in the next line, or no blank.
    private static func isOpen(_ line: Substring) -> Bool {
        let isList = !line.contains(")")
        for word in ["my", "our", "local", "state"] {
            if line.contains(word + "$") || line.hasSuffix(word) { return true }
            if isList, line.contains(word + " (") || line.contains(word + "(") { return true }
        }
        return false
    }

    /// Whether a name stands behind a word that declares, alone or in a list.
    private static func isDeclared(_ name: Substring, _ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).contains { line in
            line.contains("$" + name)
                && ["my ", "my(", "our ", "our(", "local ", "state "].contains(where: line.contains)
        }
    }
}
