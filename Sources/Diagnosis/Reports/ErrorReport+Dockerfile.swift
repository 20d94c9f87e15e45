package import Dockerfile
import OCI
import Rendering

extension ErrorReport {
    /// All that is wrong with a Dockerfile, in the order of the file.
    package init(_ error: DockerfileError, of source: SourceFile?) {
        self.init(diagnostic: error.diagnostics[0], of: source)
        others = error.diagnostics.dropFirst().map { ErrorReport(diagnostic: $0, of: source) }
    }

    /// Shows where a diagnostic points.
    package init(diagnostic: Diagnostic, of source: SourceFile?) {
        self.init(diagnostic.message, hint: diagnostic.hint)
        locate(diagnostic.range, in: source)
    }

    package mutating func locate(_ range: SourceRange, in source: SourceFile?) {
        place = "\(source?.name ?? "Dockerfile"):\(range.start)"
        guard let source, let line = source.line(range.start.line).map(PublicURL.masked(within:)) else { return }
        let end = range.end.line == range.start.line ? range.end.column : line.unicodeScalars.count + 1
        excerpt =
            SourceExcerpt(
                line: line, number: range.start.line, columns: range.start.column..<max(range.start.column + 1, end)
            ).lines
    }
}
