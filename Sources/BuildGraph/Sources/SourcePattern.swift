package import Dockerfile
package import OCI

/// A source of COPY or ADD in a file system: a path, or a pattern in the form of Go's `filepath.Match`.
package struct SourcePattern: Sendable {
    package let text: String
    private let pattern: PathPattern?
    private let startsAtRoot: Bool
    /// In place of the pattern where `**` stands for any number of directories.
    private let deepPattern: ExcludePatterns?

    /// - Parameters:
    ///   - text: after expansion; a leading slash and `..` at the root mean nothing. A pattern that is malformed is a path,
    ///     as its text stands.
    ///   - allowsDepth: whether `**` stands for any number of directories (Dockerfile reference, COPY --parents).
    package init(_ text: String, allowsDepth: Bool = false) {
        self.text = text
        let clean = ImagePath(text)?.relativeBytes ?? []
        // The parser has refused malformed patterns; what an argument expanded to may still be one.
        pattern = try? PathPattern(clean)
        startsAtRoot = allowsDepth
        guard allowsDepth, text.contains("**") else {
            deepPattern = nil
            return
        }
        let plain = String(decoding: clean, as: UTF8.self)
        // A mark that would negate stands for itself here.
        deepPattern = try? ExcludePatterns([(plain.hasPrefix("!") ? "\\" : "") + plain])  // malformed: see above
    }

    /// The path, if the text has no wildcards.
    package var path: ImagePath? {
        if deepPattern != nil { return nil }
        guard let pattern else { return ImagePath(text) }
        return pattern.literal.flatMap { ImagePath($0) }
    }

    /// The directory in front of the first name with a wildcard, which must be there; the root for COPY --parents, which
    /// looks through everything.
    package var fixedDirectory: ImagePath {
        var result = ImagePath.root
        if startsAtRoot { return result }
        for component in ImagePath(text)?.components ?? [] {
            // A name that is no pattern by itself: see above.
            guard let name = (try? PathPattern(component))?.literal else { break }
            result = result.appending(name)
        }
        return result
    }

    /// The text without what means nothing: a leading slash, `.` and `..`.
    package var plainText: String { ImagePath(text).map { String(decoding: $0.relativeBytes, as: UTF8.self) } ?? text }

    /// How many leading names `--parents` leaves out: those in front of `/./` (Dockerfile reference, COPY --parents).
    package var pivotDepth: Int {
        guard let pivot = text.firstRange(of: "/./") else { return 0 }
        return ImagePath(String(text[..<pivot.lowerBound]))?.components.count ?? 0
    }

    /// Whether a path without a leading slash matches.
    package func matches(_ path: [UInt8]) -> Bool { deepPattern?.excludes(path) ?? pattern?.matches(path) ?? false }
}

/// The patterns of COPY --exclude: they read like lines of an ignore file.
package struct ExcludePatterns: Sendable {
    private let patterns: IgnorePatterns

    package init(_ texts: [String]) throws(DockerfileError) { patterns = try IgnorePatterns(texts) }

    /// Whether a path without a leading slash, or a directory above it, matches.
    package func excludes(_ path: [UInt8]) -> Bool { patterns.decision(for: path).isIgnored }

    /// Whether nothing below an excluded directory can be let in again.
    package func canSkip(_ directory: [UInt8]) -> Bool { patterns.canSkip(directory) }
}
