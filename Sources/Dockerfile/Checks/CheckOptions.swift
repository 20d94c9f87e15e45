/// Which checks are made and what their findings mean: the `check` directive (reference, "check").
package struct CheckOptions: Hashable, Sendable {
    package enum Selection: Hashable, Sendable {
        case all
        case some(Set<String>)

        func contains(_ name: Rule.Name) -> Bool {
            switch self {
            case .all: true
            case .some(let names): names.contains(name.rawValue.lowercased())
            }
        }
    }

    /// What a finding does to the build.
    package enum Effect: Hashable, Sendable { case warns, fails }

    package var skipped = Selection.some([])
    package var experimental = Selection.some([])
    package var effect = Effect.warns

    package init() {}

    /// Reads the value of a `check` directive.
    package init(_ directive: Word) throws(DockerfileError) { try self.init(directive.text, at: directive.range) }

    /// Reads `skip=Rule,…;error=true;experimental=Rule,…`; `all` stands for every rule.
    ///
    /// - Parameters:
    ///   - text: the value of the directive or option.
    ///   - place: what errors point to.
    package init(_ text: String, at place: SourceRange) throws(DockerfileError) {
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
            guard pieces.count == 2 else { throw Self.fault(place, "'\(part)' is no option of check", nil) }
            switch pieces[0] {
            case "skip": skipped = Self.selection(pieces[1])
            case "experimental": experimental = Self.selection(pieces[1])
            case "error":
                switch pieces[1] {
                case "1", "t", "T", "TRUE", "true", "True": effect = .fails
                case "0", "f", "F", "FALSE", "false", "False": effect = .warns
                default: throw Self.fault(place, "'\(pieces[1])' is neither true nor false", nil)
                }
            default:
                throw Self.fault(
                    place, "'\(pieces[0])' is no option of check",
                    Suggestion.hint(for: pieces[0], among: ["skip", "experimental", "error"]))
            }
        }
    }

    private static func selection(_ text: String) -> Selection {
        text == "all" ? .all : .some(Set(text.split(separator: ",").map { trimmed($0).lowercased() }))
    }

    private static func trimmed(_ text: Substring) -> String { String(scalars: text.unicodeScalars.trimmed) }

    private static func fault(_ place: SourceRange, _ message: String, _ hint: String?) -> DockerfileError {
        DockerfileError(Diagnostic(.error(.invalidDirective), at: place, message, hint: hint))
    }

    func includes(_ rule: Rule) -> Bool {
        if skipped.contains(rule.name) { return false }
        return rule.standing == .stable || experimental.contains(rule.name)
    }
}

/// What the checks found in a Dockerfile.
package struct CheckReport: Hashable, Sendable {
    /// The most harmful first, those of one harm in the order of the file.
    package let findings: [Diagnostic]
    /// Whether the file asks for a build to fail because of them.
    package var failsBuild: Bool { failure != nil }
    /// The first finding because of which a build fails. What a file or a build argument asks for concerns the reference's
    /// rules: with another builder the file's build would not fail because of ours.
    package let failure: Diagnostic?

    private static let argument = "BUILDKIT_DOCKERFILE_CHECK"

    /// Makes the checks that the options ask for.
    ///
    /// - Parameters:
    ///   - input: the file, and what is known around it.
    ///   - options: nil for those of the build argument `BUILDKIT_DOCKERFILE_CHECK`, else of the file's `check`
    ///     directive.
    /// - Throws: when the directive cannot be read.
    package init(_ input: CheckInput, options: CheckOptions? = nil) throws(DockerfileError) {
        var chosen = options ?? CheckOptions()
        if options == nil {
            if let given = input.buildArguments[Self.argument], !given.isEmpty {
                let start = SourcePosition(line: 1, column: 1)
                chosen = try CheckOptions(given, at: SourceRange(start: start, end: start))
            } else if let directive = input.syntax.directive(.check) {
                chosen = try CheckOptions(directive)
            }
        }
        var findings: [Diagnostic] = []
        var failing: Set<Rule.Name> = Set(Rule.all.map(\.name))
        if options == nil { failing = Set(Rule.reference.map(\.name)) }
        let skips = InstructionSkips(input.syntax)
        for rule in Rule.all.sorted(by: { $0.harm < $1.harm }) where chosen.includes(rule) {
            findings += rule.check(input).filter { !skips.skip(rule.name, at: $0.range.start) }.map {
                Diagnostic(.rule(rule.name), at: $0.range, $0.message, hint: $0.hint, severity: rule.severity)
            }
        }
        // Findings at the same place stay in the order of the rules.
        let harms = Dictionary(Rule.all.map { (DiagnosticCode.rule($0.name), $0.harm.rawValue) }) { first, _ in first }
        let ordered = findings.enumerated().sorted {
            let (left, right) = (harms[$0.element.code] ?? 0, harms[$1.element.code] ?? 0)
            return (left, $0.element.range.start, $0.offset) < (right, $1.element.range.start, $1.offset)
        }
        self.findings = ordered.map(\.element)
        let first = self.findings.first { if case .rule(let name) = $0.code { failing.contains(name) } else { true } }
        failure = chosen.effect == .fails ? first : nil
    }
}
