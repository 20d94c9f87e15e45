import SystemPackage

@testable import Agents
@testable import Archive
@testable import Bases
@testable import BuildGraph
@testable import Compose
@testable import Containers
@testable import Debian
@testable import Diagnosis
@testable import Distribution
@testable import Dockerfile
@testable import Engine
@testable import EngineAPI
@testable import Insight
@testable import Inspection
@testable import LinuxSystem
@testable import Manual
@testable import Networking
@testable import OCI
@testable import Projects
@testable import Rendering
@testable import Sandbox
@testable import Secrets
@testable import Solver
@testable import Storage

/// One error of each case of each type that a person can see.
enum ErrorTable {
    struct Row {
        /// The file without its ending, and the type: `StorageError.StorageError`.
        let key: String
        let errors: [any Error]

        init(_ key: String, _ errors: [any Error]) { (self.key, self.errors) = (key, errors) }
    }

    /// Errors that end in other ones before a person sees them, and why.
    static let inner: [String: String] = [
        "BakeError.FunctionFault": "becomes BakeError.Reason.function with the function's name",
        "Pattern.Mistake": "becomes BakeError.FunctionFault.invalid with the pattern",
        "Pattern.TooLong": "becomes BakeError.FunctionFault.outOfRange",
        "BakeTarget+Reading.FieldFault": "becomes BakeError.Reason.invalidField with its place",
        "Syntax.Fault": "becomes a BakeError with its place",
        "TunnelDialogue.TunnelFailure": "becomes the reason of RegistryError.unreachable",
        "HTTPFailure.HTTPFailure": "becomes the reason of RegistryError.unreachable",
        "Connections.ProxyFailure": "becomes the reason of RegistryError.unreachable",
        "ProxySettings.Reason": "part of UnusableProxy, which becomes the reason of RegistryError.unreachable",
        "ArchiveMembers.Exhausted": "caught where it is thrown: the rest of an archive is not looked at",
        "LayerAssembler+Archive.Enough": "caught where it is thrown: enough of an archive was read",
        "JavaRun.Failure": "caught where it is thrown: becomes a finding",
        "ShellSyntax.Unreadable": "caught by the reader of scripts: becomes what cannot be known",
        "PHPRun.Stop": "caught by the check: how a PHP program ends",
        "LuaRun.Stop": "caught by the check: how a Lua program ends",
        "NodeRun+Bounds.TooMuch": "caught by the check: becomes what cannot be known",
        "LuaSyntax.LuaMistake": "caught by the check: becomes a finding",
        "Solver.StepFailure": "becomes a BuildError with the step that it is of",
        "RegistryRequest.Interruption": "tried again, then RegistryError.unreachable",
        "TOMLTable.TOMLError": "becomes RegistryRulesError or SettingsFile.Mistake",
        "ProxySettings.UnusableProxy": "becomes the reason of RegistryError.unreachable",
        "RegistrySession+Silence.SilentRegistry": "becomes the reason of RegistryError.unreachable",
        "YAMLError.YAMLError": "has a sentence of its own, which ComposeError, RecipeError and AllowFileError carry",
        "Downloads.Restart": "caught where it is thrown: a download begins anew",
        "RootTree.Defect": "becomes DebianError.invalidPackage",
        "ProtobufReader.ProtobufError": "becomes a GRPCStatus for the client that sent it",
        "GRPCStatus.GRPCStatus": "is an answer to a client, whose words are EngineAPI's",
        "AgentFilter.Fault": "is an answer to a process in a container",
        "TarError.Reason": "is a part of TarError",
        "SecurityOptions.Problem": "is a part of ProjectError and InvalidOption",
        "Supervision.Failure": "is a part of ProjectError",
        "ImageSource.BudgetFault": "is a part of InsightError",
        "AllowFile.AllowFileError": "is a part of EngineError.unusableFile",
        "SourcedError.SourcedError": "is another error with the file that it speaks of",
    ]

