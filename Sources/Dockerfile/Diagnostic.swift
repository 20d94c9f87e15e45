/// One finding about a Dockerfile: where, how bad, what, and what to do about it.
package struct Diagnostic: Error, Hashable, Sendable {
    package enum Severity: String, Hashable, Sendable { case error, warning }

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

    init(first: Diagnostic, rest: [Diagnostic]) {
        diagnostics = ([first] + rest).sorted { $0.range.start < $1.range.start }
    }
}
