import BuildGraph
package import Compose
package import Dockerfile
import Engine
import LinuxSystem
package import Networking
package import Projects
import Rendering
import SystemPackage

extension ErrorReport {
    /// A mistake in a Compose file, with the line that it is in.
    package init(_ error: ComposeError, of source: SourceFile?) {
        self.init(Self.sentence(error.reason), hint: Self.hint(error.reason))
        point(at: error.place, in: source)
    }

    package init(_ error: ProjectError, of source: SourceFile?) {
        self.init(error)
        if let place = error.place { point(at: place, in: source) }
    }

    private mutating func point(at place: Place, in source: SourceFile?) {
        let start = SourcePosition(line: place.line, column: place.column)
        let seen = excerpt
        locate(SourceRange(start: start, end: SourcePosition(line: place.line, column: place.column + 1)), in: source)
        excerpt += seen
        self.place = place.description
    }

    private static func sentence(_ reason: ComposeError.Reason) -> String {
        switch reason {
        case .syntax(let problem): "this is no YAML: \(TerminalText.singleLine(problem))"
        case .excess(let sentence): sentence
        case .unknownKey(let key, let owner, _): "\(owner) has no key '\(key)'"
        case .unsupportedKey(let key, let owner): "the key '\(key)' of \(owner) is not supported"
        case .unsupportedValue(let key, let value): "'\(value)' of '\(key)' is not supported"
        case .missingKey(let key, let owner): "'\(key)' is missing in \(owner)"
        case .duplicateKey(let key): "'\(TerminalText.singleLine(key))' stands here twice"
        case .unexpectedKind(let key, let kind): "'\(key)' must be \(describe(kind))"
        case .invalidValue(let key, let value, let form):
            "'\(value)' cannot be the value of '\(key)': \(describe(form))"
        case .invalidInterpolation(let text): "'\(text)' has a '$' that begins no variable"
        case .requiredVariable(let name, let message):
            "the variable '\(name)' is required" + (message.isEmpty ? "" : ": \(message)")
        case .noServices: "the file has no services"
        case .neitherImageNorBuild(let service): "the service '\(service)' has neither 'image' nor 'build'"
        case .undefinedService(let name, _): "there is no service '\(name)'"
        case .undefinedVolume(let name, _): "there is no volume '\(name)'"
        case .undefinedNetwork(let name, _): "there is no network '\(name)'"
        case .undefinedSecret(let name, _): "there is no secret '\(name)'"
        case .disabledService(let name, _): "the service '\(name)' is needed here, and no active profile enables it"
        case .cycle(let names): "the services wait for each other: \(names.joined(separator: " → "))"
        case .noHealthcheck(let service): "the service '\(service)' can never be healthy: it has no health check"
        case .samePort(let port, let other): "the service '\(other)' publishes \(port) too"
        case .sameContainerName(let name, let other): "the service '\(other)' has the container name '\(name)' too"
        }
    }

    private static func hint(_ reason: ComposeError.Reason) -> String? {
        func nearest(_ name: String, _ known: [String], declared: String) -> String? {
            Suggestion.nearest(to: name, among: known).map { "did you mean '\($0)'?" } ?? declared
        }
        switch reason {
        case .unknownKey(let key, _, let known):
            return nearest(key, known, declared: "docs/compose.md lists the keys; keys of your own begin with 'x-'")
        case .unsupportedKey(let key, _): return unsupported[key] ?? "docs/compose.md lists the keys that are"
        case .unsupportedValue(let key, _): return unsupported[key] ?? "docs/compose.md lists what is"
        case .invalidInterpolation: return "a '$' that is meant as one is written '$$'"
        case .undefinedService(let name, let known):
            return nearest(name, known, declared: "there are \(known.joined(separator: ", "))")
        case .undefinedVolume(let name, let known):
            return nearest(name, known, declared: "declare it below 'volumes' at the top, or begin a path with './'")
        case .undefinedNetwork(let name, let known):
            return nearest(name, known, declared: "declare it below 'networks' at the top")
        case .undefinedSecret(let name, let known):
            return nearest(name, known, declared: "declare it below 'secrets' at the top")
        case .disabledService(_, let profiles): return "activate it with --profile \(profiles.first ?? "NAME")"
        case .noHealthcheck: return "give it a 'healthcheck', or wait with 'condition: service_started'"
        default: return nil
        }
    }

