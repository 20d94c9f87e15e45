import Agents
import Archive
import Bake
import Bases
import BuildGraph
import Compose
package import Containers
import Debian
import Distribution
package import Dockerfile
package import Engine
import EngineAPI
import Insight
import Inspection
package import LinuxSystem
import Manual
import Networking
package import OCI
import Projects
package import Rendering
import Sandbox
package import Solver
package import Storage
import SystemPackage

/// An error in words: one sentence, where, and what to do next. All sentences of Distill are made here and in the
/// extensions of this type.
package struct ErrorReport {
    /// The process's exit status (docs/exit-codes.md).
    package let status: Int32
    package let sentence: String
    /// What to do next.
    package var hint: String?
    /// Lines below the hint.
    package var instructions: [String] = []
    /// `Dockerfile:3:1` and the lines that it names.
    package var place: String?
    package var excerpt: [ShownText] = []
    /// What is wrong beside it.
    package var others: [ErrorReport] = []

    package init(_ sentence: String, hint: String? = nil, status: Int32 = 1) {
        (self.sentence, self.hint, self.status) = (PublicURL.text(within: sentence), hint, status)
    }

    /// Nil for errors that are not Distill's: the argument parser's.
    package init?(_ error: any Error) {
        switch error {
        case let error as SourcedError: self.init(any: error.error, of: error.source)
        case let error as DockerfileError: self.init(error, of: nil)
        case let error as BuildError: self.init(step: error, of: nil)
        case let error as UnknownImage: self.init(image: error, of: nil)
        case let error as BuildDifference: self.init(error, of: nil)
        case let error as UsageError: self.init(error)
        case let error as ArgumentMistake: self.init(error)
        case let error as InsightError: self.init(error)
        case let error as LayerRecorder.Fault: self.init(error)
        case let error as ContainerError: self.init(error)
        case let error as InvalidOption:
            self.init("\(error.name) '\(OptionValue.shown(error.value, of: error.name))': \(error.reason)", status: 64)
        case let error as NamedFileError: self.init(error)
        case let error as BaseError: self.init(error)
        case let error as EngineError: self.init(error)
        case let error as StorageError: self.init(error)
        case let error as TarError: self.init("the archive cannot be read: \(Self.describe(error))")
        case let error as DecompressionError: self.init("the archive cannot be read: \(Self.describe(error))")
        case let error as SystemCallError: self.init(error)
        case let error as UserNamespace.Obstacle: self.init(error)
        case let error as SandboxError: self.init(error)
        case let error as ImageReferenceError: self.init(error)
        case let error as PlatformError:
            self.init(
                "'\(error.text)' is no platform", hint: "the form is os/architecture[/variant], as in linux/amd64")
        case let error as ImageArchiveError: self.init(error)
        case let error as ImageFormatError: self.init("the image cannot be read: \(Self.describe(error))")
        case let error as ContentError: self.init("the content is damaged: \(Self.describe(error))")
        case let error as RemoteFileError: self.init(error)
        case let error as AccountError: self.init(error)
        case let error as DebianError: self.init(error)
        case let error as RecipeError: self.init(error, of: nil)
        case let error as ComposeError: self.init(error, of: nil)
        case let error as ProjectError: self.init(error, of: nil)
        case let error as BakeError: self.init(error)
        case let error as BakeFilesError: self.init(error)
        case let error as NetworkError: self.init(error)
        case let error as APIError: self.init(error)
        case let error as ListeningError: self.init(error)
        case let error as RegistryError: self.init(error)
        case let error as GitError: self.init(error)
        case let error as KeyAgent.Fault: self.init(error)
        case let error as GitReferenceError:
            let (message, hint) = error.explanation
            self.init(message, hint: hint)
        case let error as DigestError: self.init("'\(error.text)' is no digest", hint: "the form is sha256:HEX")
        case let error as ContextArchiveError: self.init(error)
        case let error as Store.CacheArchiveError: self.init(error)
        case let error as GoTemplateError: self.init("the template cannot be used: \(error)")
        case is CancellationError: self.init("interrupted", status: 130)
        default: self.init(part: error)
        }
        if hint == nil { hint = Self.nextStep(after: error) }
    }

    /// Finds the initialiser for an error that speaks of a file.
    private init?(any error: any Error, of source: SourceFile) {
        switch error {
        case let error as DockerfileError: self.init(error, of: source)
        case let error as BuildError: self.init(step: error, of: source)
        case let error as UnknownImage: self.init(image: error, of: source)
        case let error as BuildDifference: self.init(error, of: source)
        case let error as RecipeError: self.init(error, of: source)
        case let error as ComposeError: self.init(error, of: source)
        case let error as ProjectError: self.init(error, of: source)
        default: self.init(error)
        }
    }

    /// An image that the Dockerfile names and nobody has.
    package init(image error: UnknownImage, of source: SourceFile?) {
        self = ErrorReport(error.cause) ?? .unknown
        if let range = error.range { locate(range, in: source) }
        guard let source, case EngineError.unreachableImage(let reference, _) = error.cause else { return }
        // A slip in a stage's name is asked of a registry, for it could be an image.
        let stages = DockerfileSyntax.read(source).syntax?.stages.compactMap(\.name) ?? []
        if let stage = Suggestion.nearest(to: reference.familiarName, among: stages) {
            hint = "did you mean the stage \(stage)?"
        }
    }

    /// The report's lines, each with its line feed.
    package func text(_ style: Style) -> ShownText {
        let prefix: ShownText = place.map { "\(style.paint("\($0):", .heading)) " } ?? ""
        var text: ShownText = "\(style.paint("distill:", .error)) \(prefix)\(sentence)\n"
        for line in excerpt { text += "\(line)\n" }
        if let hint { text += "  \(style.paint("hint:", .heading)) \(PublicURL.text(within: hint))\n" }
        for line in instructions { text += "    \(line)\n" }
        for other in others { text += other.text(style) }
        return text
    }
}