    static let digest = Digest(sha256: "x".utf8)
    static let errno = Errno.permissionDenied
    static let call = SystemCallError(call: "openat", path: "/a/b", errno: .noSuchFileOrDirectory)
    static let range = SourceRange(
        start: SourcePosition(line: 1, column: 1), end: SourcePosition(line: 1, column: 4))
    static let place = Compose.Place(file: "compose.yaml", line: 3, column: 5)
    static let platform = Platform.host
    static let json = JSONError(reason: .unexpectedEnd, offset: 7)

    static func path(_ text: String) -> ImagePath { ImagePath(text) ?? .root }
    static func name(_ text: String) throws -> ImageReference { try ImageReference(text) }

    static func rows() throws -> [Row] {
        try files + store + images + builds + machine + people + applications + bakes + registries + debian + servers
    }

    private static var files: [Row] {
        [
            Row(
                "TarError.TarError",
                [
                    .checksumMismatch, .invalidNumber(field: .mode), .invalidRecord, .invalidName,
                    .nameTooLong(limit: 9),
                    .extendedHeaderTooLarge(limit: 9), .danglingExtendedHeader, .invalidSparseMap, .unknownSparseFormat,
                    .sparseFile, .holesTooLarge(limit: 9), .loneZeroBlock, .truncated,
                ].map { (reason: TarError.Reason) in TarError(offset: 512, reason: reason) }),
            Row(
                "Compression.DecompressionError",
                [
                    DecompressionError.corrupt(.gzip), DecompressionError.truncated(.zstd),
                    DecompressionError.trailingBytes(.xz), DecompressionError.memoryLimit(.bzip2),
                    DecompressionError.outOfMemory(.zstd),
                ]),
            Row("ArReader.ArError", [ArError(offset: 8, reason: .truncated)]),
            Row("BlockCompressor.CompressionError", [CompressionError.outOfMemory]),
            Row("JSON+Parsing.JSONError", [json]),
            Row("ControlFile.ControlFileError", [ControlFileError(line: 3)]),
            Row("Dependency.DependencyError", [DependencyError(text: "a (")]),
            Row("FileModeChange.FileModeError", [FileModeError(text: "u=q")]),
            Row("PathPattern.PathPatternError", [PathPatternError(pattern: Array("[a".utf8))]),
            Row(
                "PortSpec.PortSpecError",
                [PortSpecError.missingPort, PortSpecError.unknownTransport("x"), PortSpecError.invalidRange("9-1")]),
            Row(
                "SeccompProfile.SeccompProfileError",
                [
                    SeccompProfileError.notJSON, SeccompProfileError.missing("defaultAction"),
                    SeccompProfileError.invalid(member: "action", value: "x"),
                    SeccompProfileError.unsupported(member: "action", value: "x"),
                    SeccompProfileError.both("a", "b"),
                ]),
            Row("SettingsFile.Mistake", [SettingsFile.Mistake(line: 2)]),
            Row("RegistryRules+Parsing.RegistryRulesError", [RegistryRulesError(line: 2)]),
            Row(
                "CredentialFile.CredentialFileError",
                [CredentialFileError.notJSON(json), CredentialFileError.notAnObject]),
        ]
    }

    private static var store: [Row] {
        let layer = DiffID(digest)
        return [
            Row(
                "StorageError.StorageError",
                [
                    StorageError.cannotOpen(path: "/s", cause: call),
                    StorageError.unsupportedVersion(path: "/s", found: "9", known: 4),
                    StorageError.earlierVersionInUse(path: "/s"), StorageError.foreignOwner(path: "/s", user: 7),
                    StorageError.damaged(what: "a record"),
                    StorageError.cannotStack(path: "/s", kind: .ext4, cause: call),
                    StorageError.overlayProgramFailed(call), StorageError.layerMissing(layer),
                    StorageError.layerDamaged(layer), StorageError.layerMismatch(expected: layer, actual: layer),
                    StorageError.invalidLayer(layer, entry: "a", .unknownType(90)),
                    StorageError.invalidArchive(name: "a.tar", entry: "a", .entry(.notDirectory)),
                    StorageError.archiveLost(layer), StorageError.tooManyLinks(path("/a")),
                    StorageError.noSuchImage("x"), StorageError.ambiguousImage("ab"),
                    StorageError.noSuchFile(path("/a")), StorageError.notADirectory(path("/a")),
                    StorageError.entryLeadsOut(name: "../a"),
                ]),
            Row(
                "ArchiveFault.ArchiveFault",
                [
                    ArchiveFault.tar(TarError(offset: 0, reason: .truncated)),
                    ArchiveFault.compression(.corrupt(.gzip)),
                    ArchiveFault.entry(errno), ArchiveFault.unknownType(90),
                ]),
            Row(
                "CacheMountArchive.CacheArchiveError",
                [Store.CacheArchiveError.noSuchCache("x"), Store.CacheArchiveError.notAnArchive]),
            Row("ContextArchive.ContextArchiveError", [ContextArchiveError.neitherArchiveNorDockerfile]),
            Row(
                "ImageArchiveReader.ImageArchiveError",
                [
                    ImageArchiveError.noImages, ImageArchiveError.invalid("index.json"),
                    ImageArchiveError.missing("blobs/x"), ImageArchiveError.documentTooLarge("index.json", limit: 9),
                    ImageArchiveError.documentsTooLarge(limit: 9), ImageArchiveError.tooManyEntries(limit: 9),
                ]),
        ]
    }

