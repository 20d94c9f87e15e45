import Distribution
package import LinuxSystem
import OCI

/// What git is given where it fetches: the caller's variables, and the secrets that let it in. All of it goes by the environment:
/// arguments are seen by everybody, and what a repository keeps of its settings may come into an image.
package struct GitAccess: Sendable {
    package let environment: HostEnvironment
    /// The IDs of all secrets that there are.
    package let secretNames: [String]
    /// The bytes of a secret; nil if it was not given.
    package let secret: @Sendable (String) throws -> [UInt8]?

    package init(
        _ environment: HostEnvironment, secretNames: [String] = [],
        secret: @escaping @Sendable (String) throws -> [UInt8]? = { _ in nil }
    ) {
        (self.environment, self.secretNames, self.secret) = (environment, secretNames, secret)
    }

    /// What lets one in, and what of it must be shown nowhere.
    struct Surroundings {
        var variables: [String: String]
        var hidden: [String] = []
        /// What variables and settings name by a path.
        var files: [HeldFile] = []
    }

    func surroundings(of remote: GitRemote) throws -> Surroundings {
        var result = Surroundings(variables: environment.variables.filter { !Self.ofOneRepository.contains($0.key) })
        result.variables["GIT_TERMINAL_PROMPT"] = "0"
        result.variables["LC_ALL"] = "C"
        // ssh asks for nothing either: what it wants to know of a host or a key must be known before.
        result.variables["SSH_ASKPASS"] = "/bin/false"
        result.variables["SSH_ASKPASS_REQUIRE"] = "force"
        for name in CurlProxies.names { result.variables[name] = nil }
        result.variables.merge(CurlProxies(environment.variables, towards: remote.url).variables) { $1 }
        var settings = GitSettings(following: result.variables)
        try GitAuthorities(environment).add(for: remote, to: &settings, &result)
        settings.add("core.hooksPath", "/dev/null")
        settings.add("core.fsmonitor", "false")
        settings.add("advice.detachedHead", "false")
        addLogin(of: remote, to: &settings, &result)
        for header in try headers(for: remote) {
            settings.add("http.\(header.origin)/.extraHeader", "Authorization: " + header.value)
            result.hidden += header.hidden
        }
        result.variables.merge(settings.variables) { $1 }
        result.hidden.removeAll { $0.utf8.count < 4 }
        return result
    }

    /// What git's own variables say of a repository that somebody else works on, such as the one whose hook calls us
    /// (`git rev-parse --local-env-vars`); settings that come by the environment are the caller's own and stay.
    private static let ofOneRepository: Set = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR", "GIT_CONFIG",
        "GIT_NAMESPACE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_IMPLICIT_WORK_TREE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_QUARANTINE_PATH", "GIT_TEMPLATE_DIR",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_EXTERNAL_DIFF",
    ]

    /// User and password of the URL, for a server that asks for them.
    private func addLogin(of remote: GitRemote, to settings: inout GitSettings, _ result: inout Surroundings) {
        guard let origin = remote.origin, let user = remote.user ?? remote.password.map({ _ in "" }) else { return }
        if let password = remote.password {
            // Nobody else is asked: what is kept for this host may be another's.
            settings.add("credential.\(origin).helper", "")
            result.hidden.append(password)
        } else {
            // A helper of the caller may know the password; without one the name may be a token.
            settings.add("credential.\(origin).username", user)
            result.hidden.append(user)
        }
        settings.add("credential.\(origin).helper", Self.helper)
        result.variables[Self.userVariable] = user.filter { !$0.isNewline && $0 != "\0" }
        result.variables[Self.passwordVariable] = (remote.password ?? "").filter { !$0.isNewline && $0 != "\0" }
    }

    private static let userVariable = "DISTILL_GIT_USER"
    private static let passwordVariable = "DISTILL_GIT_PASSWORD"
    /// A helper in git's own form (gitcredentials(7), "Custom helpers").
    private static let helper =
        "!f() { test \"$1\" != get || printf 'username=%s\\npassword=%s\\n' \"$\(userVariable)\" \"$\(passwordVariable)\"; }; f"

    // MARK: Secrets

    /// The value of an `Authorization` header, and where it goes.
    struct Header: Hashable {
        let origin: String
        let value: String
        let hidden: [String]
    }

    /// Those of the repository's own host, and of others that secrets name: submodules may be there.
    ///
    /// For one host the more exact name counts, and of two that are alike the header (BuildKit, source/git).
    func headers(for remote: GitRemote) throws -> [Header] {
        var result: [Header] = []
        if let origin = remote.origin {
            let names = [remote.host, remote.hostName].map { "." + $0 } + [""]
            if let value = try firstValue(of: names) {
                result.append(Header(origin: origin, value: value.text, hidden: value.hidden))
            }
        }
        var hosts: Set = [remote.host, remote.hostName]
        for name in secretNames.sorted() {
            guard let form = Form.allCases.first(where: { name.hasPrefix($0.rawValue + ".") }) else { continue }
            let host = name.dropFirst(form.rawValue.count + 1).lowercased()
            guard !host.isEmpty, hosts.insert(host).inserted, let value = try firstValue(of: ["." + host]) else {
                continue
            }
            result.append(Header(origin: "https://" + host, value: value.text, hidden: value.hidden))
        }
        return result
    }

    private enum Form: String, CaseIterable {
        case header = "GIT_AUTH_HEADER"
        case token = "GIT_AUTH_TOKEN"
    }

    private func firstValue(of endings: [String]) throws -> (text: String, hidden: [String])? {
        for ending in endings {
            for form in Form.allCases {
                // Hosts have no case; a secret's ID does.
                let name = secretNames.first {
                    $0.hasPrefix(form.rawValue) && $0.dropFirst(form.rawValue.count).lowercased() == ending
                }
                guard let name, let bytes = try secret(name) else { continue }
                // A file ends with a line feed, and base64(1) writes several lines: none of it belongs to a header.
                let text = String(decoding: bytes.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
                guard !text.isEmpty else { continue }
                switch form {
                case .header: return (text, [text] + text.split(separator: " ").dropFirst().map(String.init))
                case .token:
                    let login = Base64.encode(Array("x-access-token:\(text)".utf8))
                    return ("basic " + login, [text, login])
                }
            }
        }
        return nil
    }
}

/// Settings of git that come by the environment (git-config(1), GIT_CONFIG_COUNT), behind those that the caller has there.
struct GitSettings {
    private(set) var variables: [String: String] = [:]
    private var count: Int

    init(following environment: [String: String]) {
        count = environment["GIT_CONFIG_COUNT"].flatMap { Int($0) }.map { min(max($0, 0), 1 << 20) } ?? 0
    }

    mutating func add(_ name: String, _ value: String) {
        variables["GIT_CONFIG_KEY_\(count)"] = name
        variables["GIT_CONFIG_VALUE_\(count)"] = value
        count += 1
        variables["GIT_CONFIG_COUNT"] = String(count)
    }
}
