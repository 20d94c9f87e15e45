package import Agents
package import Attestation
package import BuildGraph
package import Dockerfile
package import OCI
package import Sandbox
package import Solver
package import Storage

/// Everything that a build is asked for, as a plain value: a command line, a Compose file and a request over the wire each
/// fill it in their own way.
package struct BuildSpecification {
    /// Where the main context comes from.
    package var context: ContextSource
    /// How a person calls the context: what a build stood on is remembered under this name.
    package var contextName: String
    package var namedContexts: [(name: String, source: NamedContextSource)] = []
    package var dockerfile = DockerfilePlace.usual
    /// The stage, arguments, labels, network, rights and surroundings; platform and named contexts are filled in for each build.
    package var request = BuildRequest()
    /// One image is made for each.
    package var platforms: [Platform] = [.host]
    /// The names that the image gets.
    package var names: [ImageReference] = []
    package var outputs: [OutputSpecification] = [OutputSpecification(.image)]
    package var annotations: [ImageAnnotations.Note] = []
    package var attestations = AttestationRequest()
    /// No file is younger than SOURCE_DATE_EPOCH, else the context's commit, else 1970.
    package var isReproducible = false
    /// Each image is built twice without the cache, and compared.
    package var isVerified = false
    package var cache = CacheSpecification()
    /// Whether registries are asked for newer versions of the bases.
    package var renewsBases = false
    package var bases = BaseSpecification()
    package var secrets: [String: SecretSource] = [:]
    package var agents = BuildAgents()
    package var processes = ProcessSurroundings()
    /// What is done about an image that lacks what its entry point needs.
    package var check = ImageCheck.warn
    /// What is done about secrets in the image.
    package var secretPolicy = SecretPolicy()
    /// How the image will be started, where that is not all its own to say.
    package var start = StartChange()
    package var keepsFailed = false
    /// How many steps may be worked on at once.
    package var jobs = 4

    package init(context: ContextSource, contextName: String) {
        (self.context, self.contextName) = (context, contextName)
    }
}

/// Which Dockerfile is built.
package enum DockerfilePlace: Hashable, Sendable {
    /// `Dockerfile` in the context, or one of the names that others use.
    case usual
    /// A path: a person's own, or one of a context that was fetched; `-` is standard input.
    case file(String)
    /// Text without a file.
    case inline([UInt8])
    /// A file that was received already, and the ignore file that goes with it.
    case received(SourceFile, ignoreFile: SourceFile?)

    package init(option: String?) { self = option.map(DockerfilePlace.file) ?? .usual }
}

/// Where steps that were done before are looked for, and kept.
package struct CacheSpecification: Sendable {
    package var sources: [BuildCachePlace] = []
    package var targets: [BuildCachePlace] = []
    package var ignored = SolveContext.IgnoredCache.none

    package init() {}
}

/// How bases of the catalog are composed.
package struct BaseSpecification: Sendable {
    /// nil: the environment's, the recipe's, or that of this machine's apt.
    package var mirror: String?
    package var keyring = Self.archiveKeyring
    /// Whether public names of distroless images stand for the catalog's; nil: what `$DISTILL_REDIRECT_DISTROLESS` says.
    package var redirectsPublicNames: Bool?

    package init() {}

    /// The keys of Debian's archive, which its package debian-archive-keyring has.
    package static let archiveKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
}

/// Where the bytes of a secret come from: read when a step asks for them, and kept nowhere.
package enum SecretSource: Hashable, Sendable {
    case file(String)
    case variable(String)
    /// What a client sent.
    case bytes([UInt8])
}

/// What the processes of RUN find around them.
package struct ProcessSurroundings: Sendable {
    /// Names of /etc/hosts beside the usual ones.
    package var hosts: [RootFileSystem.HostEntry] = []
    /// Bytes; nil for what is usual.
    package var sharedMemorySize: Int64?
    package var resourceLimits: [ProcessSpec.ResourceLimit] = []
    package var groupLimits = GroupLimits()
    package var systemCalls = ProcessSpec.SystemCalls.standard
    package var forbidsNewPrivileges = false
    /// Whether what they write to standard error is told for itself.
    package var tellsErrorsApart = false

    package init() {}
}
