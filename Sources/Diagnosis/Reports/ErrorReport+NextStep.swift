import Archive
import Bases
import BuildGraph
import Compose
import Containers
import Debian
import Distribution
import Dockerfile
import Engine
import EngineAPI
import Insight
import Inspection
import LinuxSystem
import Networking
import OCI
import Projects
import Rendering
import Sandbox
import Solver
import Storage
import SystemPackage

/// What to do next where a sentence is made without it: by the family of the error, for what its members have in common.
extension ErrorReport {
    static func nextStep(after error: any Error) -> String? {
        switch error {
        case let error as SourcedError: nextStep(after: error.error)
        case let error as UnknownImage: nextStep(after: error.cause)
        case let error as BuildError: if case .other(let cause) = error.cause { nextStep(after: cause) } else { nil }
        case is TarError, is DecompressionError, is ImageArchiveError, is ArError, is ArchiveFault:
            "see that it is whole and the right file; 'distill save' and 'docker save' write images, tar archives"
        case is ImageFormatError, is ContentError: "fetch, load or build the image again"
        case let error as RemoteFileError: step(error)
        case let error as StorageError: step(error)
        case let error as EngineError: step(error)
        case let error as BaseError: step(error)
        case let error as RegistryError: step(error)
        case let error as DebianError: step(error)
        case is ContainerError: "give it the right with COPY --chmod=755, or build it for this machine's processor"
        case is SandboxError: "'distill doctor' starts a container and tells what this machine lacks"
        case let error as NamedFileError:
            if case .directory = error {
                "name a file in it"
            } else {
                "see that the path is right and that you may use it"
            }
        case let error as GitError: step(error)
        case is ContextArchiveError: "standard input is a Dockerfile, or an archive: tar -c . | distill build -"
        case is ImageReferenceError: "the form is [REGISTRY/]NAME[:TAG], as in team/app:1.0"
        case is GoTemplateError: "the form is that of docker's --format: '{{.ID}}', or 'json' for all there is"
        case let error as ProjectError: step(error)
        case let error as NetworkError: step(error)
        case is ListeningError: "name another place with --socket"
        case let error as InsightError: step(error)
        case is LayerRecorder.Fault: "look at an image of fewer files: 'distill history' tells which layer has many"
        case let error as UsageError: step(error)
        case let error as SystemCallError: step(error.errno)
        case let error as Errno: step(error)
        case is JSONError: "see that the file is whole, and of the kind that is asked for"
        case is ControlFileError: "use another mirror, or tell who made the package"
        case is RegistryRulesError: "containers-registries.conf(5) has its form"
        case is SettingsFile.Mistake: "docs/room.md shows what the file may hold"
        case is ExpansionError:
            "write a '$' that is meant as one as '\\$', and give unset variables a value: ${NAME:-value}"
        case is PortSpecError: "the form is PORT[-PORT][/PROTOCOL], as in 8080/tcp"
        case is PathPatternError: "close the bracket, or write '\\[' for one that is meant as it is"
        case is BuildDifference:
            "a time, an order of files, or a random number is in the result: docs/outputs.md tells what builds can do about it"
        default: nil
        }
    }

    private static func step(_ errno: Errno) -> String {
        switch errno {
        case .noSuchFileOrDirectory, .notDirectory, .isDirectory: "see that the path is right"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "raise the limit (ulimit -n), or do less at once with --jobs"
        case .noMemory: "give it more memory, or do less at once with --jobs"
        case .ioError: "see what the kernel tells of the disk: dmesg"
        default: "'distill doctor' tries what Distill needs, and tells what this machine lacks"
        }
    }

    private static func step(_ error: RemoteFileError) -> String {
        switch error {
        case .invalidURL: "the form is https://HOST/PATH"
        case .unreachable: "check the network, the proxy and the address"
        case .status: "see that the address is right: curl -I shows the same answer"
        case .tooLarge: "fetch it before the build, and COPY it"
        case .truncated: "try again; where it stays so, the server or a proxy breaks off"
        }
    }

    private static func step(_ error: StorageError) -> String {
        switch error {
        case .layerMismatch, .invalidLayer: "fetch the image again; where it stays so, tell who made it"
        case .invalidArchive:
            "see that the archive is whole and of a known kind: tar, plain or packed by gzip, zstd, xz, bzip2"
        case .tooManyLinks: "see where the links lead: one of them leads back"
        case .noSuchFile: "'distill explain IMAGE --by path' shows what an image has"
        case .notADirectory: "a destination that is a directory ends in '/'; name another, or remove the file before"
        case .entryLeadsOut: "make the archive without such names, or unpack it with RUN tar"
        default: "'distill system check' looks at the whole store"
        }
    }

