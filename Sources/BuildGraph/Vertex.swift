public import Dockerfile
public import OCI

/// One step of a build that makes file system content.
public struct Vertex: Sendable {
    /// The vertex's place in ``BuildGraph/vertices``; inputs have smaller numbers.
    public struct ID: Hashable, Comparable, Sendable {
        public let index: Int

        public init(index: Int) { self.index = index }

        public static func < (left: ID, right: ID) -> Bool { left.index < right.index }
    }

    public let id: ID
    /// The vertex whose layers this one stands on; nil for `scratch`.
    public let parent: ID?
    public let operation: Operation
    public let origin: Origin

    public init(id: ID, parent: ID?, operation: Operation, origin: Origin) {
        (self.id, self.parent, self.operation, self.origin) = (id, parent, operation, origin)
    }

    /// Every vertex that must be done before this one, the parent first, each once.
    public var inputs: [ID] {
        var result: [ID] = []
        for input in ([parent].compactMap { $0 } + operation.inputs) where !result.contains(input) { result.append(input) }
        return result
    }
}

/// Where a vertex comes from, for people. It is not part of any cache key.
public struct Origin: Hashable, Sendable {
    /// The instruction in the Dockerfile; nil for steps that Distill added.
    public let range: SourceRange?
    /// The stage's name, or its number in decimal.
    public let stage: String
    /// Of the stage's instructions that make a step, counted from 1.
    public let step: Int
    public let stepCount: Int
    /// The instruction with its variables expanded, as it is shown: `COPY --from=build /app /app`.
    public let text: String

    public init(range: SourceRange?, stage: String, step: Int, stepCount: Int, text: String) {
        (self.range, self.stage, self.step, self.stepCount, self.text) = (range, stage, step, stepCount, text)
    }
}

public enum Operation: Sendable {
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
public struct RunOperation: Sendable {
    /// The process's arguments, the shell included.
    public var arguments: [String]
    /// `NAME=value`, ENV and the ARGs in scope.
    public var environment: [String]
    /// `NAME=value` that the process sees and no cache key holds: the proxy arguments.
    public var unkeyedEnvironment: [String]
    /// USER as it stands in the config: `name`, `uid`, `name:group`, …; empty for root.
    public var user: String
    public var workingDirectory: ImagePath
    public var network: Network
    public var hostname: String
    public var isInsecure: Bool
    /// Options of the build that change what the process finds, such as `--add-host name:address`.
    public var surroundings: [String] = []
    public var mounts: [Mount]
    /// Heredoc bodies that the process reads as files.
    public var files: [InlineFile]
    public var platform: Platform

    public init(
        arguments: [String], environment: [String], unkeyedEnvironment: [String] = [], user: String,
        workingDirectory: ImagePath, network: Network, hostname: String = "distill", isInsecure: Bool = false, mounts: [Mount] = [],
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
    public struct Mount: Sendable {
        public enum Kind: Sendable {
            /// A read-only view, or one whose writes are dropped.
            case bind(source: Source, path: ImagePath, isWritable: Bool)
            case cache(id: String, sharing: Sharing, source: Source?, path: ImagePath, mode: UInt32, user: UInt32, group: UInt32, isReadOnly: Bool)
            /// Size in bytes; nil for the kernel's default.
            case tmpfs(size: Int64?)
            case secret(id: String, environment: String?, isRequired: Bool, mode: UInt32, user: UInt32, group: UInt32)
            case ssh(id: String, isRequired: Bool, mode: UInt32, user: UInt32, group: UInt32)
        }

        public enum Sharing: String, Sendable { case shared, `private`, locked }

        public enum Source: Hashable, Sendable {
            case context(ContextName)
            /// nil is `scratch`: an empty directory.
            case vertex(Vertex.ID?)
        }

        public var kind: Kind
        /// Absolute; nil for a secret that is only an environment variable.
        public var target: ImagePath?

        public init(kind: Kind, target: ImagePath?) { (self.kind, self.target) = (kind, target) }

        var input: Vertex.ID? {
            switch kind {
            case .bind(.vertex(let id), _, _), .cache(_, _, .vertex(let id), _, _, _, _, _): id
            default: nil
            }
        }
    }
}

/// A context directory by name; the caller knows where it is.
public enum ContextName: Hashable, Sendable {
    case main
    case named(String)
}

/// A file whose content stands in the Dockerfile.
public struct InlineFile: Hashable, Sendable {
    public let name: String
    public let content: [UInt8]

    public init(name: String, content: [UInt8]) { (self.name, self.content) = (name, content) }
}

/// COPY and ADD.
public struct CopyOperation: Sendable {
    public var sources: [Source]
    /// Absolute, the working directory applied.
    public var destination: ImagePath
    /// Whether the destination was written with a trailing slash or is `.`: it is then a directory.
    public var destinationIsDirectory: Bool
    /// `--chown` after expansion: `user[:group]`, by name or number; nil for 0:0.
    public var owner: String?
    /// `--chmod` after expansion: octal or symbolic.
    public var mode: String?
    /// `--exclude` patterns.
    public var excludes: [String]
    public var keepsParents: Bool
    public var isLink: Bool
    /// Which sources are unpacked if they are archives.
    public var unpacking: Unpacking
    /// The text of `--checksum` of a remote source.
    public var checksum: String?
    public var keepsGitDirectory: Bool

    public init(sources: [Source], destination: ImagePath, destinationIsDirectory: Bool) {
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

    public enum Unpacking: String, Sendable {
        /// COPY, and ADD --unpack=false.
        case never
        /// ADD: files of the context, not those that are fetched.
        case local
        /// ADD --unpack.
        case all
    }

    public enum Source: Sendable {
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
    public func unpacks(_ source: Source) -> Bool {
        switch source {
        case .context, .vertex: unpacking != .never
        case .url: unpacking == .all
        case .inline, .git: false
        }
    }

    /// Whether `--chown` names somebody, so that it depends on the account files of what is copied into.
    public var namesOwner: Bool {
        owner.map { !$0.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ":") } } ?? false
    }
}