    private static var images: [Row] {
        get throws {
            [
                Row(
                    "Content.ContentError",
                    [
                        ContentError.digestMismatch(expected: digest, actual: digest),
                        ContentError.sizeMismatch(expected: 1, actual: 2), ContentError.missing(digest),
                    ]),
                Row(
                    "Content.RemoteFileError",
                    [
                        RemoteFileError.invalidURL("x:"),
                        RemoteFileError.unreachable(url: "http://host.example/a", reason: "no route"),
                        RemoteFileError.status(url: "http://host.example/a", code: 404),
                        RemoteFileError.tooLarge(url: "http://host.example/a", limit: 9),
                        RemoteFileError.truncated(url: "http://host.example/a", expected: 9, received: 4),
                    ]),
                Row("Digest.DigestError", [DigestError(text: "x")]),
                Row("Platform.PlatformError", [PlatformError(text: "x")]),
                Row(
                    "ImageReference.ImageReferenceError",
                    [
                        .empty, .invalidDigest, .invalidTag, .invalidDomain, .upperCase, .invalidRepository,
                    ].map { (reason: ImageReferenceError.Reason) in ImageReferenceError(text: "X", reason: reason) }),
                Row(
                    "Descriptor.ImageFormatError",
                    [
                        ImageFormatError.notJSON(json), ImageFormatError.missingMember("config"),
                        ImageFormatError.invalidDigest("x"), ImageFormatError.unexpectedMediaType("text/html"),
                        ImageFormatError.layerCountMismatch(manifest: 1, config: 2),
                        ImageFormatError.tooLarge(limit: 9),
                        ImageFormatError.tooManyLayers(1000, limit: 999), ImageFormatError.impossibleSize(-1),
                    ]),
                Row("Accounts.AccountError", [AccountError.unknownUser("x"), AccountError.unknownGroup("x")]),
                Row(
                    "ImageSource.InsightError",
                    [
                        InsightError.unknownSource("ftp:"), InsightError.noLayout("/d"),
                        InsightError.notInArchive(name: "x", path: "a.tar"),
                        InsightError.nothingThere("x", image: "app"),
                        InsightError.noDockerfile(image: "app"), InsightError.otherDockerfile(path: "Dockerfile"),
                        InsightError.nothingToApply, InsightError.noFix("7"),
                        InsightError.budget(.init(file: "b.yaml", line: 2, reason: "'x' is no size")),
                    ]),
                Row("LayerRecorder.Fault", [LayerRecorder.Fault.tooManyEntries(limit: 9)]),
            ]
        }
    }