extension ErrorReport {
    /// A step that failed.
    package init(step error: BuildError, of source: SourceFile?) {
        switch error.cause {
        case .commandFailed(let status, let arguments, _):
            self.init("the command ended with exit code \(status): \(Self.command(arguments))")
            hint = Self.commandHint(status)
        case .notExecuted(let name, let isMissing, let isShell):
            self.init(notExecuted: name, isMissing: isMissing, isShell: isShell)
        case .outOfMemory(let limit): self.init(outOfMemory: limit)
        case .missingSource(let pattern, let context, let siblings):
            let place = context.map { context in
                if case .named(let name) = context { "the context '\(name)'" } else { "the build context" }
            }
            self.init("'\(pattern)' does not exist in \(place ?? "the stage that it is copied from")")
            hint =
                Suggestion.hint(for: SourcePattern(pattern).plainText, among: siblings)
                ?? context.map { _ in "the path is relative to the context" }
        case .ignoredSource(let pattern, let line):
            self.init(
                "'\(pattern)' exists, but an ignore file excludes it: \(line)",
                hint: "change that line, or add '!\(pattern)' below it")
        case .account(let account): self.init(account)
        case .invalidMode(let text):
            self.init("'\(text)' is no file mode", hint: "write it in octal, as in --chmod=0755")
        case .missingSecret(let id):
            self.init(
                "the step requires the secret '\(id)'",
                hint: "give it with --secret id=\(id),src=FILE or id=\(id),env=NAME")
        case .missingAgent(let id):
            self.init("the step requires the SSH agent '\(id)'", hint: "give it with --ssh \(id)")
        case .foreignPlatform(let platform): self.init(ContainerError.foreignPlatform(platform))
        case .unsupported(let what): self.init("\(what) is not supported yet")
        case .other(let cause): self = ErrorReport(cause) ?? .unknown
        }
        if let kept = error.kept {
            hint = "its file system is kept; open a shell in it with:"
            instructions = kept.instructions
        }
        if let failure = error.keepingFailure {
            hint = "what the step left could not be kept: \(ErrorReport(failure)?.sentence ?? "\(failure)")"
        }
        if let range = error.origin.range {
            locate(range, in: source)
            if excerpt.count > 1 { excerpt.removeLast() }
        }
        if case .commandFailed(_, _, let output) = error.cause { excerpt += Self.lastLines(output) }
    }

    /// The end of what a failed command wrote.
    private static func lastLines(_ output: [UInt8]) -> [ShownText] {
        var splitter = LineSplitter()
        var lines = splitter.take(output)
        if let rest = splitter.finish() { lines.append(rest) }
        let shown = lines.suffix(20)
        guard !shown.isEmpty else { return [] }
        return ["  its last lines:"] + shown.map { "  > \(TerminalText.singleLine($0))" }
    }

    /// What an exit code often means, and how the failure can be looked into.
    private static func commandHint(_ status: Int32) -> String {
        let meaning =
            status == 127 ? "exit code 127 means that a program was not found in the stage's file system; " : ""
        // The command line is not repeated: it may hold secrets.
        return meaning + "'distill build --keep-failed' keeps what it left, to look into it"
    }

