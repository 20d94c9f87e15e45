/// One pattern of an ignore file, cleaned and without its `!`.
struct IgnoreMatcher: Hashable, Sendable {
    private enum Kind: Hashable, Sendable {
        /// `**name`: any path that ends with the bytes, even inside a name. With a slash, `**/name`, also the name alone.
        case suffix([UInt8])
        case glob(Glob)
    }

    private let kind: Kind
    /// The pattern's elements, for ``mayMatch(below:)``; nil for one that may match anywhere.
    private let elements: [Glob]?
    /// The bytes that every match begins with.
    private let prefix: [UInt8]

    init(_ pattern: String) throws(PathPatternError) {
        let bytes = Array(pattern.utf8)
        // The text must be a valid pattern for `filepath.Match` too, which is stricter about nothing but brackets.
        _ = try PathPattern(bytes)
        var compiler = GlobCompiler(bytes, dialect: .ignore)
        let glob = Glob(try compiler.compile())
        let special = Set("*?[]\\".utf8)
        if bytes.starts(with: "**".utf8), !bytes.dropFirst(2).contains(where: special.contains) {
            kind = .suffix(Array(bytes.dropFirst(2)))
        } else {
            kind = .glob(glob)
        }
        prefix = glob.prefix
        elements = try Self.elements(pattern)
    }

    private static func elements(_ pattern: String) throws(PathPatternError) -> [Glob]? {
        // A class may match a slash, and an escape may hide one.
        guard !pattern.contains("**"), !pattern.contains("["), !pattern.contains("\\") else { return nil }
        var elements: [Glob] = []
        for element in pattern.split(separator: "/") {
            var compiler = GlobCompiler(Array(element.utf8), dialect: .path)
            elements.append(Glob(try compiler.compile()))
        }
        return elements
    }

    func matches(_ path: ArraySlice<UInt8>) -> Bool {
        switch kind {
        case .glob(let glob): return glob.matches(path)
        case .suffix(let suffix):
            if path.count >= suffix.count, path.suffix(suffix.count).elementsEqual(suffix) { return true }
            return suffix.first == UInt8(ascii: "/") && path.elementsEqual(suffix.dropFirst())
        }
    }

    /// Whether a path below a directory may match. Never false for one that does.
    func mayMatch(below directory: [UInt8]) -> Bool {
        let start = directory + [UInt8(ascii: "/")]
        guard start.starts(with: prefix) || prefix.starts(with: start) else { return false }
        guard let elements else { return true }
        let names = directory.split(separator: UInt8(ascii: "/"))
        guard elements.count > names.count else { return false }
        return zip(elements, names).allSatisfy { $0.matches($1) }
    }
}