    private static var builds: [Row] {
        let origin = Origin(range: range, stage: "build", step: 1, stepCount: 2, text: "RUN make")
        let causes: [BuildError.Cause] = [
            .commandFailed(status: 2, arguments: ["/bin/sh", "-c", "make"], output: Array("no rule\n".utf8)),
            .notExecuted("/bin/sh", isMissing: true, isShell: true), .outOfMemory(limit: 9), .missingSource("a", .main),
            .ignoredSource("a", by: ".dockerignore:1: a"), .account(.unknownUser("x")), .invalidMode("9"),
            .missingSecret("token"), .missingAgent("default"), .foreignPlatform(platform), .unsupported("RUN --x"),
            .other(StorageError.noSuchFile(path("/a"))),
        ]
        let mistake = Diagnostic(.error(.unknownInstruction), at: range, "there is no instruction CPOY")
        return [
            Row("BuildError.BuildError", causes.map { BuildError(origin, $0) }),
            Row("Diagnostic.Diagnostic", [mistake]), Row("Diagnostic.DockerfileError", [DockerfileError(mistake)]),
            Row(
                "WordExpander.ExpansionError",
                [
                    ExpansionError.missingBrace, ExpansionError.missingSlash, ExpansionError.badSubstitution,
                    ExpansionError.openSingleQuote, ExpansionError.openDoubleQuote,
                    ExpansionError.unsupportedModifier("!"),
                    ExpansionError.unset(name: "A", message: "give it"),
                    ExpansionError.empty(name: "A", message: "give it"),
                    ExpansionError.invalidPattern("["), ExpansionError.tooDeep, ExpansionError.tooLong,
                    ExpansionError.tooComplex,
                ]),
            Row(
                "GitReference.GitReferenceError",
                [
                    GitReferenceError.unknownKey("x"), GitReferenceError.repeated("ref"),
                    GitReferenceError.noValue("ref"), GitReferenceError.invalidValue("ref", "x"),
                    GitReferenceError.conflict("ref", "branch"),
                ]),
            Row(
                "BuildVerification.BuildDifference",
                [
                    BuildDifference(
                        layer: 1, layerCount: 2,
                        place: .init(origin: origin, file: FileDifference(path: path("/a"), kind: .content(offset: 7))),
                        earlier: nil)
                ]),
            Row(
                "GitProgram.GitError",
                [
                    GitError.notInstalled, GitError.failed(url: "https://host.example/r", reason: "no such repository"),
                    GitError.otherCommit(url: "https://host.example/r", expected: "ab", actual: "cd"),
                    GitError.noReference(url: "https://host.example/r", "v1"),
                    GitError.noDirectory(url: "https://host.example/r", "docs"),
                ]),
        ]
    }

    private static var machine: [Row] {
        [
            Row(
                "SystemCallError.SystemCallError",
                [
                    call, SystemCallError(call: "mount", path: "", errno: .notPermitted),
                    SystemCallError(call: "write", path: "/a", errno: .noSpace),
                    SystemCallError(call: "read", path: "/a", errno: .ioError),
                ]),
            Row(
                "NamedFileError.NamedFileError",
                [
                    NamedFileError.directory(path: "/a"), NamedFileError.unusable(path: "/a", errno),
                    NamedFileError.terminal,
                ]),
            Row(
                "UserNamespace.Obstacle",
                [
                    UserNamespace.Obstacle.noProgram("newuidmap"),
                    UserNamespace.Obstacle.noSubordinates(user: "me", file: "/etc/subuid"),
                    UserNamespace.Obstacle.refused(errno), UserNamespace.Obstacle.notMapped,
                ]),
            Row(
                "ControlGroup.Obstacle",
                [ControlGroup.Obstacle.noController("memory"), ControlGroup.Obstacle.refused("memory", call)]),
            Row(
                "ContainerRuntime.SandboxError",
                [
                    SandboxError.noRuntime(searchPath: "/usr/bin"), SandboxError.runtimeVanished(path: "/usr/bin/crun"),
                    SandboxError.runtimeFailed(runtime: "crun", words: "no cgroup"),
                    SandboxError.programMissing("/app"),
                    SandboxError.programNotExecutable("/app"),
                    SandboxError.limitUnavailable(controller: "memory", reason: "not delegated"),
                ]),
            Row(
                "ContainerError.ContainerError",
                [
                    ContainerError.noCommand(image: "x"), ContainerError.missingProgram("/app"),
                    ContainerError.notExecutable("/app"), ContainerError.foreignPlatform(platform),
                    ContainerError.noInit,
                ]),
            Row(
                "KeyAgent.Fault",
                [
                    KeyAgent.Fault.notInstalled("ssh-agent"), KeyAgent.Fault.notStarted,
                    KeyAgent.Fault.keyRefused(path: "/k"),
                ]),
            Row(
                "NetworkError.NetworkError",
                [
                    NetworkError.noOutside(.noProgram("slirp4netns")),
                    NetworkError.noOutside(.refused("/dev/net/tun", .permissionDenied)),
                    NetworkError.noOutside(.notStarted("slirp4netns", messages: "no")),
                    NetworkError.noOutside(.ended("slirp4netns", messages: "")),
                    NetworkError.refused(.link, .permissionDenied),
                    NetworkError.noFreeRange, NetworkError.tooManyMembers(limit: 250),
                    NetworkError.cannotListen(
                        Publication(member: "web", host: "127.0.0.1", published: 80, target: 80, transport: .tcp),
                        .addressInUse),
                ]),
        ]
    }