    private static func step(_ error: EngineError) -> String? {
        switch error {
        case .nothing: "a stage begins with FROM: FROM scratch"
        case .otherPlatform(_, _, let wanted): "fetch or build it for that platform: --platform \(wanted)"
        case .missingContext: "a context is a directory, a repository's URL, an archive's URL, or - for standard input"
        case .incompleteImage: "'distill image check -v NAME' tells all that it looked at"
        case .unusableFile: "see that the path is right, and the file of the kind that is asked for"
        case .invalid: "'distill build --help' shows the forms that there are"
        case .unreachableImage, .ambiguousName, .noHome, .missingDockerfile, .collision, .secretsFound: nil
        }
    }

    private static func step(_ error: BaseError) -> String {
        switch error {
        case .noRecipe: "name a file; 'distill base ls' lists what the catalog has without one"
        case .noLock: "'distill base lock RECIPE' writes one"
        case .foreignPlatform:
            "apt-get install qemu-user-static binfmt-support registers an emulator; bases below distroless/ need none"
        case .nothing: "name one: distill base build distroless/static"
        case .unknownName, .digest: "'distill base ls' lists the bases of the catalog"
        }
    }

    private static func step(_ error: RegistryError) -> String {
        switch error {
        case .blocked: "remove 'blocked' from the rules, or take the image from another registry"
        case .redirectRefused, .insecureTokenServer: "use https, or name the registry as insecure in registries.conf"
        case .denied: "distill login with an account that may do it"
        case .notFound: "see that the name and the tag are right"
        case .refused: "try again later; what the registry says is above"
        case .unsupportedManifest, .unsupportedDigest:
            "push it anew with a tool of this decade, as an OCI or docker image"
        case .foreignLayer: "push to a registry that has the layer, or build on a base without such layers"
        case .invalidCertificate: "docs/registries.md tells where certificates of your own go"
        case .credentialHelper: "call the helper by hand, or remove it from docker's config.json and log in again"
        default: "try again; where it stays so, ask who runs the registry or the proxy before it"
        }
    }

    private static func step(_ error: DebianError) -> String {
        switch error {
        case .unsupportedArchitecture: "Debian has amd64, arm64, armhf, i386, ppc64el, riscv64 and s390x"
        case .invalidSources: "mend the line, or name a mirror with --mirror"
        case .unknownPackage: "see that the name is one of this suite: apt-cache policy NAME"
        case .noSolution: "take one of the packages out of the recipe, or another suite"
        case .noMatchingFile: "name the package that has the file, or another pattern"
        case .fileConflict: "take one of the two out of the recipe"
        default: "try again, or name another mirror with --mirror"
        }
    }

    private static func step(_ error: GitError) -> String {
        switch error {
        case .failed(let url, _), .noReference(let url, _): "see what 'git ls-remote \(url)' says"
        case .noDirectory: "see that the path is right, and that the branch or tag is the one that has it"
        case .otherCommit: "name the commit that is meant, or change the checksum"
        case .notInstalled: "apt-get install git"
        }
    }

    private static func step(_ error: ProjectError) -> String? {
        switch error {
        case .unreadableFile: "see that the path is right and that you may read it"
        case .missingVolume:
            "make it with 'distill compose up' of the application that owns it, or leave 'external' out"
        case .missingMountSource: "make it, or change the path, which is relative to the Compose file"
        case .missingSecret: "put it there, or set the variable"
        case .unusableProfile: "docs/security.md tells its form"
        case .notSupervised: "'distill compose logs' shows what the services wrote"
        case .failure(.unhealthy(let name, _), _, _), .failure(.ended(let name, _, _), _, _),
            .failure(.cannotStart(let name), _, _):
            "'distill compose logs \(name)' shows all that it wrote"
        case .service(_, let cause, _): nextStep(after: cause)
        case .cannotListen: "publish another port"
        default: nil
        }
    }

    private static func step(_ error: NetworkError) -> String? {
        switch error {
        case .refused: "'distill doctor' tries to make a network, and tells what this machine lacks"
        case .noFreeRange: "end an application that is not needed: 'distill compose down'"
        case .tooManyMembers: "divide it into several projects"
        case .noOutside, .cannotListen: "'distill doctor' tells what this machine lacks"
        }
    }

    private static func step(_ error: InsightError) -> String? {
        switch error {
        case .notInArchive: "'distill load -i FILE' tells the names that it has"
        case .nothingToApply: "'distill explain IMAGE' tells what can be done by hand"
        case .budget: "docs/insight.md shows the form of a budget"
        default: nil
        }
    }

    private static func step(_ error: UsageError) -> String? {
        switch error {
        case .unreadableFile: "see that the path is right and that you may read it"
        case .detached: "'distill compose up -d' leaves services running"
        default: nil
        }
    }
}
