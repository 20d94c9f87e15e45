/// The patterns of an ignore file (moby/patternmatcher; reference, ".dockerignore file").
///
/// `#` begins a comment in the first column only; `!` takes back; the last pattern that matches decides; a match of a
/// directory holds for everything below it.
package struct IgnorePatterns: Hashable, Sendable {
    /// One line of the file.
    package struct Pattern: Hashable, Sendable {
        package enum Effect: Hashable, Sendable { case excludes, includes }

        /// As it was written, white space at both ends aside.
        package let text: String
        /// From 1; 0 for a pattern that comes from no file, such as `--exclude`.
        package let line: Int
        package let effect: Effect
        let matcher: IgnoreMatcher
        fileprivate let path: String

        /// As it is handed on to whoever leaves the files out: `a/b` for `/a//b/` (moby/patternmatcher, ignorefile.ReadAll).
        package var cleaned: String { (effect == .includes ? "!" : "") + path }
    }

    /// What is known about a directory, for what lies in it: which patterns matched it or one above it.
    package struct State: Hashable, Sendable {
        fileprivate var matched: [Bool]
    }

    /// The answer for one path.
    package struct Decision: Hashable, Sendable {
        /// Nil if no pattern matched.
        package let pattern: Pattern?
        package var isIgnored: Bool { pattern?.effect == .excludes }
    }

    package let patterns: [Pattern]

    package static let none = IgnorePatterns(patterns: [])

    private init(patterns: [Pattern]) { self.patterns = patterns }

    /// Reads an ignore file.
    package init(_ file: SourceFile) throws(DockerfileError) {
        var patterns: [Pattern] = []
        var bytes = file.bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where line.first != UInt8(ascii: "#") {
            let text = String(scalars: String(decoding: line, as: UTF8.self).unicodeScalars.trimmed)
            if let pattern = try Self.pattern(text, line: index + 1) { patterns.append(pattern) }
        }
        self.patterns = patterns
    }

    /// Patterns that stand in no file: `--exclude` of COPY and ADD.
    package init(_ texts: [String]) throws(DockerfileError) {
        var patterns: [Pattern] = []
        for text in texts {
            let text = String(scalars: text.unicodeScalars.trimmed)
            if let pattern = try Self.pattern(text, line: 0) { patterns.append(pattern) }
        }
        self.patterns = patterns
    }

    private static func pattern(_ text: String, line: Int) throws(DockerfileError) -> Pattern? {
        guard !text.isEmpty else { return nil }
        let isNegated = text.utf8.first == UInt8(ascii: "!")
        var path = String(scalars: text.unicodeScalars.dropFirst(isNegated ? 1 : 0).trimmed)
        let start = SourcePosition(line: max(line, 1), column: 1)
        let range = SourceRange(
            start: start, end: SourcePosition(line: start.line, column: 1 + text.unicodeScalars.count))
        guard !path.isEmpty else {
            throw DockerfileError(
                Diagnostic(
                    .error(.invalidIgnorePattern), at: range, "'!' stands alone", hint: "add a pattern behind it"))
        }
        path = CleanPath.clean(path)
        // Only an ignore file's patterns may begin with a slash; others match nothing then (moby/patternmatcher, New).
        if line > 0, path.utf8.count > 1, path.utf8.first == UInt8(ascii: "/") { path.removeFirst() }
        do {
            return Pattern(
                text: text, line: line, effect: isNegated ? .includes : .excludes, matcher: try IgnoreMatcher(path),
                path: path)
        } catch {
            throw DockerfileError(
                Diagnostic(.error(.invalidIgnorePattern), at: range, "'\(text)' is no valid pattern"))
        }
    }
}

extension IgnorePatterns {
    /// The state of the context's root.
    package var root: State { State(matched: Array(repeating: false, count: patterns.count)) }

    /// Whether a path is left out, given what is known about the directory that it is in.
    ///
    /// An ignored directory may hold files that are not; see ``canSkip(_:)``.
    ///
    /// - Parameters:
    ///   - path: from the context's root, without a leading slash.
    ///   - parent: the judgement of the directory that holds it.
    /// - Returns: the decision, and the state for what lies below if the path is a directory.
    package func decide(_ path: [UInt8], below parent: State) -> (decision: Decision, state: State) {
        var state = parent
        let decision = decide(path[...], &state)
        return (decision, state)
    }

    /// A pattern that matched a directory matches everything below it, so a state only ever gains.
    private func decide(_ path: ArraySlice<UInt8>, _ state: inout State) -> Decision {
        var deciding: Int?
        var isIgnored = false
        for index in patterns.indices where index < state.matched.count {
            let excludes = patterns[index].effect == .excludes
            if !state.matched[index] {
                // A pattern that cannot change the answer is not asked, and counts as not matched below as well.
                guard excludes != isIgnored, patterns[index].matcher.matches(path) else { continue }
                state.matched[index] = true
            }
            deciding = index
            isIgnored = excludes
        }
        return Decision(pattern: deciding.map { patterns[$0] })
    }

    /// Whether nothing below an ignored directory can be taken back, so that a walk need not enter it.
    package func canSkip(_ directory: [UInt8]) -> Bool {
        !patterns.contains { $0.effect == .includes && $0.matcher.mayMatch(below: directory) }
    }

    /// The decision for one path, its parents looked at as well.
    package func decision(for path: [UInt8]) -> Decision {
        var state = root
        var decision = Decision(pattern: nil)
        var end = path.startIndex
        while end < path.endIndex {
            end = path[(end + 1)...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
            decision = decide(path[..<end], &state)
        }
        return decision
    }
}
