/// One finding about a Dockerfile: where, how bad, what, and what to do about it.
public struct Diagnostic: Error, Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable { case error, warning }

    public var range: SourceRange
    public var severity: Severity
    public let code: DiagnosticCode
    /// One sentence without a full stop.
    public var message: String
    /// A proposal, such as `did you mean RUN?`; nil if none is known.
    public let hint: String?

    public init(
        _ code: DiagnosticCode, at range: SourceRange, _ message: String, hint: String? = nil,
        severity: Severity = .error
    ) {
        (self.code, self.range, self.message, self.hint, self.severity) = (code, range, message, hint, severity)
    }
}

/// Why a Dockerfile cannot be built: every error that was found, in the order of the file.
public struct DockerfileError: Error, Hashable, Sendable {
    /// Never empty.
    public let diagnostics: [Diagnostic]

    public init(_ diagnostic: Diagnostic) { diagnostics = [diagnostic] }

    init(first: Diagnostic, rest: [Diagnostic]) {
        diagnostics = ([first] + rest).sorted { $0.range.start < $1.range.start }
    }
}