    private static func command(_ arguments: [String]) -> String {
        let text = arguments.count == 3 && arguments[1] == "-c" ? arguments[2] : arguments.joined(separator: " ")
        // Of a here-document the first line tells which one it is; all of it stands in the Dockerfile.
        let lines = text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
        let line = lines.first.map(String.init) ?? text
        return line.count > 200 ? line.prefix(200) + "…" : line + (lines.count > 1 ? " …" : "")
    }

    package init(_ error: AccountError) {
        switch error {
        case .unknownUser(let name):
            self.init(
                "the image has no user '\(name)'", hint: "add it to /etc/passwd in an earlier step, or use a number")
        case .unknownGroup(let name):
            self.init(
                "the image has no group '\(name)'", hint: "add it to /etc/group in an earlier step, or use a number")
        }
    }

    package init(_ error: ContainerError) {
        switch error {
        case .noCommand(let name):
            self.init("the image '\(name)' has neither ENTRYPOINT nor CMD", hint: "name a program behind the image")
        case .missingProgram(let name):
            self.init(
                "the image has no program '\(name)'",
                hint:
                    "'distill inspect' shows the image's ENTRYPOINT, CMD and PATH; a script needs its interpreter, a dynamic program its loader",
                status: 127)
        case .notExecutable(let name):
            self.init(
                "'\(name)' cannot be executed: it is no program for this machine, or no file with the right to it",
                status: 126)
        case .foreignPlatform(let platform):
            self.init(
                "this machine is \(Platform.host) and executes no programs of \(platform)",
                hint: "apt-get install qemu-user-static binfmt-support, which registers an emulator with the kernel")
        case .noInit:
            self.init(
                "no program to start others with is installed: none of \(InitProgram.names.joined(separator: ", ")) is on PATH",
                hint: "apt-get install tini")
        }
    }

    package init(_ error: UsageError) {
        switch error {
        case .catalogName(let name):
            self.init(
                "no registry is asked for '\(name)': the name belongs to the catalog of bases",
                hint: "distill base build \(name)")
        case .noContext:
            self.init(
                "build needs a CONTEXT: the directory whose files COPY and ADD take",
                hint: "distill build . takes this directory", status: 64)
        case .noSuchReference(let text): self.init("there is no image '\(text)'", hint: "'distill image ls' lists them")
        case .noSuchList(let name):
            self.init("there is no manifest list '\(name.familiar)'", hint: "'distill manifest create' begins one")
        case .imageInUse(let text, let names):
            self.init(
                "the image '\(text)' has several names: \(names.joined(separator: ", "))",
                hint: "remove one of the names, or all with --force")
        case .noSuchBuild(let word):
            self.init(
                word.map { "no build '\($0)' is recorded" } ?? "no build is recorded yet",
                hint: "'distill builder history ls' lists them")
        case .unsupported(let what, let instead): self.init("\(what) is not supported yet", hint: instead)
        case .unreadableFile(let path, let reason): self.init("'\(path)': \(reason)")
        case .needsTerminal:
            self.init(
                "--tty with --interactive needs a terminal, and the input is none",
                hint: "leave out --tty (-t): the program reads the input as it is")
        case .outOfMemory(let limit): self.init(outOfMemory: limit)
        case .nobodyToAsk:
            self.init("there is no terminal to ask at", hint: "give --username NAME and --password-stdin")
        case .detached:
            self.init(
                "the terminal was left: nothing looks after a program without its command, so it was ended", status: 137
            )
        }
    }