    /// Why something of the specification is refused.
    private static let unsupported: [String: String] = [
        "privileged":
            "write RUN --security=insecure in the Dockerfile for the steps that need it, and entitlements: [security.insecure]",
        "security_opt": "no-new-privileges:true, seccomp:FILE and seccomp:unconfined are what is",
        "tty": "'distill run --tty' gives a program a terminal",
        "stdin_open": "'distill run --interactive' gives a program an input",
        "scale": "a service runs once",
        "replicas": "a service runs once",
        "reservations": "'limits' beside it is what is",
        "mem_reservation": "mem_limit is what is",
        "network_mode": "all services of a project share one private network",
        "extends": "a YAML anchor and '<<' share keys between services",
        "include": "name several files with -f",
        "ports": "published ports are of TCP or UDP",
        "protocol": "published ports are of TCP or UDP",
        "driver": "there is one driver",
        "links": "services reach each other by their names; 'networks' gives aliases",
        "logging": "'distill compose logs' shows what services write",
    ]

    private static func describe(_ kind: ComposeError.Kind) -> String {
        switch kind {
        case .mapping: "a mapping of names to values"
        case .list: "a list"
        case .text: "a text"
        case .textOrList: "a text or a list"
        case .listOrMapping: "a list or a mapping"
        case .textOrMapping: "a text or a mapping"
        }
    }

    private static func describe(_ form: ComposeError.Form) -> String {
        switch form {
        case .boolean: "it is true or false"
        case .number: "it must be a number"
        case .duration: "the form is 1m30s"
        case .bytes: "the form is a number with b, k, m or g behind it"
        case .absolutePath: "it must be a path that begins with '/'"
        case .path: "it is no path"
        case .name: "a name has letters, digits, '.', '_' and '-', at most 63"
        case .projectName:
            "a project's name has lower-case letters, digits, '_' and '-', and begins with a letter or digit"
        case .platform: "the form is os/architecture[/variant]"
        case .environmentName: "it is no variable's name"
        case .port: "the form is [[ADDRESS:]PORT:]PORT, with ports from 1 to 65535"
        case .capability: "it is ALL, or the name of a capability as in NET_ADMIN"
        case .portRange: "a published range has as many ports as its target, 1,000 at most"
        case .sizedRange: "it is out of range"
        case .volume: "the form is [SOURCE:]TARGET[:ro], with a volume's name or a path that begins with '.' or '/'"
        case .volumeWords: "options of a mount are \(VolumeWords.known)"
        case .signal: "it is no signal"
        case .restart: "it is no, always, unless-stopped or on-failure[:NUMBER]"
        case .command: "a quote is not closed"
        case .mode: "a mode is written in octal, as in 0444"
        case .hostEntry: "the form is NAME=ADDRESS"
        case .limit: "a limit is a number, or -1 for none"
        case .healthTest: "it begins with NONE, CMD or CMD-SHELL"
        case .user: "it must be a number"
        case .imageName: "it is no image's name"
        case .dotEnvironment: "the form is NAME=value"
        case .oneOf(let choices): "it is one of \(choices.joined(separator: ", "))"
        }
    }

    private init(_ error: ProjectError) {
        switch error {
        case .noFile(let directory):
            self.init("there is no compose.yaml in '\(directory)' or above it", hint: "name it with --file")
        case .unreadableFile(let path): self.init("the file '\(path)' cannot be read")
        case .unknownServices(let names, let known):
            self.init(
                "there is no service '\(names.joined(separator: "', '"))'",
                hint: names.first.flatMap { Suggestion.hint(for: $0, among: known) }
                    ?? "there are \(known.joined(separator: ", "))")
        case .missingEnvironmentFile(let path, _):
            self.init(
                "the file '\(path)' of 'env_file' does not exist",
                hint: "write it as 'path:' with 'required: false' if it may be missing")
        case .noImage(let name, let service, let cause, _):
            self.init(
                "the image '\(name)' of the service '\(service)' is not there"
                    + (cause.map { ": \(ErrorReport($0)?.sentence ?? "\($0)")" } ?? ""),
                hint: "load it with 'distill load', or give the service a 'build'")
        case .cannotListen(let port, let errno, _):
            self.init(port: port, errno)
        case .missingMountSource(let path, _): self.init("'\(path)' does not exist")
        case .missingVolume(let name, _): self.init("there is no volume '\(name)', and it is said to be external")
        case .missingSecret(let name, .file(let path), _):
            self.init("the secret '\(name)' cannot be read: there is no file '\(path)'")
        case .missingSecret(let name, .bytes, _): self.init("the secret '\(name)' is empty")
        case .missingSecret(let name, .variable(let variable), _):
            self.init("the secret '\(name)' cannot be read: the variable '\(variable)' is not set")
        case .unusableProfile(let path, let problem, _):
            self.init("'\(path)' cannot be used as a seccomp profile: \(problem.sentence)")
        case .needsRoot:
            self.init(
                "services need root, or a user namespace: each has a network of its own",
                hint: Self.needOfRoot(UserNamespace.obstacle))
        case .alreadyRunning(let name, let process):
            self.init(
                "the project '\(name)' is running already (process \(process))",
                hint: "'distill compose down' ends it, 'up --force-recreate' replaces it")
        case .notRunning(let name):
            self.init("nothing is known of the project '\(name)'", hint: "'distill compose up' starts it")
        case .notSupervised: self.init("the services did not start")
        case .service(let name, let cause, _):
            self = ErrorReport(cause) ?? .unknown
            self = ErrorReport("the service '\(name)' cannot be started: \(sentence)", hint: hint)
        case .build(let name, let context, let cause):
            let report = ErrorReport(cause) ?? .unknown
            // 'compose' has no such option.
            let hint = report.hint?.replacing(
                "'distill build --keep-failed'", with: "'distill build --keep-failed \(context)'")
            self.init(
                "the service '\(name)' of '\(context)' is not built: \(report.sentence)", hint: hint,
                status: report.status)
            (place, excerpt) = (report.place, report.excerpt)
            (instructions, others) = (report.instructions, report.others)
        case .failure(let failure, let evidence, _):
            switch failure {
            case .unhealthy(let name, let dependent):
                self.init(
                    "the service '\(name)' is not healthy" + (dependent.map { ", and '\($0)' waits for it" } ?? ""))
            case .ended(let name, let code, let dependent):
                self.init("the service '\(name)' ended with exit code \(code), and '\(dependent)' waits for it")
            case .cannotStart(let name): self.init("the service '\(name)' cannot be started")
            }
            let lastLines =
                switch evidence {
                case .lines(let lines): lines
                case .fault(let error): [ErrorReport(error)?.sentence ?? ErrorReport.unknown.sentence]
                }
            if !lastLines.isEmpty {
                excerpt = ["  the last that was seen of it:"] + lastLines.map { "  > \(TerminalText.singleLine($0))" }
            }
        }
    }
}

