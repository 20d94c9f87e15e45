import BuildGraph

/// A pattern over image names: `*` and `?` do not cross a slash, as in Go's `path.Match`.
struct NamePattern {
    private let pattern: SourcePattern

    init(_ text: String) { pattern = SourcePattern(text) }

    func matches(_ name: String) -> Bool { pattern.matches(Array(name.utf8)) }
}
