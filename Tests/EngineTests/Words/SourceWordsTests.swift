import Agents
import BuildGraph
import Engine
import Glibc
import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

/// From the words of `--secret`, `--ssh` and `--filter` to values and errors.
@Suite struct SourceWordsTests {
    private static let form = "--secret: the form is id=NAME,src=FILE or id=NAME,env=VARIABLE"

    /// Where the environment has VAR.
    @Test(
        arguments: [
            (["id=a,src=f"], "a=file f"), (["id=a,source=f,type=file"], "a=file f"), (["id=a,env=B"], "a=variable B"),
            (["type=env,id=a,src=B"], "a=variable B"), (["id=a,type=env"], "a=variable a"),
            (["id=VAR"], "VAR=variable VAR"),
            (["id=file"], "file=file file"), (["id=a,src=1", "id=a,src=2"], "a=file 2"), (["ID=a,SRC=f"], "a=file f"),
            (["id=\"a\",\"src=x,y\""], "\"a\"=file x,y"), (["src=f"], form), (["id="], form), (["id"], form),
            (
                ["id=a,mode=1"],
                "--secret: 'mode' means nothing here; " + form.dropFirst("--secret: ".count)
            ),
            (["id=a,type=pipe"], "--secret: the type is file or env"),
        ] as [([String], String)])
    func secrets(options: [String], expected: String) {
        let environment = HostEnvironment(variables: ["VAR": "x"])
        let line = told {
            try SecretOption.read(options, environment).sorted { $0.key < $1.key }.map { id, source in
                switch source {
                case .file(let path): "\(id)=file \(path)"
                case .variable(let name): "\(id)=variable \(name)"
                case .bytes: "\(id)=bytes"
                }
            }.joined(separator: " ")
        }
        #expect(line == expected)
    }

    private static let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"

    /// DIR has a socket, keys of every kind, and programs that are called as an agent's.
    @Test(
        arguments: [
            ([], ""), (["default"], "default=agent socket"), (["a=DIR/socket"], "a=agent socket"),
            (["a=DIR/key"], "a=keys key"), (["a=DIR/key,DIR/key", "default"], "a=keys key,key default=agent socket"),
            (["a=DIR/socket,DIR/key"], "--ssh: 'DIR/socket' is a socket, and stands alone"),
            (["a=DIR"], "--ssh: 'DIR' is a directory; name a socket or a key"),
            (["a=DIR/no"], "--ssh: there is no 'DIR/no'"),
            (["a=DIR/public"], "--ssh: 'DIR/public' is a public key; name the private one"),
            (["a=DIR/text"], "--ssh: 'DIR/text' is neither a socket nor a private key"),
            (
                ["a=DIR/locked"],
                "--ssh: the key 'DIR/locked' has a passphrase: add it to your agent with 'ssh-add DIR/locked',"
                    + " and give --ssh default"
            ),
            (["=x"], "--ssh: the form is default, NAME=SOCKET or NAME=KEY[,KEY]"),
            (["a="], "--ssh: the form is default, NAME=SOCKET or NAME=KEY[,KEY]"),
        ] as [([String], String)])
    func agents(options: [String], expected: String) async throws {
        try await withAgents { directory in
            let environment = HostEnvironment(
                variables: ["SSH_AUTH_SOCK": "\(directory)/socket", "PATH": directory],
                workingDirectory: FilePath(directory))
            let line = told {
                let agents = try BuildAgents(
                    options: options.map { $0.replacing("DIR", with: directory) }, environment: environment)
                return agents.sources.sorted { $0.key < $1.key }.map { id, source in
                    switch source {
                    case .agent(let address): "\(id)=agent \(address.name)"
                    case .keys(let keys):
                        "\(id)=keys "
                            + keys.map { FilePath($0.path).lastComponent?.string ?? "" }.joined(separator: ",")
                    }
                }.joined(separator: " ")
            }
            #expect(line == expected.replacing("DIR", with: directory))
        }
    }

