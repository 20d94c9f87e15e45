/// COPY, its words not yet expanded.
package struct CopyInstruction: Hashable, Sendable {
    package var files: CopiedFiles
    /// An earlier stage by name or number, an image, or a named context; nil for the build context.
    package var from: Word?
    package var layout: CopyLayout
}

/// ADD, its words not yet expanded.
package struct AddInstruction: Hashable, Sendable {
    package var files: CopiedFiles
    package var checksum: Word?
    package var gitDirectory: GitDirectory
    package var unpacking: Unpacking
    package var linking: CopyLinking

    /// What ADD of a git repository does with its `.git`; without a flag, what the URL asks for.
    package enum GitDirectory: Hashable, Sendable { case asURLSays, dropped, kept }

    /// What ADD does with archives: local ones are unpacked and remote ones are not, unless `--unpack` says.
    package enum Unpacking: Hashable, Sendable { case localOnly, always, never }
}

/// The part that COPY and ADD share.
package struct CopiedFiles: Hashable, Sendable {
    package var sources: [Word]
    package var heredocs: [HeredocSource]
    package var destination: Word
    package var chown: Word?
    package var chmod: Word?
    package var exclude: [Word]

    /// A here-document that becomes a file.
    package struct HeredocSource: Hashable, Sendable {
        package let name: String
        /// Variables in it are expanded unless the delimiter was quoted.
        package let content: String
        package let expansion: Heredoc.Expansion
        package let range: SourceRange
    }
}

/// Whether a copy is a layer that does not look at what lies below.
package enum CopyLinking: Hashable, Sendable { case ordinary, linked }

/// How COPY lays out what it copies.
package struct CopyLayout: Hashable, Sendable {
    package enum Parents: Hashable, Sendable { case dropped, kept }

    package var linking: CopyLinking
    package var parents: Parents
}
