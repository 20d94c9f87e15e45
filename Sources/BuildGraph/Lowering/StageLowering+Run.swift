internal import Dockerfile
internal import OCI

/// RUN.
extension StageLowering {
    mutating func run(_ run: RunInstruction, _ instruction: Instruction) throws(Diagnostic) {
        try checkConsent(run, instruction)
        var files: [InlineFile] = []
        var note: String?
        let words: [String]
        switch run.command {
        case .exec(let exec):
            guard !exec.isEmpty else {
                throw Diagnostic(.error(.invalidArguments), at: instruction.range, "RUN [] holds no command")
            }
            words = exec
        case .shell(let text): words = arguments(.shell(text))
        case .script(let heredoc):
            note = " (\(Self.summary(heredoc.text)))"
            if heredoc.text.hasPrefix("#!") {
                files = [InlineFile(name: heredoc.name, content: Array(heredoc.text.utf8))]
                words = arguments(.shell(CleanPath.clean("/dev/pipes/" + heredoc.name)))
            } else {
                words = arguments(.shell(heredoc.text))
            }
        }
        var operation = RunOperation(
            arguments: words, environment: state.scope.environment, unkeyedEnvironment: proxies,
            user: state.config.container.user, workingDirectory: state.workingDirectory,
            network: run.network.asNetwork ?? request.network, hostname: request.sandboxHostname,
            isInsecure: run.security == .insecure, files: files,
            platform: state.platform)
        operation.surroundings = request.surroundings
        sshCount = 0
        for syntax in run.mounts { operation.mounts.append(try mount(syntax)) }
        let createdBy = "RUN " + state.scope.historyPrefix + words.joined(separator: " ")
        let vertex = append(.run(operation), instruction, note: note)
        state.note(createdBy, vertex)
    }

    /// A right over this machine is given by the person who builds, not by the file, nor by a base whose ONBUILD asks for it.
    private func checkConsent(_ run: RunInstruction, _ instruction: Instruction) throws(Diagnostic) {
        var asked: [(option: String, right: Entitlement)] = []
        if run.security == .insecure { asked.append(("--security=insecure", .securityInsecure)) }
        if run.network == .host, request.network != .host { asked.append(("--network=host", .networkHost)) }
        for (option, right) in asked where !request.entitlements.contains(right) {
            throw Diagnostic(
                .error(.invalidArguments), at: instruction.range,
                "RUN \(option) asks for a right over this machine that was not given",
                hint: "if the file is to be trusted, build with --allow \(right.rawValue)")
        }
    }

    /// The proxies that were given with `--build-arg`, in both spellings; those that are declared are in the environment.
    private var proxies: [String] {
        var result: [String] = []
        for name in ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"] {
            let given = request.buildArguments.sorted { $0.key < $1.key }.last { $0.key.lowercased() == name }
            guard let value = given?.value else { continue }
            for spelling in [name.uppercased(), name] where state.scope.value(of: spelling) == nil {
                result.append("\(spelling)=\(value)")
            }
        }
        return result
    }

    /// The first line of a script, for people.
    private static func summary(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline)
        return (lines.first.map(String.init) ?? "") + (lines.count > 1 ? "..." : "")
    }
}

extension RunInstruction.Network {
    /// Nil where the request decides.
    fileprivate var asNetwork: Network? {
        switch self {
        case .default: nil
        case .none: Network.none
        case .host: .host
        }
    }
}
