package import Dockerfile
package import OCI

/// One step of a build that makes file system content.
package struct Vertex: Sendable {
    /// The vertex's place in ``BuildGraph/vertices``; inputs have smaller numbers.
    package struct ID: Hashable, Comparable, Sendable {
        package let index: Int

        package init(index: Int) { self.index = index }

        package static func < (left: ID, right: ID) -> Bool { left.index < right.index }
    }

    package let id: ID
    /// The vertex whose layers this one stands on; nil for `scratch`.
    package let parent: ID?
    package let operation: Operation
    package let origin: Origin

    package init(id: ID, parent: ID?, operation: Operation, origin: Origin) {
        (self.id, self.parent, self.operation, self.origin) = (id, parent, operation, origin)
    }

    /// Every vertex that must be done before this one, the parent first, each once.
    package var inputs: [ID] {
        var result: [ID] = []
        for input in ([parent].compactMap { $0 } + operation.inputs) where !result.contains(input) {
            result.append(input)
        }
        return result
    }
}

/// Where a vertex comes from, for people. It is not part of any cache key.
package struct Origin: Hashable, Sendable {
    /// The instruction in the Dockerfile; nil for steps that Distill added.
    package let range: SourceRange?
    /// The stage's name, or its number in decimal.
    package let stage: String
    /// Of the stage's instructions that make a step, counted from 1.
    package let step: Int
    package let stepCount: Int
    /// The instruction with its variables expanded, as it is shown: `COPY --from=build /app /app`.
    package let text: String

    package init(range: SourceRange?, stage: String, step: Int, stepCount: Int, text: String) {
        (self.range, self.stage, self.step, self.stepCount, self.text) = (range, stage, step, stepCount, text)
    }
}

package enum Operation: Sendable {
    /// The layers of an image from outside.
    case base(ImageRequest, Image)
    case run(RunOperation)
    case copy(CopyOperation)
    /// WORKDIR: makes the directory and its parents (0755) where they are missing. They belong to the stage's USER, in
    /// the form of `--chown`; empty for root.
    case makeDirectory(ImagePath, owner: String)

    var inputs: [Vertex.ID] {
        switch self {
        case .base, .makeDirectory: []
        case .run(let run): run.mounts.compactMap(\.input)
        case .copy(let copy): copy.sources.compactMap(\.input)
        }
    }
}

/// RUN.
package struct RunOperation: Sendable {
    /// The process's arguments, the shell included.
    package var arguments: [String]
    /// `NAME=value`, ENV and the ARGs in scope.
    package var environment: [String]
    /// `NAME=value` that the process sees and no cache key holds: the proxy arguments.
    package var unkeyedEnvironment: [String]
    /// USER as it stands in the config: `name`, `uid`, `name:group`, …; empty for root.
    package var user: String
    package var workingDirectory: ImagePath
    package var network: Network
    package var hostname: String
    package var isInsecure: Bool
    /// Options of the build that change what the process finds, such as `--add-host name:address`.
    package var surroundings: [String] = []
    package var mounts: [Mount]
    /// Heredoc bodies that the process reads as files.
    package var files: [InlineFile]
    package var platform: Platform

    package init(
        arguments: [String], environment: [String], unkeyedEnvironment: [String] = [], user: String,
        workingDirectory: ImagePath, network: Network, hostname: String = "distill", isInsecure: Bool = false,
        mounts: [Mount] = [],
        files: [InlineFile] = [], platform: Platform
    ) {
        self.arguments = arguments
        self.environment = environment
        self.unkeyedEnvironment = unkeyedEnvironment
        self.user = user
        self.workingDirectory = workingDirectory
        self.network = network
        self.hostname = hostname
        self.isInsecure = isInsecure
        self.mounts = mounts
        self.files = files
        self.platform = platform
    }

    /// RUN --mount with its variables expanded.
    package struct Mount: Sendable {
        package enum Kind: Sendable {
            /// A read-only view, or one whose writes are dropped.
            case bind(source: Source, path: ImagePath, isWritable: Bool)
            case cache(
                id: String, sharing: Sharing, source: Source?, path: ImagePath, mode: UInt32, user: UInt32,
                group: UInt32, isReadOnly: Bool)
            /// Size in bytes; nil for the kernel's default.
            case tmpfs(size: Int64?)
            case secret(id: String, environment: String?, isRequired: Bool, mode: UInt32, user: UInt32, group: UInt32)
            case ssh(id: String, isRequired: Bool, mode: UInt32, user: UInt32, group: UInt32)
        }

        package enum Sharing: String, Sendable { case shared, `private`, locked }

        package enum Source: Hashable, Sendable {
            case context(ContextName)
            /// nil is `scratch`: an empty directory.
            case vertex(Vertex.ID?)
        }

        package var kind: Kind
        /// Absolute; nil for a secret that is only an environment variable.
        package var target: ImagePath?

        package init(kind: Kind, target: ImagePath?) { (self.kind, self.target) = (kind, target) }

        var input: Vertex.ID? {
            switch kind {
            case .bind(.vertex(let id), _, _), .cache(_, _, .vertex(let id), _, _, _, _, _): id
            default: nil
            }
        }
    }
}

