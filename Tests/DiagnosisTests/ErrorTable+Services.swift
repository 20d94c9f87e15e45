import Dockerfile
import OCI
import SystemPackage

@testable import Compose
@testable import Debian
@testable import Diagnosis
@testable import Distribution
@testable import Engine
@testable import EngineAPI
@testable import Projects

/// Errors of applications, registries, archives of packages and servers.
extension ErrorTable {
    static var applications: [Row] {
        let reasons: [ComposeError.Reason] = [
            .syntax("a tab begins a line"), .excess("the file has more than 9 values"),
            .unknownKey("imgae", owner: "a service", known: ["image"]), .unsupportedKey("links", owner: "a service"),
            .unsupportedValue(key: "driver", value: "x"), .missingKey("file", owner: "a secret"), .duplicateKey("a"),
            .unexpectedKind(key: "a", expected: .list), .invalidValue(key: "a", value: "x", expected: .port),
            .invalidInterpolation("$("), .requiredVariable("A", message: ""), .noServices,
            .neitherImageNorBuild(service: "web"), .undefinedService("x", known: ["web"]),
            .undefinedVolume("x", known: []), .undefinedNetwork("x", known: []), .undefinedSecret("x", known: []),
            .disabledService("x", profiles: ["dev"]), .cycle(["a", "b", "a"]), .noHealthcheck(service: "web"),
            .samePort("80", other: "web"), .sameContainerName("x", other: "web"),
        ]
        let failures: [Supervision.Failure] = [
            .unhealthy("web", dependent: nil), .ended("web", code: 1, dependent: "api"), .cannotStart("web"),
        ]
        return [
            Row("ComposeError.ComposeError", reasons.map { ComposeError(place, $0) }),
            Row(
                "ProjectError.ProjectError",
                [
                    ProjectError.noFile(directory: "/d"), ProjectError.unreadableFile(path: "/f"),
                    ProjectError.unknownServices(["x"], known: ["web"]),
                    ProjectError.missingEnvironmentFile(path: ".env", place),
                    ProjectError.noImage("x", service: "web", cause: nil, place),
                    ProjectError.cannotListen("0.0.0.0:80", .permissionDenied, place),
                    ProjectError.missingMountSource("/m", place), ProjectError.missingVolume("v", place),
                    ProjectError.missingSecret("s", .file("/s"), place),
                    ProjectError.unusableProfile(path: "/p", problem: .unreadable, place), ProjectError.needsRoot,
                    ProjectError.alreadyRunning("app", process: 7), ProjectError.notRunning("app"),
                    ProjectError.notSupervised, ProjectError.service("web", cause: call, place),
                    ProjectError.build("web", context: "./web", cause: call),
                ] + failures.map { ProjectError.failure($0, .lines(["no route"]), nil) }),
        ]
    }

    static var registries: [Row] {
        get throws {
            let target = RegistryTarget(registry: "h.example", repository: "a/b", reference: "1")
            let answer = RegistryAnswer(target: target, status: 500, code: nil, message: "busy")
            return [
                Row(
                    "RegistryError.RegistryError",
                    [
                        RegistryError.unreachable(host: "h.example", reason: "no route"),
                        RegistryError.tooSlow(host: "h.example"),
                        RegistryError.blocked("h.example/a"),
                        RegistryError.redirectRefused(host: "h.example", location: "http://x", reason: .unencrypted),
                        RegistryError.notARegistry(host: "h.example", contentType: "text/html"),
                        RegistryError.unauthorized(answer, tried: .none), RegistryError.denied(answer),
                        RegistryError.notFound(answer), RegistryError.rateLimited(answer, retryAfter: nil),
                        RegistryError.refused(answer), RegistryError.invalidAnswer(target, part: "Location"),
                        RegistryError.insecureTokenServer(host: "h.example", realm: "http://x"),
                        RegistryError.tooLarge(target, limit: 9), RegistryError.tooManyManifests(target, limit: 9),
                        RegistryError.unsupportedManifest(target, mediaType: "text/html"),
                        RegistryError.invalidManifest(target, .missingMember("config")),
                        RegistryError.noPlatform(target, wanted: platform, available: [platform]),
                        RegistryError.digestMismatch(target, expected: digest, actual: digest),
                        RegistryError.sizeMismatch(target, expected: 9, actual: 4),
                        RegistryError.truncated(target, expected: 9, received: 4),
                        RegistryError.unsupportedDigest(digest), RegistryError.foreignLayer(digest),
                        RegistryError.invalidCertificate(host: "h.example", reason: "it is out of date"),
                        RegistryError.credentialHelper(
                            HelperFailure(name: "pass", registry: "h.example", reason: .noAnswer)),
                        RegistryError.missingHelper(MissingProgram(name: "pass", file: "/c")),
                        RegistryError.unreadableCredential(file: "/c", key: "h.example"),
                    ])
            ]
        }
    }