    package init(_ error: EngineError) {
        switch error {
        case .nothing: self.init("the Dockerfile has no stage to build")
        case .unreachableImage(let reference, let cause):
            self.init(
                "the image '\(reference.familiar)' is not in the store, and no registry gives it: \(ErrorReport(cause).sentence)",
                hint: Self.hint(base: reference.familiar)
                    ?? "compose a Debian base with 'distill base build', load an archive with 'distill load', "
                    + "or name another image with --build-context \(reference.familiarName)=docker-image://NAME")
        case .ambiguousName(let reference, let meanings):
            self.init(
                "'\(reference.familiar)' may be \(meanings.map { "'\($0)'" }.joined(separator: " or ")), and registries.conf wants no guess",
                hint: "write the registry, or add an alias to registries.conf")
        case .otherPlatform(let reference, let has, let wanted):
            self.init("the image '\(reference.familiar)' is for \(has), not for \(wanted)")
        case .noHome:
            self.init(
                "HOME is not set, so there is no place for your files",
                hint:
                    "set HOME, or DISTILL_ROOT to a directory of your own for the store (and DOCKER_CONFIG to one for credentials)"
            )
        case .missingDockerfile(let path):
            self.init("there is no Dockerfile at '\(path)'", hint: "name it with --file")
        case .missingContext(let path): self.init("the context '\(path)' is no directory")
        case .collision(let path, let first, let second):
            self.init(
                "\(first) and \(second) both have the file '\(TerminalText.singleLine(path))', and one directory holds one of them",
                hint: "leave platform-split=false out")
        case .incompleteImage: self.init("the image lacks what its entry point needs")
        case .secretsFound(let count):
            self.init(
                count == 1
                    ? "the image holds a secret, so it was not sent or written anywhere"
                    : "the image holds \(count) secrets, so it was not sent or written anywhere",
                hint:
                    "take them out; what is none is allowed by distill.secrets.yaml, and --secrets warn lets all through"
            )
        case .unusableFile(let path, let problem): self.init("'\(path)': \(Self.describe(problem))")
        case .invalid(let setting, let value, let reason):
            self.init(
                "\(Self.describe(setting)) '\(OptionValue.shown(Self.value(value, of: setting), of: Self.describe(setting)))': \(Self.describe(reason, of: value))",
                status: 64)
        }
    }

    private static func describe(_ problem: EngineError.Problem) -> String {
        switch problem {
        case .reading(let errno): reason(errno)
        case .noLayout: "it is no OCI image layout"
        case .registryRules(let line): "line \(line) is no setting of registries.conf"
        case .noCredentials: "it is no docker config"
        case .unreadable: "it cannot be read"
        case .allowFile(let error): error.sentence
        case .secret(let id): "the secret '\(id)' cannot be read from it"
        }
    }

    private static func describe(_ setting: EngineError.Setting) -> String {
        switch setting {
        case .stagesWithoutCache: "--no-cache-filter"
        case .sourceDateEpoch: "SOURCE_DATE_EPOCH"
        case .buildArgument: "--build-arg"
        }
    }

    private static func value(_ value: String, of setting: EngineError.Setting) -> String {
        if case .buildArgument(let name) = setting { "\(name)=\(value)" } else { value }
    }

    private static func describe(_ reason: EngineError.Reason, of value: String) -> String {
        switch reason {
        case .noTime: "it is a number of seconds since 1970, 'context', or the name of a stage"
        case .noSwitch: "the value is true or false"
        case .noStage(let known):
            "the Dockerfile has no such stage" + (Suggestion.hint(for: value, among: known).map { "; " + $0 } ?? "")
        }
    }

    package init(_ error: NamedFileError) {
        switch error {
        case .directory(let path): self.init("'\(path)': it is a directory")
        case .unusable(let path, let errno): self.init("'\(path)': \(Self.reason(errno))")
        case .terminal: self.init("an archive is not for a terminal: it needs a file or a pipe", hint: "see --help")
        }
    }

    package init(_ error: GitError) {
        switch error {
        case .notInstalled:
            self.init("git is not installed, so no repository can be fetched", hint: "apt-get install git")
        case .failed(let url, let reason):
            let words = GitWords(reason)
            self.init(
                "the repository '\(url)' cannot be fetched: \(TerminalText.singleLine(words.sentence))",
                hint: words.hint)
        case .noReference(let url, let name?):
            self.init("the repository '\(url)' has no branch, tag or commit '\(TerminalText.singleLine(name))'")
        case .noReference(let url, nil):
            self.init("the repository '\(url)' has no branch of its own choice", hint: "name one: \(url)#BRANCH")
        case .noDirectory(let url, let name):
            self.init("the repository '\(url)' has no directory '\(TerminalText.singleLine(name))' at that commit")
        case .otherCommit(let url, let expected, let actual):
            self.init("'\(url)' is at commit \(actual), not at \(expected)")
        }
    }

    package init(_ error: ContextArchiveError) {
        switch error {
        case .neitherArchiveNorDockerfile: self.init("the context is neither an archive nor a Dockerfile")
        }
    }

    package init(_ error: ImageReferenceError) {
        let reason =
            switch error.reason {
            case .empty: "it is empty"
            case .invalidDigest: "the digest is none"
            case .invalidTag: "a tag has letters, digits, '_', '.' and '-', at most 128"
            case .invalidDomain: "the registry's name is none"
            case .upperCase: "repository names are in lower case"
            case .invalidRepository:
                "a repository's name has lower-case letters and digits, joined by '.', '_', '-' or '/'"
            }
        self.init("'\(error.text)' is no image name: \(reason)")
    }
}
