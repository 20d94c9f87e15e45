import OCI
import Synchronization
import Testing

@testable import Distribution

@Suite struct CredentialTests {
    /// Answers for helpers, and remembers what they were asked.
    private final class Helpers: CredentialHelperRunner {
        private let answers: [String: String]
        private let recorded = Mutex<[String]>([])

        init(_ answers: [String: String]) { self.answers = answers }

        var asked: [String] { recorded.withLock { $0 } }

        func run(helper name: String, verb: CredentialHelperVerb, input: [UInt8]) async throws -> CredentialHelperResult
        {
            let text = String(decoding: input, as: UTF8.self)
            recorded.withLock { $0.append("\(name) \(verb) \(text)") }
            if name == "absent" { return .missing }
            if name == "asleep" { return .silent(.seconds(7)) }
            if name == "broken" { return .ended(succeeded: false, output: Array("the vault\nis shut\n".utf8)) }
            if let answer = answers["\(name) \(verb)"] { return .ended(succeeded: true, output: Array(answer.utf8)) }
            return .ended(succeeded: false, output: Array("credentials not found in native keychain\n".utf8))
        }
    }

    private static let file = """
        {"auths": {
          "https://index.docker.io/v1/": {"auth": "aHViOnBhc3M="},
          "reg.example": {"auth": "YTpiOmM="},
          "https://old.example/v2/": {"auth": "b2xkOng=", "email": "a@b.example"},
          "reg.example:5000": {"identitytoken": "idt", "auth": "MDA6"},
          "quay.example": {"username": "u", "password": "p"},
          "quay.example/team": {"auth": "dGVhbTpw"},
          "quay.example/team/app": {"auth": "YXBwOnA="},
          "bad.example": {"auth": "%%%"},
          "empty.example": {}
        }, "credHelpers": {"helped.example": "pass"}, "other": [1, 2.50]}
        """

