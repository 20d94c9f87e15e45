/// One finding about a Dockerfile: where, how bad, what, and what to do about it.
package struct Diagnostic: Error, Hashable, Sendable {
    /// From the worst: an error keeps a file from being built, a warning is what a careful reviewer would ask to be changed, and a
    /// note is advice.
    package enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
        case error, warning, note

        private var rank: Int {
            switch self {
            case .error: 0
            case .warning: 1
            case .note: 2
            }
        }

        package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    }

    package var range: SourceRange
    package var severity: Severity
    package let code: DiagnosticCode
    /// One sentence without a full stop.
    package var message: String
    /// A proposal, such as `did you mean RUN?`; nil if none is known.
    package let hint: String?

    package init(
        _ code: DiagnosticCode, at range: SourceRange, _ message: String, hint: String? = nil,
        severity: Severity = .error
    ) {
        (self.code, self.range, self.message, self.hint, self.severity) = (code, range, message, hint, severity)
    }
}

/// Why a Dockerfile cannot be built: every error that was found, in the order of the file.
package struct DockerfileError: Error, Hashable, Sendable {
    /// Never empty.
    package let diagnostics: [Diagnostic]

    package init(_ diagnostic: Diagnostic) { diagnostics = [diagnostic] }

    /// Each once, in the order of the file; nil for none.
    package init?(_ diagnostics: [Diagnostic]) {
        var seen: Set<Diagnostic> = []
        self.diagnostics = diagnostics.filter { seen.insert($0).inserted }.sorted { $0.range.start < $1.range.start }
        if diagnostics.isEmpty { return nil }
    }
}