/// A context directory by name; the caller knows where it is.
package enum ContextName: Hashable, Sendable {
    case main
    case named(String)
}

/// A file whose content stands in the Dockerfile.
package struct InlineFile: Hashable, Sendable {
    package let name: String
    package let content: [UInt8]

    package init(name: String, content: [UInt8]) { (self.name, self.content) = (name, content) }
}

/// COPY and ADD.
package struct CopyOperation: Sendable {
    package var sources: [Source]
    /// Absolute, the working directory applied.
    package var destination: ImagePath
    /// Whether the destination was written with a trailing slash or is `.`: it is then a directory.
    package var destinationIsDirectory: Bool
    /// `--chown` after expansion: `user[:group]`, by name or number; nil for 0:0.
    package var owner: String?
    /// `--chmod` after expansion: octal or symbolic.
    package var mode: String?
    /// `--exclude` patterns.
    package var excludes: [String]
    package var keepsParents: Bool
    package var isLink: Bool
    /// Which sources are unpacked if they are archives.
    package var unpacking: Unpacking
    /// The text of `--checksum` of a remote source.
    package var checksum: String?
    package var keepsGitDirectory: Bool

    package init(sources: [Source], destination: ImagePath, destinationIsDirectory: Bool) {
        self.sources = sources
        self.destination = destination
        self.destinationIsDirectory = destinationIsDirectory
        owner = nil
        mode = nil
        excludes = []
        keepsParents = false
        isLink = false
        unpacking = .never
        checksum = nil
        keepsGitDirectory = false
    }

    package enum Unpacking: String, Sendable {
        /// COPY, and ADD --unpack=false.
        case never
        /// ADD: files of the context, not those that are fetched.
        case local
        /// ADD --unpack.
        case all
    }

    package enum Source: Sendable {
        /// A pattern in a context directory, as written after expansion.
        case context(ContextName, pattern: String)
        /// A pattern in another vertex's file system; nil is `scratch`.
        case vertex(Vertex.ID?, pattern: String)
        case inline(InlineFile)
        case url(String)
        case git(GitReference)

        var input: Vertex.ID? { if case .vertex(let id, _) = self { id } else { nil } }
    }

    /// Whether a source is unpacked if it is an archive; each source for itself.
    package func unpacks(_ source: Source) -> Bool {
        switch source {
        case .context, .vertex: unpacking != .never
        case .url: unpacking == .all
        case .inline, .git: false
        }
    }

    /// Whether `--chown` names somebody, so that it depends on the account files of what is copied into.
    package var namesOwner: Bool {
        owner.map { !$0.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ":") } } ?? false
    }
}
