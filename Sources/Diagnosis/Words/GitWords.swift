/// What git, curl below it, ssh and the server say, in sentences of our own where the meaning is known.
struct GitWords {
    /// Why it failed.
    let sentence: String
    /// What lets one in; nil where nothing of that kind is missing.
    let hint: String?

    /// - Parameter reason: lines joined by `; `, as git wrote them.
    init(_ reason: String) {
        let known = Self.kinds.first { kind in kind.signs.contains { reason.contains($0) } }
        hint = known?.hint
        let told = Self.served(reason).map { "; the server says: \($0)" } ?? ""
        sentence = (known.map { $0.sentence(reason) } ?? Self.plain(reason)) + told
    }

    private struct Kind {
        let signs: [String]
        var hint: String?
        let sentence: @Sendable (String) -> String

        init(_ signs: String..., hint: String? = nil, sentence: @escaping @Sendable (String) -> String) {
            (self.signs, self.hint, self.sentence) = (signs, hint, sentence)
        }
    }

    private static let token = "give a token: --secret id=GIT_AUTH_TOKEN,env=VARIABLE"

    /// The first that is said decides: what stands further down is said of the same failure in a more general way.
    private static let kinds: [Kind] = [
        Kind(
            "Host key verification failed",
            hint:
                "add the host's key to ~/.ssh/known_hosts, once you know that it is the right one (ssh-keyscan HOST shows it)"
        ) { _ in "the server's SSH key is not the one that is known here, or none is" },
        Kind(
            "Permission denied (publickey", hint: "ssh-add FILE gives a key that the server knows to your SSH agent"
        ) { _ in "the server knows none of your keys" },
        Kind("could not read Username", "could not read Password", hint: token) { _ in "the server asks for a login" },
        Kind("Authentication failed", "returned error: 401", "returned error: 403", hint: token) { _ in
            "the server refuses the login, or asks for one"
        },
        Kind("Could not resolve proxy") { "the proxy's name \(quoted($0, behind: "proxy: "))is not known" },
        Kind("from proxy after CONNECT") { reason in
            "the proxy refuses the tunnel" + (between(reason, "HTTP code ", " from").map { " with status \($0)" } ?? "")
        },
        Kind("Could not resolve host") { "the host name \(quoted($0, behind: "host: "))is not known" },
        Kind("Could not resolve hostname") { "the host name \(quoted($0, behind: "hostname "))is not known" },
        Kind("Connection refused", "Couldn't connect to server", "Failed to connect") { _ in
            "nothing answers at that host and port"
        },
        Kind("timed out", "Timeout was reached", "transfer closed", "too slow") { _ in
            "the server does not answer in time"
        },
        Kind(
            "SSL certificate problem", "certificate verification failed", "unable to get local issuer",
            hint: "name the authority's file: SSL_CERT_FILE=FILE"
        ) { _ in "nobody whom this machine trusts signed the server's certificate, or it is not valid now" },
        Kind("Repository not found", "does not appear to be a git repository", "returned error: 404", "not found") {
            _ in "there is no repository at that address, or only a login shows it"
        },
        Kind("returned error: 5") { reason in
            "the server failed" + (between(reason, "returned error: ", ";").map { " with status \($0)" } ?? "")
        },
        Kind("early EOF", "unexpected disconnect", "hung up unexpectedly", "RPC failed", "Connection reset") { _ in
            "the connection broke off"
        },
        Kind("not our ref", "unadvertised object") { _ in "the server does not give this commit by itself" },
        Kind("dubious ownership") { _ in "the repository belongs to another user" },
        Kind("No space left on device") { _ in "no space is left on this machine" },
    ]

    private static func quoted(_ reason: String, behind mark: String) -> String {
        guard let start = reason.firstRange(of: mark)?.upperBound else { return "" }
        let name = reason[start...].prefix { !" ;:'\"".contains($0) }
        return name.isEmpty ? "" : "'\(name)' "
    }

    private static func between(_ reason: String, _ start: String, _ end: String) -> String? {
        guard let first = reason.firstRange(of: start)?.upperBound else { return nil }
        let rest = reason[first...]
        let word = rest[..<(rest.firstRange(of: end)?.lowerBound ?? rest.endIndex)].prefix { $0.isNumber }
        return word.isEmpty ? nil : String(word)
    }

    /// What the server itself writes for people.
    private static func served(_ reason: String) -> String? {
        let lines = lines(of: reason).filter { $0.hasPrefix("remote:") }.map {
            $0.dropFirst("remote:".count).trimmingPrefix { $0.isWhitespace }
        }.filter { line in line.contains { $0.isLetter } }
        return lines.isEmpty ? nil : lines.joined(separator: " ")
    }

    /// What has no words of ours: without git's own marks.
    private static func plain(_ reason: String) -> String {
        let marks = ["fatal: ", "error: ", "warning: "]
        let lines = lines(of: reason).filter { !$0.hasPrefix("remote:") }.map { line in
            marks.first { line.hasPrefix($0) }.map { String(line.dropFirst($0.count)) } ?? line
        }
        return lines.isEmpty ? "git tells no reason" : lines.joined(separator: "; ")
    }

    private static func lines(of reason: String) -> [String] {
        reason.split(separator: "; ").map { String($0.trimmingPrefix { $0.isWhitespace }) }
    }
}