    private func withAgents(_ body: (String) throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            #expect(mknod("\(directory)/socket", S_IFSOCK | 0o600, 0) == 0)
            try Files.write(Self.key, to: "\(directory)/key")
            try Files.write(Self.key.replacing("PRIVATE", with: "ENCRYPTED PRIVATE"), to: "\(directory)/locked")
            try Files.write("ssh-ed25519 AAAA me\n", to: "\(directory)/public")
            try Files.write("hello\n", to: "\(directory)/text")
            for name in ["ssh-agent", "ssh-add"] {
                try Files.write("#!/bin/sh\n", to: "\(directory)/\(name)", mode: 0o755)
            }
            try body(directory)
        }
    }

    /// A key that a descriptor brings, as `<(…)` of a shell does, is read at once, beside others in their order.
    @Test func readsAKeyFromADescriptor() async throws {
        try await withAgents { directory in
            let file = try FileDescriptor.open(FilePath("\(directory)/key"), .readOnly)
            let words = "/dev/fd/\(file.rawValue),\(directory)/key"
            let agents = try file.closeAfter {
                try BuildAgents(options: ["a=\(words)"], environment: HostEnvironment(variables: ["PATH": directory]))
            }
            guard case .keys(let keys) = agents.sources["a"] else {
                Issue.record("there are no keys: \(agents.sources)")
                return
            }
            #expect(keys.map(\.path).joined(separator: ",") == words)
            #expect(keys.allSatisfy { $0.bytes == Array(Self.key.utf8) })
        }
    }

    /// Without an agent there is none to hand on.
    @Test(arguments: [
        ([:], "--ssh: no agent runs: SSH_AUTH_SOCK is not set"),
        (["SSH_AUTH_SOCK": ""], "--ssh: no agent runs: SSH_AUTH_SOCK is not set"),
        (
            ["SSH_AUTH_SOCK": "/nonexistent"],
            "--ssh: no agent runs: SSH_AUTH_SOCK names '/nonexistent', which is no socket"
        ),
        (["SSH_AUTH_SOCK": "/etc"], "--ssh: no agent runs: SSH_AUTH_SOCK names '/etc', which is no socket"),
    ])
    func noAgent(variables: [String: String], expected: String) {
        let line = told {
            "\(try BuildAgents(options: ["default"], environment: HostEnvironment(variables: variables)))"
        }
        #expect(line == expected)
    }

    @Test(
        arguments: [
            ("1h30m", 5400), ("2d", 172_800), ("45s", 45), ("", nil), ("1", nil), ("h", nil), ("1w", nil), ("-1h", nil),
            ("1234567890s", nil), (String(repeating: "999999999d", count: 200_000), nil),
        ] as [(String, Int64?)])
    func durations(text: String, expected: Int64?) { #expect(PruneWords.seconds(text) == expected) }

    @Test(
        arguments: [
            ([], nil, "all"), (["type=exec.cachemount"], nil, "mounts"), (["type=regular"], nil, "steps"),
            (["until=1700000000"], nil, "all before 1700000000"),
            (["unused-for=2023-11-14T22:13:20Z"], nil, "all before 1700000000"), ([], "1kb", "all keeping 1024"),
            (["type=frontend", "until=0"], "0", "steps before 0 keeping 0"),
            ([], "lots", "--keep-storage: the form is 10GB"),
            (["until"], nil, "--filter: the form is until=24h"),
            (["until=soon"], nil, "--filter: the form is until=24h"),
            (["type=image"], nil, "--filter: types are exec.cachemount and regular"),
            (["colour=red"], nil, "--filter: known are until and type"),
        ] as [([String], String?, String)])
    func policies(filters: [String], kept: String?, expected: String) {
        let line = told {
            let policy = try PruneWords(filters: filters, keptBytes: kept).policy()
            var words = [policy.includesSteps ? policy.includesCacheMounts ? "all" : "steps" : "mounts"]
            if let moment = policy.lastUsedBefore { words.append("before \(moment)") }
            if let kept = policy.keptBytes { words.append("keeping \(kept)") }
            return words.joined(separator: " ")
        }
        #expect(line == expected)
    }

    /// An age is counted from now.
    @Test func ages() throws {
        let before = FileTime.now.seconds
        let moment = try #require(try PruneWords(filters: ["until=24h"]).policy().lastUsedBefore)
        #expect((before - 86_400...FileTime.now.seconds - 86_400).contains(moment))
    }

    /// Filters, whether images with a name count, and which of two go: one named of 2023 with a label, and one without a name.
    @Test(
        arguments: [
            ([], false, "bare"), ([], true, "bare named"), (["label=a"], true, "named"), (["label=a=1"], true, "named"),
            (["label=a=2"], true, ""), (["label!=a"], true, "bare"), (["label!=a=2"], true, "bare named"),
            (["label=a"], false, ""), (["dangling=false", "label=a"], false, "named"),
            (["label=="], true, ""), (["label=a="], true, ""), (["label!=a="], true, "bare named"),
            (["dangling=true"], false, "bare"),
            (["until=1700000000"], true, ""), (["until=1700000001"], true, "bare named"),
            (["until=2023-11-14T22:13:21Z", "label=a"], true, "named"),
            (["dangling=2"], true, "--filter: dangling is true or false"),
            (["size=1"], true, "--filter: known are until, label, label! and dangling"),
            (["until=x"], true, "--filter: the form is until=24h"),
        ] as [([String], Bool, String)])
    func images(filters: [String], all: Bool, expected: String) async throws {
        try await withBench { bench in
            let epoch = ["SOURCE_DATE_EPOCH": "1700000000"]
            _ = try await bench.build("FROM scratch\nCOPY file /\nLABEL a=1\n") {
                $0.names = [try ImageReference("named:1")]
                $0.request.buildArguments = epoch
            }.result.get()
            _ = try await bench.build("FROM scratch\nCOPY file /b\n") { $0.request.buildArguments = epoch }.result.get()
            let store = bench.engine.store
            let line = told {
                let chosen = try PruneWords(filters: filters).images(all: all, in: store)
                let names = try store.images.list().filter(chosen).map { $0.isNamed ? "named" : "bare" }
                return names.sorted().joined(separator: " ")
            }
            #expect(line == expected)
        }
    }
}
