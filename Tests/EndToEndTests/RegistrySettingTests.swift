import OCI
import TestSupport
import Testing

/// What surrounds the binary when it speaks to registries: files of credentials, rules, helpers, authorities.
@Suite(.timeLimit(.minutes(30))) struct RegistrySettingTests {
    private static let manifest: [UInt8] = {
        let descriptor =
            "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"\(Digest(sha256: config))\",\"size\":\(config.count)}"
        return Array(
            "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.manifest.rawValue)\",\"config\":\(descriptor),\"layers\":[]}"
                .utf8)
    }()
    private static let config = Array(
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
            .utf8)

    /// A registry with the image `a/b:1`, and a home without anything in it.
    private func withRegistry(
        _ authentication: FakeRegistry.Authentication = .basic(name: "u", password: "p"),
        _ body: (_ distill: Distill, _ registry: FakeRegistry) async throws -> Void
    ) async throws {
        var settings = FakeRegistry.Settings()
        settings.authentication = authentication
        try await FakeRegistry.with(settings) { registry in
            registry.addBlob(Self.config, to: "a/b")
            registry.addManifest(Self.manifest, type: .manifest, tag: "1", to: "a/b")
            try await Distill.withStore { try await body($0, registry) }
        }
    }

    /// A home of the test's own, and no variable that says more.
    private func surroundings(_ distill: Distill, _ more: [String: String?] = [:]) -> [String: String?] {
        let own: [String: String?] = [
            "HOME": "\(distill.directory)/home", "DOCKER_CONFIG": nil, "REGISTRY_AUTH_FILE": nil,
            "DOCKER_AUTH_CONFIG": nil,
            "XDG_RUNTIME_DIR": "\(distill.directory)/run", "XDG_CONFIG_HOME": nil, "http_proxy": nil, "HTTP_PROXY": nil,
            "all_proxy": nil, "ALL_PROXY": nil,
            "SSL_CERT_FILE": nil, "SSL_CERT_DIR": nil,
        ]
        return own.merging(more) { _, given in given }
    }

    private func write(_ text: String, to path: String) throws { try Files.write(text, to: path) }

    /// Each place alone, then all with wrong credentials behind it.
    @Test func readsCredentialsOfEveryPlace() async throws {
        try await withRegistry { distill, registry in
            func file(_ secret: String) -> String {
                "{\"auths\":{\"\(registry.host)\":{\"auth\":\"\(Base64.encode(Array("u:\(secret)".utf8)))\"}}}"
            }
            let (home, directory) = ("\(distill.directory)/home", distill.directory)
            let places = [
                "\(directory)/run/containers/auth.json", "\(home)/.config/containers/auth.json",
                "\(home)/.docker/config.json", "\(home)/.dockercfg",
            ]
            func text(_ place: String, _ secret: String) -> String {
                place.hasSuffix("cfg") ? String(file(secret).dropFirst("{\"auths\":".count).dropLast()) : file(secret)
            }
            func pull(_ more: [String: String?] = [:]) async throws -> Bool {
                _ = try await distill("rmi", "-f", "\(registry.host)/a/b:1")
                return try await distill(
                    "pull", "-q", "\(registry.host)/a/b:1", environment: surroundings(distill, more)
                ).succeeded
            }
            #expect(!(try await pull()))
            for (index, place) in places.enumerated().reversed() {
                try write(text(place, "p"), to: place)
                #expect(try await pull(), "\(place)")
                try write(text(place, "wrong"), to: place)
                #expect(!(try await pull()), "\(index)")
            }
            try write(file("p"), to: "\(directory)/named.json")
            #expect(try await pull(["REGISTRY_AUTH_FILE": "\(directory)/named.json"]))
            #expect(try await pull(["DOCKER_AUTH_CONFIG": file("p")]))
            #expect(!(try await pull(["REGISTRY_AUTH_FILE": "\(directory)/none.json"])))
            try write(file("wrong"), to: "\(directory)/named.json")
            #expect(!(try await pull(["REGISTRY_AUTH_FILE": "\(directory)/named.json"])))
            try write(file("p"), to: "\(directory)/docker/config.json")
            _ = try await Command("rm", [places[0], places[1]]).run()
            #expect(try await pull(["DOCKER_CONFIG": "\(directory)/docker"]))
            try write("{\"auths\":{\"\(registry.host)\":{\"auth\":\"%\"}}}", to: places[0])
            let unreadable = try await distill("pull", "\(registry.host)/a/b:2", environment: surroundings(distill))
            #expect(
                unreadable.exitCode == 1 && unreadable.errorOutput.contains(places[0])
                    && unreadable.sentences.count == 1, "\(unreadable)")
        }
    }

    /// An alias holds for whatever asks for a name, in registries and in the store; one file of credentials stands for all.
    @Test func knowsAliasesAndOneFileOfCredentialsEverywhere() async throws {
        try await withRegistry { distill, registry in
            let (home, file) = ("\(distill.directory)/home", "\(distill.directory)/auth.json")
            try write(
                "[aliases]\ntool = \"\(registry.host)/a/b\"\n",
                to: "\(home)/.config/containers/registries.conf.d/x.conf")
            func run(_ words: String...) async throws -> Command.Outcome {
                try await distill.command(words, environment: surroundings(distill)).run()
            }
            #expect(try await run("login", "--authfile", file, "-u", "u", "-p", "p", registry.host).succeeded)
            #expect(!Files.exists("\(home)/.docker/config.json"))
            #expect(!(try await run("pull", "tool:1")).succeeded)
            for words in [
                ["image", "inspect", "--remote", "--authfile", file, "tool:1"],
                ["manifest", "inspect", "--authfile", file, "tool:1"],
                ["manifest", "create", "--authfile", file, "list:1", "tool:1"],
                ["image", "copy", "-q", "--authfile", file, "tool:1", "\(registry.host)/c/d:2"],
                ["pull", "-q", "--authfile", file, "tool:1"], ["image", "inspect", "tool:1"], ["tag", "tool:1", "own"],
            ] {
                let outcome = try await distill.command(words, environment: surroundings(distill)).run()
                #expect(outcome.succeeded, "\(words): \(outcome)")
            }
            #expect(registry.manifest("2", in: "c/d") == Self.manifest)
            let missing = try await run("pull", "--authfile", "\(file).none", "tool:1")
            #expect(missing.errorOutput.contains("there is no such file"), "\(missing)")
            #expect(try await run("logout", "--authfile", file, registry.host).succeeded)
            #expect(!(try await run("pull", "--authfile", file, "tool:1")).succeeded)
        }
    }

    /// Every command that speaks to a registry, with one file of credentials, by option and by variable; none goes without it.
    @Test func everyCommandTakesOneFileOfCredentials() async throws {
        try await withRegistry { distill, registry in
            let (directory, file) = (distill.directory, "\(distill.directory)/auth.json")
            let secret = Base64.encode(Array("u:p".utf8))
            try write("{\"auths\":{\"\(registry.host)\":{\"auth\":\"\(secret)\"}}}", to: file)
            let name = "\(registry.host)/a/b:1"
            try write("FROM \(name)\nCOPY Dockerfile /f\n", to: "\(directory)/c/Dockerfile")
            try write("FROM scratch\nCOPY Dockerfile /f\n", to: "\(directory)/own/Dockerfile")
            try write("{\"target\":{\"default\":{\"context\":\"\(directory)/c\"}}}", to: "\(directory)/bake.json")
            try write("services:\n  a:\n    build: \(directory)/c\n", to: "\(directory)/build.yaml")
            try write("services:\n  a:\n    image: \(name)\n", to: "\(directory)/up.yaml")
            let (build, up) = ("\(directory)/build.yaml", "\(directory)/up.yaml")
            let cache = "type=registry,ref=\(registry.host)/a/cache"
            // The command, and what stands behind the option.
            let commands: [([String], [String])] = [
                (["build"], ["\(directory)/c"]), (["build", "--cache-from", cache], ["\(directory)/own"]),
                (["build", "--cache-to", cache], ["\(directory)/own"]), (["bake", "-f", "\(directory)/bake.json"], []),
                (["compose", "-f", build, "build"], []), (["compose", "-f", up, "up"], []),
                (["run", "--rm"], [name, "/x"]),
                (["cache", "pull"], [name]), (["pull"], [name]), (["explain"], ["docker://\(name)"]),
                (["why"], ["docker://\(name)", "/x"]), (["diff"], ["docker://\(name)", "docker://\(name)"]),
                (["image", "inspect", "--remote"], [name]), (["image", "copy"], [name, "\(registry.host)/c/d"]),
                (["manifest", "inspect"], [name]), (["manifest", "create"], ["list", name]),
            ]
            for (number, (words, rest)) in commands.enumerated() {
                let kinds: [(String, [String], String?)] = [
                    ("option", ["--authfile", file], nil), ("variable", [], file), ("neither", [], nil),
                ]
                // All of them have the variable; a few show it.
                for (kind, option, variable) in kinds.prefix(number % 5 == 0 ? 3 : 1) {
                    let before = registry.requests.count
                    let own = Distill(directory: directory, store: "\(directory)/store-\(number)-\(kind)")
                    let outcome = try await own.command(
                        words + option + rest, environment: surroundings(own, ["REGISTRY_AUTH_FILE": variable])
                    ).run()
                    let isTaken = registry.requests.dropFirst(before).contains {
                        $0.headers["authorization"] == "Basic \(secret)" && $0.path.hasPrefix("/v2/a/")
                    }
                    #expect(isTaken == (kind != "neither"), "\(words) \(kind): \(outcome)")
                    #expect(!(kind != "neither" && outcome.errorOutput.contains("login")), "\(words): \(outcome)")
                }
            }
        }
    }

    /// A hundred situations, each with the outcome that it should have.
    @Test(.requires(.root), .requires(.program("python3")), .requires(.program("openssl")), .requires(.program("ip")))
    func pullsInEverySituation() async throws {
        let script = LanguageCase.fixtures + "/../../../scripts/registry-situations"
        let outcome = try await Command(script, ["--alone", "--distill", Distill.binary]).run()
        #expect(outcome.succeeded, "\(outcome)")
    }

    /// A key file is a password of several lines; what it ends with is the file's, not the password's.
    @Test(arguments: ["{\n  \"type\": \"x\",\r\n  \"key\": \"abc\"\n}", "p", " p ", "p\n", "\n"])
    func logsInWithAnyPassword(password: String) async throws {
        for end in ["\n", "\r\n", ""]
        where !(end.isEmpty && password.hasSuffix("\n")) && !(end == "\r\n" && password == "\n") {
            try await withRegistry(.bearer(name: "_json_key", password: password, uses: .max)) { distill, registry in
                let environment = surroundings(distill)
                let login = try await distill(
                    "login", "-u", "_json_key", "--password-stdin", "http://\(registry.host)", environment: environment,
                    input: password + end)
                #expect(login.succeeded, "\(login)")
                let path = "\(distill.directory)/home/.docker/config.json"
                #expect(try await Command("stat", ["-c", "%a", path]).run().line == "600")
                #expect(try await distill("pull", "-q", "\(registry.host)/a/b:1", environment: environment).succeeded)
                #expect(try await distill("logout", registry.host, environment: environment).succeeded)
                #expect(try JSON.parse(try Files.text(path))["auths"]?.object?.members.count == 0)
            }
        }
    }

    /// A file that is a link stays one, what is not ours in it stays, and what podman has is changed where it is.
    @Test func loginKeepsWhatIsThere() async throws {
        try await withRegistry { distill, registry in
            let home = "\(distill.directory)/home"
            try write(
                "{\"auths\":{\"other.example\":{\"auth\":\"dTpw\"}},\"psFormat\":\"x\"}",
                to: "\(distill.directory)/real/file.json")
            _ = try await Command("mkdir", ["-p", "\(home)/.docker"]).run()
            _ = try await Command("ln", ["-s", "\(distill.directory)/real/file.json", "\(home)/.docker/config.json"])
                .run()
            let environment = surroundings(distill)
            func login(_ host: String) async throws -> Command.Outcome {
                try await distill("login", "-u", "u", "-p", "p", host, environment: environment)
            }
            // Several at once lose nothing.
            let names = ["127.0.0.1", "localhost"].map { "\($0):\(registry.port)" }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        try await distill.command(
                            ["login", "-u", "u", "-p", "p", names[index % 2]], environment: environment
                        ).run().succeeded
                    }
                }
                for try await succeeded in group { #expect(succeeded) }
            }
            let kept = try JSON.parse(try Files.text("\(distill.directory)/real/file.json"))
            #expect(kept["psFormat"] == .string("x") && kept["auths"]?.object?.members.count == 3, "\(kept)")
            #expect(
                try await Command("readlink", ["\(home)/.docker/config.json"]).run().line.hasSuffix("/real/file.json"))

            let podman = "\(distill.directory)/run/containers/auth.json"
            try write("{\"auths\":{\"\(registry.host)\":{\"auth\":\"dTp3cm9uZw==\"}}}", to: podman)
            #expect(!(try await distill("pull", "-q", "\(registry.host)/a/b:1", environment: environment).succeeded))
            #expect(try await login(registry.host).succeeded)
            #expect(try await distill("pull", "-q", "\(registry.host)/a/b:1", environment: environment).succeeded)
            #expect(try await distill("logout", registry.host, environment: environment).succeeded)
            #expect(!(try Files.text(podman)).contains("127.0.0.1"))
            #expect(!(try Files.text("\(distill.directory)/real/file.json")).contains("127.0.0.1"))
            let again = try await distill("logout", registry.host, environment: environment)
            #expect(again.succeeded && again.output.contains("Not logged in"), "\(again)")
        }
    }

    /// Helpers: one that is there is asked once, one that is not is told of once, one that fails is an error with its words.
    @Test func asksHelpers() async throws {
        try await withRegistry { distill, registry in
            let directory = distill.directory
            let path = (environmentVariable("PATH") ?? "") + ":\(directory)/bin"
            let environment = surroundings(distill, ["PATH": path])
            func helper(_ name: String, _ script: String) async throws {
                try write(
                    "#!/bin/sh\necho \"$1 $(cat)\" >> \(directory)/asked\n\(script)\n",
                    to: "\(directory)/bin/docker-credential-\(name)")
                _ = try await Command("chmod", ["755", "\(directory)/bin/docker-credential-\(name)"]).run()
            }
            func pull(_ config: String) async throws -> Command.Outcome {
                try write(config, to: "\(directory)/home/.docker/config.json")
                _ = try await distill("rmi", "-f", "\(registry.host)/a/b:1")
                return try await distill("pull", "-q", "\(registry.host)/a/b:1", environment: environment)
            }
            try await helper("right", "echo '{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"p\"}'")
            try await helper("empty", "echo 'credentials not found in native keychain'; exit 1")
            try await helper("broken", "echo 'the vault is shut'; exit 1")
            try write("no program", to: "\(directory)/bin/docker-credential-windows.exe")
            _ = try await Command(
                "sh",
                ["-c", "printf 'MZ\\001' > $1; chmod 755 $1", "sh", "\(directory)/bin/docker-credential-windows.exe"]
            ).run()
            #expect(try await pull("{\"credsStore\":\"right\"}").succeeded)
            #expect(try Files.text("\(directory)/asked") == "get \(registry.host)\n")
            #expect(
                try await pull("{\"credHelpers\":{\"\(registry.host)\":\"right\"},\"credsStore\":\"broken\"}").succeeded
            )
            let known = "\"auths\":{\"\(registry.host)\":{\"auth\":\"dTpw\"}}"
            #expect(try await pull("{\(known),\"credHelpers\":{\"\(registry.host)\":\"empty\"}}").succeeded)
            for name in ["none", "windows.exe"] {
                let warned = try await pull("{\(known),\"credHelpers\":{\"\(registry.host)\":\"\(name)\"}}")
                #expect(
                    warned.succeeded && warned.errorOutput.matches(of: /warning: .*docker-credential-/).count == 1,
                    "\(warned)")
                let refused = try await pull("{\"credsStore\":\"\(name)\"}")
                #expect(refused.exitCode == 1 && refused.errorOutput.contains("needs a login"), "\(refused)")
            }
            let broken = try await pull("{\"credsStore\":\"broken\"}")
            #expect(broken.exitCode == 1 && broken.errorOutput.contains("the vault is shut"), "\(broken)")
            try write("{\"credsStore\":\"none\"}", to: "\(directory)/home/.docker/config.json")
            let login = try await distill("login", "-u", "u", "-p", "p", registry.host, environment: environment)
            #expect(
                login.exitCode == 1 && login.errorOutput.contains("config.json") && login.sentences.count == 1,
                "\(login)")
        }
    }

    /// The user's rules lie beside those of the system, and say what short names mean.
    @Test func readsRulesOfTheUser() async throws {
        try await withRegistry(.none) { distill, registry in
            let folder = "\(distill.directory)/home/.config/containers/registries.conf.d"
            let text = "[[registry]]\nprefix = \"r.example\"\nlocation = \"\(registry.host)/a\"\nfuture = 1\n"
            try write(text + "[aliases]\n\"tool\" = \"r.example/b\"\n", to: "\(folder)/50-rules.conf")
            try write("no rule", to: "\(folder)/readme")
            let environment = surroundings(distill)
            let pulled = try await distill("pull", "-q", "r.example/b:1", environment: environment)
            #expect(
                pulled.line == "r.example/b:1" && pulled.errorOutput.contains("line 4")
                    && pulled.errorOutput.contains("future"), "\(pulled)")
            #expect(try await distill("pull", "-q", "tool:1", environment: environment).line == "r.example/b:1")
            let context = try distill.context(["Dockerfile": "FROM tool:1\nLABEL a=b\n"])
            _ = try await distill("rmi", "-f", "r.example/b:1")
            #expect(
                try await distill("build", "-q", "--check=off", "-t", "x", context, environment: environment).succeeded)

            try write(
                "unqualified-search-registries = [\"127.0.0.1:1\", \"r.example\"]\n[aliases]\n\"tool\" = \"\"\n",
                to: "\(folder)/60-more.conf")
            #expect(try await distill("pull", "-q", "b:1", environment: environment).line == "r.example/b:1")
            try write("short-name-mode = \"enforcing\"\n", to: "\(folder)/70-more.conf")
            let refused = try await distill("pull", "-q", "b:1", environment: environment)
            #expect(refused.exitCode == 1 && refused.errorOutput.contains("'r.example/b:1'"), "\(refused)")
            try write("[[registry]]\nlocation = 7\n", to: "\(folder)/80-more.conf")
            let wrong = try await distill("pull", "-q", "b:1", environment: environment)
            #expect(
                wrong.exitCode == 1 && wrong.errorOutput.contains("80-more.conf")
                    && wrong.errorOutput.contains("line 2"), "\(wrong)")
        }
    }

    /// Whose certificates count: the variables', and the user's directory for the registry.
    @Test(.requires(.program("docker-registry")), .requires(.program("openssl"))) func trustsWhomItIsTold() async throws
    {
        try await Distill.withStore { distill in
            let directory = distill.directory
            let script = """
                set -e; cd \(directory)
                openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
                openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem
                printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names
                openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem
                mkdir folder other; cp ca.pem folder/any-name; (echo '# mine'; echo '-----BEGIN CERTIFICATE-----'; echo no; \
                echo '-----END CERTIFICATE-----'; cat ca.pem) > bundle.pem
                """
            try await Command("sh", ["-c", script]).run().mustSucceed()
            var settings = DockerRegistry.Settings()
            (settings.certificate, settings.key) = ("\(directory)/cert.pem", "\(directory)/key.pem")
            try await DockerRegistry.with(settings, in: try Files.makeTemporaryDirectory(in: directory)) { port in
                let name = "127.0.0.1:\(port)/a/none:1"
                func answer(_ more: [String: String?]) async throws -> String {
                    try await distill("pull", "-q", name, environment: surroundings(distill, more)).errorOutput
                }
                let trusted = [
                    ["SSL_CERT_FILE": "\(directory)/ca.pem"], ["SSL_CERT_FILE": "\(directory)/bundle.pem"],
                    ["SSL_CERT_DIR": "\(directory)/folder"],
                    ["SSL_CERT_DIR": "\(directory)/other:\(directory)/folder"],
                    ["SSL_CERT_FILE": "/none", "SSL_CERT_DIR": "\(directory)/folder"],
                ]
                for variables in trusted {
                    #expect(try await answer(variables).contains("there is no"), "\(variables)")
                }
                for variables in [
                    [:], ["SSL_CERT_FILE": "\(directory)/cert"], ["SSL_CERT_DIR": "\(directory)/other"],
                    ["SSL_CERT_FILE": "", "SSL_CERT_DIR": ""],
                ] {
                    #expect(try await answer(variables).contains("no known authority"), "\(variables)")
                }
                for folder in ["containers", "docker"] {
                    let place = "\(directory)/home/.config/\(folder)/certs.d/127.0.0.1:\(port)"
                    try write(try Files.text("\(directory)/ca.pem"), to: "\(place)/ca.crt")
                    #expect(try await answer([:]).contains("there is no"), "\(folder)")
                    _ = try await Command("rm", ["-r", place]).run()
                }
                try write(
                    "[[registry]]\nlocation = \"127.0.0.1:\(port)\"\ninsecure = true\n",
                    to: "\(directory)/home/.config/containers/registries.conf.d/x.conf")
                #expect(try await answer([:]).contains("there is no"))
            }
        }
    }
}
