internal import OCI

/// Checks of what makes an image less safe than it could be.
enum SafetyChecks {
    /// Programs that need root to begin with, and give it up themselves.
    private static let ownUsers: Set = [
        "nginx", "openresty", "httpd", "apache2", "apache2ctl", "apache2-foreground", "apachectl", "haproxy",
        "postgres", "mysqld", "mariadbd", "mongod",
        "redis-server", "memcached", "rabbitmq-server", "php-fpm", "sshd", "named", "unbound", "dnsmasq", "postfix",
        "dovecot", "vsftpd", "cron", "crond",
        "supervisord", "s6-svscan", "init", "systemd", "runsvdir", "my_init", "dockerd", "containerd", "samba", "smbd",
        "squid", "varnishd", "openvpn", "caddy",
    ]
    /// Words of commands that go on as somebody else.
    private static let changesOfUser = [
        "gosu", "su-exec", "setpriv", "runuser", "setuidgid", "chpst", "s6-setuidgid", "sudo -u", "su -", "fixuid",
        "--uid", "--user",
    ]

    /// A service of the file's own that nothing keeps from running as root: it has a port or a health check, the file names its
    /// program, and neither that nor a script between gives root up.
    static func missingUser(_ input: CheckInput) -> [Finding] {
        let stages = SizeChecks.shipped(input)
        guard let first = stages.first, let last = stages.last else { return [] }
        let user = stages.flatMap(\.steps).last { $0.instruction.name == .user }
        let name = user?.words.first?.expansion.text ?? input.bases[first.syntax.index]?.user ?? ""
        // Who a variable names is known to those who set it.
        if user?.words.first?.expansion.undefined.isEmpty == false { return [] }
        // The base's name is all that is known about a base that was not looked up.
        guard ["", "root", "0", "0:0", "root:root"].contains(name), !first.baseName.contains("nonroot") else {
            return []
        }
        guard isService(stages), let started = StartedProgram(stages), !givesUpRoot(started, stages) else { return [] }
        return [
            Finding(
                range: user?.instruction.range ?? last.syntax.opening.range,
                message: name.isEmpty ? "the final stage names no USER" : "the final stage runs as \(name)",
                hint: "add USER with a name or a number")
        ]
    }

    private static func isService(_ stages: [ExpandedStage]) -> Bool {
        stages.flatMap(\.syntax.instructions).contains { $0.name == .expose || $0.name == .healthcheck }
    }

    private static func givesUpRoot(_ started: StartedProgram, _ stages: [ExpandedStage]) -> Bool {
        let words = started.words.map { CleanPath.base($0) }
        if words.contains(where: { ownUsers.contains($0) || ownUsers.contains(String($0.prefix { $0 != "-" })) }) {
            return true
        }
        // What a script of the context does is not known.
        if words.contains(where: { $0.hasSuffix(".sh") || $0.hasPrefix("docker-entrypoint") || $0 == "entrypoint" }) {
            return true
        }
        let texts =
            [started.words.joined(separator: " ")]
            + stages.flatMap(\.syntax.instructions).compactMap { instruction in
                if case .run(let run) = instruction.kind { run.command.text } else { nil }
            }
        return texts.contains { text in changesOfUser.contains { SearchedText(text).holds($0) } }
    }

    /// No tag, or the tag `latest`; a digest is always enough.
    static func unpinnedBases(_ input: CheckInput) -> [Finding] {
        input.stages.compactMap { stage in
            guard stage.base == nil, stage.baseName != "scratch" else { return nil }
            // What is no reference is an error of the build.
            guard let reference = try? ImageReference(stage.baseName), reference.digest == nil else { return nil }
            guard reference.tag == nil || reference.tag == "latest" else { return nil }
            return Finding(
                range: stage.syntax.from.base.range,
                message: reference.tag == nil
                    ? "'\(stage.baseName)' has no tag, which means latest"
                    : "'\(stage.baseName)' may be another image tomorrow",
                hint: "name a version")
        }
    }

    /// RUN --security=insecure and --network=host, in triggers for other files too.
    static func rights(_ input: CheckInput) -> [Finding] {
        input.syntax.stages.flatMap(\.instructions).flatMap { instruction -> [Finding] in
            guard case .run(let run) = instruction.kind else { return [] }
            let asked =
                (run.security == .insecure ? [("--security=insecure", "security.insecure")] : [])
                + (run.network == .host ? [("--network=host", "network.host")] : [])
            return asked.map { option, right in
                Finding(
                    range: instruction.range,
                    message: "RUN \(option) needs the consent of everybody who builds this file",
                    hint: "do without it, or tell them to build with --allow \(right)")
            }
        }
    }

    /// The beginnings of keys that services hand out.
    private static let keyPrefixes = [
        "AKIA", "ASIA", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "AIza",
        "-----BEGIN",
    ]
    /// Files that hold nothing but secrets.
    private static let secretFiles: Set = [
        "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", ".pypirc", ".env", "credentials.json",
        ".git-credentials", ".dockerconfigjson",
    ]

    static func secrets(_ input: CheckInput) -> [Finding] {
        input.syntax.stages.flatMap(\.instructions).flatMap { instruction -> [Finding] in
            switch instruction.kind {
            case .env(let values): return values.pairs.map(\.value).compactMap(keyFinding)
            case .arg(let definitions): return definitions.compactMap(\.value).compactMap(keyFinding)
            case .copy(let copy) where copy.from == nil: return copy.files.sources.compactMap(fileFinding)
            case .add(let add): return add.files.sources.compactMap(fileFinding)
            default: return []
            }
        }
    }

    private static func keyFinding(_ word: Word) -> Finding? {
        let text = String(scalars: word.text.unicodeScalars.drop { $0 == "\"" || $0 == "'" })
        guard text.utf8.count >= 12, let prefix = keyPrefixes.first(where: text.hasPrefix) else { return nil }
        return Finding(
            range: word.range, message: "a value that begins with \(prefix) is a key, and stays in the image's history",
            hint: "use RUN --mount=type=secret")
    }

    private static func fileFinding(_ word: Word) -> Finding? {
        let name = CleanPath.base(word.text)
        // Most files of that form are certificates.
        let isKey =
            name.hasSuffix(".pem") && ["key", "priv"].contains { name.lowercased().contains($0) }
            && !name.lowercased().contains("pub")
        guard secretFiles.contains(name) || isKey || word.text.hasSuffix(".aws/credentials") else {
            return nil
        }
        return Finding(
            range: word.range, message: "'\(word)' holds a secret, and stays in its layer",
            hint: "use RUN --mount=type=secret")
    }
}