    static var debian: [Row] {
        let unsolvable = Unsolvable(
            steps: [Unsolvable.Step(package: nil, relation: "a")], reason: .noSuchPackage)
        let reasons: [RecipeError.Reason] = [
            .syntax("a tab begins a line"), .excess("the file has more than 9 values"),
            .unknownKey("pakages", known: ["packages"]), .missingKey("packages"), .duplicateKey("a"),
            .unexpectedKind(key: "a", expected: .list), .invalidValue(key: "a", value: "x", expected: .octalMode),
            .unknownBase("x"), .noSuite, .samePath("/a"),
        ]
        return [
            Row(
                "DebianError.DebianError",
                [
                    DebianError.noMirror(suite: "trixie"), DebianError.unsupportedArchitecture(platform),
                    DebianError.unknownRecipe("x"), DebianError.invalidSources(file: "/s", line: 2),
                    DebianError.missingKeyring("/k"), DebianError.verifierMissing,
                    DebianError.badSignature(suite: "trixie", detail: "none is there"),
                    DebianError.unknownKey(suite: "trixie", keys: ["AB"], keyring: "/k"),
                    DebianError.expiredRelease(suite: "trixie", validUntil: 7),
                    DebianError.invalidRelease(suite: "trixie", reason: .missingField("Suite")),
                    DebianError.missingIndex(suite: "trixie", path: "main"), DebianError.invalidIndex(suite: "trixie"),
                    DebianError.digestMismatch(file: "a.deb", expected: digest, actual: digest),
                    DebianError.sizeMismatch(file: "a.deb", expected: 9, actual: 4), DebianError.unknownPackage("x"),
                    DebianError.packageGone("x=1"), DebianError.invalidLock(member: "packages"),
                    DebianError.lockWithoutArchitecture("arm64"), DebianError.noSolution(unsolvable),
                    DebianError.invalidPackage(package: "x", reason: .corrupt),
                    DebianError.noMatchingFile(path: "/a", patterns: ["/b*"]),
                    DebianError.otherPlatform(recipe: "x", wanted: platform, made: [platform]),
                    DebianError.fileConflict(path: "/a", first: "x", second: "y"),
                ]),
            Row("Unsolvable.Unsolvable", [DebianError.noSolution(unsolvable)]),
            Row(
                "RecipeError.RecipeError",
                reasons.map { RecipeError(file: "base.yaml", line: 2, column: 1, reason: $0) }),
        ]
    }

    static var servers: [Row] {
        [
            Row(
                "APIServer.ListeningError",
                [
                    ListeningError.noDirectory(path: "/d"), ListeningError.notASocket(path: "/s"),
                    ListeningError.inUse(path: "/s"), ListeningError.inherited(3),
                    ListeningError.certificate(path: "/c", .authority),
                    ListeningError.noPort(host: "127.0.0.1", port: 2376),
                ]),
            Row(
                "APIError.APIError",
                [
                    APIError.pageNotFound, APIError.sessionEnded("x"), APIError.versionTooNew("9", newest: "1"),
                    APIError.versionTooOld("0", oldest: "1"), APIError.badVersion("x"), APIError.noSwarm,
                    APIError.notImplemented(.containers), APIError.noSuchImage("x"), APIError.noSuchContainer("x"),
                    APIError.noSuchNetwork("x"), APIError.noSuchVolume("x"), APIError.noSuchExecution("x"),
                    APIError.wrongContentType("text/html"), APIError.malformedBody, APIError.bodyTooLarge(limit: 9),
                    APIError.badParameter("a", value: "x"), APIError.unknownFilter("x"), APIError.missingParameter("a"),
                    APIError.imageHasNames("x", ["a", "b"]), APIError.badAuthHeader("JSON"),
                    APIError.commandFailed(status: 1, command: "make"), APIError.stepFailed(status: 1, command: "make"),
                    APIError.failedBuild("the build failed"), APIError.stopped, APIError.noSession("x"),
                    APIError.storeInUse, APIError.unsupportedFrontend("x"), APIError.unsupportedExporter("x"),
                    APIError.unsupportedCache("x"), APIError.noContent("local"), APIError.lowLevelBuild,
                    APIError.unsafePath("../a"),
                    APIError.brokenTransfer("a"),
                    APIError.badDockerfile(
                        Diagnostic(.error(.unknownInstruction), at: range, "unknown instruction RUNN")),
                ]),
        ]
    }
}
