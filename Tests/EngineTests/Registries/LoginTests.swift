import Distribution
import LinuxSystem
import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Engine

/// What this machine keeps of registries: credentials, rules and certificates.
@Suite(.timeLimit(.minutes(5))) struct LoginTests {
    private static let password = Credential.password(name: "ann", password: "secret")
    /// `ann:secret`
    private static let entry = "YW5uOnNlY3JldA=="

    private func withAccess(
        _ variables: [String: String] = ["HOME": "HOME"],
        _ body: (RegistryAccess, _ home: String, _ warnings: () -> [RegistryWarning]) async throws -> Void
    ) async throws {
        try await Files.withTemporaryDirectory { home in
            let heard = Mutex<[RegistryWarning]>([])
            let environment = HostEnvironment(
                variables: variables.mapValues { $0.replacing("HOME", with: home) }, workingDirectory: FilePath(home))
            let access = RegistryAccess(environment, warn: { warning in heard.withLock { $0.append(warning) } })
            try await body(access, home) { heard.withLock { $0 } }
        }
    }

    /// Where a login is written: variables, files that are there, and the one that has it then.
    @Test(
        arguments: [
            (["HOME": "HOME"], [], ".docker/config.json"),
            (["HOME": "HOME", "DOCKER_CONFIG": "HOME/d"], [], "d/config.json"),
            (["HOME": "HOME", "REGISTRY_AUTH_FILE": "HOME/a/b/auth.json"], [], "a/b/auth.json"),
            (["HOME": "HOME"], [".config/containers/auth.json"], ".config/containers/auth.json"),
            (
                ["HOME": "HOME", "XDG_RUNTIME_DIR": "HOME/run"], ["run/containers/auth.json"],
                "run/containers/auth.json"
            ),
            (["HOME": "HOME", "XDG_CONFIG_HOME": "HOME/x"], ["x/containers/auth.json"], "x/containers/auth.json"),
            (["HOME": "HOME"], [".dockercfg"], ".docker/config.json"),
        ] as [([String: String], [String], String)])
    func remembersWhereItIsKnown(variables: [String: String], known: [String], expected: String) async throws {
        try await withAccess(variables) { access, home, _ in
            for path in known {
                let entries = #"{"reg.example": {"auth": "b2xkOm9sZA=="}}"#
                try Files.write(
                    path == ".dockercfg" ? entries : #"{"auths": \#(entries), "kept": 1}"#, to: "\(home)/\(path)")
            }
            try await access.remember(Self.password, for: "reg.example")
            let file = try Files.text("\(home)/\(expected)")
            #expect(file.contains(Self.entry) && file.contains("kept") == (known == [expected]))
            let root = try Directory(opening: FilePath("\(home)/\(expected)").removingLastComponent())
            let status = try root.status(Array((FilePath(expected).lastComponent?.string ?? "").utf8))
            #expect(status.map { $0.mode & 0o777 } == 0o600)
            #expect(try root.names().count == 1)
            #expect(try await access.keptCredential(for: "reg.example") == Self.password)
        }
    }

    /// A link stays one, and what it leads to is written.
    @Test func followsALink() async throws {
        try await withAccess { access, home, _ in
            try Files.write("{}", to: "\(home)/real/config.json")
            try Files.makeDirectory("\(home)/.docker")
            let docker = try Directory(opening: FilePath("\(home)/.docker"))
            try docker.makeSymbolicLink(Array("config.json".utf8), to: Array("../real/config.json".utf8))
            try await access.remember(Self.password, for: "reg.example")
            #expect(try docker.status(Array("config.json".utf8))?.kind == .symbolicLink)
            #expect(try Files.text("\(home)/real/config.json").contains(Self.entry))
        }
    }

    @Test func forgetsEverywhere() async throws {
        let entries = #"{"reg.example": {"auth": "YW5uOnNlY3JldA=="}, "other.example": {"auth": "YTpi"}}"#
        let given = #"{"auths": {"reg.example": {"auth": "YW5uOnNlY3JldA=="}}}"#
        try await withAccess(["HOME": "HOME", "DOCKER_AUTH_CONFIG": given]) { access, home, warnings in
            for path in [".docker/config.json", ".config/containers/auth.json"] {
                try Files.write(#"{"auths": \#(entries)}"#, to: "\(home)/\(path)")
            }
            try Files.write(entries, to: "\(home)/.dockercfg")
            #expect(try await access.forget("reg.example"))
            for path in [".docker/config.json", ".config/containers/auth.json"] {
                let text = try Files.text("\(home)/\(path)")
                #expect(!text.contains(Self.entry) && text.contains("YTpi"))
            }
            #expect(
                warnings() == [
                    .stillKnown(registry: "reg.example", place: "\(home)/.dockercfg"),
                    .stillKnown(registry: "reg.example", place: "DOCKER_AUTH_CONFIG"),
                ])
            #expect(try await access.forget("reg.example") == false)
        }
    }

    /// As docker's command line: what the files hold is found all the same.
    @Test(arguments: ["nonsense", "[]"])
    func passesOverABrokenVariable(value: String) async throws {
        try await withAccess(["HOME": "HOME", "DOCKER_AUTH_CONFIG": value]) { access, home, warnings in
            try Files.write(
                #"{"auths": {"reg.example": {"auth": "YW5uOnNlY3JldA=="}}}"#, to: "\(home)/.docker/config.json")
            #expect(try await access.keptCredential(for: "reg.example")?.secret == "secret")
            #expect(warnings() == [.noCredentials(variable: "DOCKER_AUTH_CONFIG")])
        }
    }

    @Test func needsAPlace() async throws {
        try await withAccess([:]) { access, _, _ in
            await #expect {
                try await access.remember(Self.password, for: "reg.example")
            } throws: { error in
                if case EngineError.noHome = error { true } else { false }
            }
        }
    }

    /// Files that cannot be what they should be are told with their names.
    @Test(arguments: [
        (".docker/config.json", "nonsense", ".docker/config.json"), (".config/containers/auth.json/x", "", "auth.json"),
    ])
    func tellsOfFilesThatAreNone(path: String, content: String, expected: String) async throws {
        try await withAccess { access, home, _ in
            try Files.write(content, to: "\(home)/\(path)")
            await #expect {
                _ = try await access.keptCredential(for: "reg.example")
            } throws: { error in
                guard case EngineError.unusableFile(let path, _) = error else { return false }
                return path.hasSuffix(expected)
            }
        }
    }

    /// A password that was kept opens a registry; without it, it is shut.
    @Test func opensARegistry() async throws {
        var settings = FakeRegistry.Settings()
        settings.authentication = .basic(name: "ann", password: "secret")
        try await FakeRegistry.with(settings) { registry in
            try await withAccess { access, _, _ in
                let name = try ImageReference("\(registry.host)/me/app:1")
                func ask() async throws -> RegistryError? {
                    do {
                        _ = try await access.withSession { try await $0.withClient { try await $0.manifest(name) } }
                        return nil
                    } catch let error as RegistryError { return error }
                }
                guard case .unauthorized? = try await ask() else {
                    Issue.record("it is open")
                    return
                }
                try await access.remember(Self.password, for: registry.host)
                guard case .notFound? = try await ask() else {
                    Issue.record("it is shut")
                    return
                }
            }
        }
    }

    /// The user's directory comes before the system's; the first client certificate and all authorities count.
    @Test func readsCertificates() async throws {
        try await withAccess { access, home, _ in
            let root = "\(home)/.config"
            try Files.write("A", to: "\(root)/containers/certs.d/reg.example:5000/ca.crt")
            try Files.write("B", to: "\(root)/docker/certs.d/reg.example:5000/ca.crt")
            try Files.write("first", to: "\(root)/containers/certs.d/reg.example:5000/a.cert")
            try Files.write("key", to: "\(root)/containers/certs.d/reg.example:5000/a.key")
            try Files.write("second", to: "\(root)/docker/certs.d/reg.example:5000/b.cert")
            try Files.write("lone", to: "\(root)/docker/certs.d/lone.example/c.cert")
            try Files.write("no directory", to: "\(root)/docker/certs.d/file")
            let transports = access.transports()
            let both = try #require(transports["reg.example:5000"])
            #expect(both.authorities == ["A", "B"])
            #expect(both.clientIdentity == .init(certificates: "first", privateKey: "key"))
            #expect(transports["lone.example"]?.clientIdentity == .init(certificates: "lone", privateKey: ""))
            #expect(transports["file"] == nil)
        }
    }

    /// A later file goes before an earlier one; what means nothing is told, and what is none ends all.
    @Test func readsRules() async throws {
        try await withAccess { access, home, warnings in
            let root = "\(home)/.config/containers"
            try Files.write(
                "unqualified-search-registries = [\"a.example\"]\ncolour = 1\n", to: "\(root)/registries.conf")
            try Files.write("unqualified-search-registries = [\"b.example\"]\n", to: "\(root)/registries.conf.d/1.conf")
            try Files.write("unqualified-search-registries = [\"c.example\"]\n", to: "\(root)/registries.conf.d/2.conf")
            try Files.write("nonsense\n", to: "\(root)/registries.conf.d/3.txt")
            let meanings = try access.rules().meanings(of: try ImageReference("tool"))
            #expect(meanings.map(\.domain) == ["c.example"])
            #expect(warnings() == [.unknownSetting(file: "\(root)/registries.conf", line: 2, name: "colour")])
            try Files.write("a = 1\nnonsense\n", to: "\(root)/registries.conf.d/3.conf")
            #expect {
                try access.rules()
            } throws: { error in
                guard case EngineError.unusableFile(let path, .registryRules(line: 2)) = error else { return false }
                return path.hasSuffix("3.conf")
            }
        }
    }
}