    @Test(
        arguments: [
            ("docker.io", "library/x", Credential.password(name: "hub", password: "pass")),
            ("reg.example", "x", .password(name: "a", password: "b:c")),
            ("old.example", "x", .password(name: "old", password: "x")),
            ("reg.example:5000", "x", .identityToken("idt")),
            ("quay.example", "else/x", .password(name: "u", password: "p")),
            ("quay.example", "team/x", .password(name: "team", password: "p")),
            ("quay.example", "teams/x", .password(name: "u", password: "p")),
            ("quay.example", "team/app", .password(name: "app", password: "p")),
            ("empty.example", "x", nil), ("sub.reg.example", "x", nil),
            ("helped.example", "x", .password(name: "h", password: "s")),
        ] as [(String, String, Credential?)])
    func findsCredentials(registry: String, repository: String, expected: Credential?) async throws {
        let file = try CredentialFile(bytes: Array(Self.file.utf8))
        let helpers = Helpers(["pass get": #"{"ServerURL":"x","Username":"h","Secret":"s"}"#])
        let credentials = Credentials(files: [file], helpers: helpers)
        #expect(try await credentials.credential(for: registry, repository: repository) == expected)
        #expect(helpers.asked == (registry == "helped.example" ? ["pass get helped.example"] : []))
    }

    @Test func asksTheStoreForAll() async throws {
        let file = try CredentialFile(bytes: Array(#"{"credsStore": "store"}"#.utf8))
        let helpers = Helpers(["store get": #"{"Username":"<token>","Secret":"s"}"#])
        let credentials = Credentials(files: [file], helpers: helpers)
        #expect(try await credentials.credential(for: "docker.io", repository: nil) == .identityToken("s"))
        #expect(helpers.asked == ["store get https://index.docker.io/v1/"])
        let none = Credentials(files: [file], helpers: Helpers([:]))
        #expect(try await none.credential(for: "reg.example", repository: nil) == nil)
        let broken = Credentials(files: [file], helpers: Helpers(["store get": "<html>"]))
        await #expect(
            throws: RegistryError.credentialHelper(
                HelperFailure(name: "store", registry: "reg.example", reason: .noAnswer))
        ) {
            try await broken.credential(for: "reg.example", repository: nil)
        }
    }

    /// Keys in all their forms, alone and beside others that fit less well.
    @Test(
        arguments: [
            ("reg.example", ["reg.example": "1"], "1"), ("reg.example", ["https://reg.example": "1"], "1"),
            ("reg.example", ["http://reg.example/": "1"], "1"), ("reg.example", ["https://reg.example/v1/": "1"], "1"),
            ("reg.example", ["reg.example/v2/": "1"], "1"), ("reg.example", ["https://reg.example/any/path": "1"], "1"),
            ("reg.example", ["https://reg.example/v1/": "1", "reg.example": "2"], "2"),
            ("reg.example", ["REG.example": "1"], "1"), ("reg.example", ["reg.example:443": "1"], nil),
            ("reg.example:5000", ["reg.example": "1"], nil),
            ("reg.example:5000", ["https://reg.example:5000/v1/": "1"], "1"),
            ("[::1]:5000", ["[::1]:5000": "1"], "1"), ("[::1]:5000", ["http://[::1]:5000/v2/": "1"], "1"),
            ("reg.example", ["reg.example/team": "1", "reg.example": "2", "reg.example/team/app": "3"], "3"),
            ("reg.example", ["reg.example/te": "1"], nil), ("reg.example", ["reg.example/team/": "1"], "1"),
            ("docker.io", ["https://index.docker.io/v1/": "1"], "1"), ("docker.io", ["docker.io": "1"], "1"),
            ("docker.io", ["index.docker.io": "1"], "1"),
            ("docker.io", ["docker.io/team": "1", "docker.io": "2"], "1"),
            ("docker.io", ["https://index.docker.io/v1/access-token": "1"], nil),
            ("docker.io", ["https://index.docker.io/v1/access-token": "1", "https://index.docker.io/v1/": "2"], "2"),
        ] as [(String, [String: String], String?)])
    func understandsKeys(registry: String, entries: [String: String], password: String?) async throws {
        let members = entries.map { "\"\($0)\":{\"auth\":\"\(Base64.encode(Array("u:\($1)".utf8)))\"}" }.joined(
            separator: ",")
        let file = try CredentialFile(bytes: Array("{\"auths\":{\(members)}}".utf8))
        let found = try await Credentials(files: [file]).credential(for: registry, repository: "team/app")
        #expect(found == password.map { .password(name: "u", password: $0) })
    }

    /// What `auth` may hold, and what nobody can read.
    @Test(
        arguments: [
            (#"{"auth":"dTpw"}"#, "p"), (#"{"auth":"dT\npw"}"#, "p"), (#"{"auth":"dTpw\r\n"}"#, "p"),
            (#"{"auth":"dTo="}"#, ""),
            (#"{"auth":"dTo"}"#, ""), (#"{"auth":"dTpwAAA="}"#, "p"), (#"{"auth":"dTphOmI="}"#, "a:b"),
            (#"{"auth":"%%%"}"#, nil), (#"{"auth":"dQ=="}"#, nil), (#"{"auth":"/zpw"}"#, nil), (#"{"auth":"A"}"#, nil),
        ] as [(String, String?)])
    func readsEntries(entry: String, password: String?) async throws {
        let file = try CredentialFile(bytes: Array("{\"auths\":{\"a.example\":\(entry)}}".utf8), named: "/c.json")
        let credentials = Credentials(files: [file])
        if let password {
            #expect(
                try await credentials.credential(for: "a.example", repository: nil)
                    == .password(name: "u", password: password))
        } else {
            await #expect(throws: RegistryError.unreadableCredential(file: "/c.json", key: "a.example")) {
                try await credentials.credential(for: "a.example", repository: nil)
            }
        }
        // It is nobody else's concern.
        #expect(try await credentials.credential(for: "b.example", repository: nil) == nil)
    }

    /// Names in any letter case, and twice, as the decoder of docker, podman and skopeo takes them.
    @Test(arguments: [
        #"{"Auths":{"a.example":{"auth":"dTpw"}}}"#, #"{"auths":{"a.example":{"Auth":"dTpw"}}}"#,
        #"{"auths":{"a.example":{"Username":"u","Password":"p"}}}"#, #"{"CREDSSTORE":"low"}"#,
        #"{"credhelpers":{"a.example":"low"}}"#,
        #"{"auths":{"a.example":{"auth":"eA=="},"a.example":{"auth":"dTpw"}}}"#,
        #"{"AUTHS":{"a.example":{"auth":"eA=="}},"auths":{"a.example":{"auth":"dTpw"}}}"#,
    ])
    func mindsNoLetterCase(text: String) async throws {
        let helpers = Helpers(["low get": #"{"username":"u","SECRET":"p"}"#])
        var file = try CredentialFile(bytes: Array(text.utf8))
        let found = try await Credentials(files: [file], helpers: helpers).credential(for: "a.example", repository: nil)
        #expect(found == .password(name: "u", password: "p"))
        // What is written goes where the rest stands.
        file.set(.password(name: "u", password: "q"), for: "a.example")
        let written = try CredentialFile(bytes: file.bytes)
        #expect(
            written.entries(registry: "a.example", repository: nil).contains(
                .credential(.password(name: "u", password: "q"))))
        #expect(
            written.document.members.count == Set(written.document.members.map { $0.key.lowercased() }).count
                || text.contains("AUTHS"))
    }

    @Test func readsTheOldForm() async throws {
        let text = #"{"https://index.docker.io/v1/":{"auth":"dTpw","email":"x"}}"#
        let file = try CredentialFile(bytes: Array(text.utf8), form: .entries)
        #expect(
            try await Credentials(files: [file]).credential(for: "docker.io", repository: nil)
                == .password(name: "u", password: "p"))
    }

    /// Helpers that are not there, do not end, or have nothing.
    @Test func helpersFail() async throws {
        let told = Mutex<[RegistryWarning]>([])
        func ask(_ text: String) async throws -> Credential? {
            let file = try CredentialFile(bytes: Array(text.utf8), named: "/c.json")
            let next = try CredentialFile(bytes: Array(#"{"auths":{"a.example":{"auth":"dTpw"}}}"#.utf8))
            let credentials = Credentials(files: [file, next], helpers: Helpers([:])) { warning in
                told.withLock { $0.append(warning) }
            }
            return try await credentials.credential(for: "a.example", repository: nil)
        }
        let found = Credential.password(name: "u", password: "p")
        #expect(try await ask(#"{"credsStore":"absent"}"#) == found)
        #expect(try await ask(#"{"credHelpers":{"a.example":"absent"}}"#) == found)
        #expect(told.withLock { Set($0) } == [.missingHelper(MissingProgram(name: "absent", file: "/c.json"))])
        #expect(try await ask(#"{"credsStore":"empty"}"#) == found)
        for (name, reason) in [
            ("asleep", HelperFailure.Reason.silent(.seconds(7))), ("broken", .message("the vault is shut")),
        ] {
            await #expect(
                throws: RegistryError.credentialHelper(HelperFailure(name: name, registry: "a.example", reason: reason))
            ) {
                try await ask("{\"credsStore\":\"\(name)\"}")
            }
        }
        let file = try CredentialFile(bytes: Array(#"{"credsStore":"absent"}"#.utf8), named: "/c.json")
        await #expect(throws: RegistryError.missingHelper(MissingProgram(name: "absent", file: "/c.json"))) {
            try await file.remembering(found, for: "a.example", helpers: Helpers([:]))
        }
    }

    @Test func theFirstFileThatKnowsCounts() async throws {
        let first = try CredentialFile(bytes: Array(#"{"auths":{"a.example":{"auth":"YTox"}}}"#.utf8))
        let second = try CredentialFile(
            bytes: Array(#"{"auths":{"a.example":{"auth":"YToy"},"b.example":{"auth":"YToz"}}}"#.utf8))
        let credentials = Credentials(files: [first, second])
        #expect(
            try await credentials.credential(for: "a.example", repository: nil) == .password(name: "a", password: "1"))
        #expect(
            try await credentials.credential(for: "b.example", repository: nil) == .password(name: "a", password: "3"))
    }

    @Test func remembersAndForgets() async throws {
        let helpers = Helpers([:])
        var file = try CredentialFile(bytes: Array(Self.file.utf8))
        file = try await file.remembering(.password(name: "n", password: "p"), for: "docker.io", helpers: helpers)
        file = try await file.remembering(.identityToken("t"), for: "old.example", helpers: helpers)
        let text = String(decoding: file.bytes, as: UTF8.self)
        let again = try CredentialFile(bytes: Array(text.utf8))
        #expect(again == file)
        #expect(text.contains("2.50"))
        #expect(again.document["auths"]?["https://index.docker.io/v1/"]?["auth"] == .string("bjpw"))
        #expect(again.document["auths"]?["https://old.example/v2/"] == nil)
        #expect(again.document["auths"]?["old.example"] == .object(["identitytoken": .string("t")]))
        #expect(again.document["auths"]?["quay.example/team"] != nil)
        let forgotten = try await again.forgetting("docker.io", helpers: helpers)
        #expect(!forgotten.mentions("docker.io"))
        #expect(forgotten.mentions("reg.example"))
        #expect(helpers.asked == [])
    }

    @Test func leavesSecretsToTheHelper() async throws {
        let helpers = Helpers(["pass store": "", "pass erase": ""])
        var file = try CredentialFile(bytes: Array(Self.file.utf8))
        file = try await file.remembering(
            .password(name: "n", password: "s3cret"), for: "helped.example", helpers: helpers)
        file = try await file.forgetting("helped.example", helpers: helpers)
        #expect(!String(decoding: file.bytes, as: UTF8.self).contains("s3cret"))
        #expect(
            helpers.asked == [
                #"pass store {"ServerURL":"helped.example","Username":"n","Secret":"s3cret"}"#,
                "pass erase helped.example",
            ])
    }

    @Test(arguments: ["[]", "7", "{", "\u{0}"])
    func refusesOtherFiles(text: String) {
        #expect(throws: CredentialFileError.self) { try CredentialFile(bytes: Array(text.utf8)) }
    }

    @Test(arguments: [
        "", " \n", "{}", #"{"auths": 7, "credHelpers": [], "credsStore": {}}"#, #"{"auths":{"":{"auth":"YTph"}}}"#,
    ])
    func readsFilesWithoutCredentials(text: String) throws {
        #expect(!(try CredentialFile(bytes: Array(text.utf8))).mentions("docker.io"))
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar", "\u{0}\u{ff}"])
    func writesBase64(text: String) {
        let encoded = Base64.encode(Array(text.utf8))
        #expect(Base64.decode(encoded) == Array(text.utf8))
        #expect(encoded.utf8.count % 4 == 0)
        #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=")
        #expect(Base64.decode("A") == nil)
        #expect(Base64.decode("Zm9v\n") == nil)
    }

    @Test func showsNoSecret() {
        func check(_ value: some Sendable) {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] { #expect(!text.contains("s3cret")) }
        }
        check(Credential.password(name: "n", password: "s3cret"))
        check(Credential.identityToken("s3cret"))
        check(Credentials(given: ["a": .registryToken("s3cret")], files: []))
        check(RegistryTransport(clientIdentity: .init(certificates: "c", privateKey: "s3cret")))
        var file = CredentialFile()
        file.set(.password(name: "n", password: "s3cret"), for: "a.example")
        check(file)
        #expect(!"\(file)".contains(Base64.encode(Array("n:s3cret".utf8))))
    }
}