    private static var people: [Row] {
        get throws {
            [
                Row(
                    "UsageError.UsageError",
                    [
                        UsageError.catalogName("distroless/x"), UsageError.noContext, UsageError.noSuchReference("x"),
                        UsageError.noSuchList(try name("x")), UsageError.imageInUse("x", names: ["a", "b"]),
                        UsageError.noSuchBuild(nil), UsageError.unsupported("this", instead: "do that"),
                        UsageError.unreadableFile(path: "/a", reason: "it cannot be read"), UsageError.needsTerminal,
                        UsageError.nobodyToAsk, UsageError.detached, UsageError.outOfMemory(limit: 9),
                    ]),
                Row(
                    "ArgumentMistake.ArgumentMistake",
                    [
                        ArgumentMistake.unknownCommand("x", below: [], nearest: nil),
                        ArgumentMistake.unknownOption("-x", of: ["build"], nearest: "-t"),
                        ArgumentMistake.missingOperand("A", abstract: "A thing.", synopsis: "distill x A"),
                    ]),
                Row(
                    "InvalidOption.InvalidOption", [InvalidOption(name: "--x", value: "y", reason: "known are a and b")]
                ),
                Row(
                    "EngineError.EngineError",
                    [
                        EngineError.nothing,
                        EngineError.unreachableImage(
                            try name("x"), .unreachable(host: "h.example", reason: "no route")),
                        EngineError.ambiguousName(try name("x"), [try name("h.example/x")]),
                        EngineError.otherPlatform(try name("x"), has: platform, wanted: platform), EngineError.noHome,
                        EngineError.missingDockerfile(path: "Dockerfile"), EngineError.missingContext(path: "d"),
                        EngineError.unusableFile(path: "/a", .noLayout), EngineError.incompleteImage,
                        EngineError.secretsFound(count: 2), EngineError.collision(path: "a", platform, platform),
                        EngineError.invalid(.sourceDateEpoch, value: "x", .noTime),
                    ]),
                Row(
                    "EngineError.UnknownImage",
                    [UnknownImage(cause: BaseError.unknownName("distroless/x"), range: range)]),
                Row(
                    "BaseError.BaseError",
                    [
                        BaseError.unknownName("distroless/x"), BaseError.digest("distroless/x"),
                        BaseError.noRecipe(path: "a.yaml"), BaseError.noLock(path: "a.lock"),
                        BaseError.foreignPlatform(platform), BaseError.nothing,
                    ]),
                Row(
                    "GoTemplate.GoTemplateError",
                    [
                        GoTemplateError.unclosedAction, GoTemplateError.unclosedText, GoTemplateError.unclosedComment,
                        GoTemplateError.unclosedBlock("if"), GoTemplateError.unexpected("}"),
                        GoTemplateError.missingValue,
                        GoTemplateError.unknownFunction("x"), GoTemplateError.undefinedVariable("x"),
                        GoTemplateError.tooDeep(limit: 9), GoTemplateError.tooMuch,
                        GoTemplateError.unknownField("x", available: ["y"]),
                        GoTemplateError.notAnObject(field: "x"),
                        GoTemplateError.arguments(function: "json", usage: "json VALUE"),
                        GoTemplateError.outOfRange(index: 9, count: 1),
                    ]),
            ]
        }
    }
}
