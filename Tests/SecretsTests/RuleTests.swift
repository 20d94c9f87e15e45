import OCI
import Testing

@testable import Secrets

/// Each rule finds five secrets that are made when the test runs, and passes five texts that only look like one.
@Suite struct RuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: SecretRule
        let name: String
        let positive: @Sendable (inout Chance) -> String
        let near: @Sendable (inout Chance) -> String
        var testDescription: String { rule.rawValue }

        init(
            _ rule: SecretRule, name: String = "srv/file.txt", _ positive: @escaping @Sendable (inout Chance) -> String,
            near: @escaping @Sendable (inout Chance) -> String
        ) {
            (self.rule, self.name, self.positive, self.near) = (rule, name, positive, near)
        }

        /// A token behind a prefix; too short it is none.
        init(_ rule: SecretRule, prefix: String, _ count: Int, _ alphabet: String = Chance.alphanumeric) {
            self.init(
                rule, { "x = '\(prefix)\($0.mixed(count, alphabet))'" },
                near: { "x = '\(prefix)\($0.text(count / 4, alphabet))'" })
        }
    }

    static let cases: [Case] =
        [
            Case(.githubToken, prefix: "ghp_", 36), Case(.githubToken, prefix: "ghs_", 60),
            Case(.githubToken, prefix: "github_pat_", 82),
            Case(.gitlabToken, prefix: "glpat-", 20), Case(.gitlabToken, prefix: "glrt-", 22),
            Case(.googleAPIKey, prefix: "AIza", 35),
            Case(.googleOAuthSecret, prefix: "GOCSPX-", 28), Case(.npmToken, prefix: "npm_", 36),
            Case(.pypiToken, prefix: "pypi-AgEI", 80),
            Case(.dockerHubToken, prefix: "dckr_pat_", 27), Case(.stripeKey, prefix: "sk_live_", 24),
            Case(.anthropicKey, prefix: "sk-ant-", 90),
            Case(.openaiKey, prefix: "sk-proj-", 64), Case(.huggingFaceToken, prefix: "hf_", 34),
            Case(.vaultToken, prefix: "hvs.", 90),
            Case(.alibabaKey, prefix: "LTAI", 20), Case(.slackToken, prefix: "xoxb-", 48),
            Case(
                .rubygemsKey, { "rubygems_\($0.text(48, Chance.hex))" }, near: { "rubygems_\($0.text(24, Chance.hex))" }
            ),
            Case(
                .digitalOceanToken, { "dop_v1_\($0.text(64, Chance.hex))" },
                near: { "dop_v1_\($0.text(20, Chance.hex))" }),
            Case(.shopifyToken, { "shpat_\($0.text(32, Chance.hex))" }, near: { "shpat_\($0.text(12, Chance.hex))" }),
            Case(
                .awsAccessKey, { "id=AKIA\($0.text(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))" },
                near: { "id=AKIA\($0.text(17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))" }),
            Case(
                .awsSecretKey, { "aws_secret_access_key = \($0.mixed(40, Chance.base64))" },
                near: { "commit of the secret in aws: \($0.text(40, Chance.hex))" }),
            Case(
                .azureKey, { "DefaultEndpointsProtocol=https;AccountKey=\($0.mixed(86, Chance.base64))==;" },
                near: { _ in "AccountKey=${STORAGE_KEY};EndpointSuffix=x" }),
            Case(
                .azureClientSecret, { "v: \($0.text(3))8Q~\($0.mixed(34))" },
                near: { "v: \($0.text(3))8Q~\($0.mixed(20))" }),
            Case(
                .azureSignature, { "https://a.b/c?sv=2024-01-01&se=2030-01-01&sig=\($0.mixed(43))%3D" },
                near: { "https://a.b/c?page=1&sig=\($0.mixed(43))" }),
            Case(
                .terraformToken, { "\($0.text(14)).atlasv1.\($0.mixed(64))" },
                near: { "\($0.text(4)).atlasv1.\($0.text(10))" }),
            Case(
                .slackWebhook, { "https://hooks.slack.com/services/T\($0.text(8))/B\($0.text(10))/\($0.mixed(24))" },
                near: { _ in "https://hooks.slack.com/services/" }),
            Case(.sendgridKey, { "SG.\($0.mixed(22)).\($0.mixed(43))" }, near: { "SG.\($0.text(22)).\($0.text(8))" }),
            Case(
                .twilioKey, { "twilio: SK\($0.text(32, Chance.hex))" }, near: { "other: SK\($0.text(32, Chance.hex))" }),
            Case(
                .botToken, { "bot \($0.text(9, "123456789")):\($0.mixed(35))" },
                near: { "bot \($0.text(9, "123456789")):\($0.mixed(30))" }),
            Case(
                .npmAuth, name: "root/.npmrc", { "//npm.example/:_authToken=\($0.mixed(36))" },
                near: { _ in "//npm.example/:_authToken=${NPM_TOKEN}" }),
            Case(
                .dockerAuth, name: "root/.docker/config.json",
                { "{\"auths\": {\"r.example\": {\"auth\": \"\(Base64.encode(Array("me:\($0.mixed(16))".utf8)))\"}}}" },
                near: { _ in "{\"auths\": {\"r.example\": {}}, \"credsStore\": \"pass\"}" }),
            Case(
                .netrcPassword, name: "root/.netrc", { "machine h.example\n  login me\n  password \($0.mixed(14))\n" },
                near: { _ in "machine learning is fun, login or password" }),
            Case(
                .pypircPassword, name: "root/.pypirc", { "[x]\nusername = me\npassword = \($0.mixed(16))\n" },
                near: { _ in "[x]\nusername = me\n" }),
            Case(
                .mavenPassword, { "<server><password>\($0.mixed(12))</password></server>" },
                near: { "<password>{\($0.mixed(20))=}</password>" }),
            Case(
                .nugetPassword, { "<add key=\"ClearTextPassword\" value=\"\($0.mixed(14))\" />" },
                near: { _ in "<add key=\"ClearTextPassword\" value=\"%NUGET%\" />" }),
            Case(
                .composerAuth,
                { "{\"http-basic\": {\"h.example\": {\"username\": \"u\", \"password\": \"\($0.mixed(16))\"}}}" },
                near: { _ in "{\"http-basic\": {}}" }),
            Case(
                .cargoToken, name: "root/.cargo/credentials.toml", { "[registry]\ntoken = \"\($0.mixed(35))\"\n" },
                near: { _ in "[registry]\nindex = \"sparse\"\n" }),
            Case(
                .urlPassword, { "git clone https://me:\($0.mixed(14))@git.example/x" },
                near: { _ in "git clone https://me:${PASSWORD}@git.example/x" }),
            Case(
                .kubeconfig,
                { "kind: Config\nusers:\n- user:\n    client-key-data: \($0.mixed(200, Chance.base64))\n" },
                near: { _ in "kind: Config\nusers:\n- user:\n    client-key: /etc/key\n" }),
            Case(
                .kubernetesSecret, { "apiVersion: v1\nkind: Secret\ndata:\n  pw: \($0.mixed(24))\n" },
                near: { "apiVersion: v1\nkind: SealedSecret\ndata:\n  pw: \($0.mixed(24))\n" }),
            Case(
                .terraformState, name: "srv/terraform.tfstate",
                { "{\"terraform_version\": \"1.9\", \"resources\": [{\"attributes\": {\"x\": \"\($0.text(8))\"}}]}" },
                near: { _ in "{\"terraform_version\": \"1.9\", \"resources\": []}" }),
            Case(
                .privateKey, { Keys.pem(&$0) },
                near: { _ in "-----BEGIN PRIVATE KEY-----\n" }),
            Case(
                .privateKey, { "k = \"" + Keys.pem(&$0).replacing("\n", with: "\\n") + "\"" },
                near: { "-----BEGIN PRIVATE KEY-----\n\($0.text(40))\n-----END PRIVATE KEY-----" }),
            Case(
                .googleServiceAccount,
                {
                    "{\"type\": \"service_account\", \"private_key\": \"" + Keys.pem(&$0).replacing("\n", with: "\\n")
                        + "\"}"
                },
                near: { _ in "{\"type\": \"service_account\", \"project\": \"x\"}" }),
            Case(.jwt, { Keys.token(&$0) }, near: { "\($0.text(20)).eyJ\($0.text(20)).\($0.text(20))" }),
            Case(
                .keyStore, { "AGE-SECRET-KEY-1\($0.text(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"))" },
                near: { _ in "AGE-SECRET-KEY-1..." }),
            Case(
                .keyStore,
                {
                    "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 2\n\($0.text(64, Chance.base64))\n\($0.text(64, Chance.base64))\n"
                },
                near: { _ in "PuTTY-User-Key-File-3: ssh-rsa\nPublic-Lines: 2\n" }),
            Case(.secretFile, name: "srv/.env", { "A=\($0.text(4))\n" }, near: { _ in "# nothing\n" }),
            Case(.secretFile, name: "root/.pgpass", { "h:5432:d:u:\($0.text(8))\n" }, near: { _ in "\n" }),
            Case(.secretFile, name: "root/.ssh/id_rsa", { $0.text(40) }, near: { "ssh-rsa \($0.text(40))" }),
            Case(
                .generic, { "db_password = \"\($0.mixed(20))\"" },
                near: { _ in "db_password = os.getenv(\"PASSWORD_2\")" }),
        ]

    @Test(arguments: cases) func findsFive(_ rule: Case) throws {
        for seed in 1...5 {
            var chance = Chance(UInt64(seed))
            let text = rule.positive(&chance)
            let found = try Scan.findings(
                rule.name.hasPrefix("srv/f") ? "# some text\n\(text)\nmore\n" : text, in: rule.name)
            #expect(found.contains { $0.rule == rule.rule }, "\(seed): \(text) \(found.map(\.rule))")
            for finding in found { #expect(finding.excerpt.count <= 5) }
        }
    }

    @Test(arguments: cases) func passesFive(_ rule: Case) throws {
        for seed in 1...5 {
            var chance = Chance(UInt64(seed))
            let text = rule.near(&chance)
            let found = try Scan.findings(
                rule.name.hasPrefix("srv/f") ? "# some text\n\(text)\nmore\n" : text, in: rule.name)
            #expect(!found.contains { $0.rule == rule.rule }, "\(seed): \(text)")
        }
    }

    @Test(arguments: [".env.example", ".env.sample", "id_rsa.pub", "id_ed25519.pub"]) func harmlessNames(_ name: String)
        throws
    {
        #expect(try Scan.findings("ssh-rsa AAAA\nA=b\n", in: "srv/\(name)").isEmpty)
    }

    /// A manual's passwords are words; a file that is there to hold passwords may have such a one.
    @Test func wordsAreNoPasswordsInManuals() throws {
        for word in ["debian", "authentication", "lettersonly"] {
            let text = "machine example.org\nlogin apt\npassword \(word)\n"
            #expect(try Scan.findings(text, in: "usr/share/man/man5/apt_auth.conf.5").isEmpty, "\(word)")
            for name in ["root/.netrc", "etc/apt/auth.conf.d/a.conf", "etc/apt/auth.conf", "root/_netrc"] {
                #expect(try Scan.findings(text, in: name).map(\.rule) == [.netrcPassword], "\(name) \(word)")
            }
        }
        let strong = "machine h.example login me password x7Kq9Lm2Rt\n"
        for name in ["root/.netrc", "srv/notes.txt"] {
            #expect(try Scan.findings(strong, in: name).map(\.rule) == [.netrcPassword], "\(name)")
        }
        for word in ["Passwort", "Kennwort", "contraseña"] {
            #expect(try Scan.findings("deb http://benutzer:\(word)@h.example/ x").isEmpty, "\(word)")
        }
    }

    @Test func encryptedKeysWeighLess() throws {
        var chance = Chance(3)
        let text =
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n\(chance.text(64, Chance.base64))\n\(chance.text(64, Chance.base64))\n-----END RSA PRIVATE KEY-----\n"
        #expect(try Scan.findings(text).map(\.level) == [.medium])
        let key = Keys.pem(&chance)
        #expect(try Scan.findings(key, in: "etc/ssl/private/ssl-cert-snakeoil.key").map(\.level) == [.medium])
        #expect(try Scan.findings(key).map(\.level) == [.high])
    }

    @Test func javaKeyStoresWithAKey() throws {
        let head: [UInt8] = [0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 1]
        #expect(
            try Scan.findings("etc/a.jks", head + [0, 0, 0, 1] + [UInt8](repeating: 1, count: 64)).map(\.rule) == [
                .keyStore
            ])
        #expect(try Scan.findings("etc/a.jks", head + [0, 0, 0, 2] + [UInt8](repeating: 1, count: 64)).isEmpty)
    }

    @Test func anEndedTokenWeighsLess() throws {
        var chance = Chance(9)
        let found = try #require(try Scan.findings(Keys.token(&chance)).first { $0.rule == .jwt })
        #expect(found.expiry == 1_700_000_000)
        #expect(found.level(at: 1_600_000_000) == .medium)
        #expect(found.level(at: 1_800_000_000) == .low)
    }
}

enum Keys {
    /// A sequence of DER in lines.
    static func pem(_ chance: inout Chance) -> String {
        let text = Base64.encode([0x30, 0x82, 0x01, 0x2F] + chance.bytes(303))
        var lines = ["-----BEGIN PRIVATE KEY-----"]
        var rest = text[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END PRIVATE KEY-----", ""]).joined(separator: "\n")
    }

    static func token(_ chance: inout Chance) -> String {
        let parts = ["{\"alg\":\"HS256\",\"typ\":\"JWT\"}", "{\"sub\":\"\(chance.text(8))\",\"exp\":1700000000}"].map {
            text in
            Base64.encode(Array(text.utf8)).replacing("=", with: "").replacing("+", with: "-").replacing("/", with: "_")
        }
        return (parts + [chance.mixed(43)]).joined(separator: ".")
    }
}
