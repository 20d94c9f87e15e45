import Dockerfile
package import EngineAPI
import Rendering

extension ErrorReport {
    /// What a client of docker's is told; the words that clients look for are docker's own.
    package init(_ error: APIError) { self.init(Self.sentence(error)) }

    package init(_ error: ListeningError) {
        switch error {
        case .noDirectory(let path): self.init("'\(path)': there is no such directory for a socket")
        case .notASocket(let path):
            self.init("'\(path)' is there, and is no socket", hint: "name another with --socket")
        case .inUse(let path): self.init("somebody serves at '\(path)' already")
        case .inherited(let descriptor):
            self.init(
                "descriptor \(descriptor), which this was started with (LISTEN_FDS), is no socket that is listened on",
                hint: "systemd hands over those of a socket unit's ListenStream=; without one unset LISTEN_FDS")
        case .certificate(let path, let kind):
            self.init("'\(path)' is no \(Self.name(kind)) in PEM that can be used", hint: Self.hint(kind))
        case .noPort(let host, let port):
            self.init(
                "there is no listening at \(host), port \(port)", hint: "another program may have it: name another port"
            )
        }
    }

    private static func name(_ kind: ListeningError.Certificate) -> String {
        switch kind {
        case .authority, .certificate: "certificate"
        case .key: "private key of the certificate"
        }
    }

    private static func hint(_ kind: ListeningError.Certificate) -> String {
        switch kind {
        case .authority: "--tlscacert names the authority's certificate"
        case .certificate: "--tlscert names the server's certificate"
        case .key: "--tlskey names the key of --tlscert"
        }
    }

    private static func sentence(_ error: APIError) -> String {
        switch error {
        case .pageNotFound: "page not found"
        case .versionTooNew(let version, let newest):
            "client version \(version) is too new. Maximum supported API version is \(newest)"
        case .versionTooOld(let version, let oldest):
            "client version \(version) is too old. Minimum supported API version is \(oldest), please upgrade your client to a newer version"
        case .badVersion(let text): "'\(text)' is no version of the API"
        case .noSwarm: "This node is not a swarm manager. Distill has no swarm"
        case .notImplemented(let feature): describe(feature)
        case .noSuchImage(let name): "No such image: \(name)"
        case .noSuchContainer(let name): "No such container: \(name)"
        case .noSuchNetwork(let name): "network \(name) not found"
        case .noSuchVolume(let name): "get \(name): no such volume"
        case .noSuchExecution(let id): "No such exec instance: \(id)"
        case .wrongContentType(let type): "the body is '\(type)', and not application/json"
        case .malformedBody: "the body is no JSON of the form that is wanted"
        case .bodyTooLarge(let limit): "the body has more than \(limit) bytes"
        case .badParameter(let name, let value): "invalid value '\(value)' of '\(name)'"
        case .unknownFilter(let name): "invalid filter '\(name)'"
        case .missingParameter(let name): "'\(name)' is missing"
        case .imageHasNames(let image, let names):
            "conflict: unable to delete \(image) (must be forced) - image is referenced in multiple repositories: \(names.joined(separator: ", "))"
        case .badAuthHeader(let form): "the credentials in the header are no \(form)"
        case .commandFailed(let status, let command): "The command '\(command)' returned a non-zero code: \(status)"
        case .stepFailed(let status, let command):
            "process \"\(command)\" did not complete successfully: exit code: \(status)"
        case .failedBuild(let sentence): sentence
        case .stopped: "context canceled"
        case .badDockerfile(let found):
            "dockerfile parse error on line \(found.range.start.line): \(dockersWords(found))"
                + (found.hint.map { " (\($0))" } ?? "")
        case .noSession(let id): "no session '\(id)' of the client is open"
        case .sessionEnded(let service): "the client's session ended while \(service) was needed"
        case .storeInUse: "the store is in use by another command or build, so nothing can be removed now"
        case .unsupportedFrontend(let name): "Distill builds Dockerfiles by itself; the frontend '\(name)' is not run"
        case .unsupportedExporter(let name):
            "the exporter '\(name)' is not known; there are image, registry, oci, docker, local and tar"
        case .noContent(let name): "the client does not hand out '\(name)'"
        case .unsupportedCache(let name): "the cache type '\(name)' is not known; there are inline, registry and local"
        case .lowLevelBuild: "Distill builds Dockerfiles; it does not take LLB"
        case .unsafePath(let path): "the client sent the path '\(path)', which cannot be"
        case .brokenTransfer(let what): "the client broke off in the middle of '\(what)'"
        }
    }

    /// docker's builders have a colon here, and programs look for it.
    private static func dockersWords(_ found: Diagnostic) -> String {
        for words in ["unknown instruction", "unknown flag"] where found.message.hasPrefix(words + " ") {
            return "\(words):\(found.message.dropFirst(words.count))"
        }
        return found.message
    }

    private static func describe(_ feature: APIError.Feature) -> String {
        switch feature {
        case .containers:
            "Distill does not run containers for docker's clients yet; 'distill run' and 'distill compose' do without"
        case .networks: "Distill has no networks for docker's clients yet; 'distill compose' makes its own"
        case .volumes: "Distill has no volumes for docker's clients yet; 'distill compose' makes its own"
        case .plugins: "Distill has no plugins"
        case .search: "no registry that can be searched is known"
        case .squash: "--squash is not done: an image of few layers comes from a last stage with few COPYs"
        case .checkpoint: "Distill has no checkpoints"
        case .buildLogs: "Distill keeps no history of builds"
        }
    }
}

extension ErrorReport {
    /// The report in one line, for those who are not at this machine's terminal.
    package var message: String {
        let place = place.map { "\($0): " } ?? ""
        let hint = hint.map { " (\(TerminalText.singleLine($0)))" } ?? ""
        return place + TerminalText.singleLine(sentence) + hint
    }
}
