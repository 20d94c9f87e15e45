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

        func run(helper name: String, verb: CredentialHelperVerb, input: [UInt8]) async throws -> CredentialHelperResult {
            let text = String(decoding: input, as: UTF8.self)
            recorded.withLock { $0.append("\(name) \(verb) \(text)") }
            if let answer = answers["\(name) \(verb)"] { return .init(succeeded: true, output: Array(answer.utf8)) }
            return .init(succeeded: false, output: Array("credentials not found in native keychain\n".utf8))
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

    @Test(arguments: [
        ("docker.io", "library/x", Credential.password(name: "hub", password: "pass")),
        ("reg.example", "x", .password(name: "a", password: "b:c")),
        ("old.example", "x", .password(name: "old", password: "x")),
        ("reg.example:5000", "x", .identityToken("idt")),
        ("quay.example", "else/x", .password(name: "u", password: "p")),
        ("quay.example", "team/x", .password(name: "team", password: "p")),
        ("quay.example", "teams/x", .password(name: "u", password: "p")),
        ("quay.example", "team/app", .password(name: "app", password: "p")),
        ("bad.example", "x", nil), ("empty.example", "x", nil), ("sub.reg.example", "x", nil),
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
        await #expect(throws: RegistryError.credentialHelper(name: "store", registry: "reg.example")) {
            try await broken.credential(for: "reg.example", repository: nil)
        }
    }

    @Test func theFirstFileThatKnowsCounts() async throws {
        let first = try CredentialFile(bytes: Array(#"{"auths":{"a.example":{"auth":"YTox"}}}"#.utf8))
        let second = try CredentialFile(bytes: Array(#"{"auths":{"a.example":{"auth":"YToy"},"b.example":{"auth":"YToz"}}}"#.utf8))
        let credentials = Credentials(files: [first, second])
        #expect(try await credentials.credential(for: "a.example", repository: nil) == .password(name: "a", password: "1"))
        #expect(try await credentials.credential(for: "b.example", repository: nil) == .password(name: "a", password: "3"))
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
        file = try await file.remembering(.password(name: "n", password: "s3cret"), for: "helped.example", helpers: helpers)
        file = try await file.forgetting("helped.example", helpers: helpers)
        #expect(!String(decoding: file.bytes, as: UTF8.self).contains("s3cret"))
        #expect(helpers.asked == [
            #"pass store {"ServerURL":"helped.example","Username":"n","Secret":"s3cret"}"#, "pass erase helped.example",
        ])
    }

    @Test(arguments: ["[]", "7", "{", "\u{0}"])
    func refusesOtherFiles(text: String) {
        #expect(throws: CredentialFileError.self) { try CredentialFile(bytes: Array(text.utf8)) }
    }

    @Test(arguments: ["", " \n", "{}", #"{"auths": 7, "credHelpers": [], "credsStore": {}}"#, #"{"auths":{"":{"auth":"YTph"}}}"#])
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