extension ErrorReport {
    package init(_ error: NetworkError) {
        switch error {
        case .refused(let subject, let errno):
            self.init("a private network cannot be made: the kernel refuses \(subject.words): \(Self.reason(errno))")
        case .noFreeRange:
            self.init("there is no free private network of 512 addresses between 10.200.0.0 and 10.249.255.255")
        case .tooManyMembers(let limit): self.init("a network has at most \(limit) members")
        case .noOutside(let obstacle):
            self.init("nothing leads outside of the private network: \(obstacle.reason)", hint: obstacle.hint)
        case .cannotListen(let publication, let errno):
            self.init(port: "\(publication.host):\(publication.published)", errno)
        }
    }

    /// A port of this machine on which nothing can listen.
    fileprivate init(port: String, _ errno: Errno) {
        self.init(
            errno == .addressInUse
                ? "the port \(port) is in use" : "nothing can listen on \(port) of this machine: \(Self.reason(errno))")
        switch errno {
        case .addressInUse: hint = "publish another one, or end the program that has it: ss -ltnp"
        case .permissionDenied: hint = "publish a port above 1023, or lower net.ipv4.ip_unprivileged_port_start"
        default: break
        }
    }
}

extension NetworkError.Subject {
    fileprivate var words: String {
        switch self {
        case .namespace: "a network namespace"
        case .tap: "a device for the way out"
        case .link: "a link"
        case .address: "an address"
        case .route: "a route"
        case .rule: "a rule for routes"
        case .routes: "the list of this machine's routes"
        }
    }
}

extension NetworkWarning {
    package var sentence: String {
        switch self {
        case .shared(.noOutside(let obstacle)):
            "programs share this machine's network, as with --network host: \(obstacle.reason)"
                + (obstacle.hint.map { " (\($0))" } ?? "")
        case .shared(let error):
            "programs share this machine's network, as with --network host: \(ErrorReport(error).sentence)"
        case .loopbackProxy(let name):
            "the proxy that \(name) names listens for this machine alone: programs reach it with --network host, or under an address of this machine's network"
        }
    }
}

extension OutsideAccess.Obstacle {
    package var sentence: String {
        if case .ended(let program, let messages) = self {
            return "services cannot reach the outside any more: \(Self.words(program, messages))"
        }
        return "services cannot reach the outside: \(reason)" + (hint.map { " (\($0))" } ?? "")
    }

    fileprivate var reason: String {
        switch self {
        case .noProgram(let name): "there is no program '\(name)'"
        case .refused(let path, let errno): "\(path): \(ErrorReport.reason(errno))"
        case .notStarted(let program, let messages), .ended(let program, let messages): Self.words(program, messages)
        }
    }

    fileprivate var hint: String? {
        switch self {
        case .noProgram(let name): "apt-get install \(name)"
        case .refused, .notStarted, .ended: nil
        }
    }

    private static func words(_ program: String, _ messages: String) -> String {
        let lines = messages.split(separator: "\n")
        return
            "\(program): \(lines.isEmpty ? "it has told nothing" : TerminalText.singleLine(lines.joined(separator: "; ")))"
    }
}
