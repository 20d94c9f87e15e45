/// COPY, its words not yet expanded.
public struct CopyInstruction: Hashable, Sendable {
    public var files: CopiedFiles
    /// An earlier stage by name or number, an image, or a named context; nil for the build context.
    public var from: Word?
    public var layout: CopyLayout
}

/// ADD, its words not yet expanded.
public struct AddInstruction: Hashable, Sendable {
    public var files: CopiedFiles
    public var checksum: Word?
    public var gitDirectory: GitDirectory
    public var unpacking: Unpacking
    public var linking: CopyLinking

    /// What ADD of a git repository does with its `.git`; without a flag, what the URL asks for.
    public enum GitDirectory: Hashable, Sendable { case asURLSays, dropped, kept }

    /// What ADD does with archives: local ones are unpacked and remote ones are not, unless `--unpack` says.
    public enum Unpacking: Hashable, Sendable { case localOnly, always, never }
}

/// The part that COPY and ADD share.
public struct CopiedFiles: Hashable, Sendable {
    public var sources: [Word]
    public var heredocs: [HeredocSource]
    public var destination: Word
    public var chown: Word?
    public var chmod: Word?
    public var exclude: [Word]

    /// A here-document that becomes a file.
    public struct HeredocSource: Hashable, Sendable {
        public let name: String
        /// Variables in it are expanded unless the delimiter was quoted.
        public let content: String
        public let expansion: Heredoc.Expansion
        public let range: SourceRange
    }
}

/// Whether a copy is a layer that does not look at what lies below.
public enum CopyLinking: Hashable, Sendable { case ordinary, linked }

/// How COPY lays out what it copies.
public struct CopyLayout: Hashable, Sendable {
    public enum Parents: Hashable, Sendable { case dropped, kept }

    public var linking: CopyLinking
    public var parents: Parents
}
