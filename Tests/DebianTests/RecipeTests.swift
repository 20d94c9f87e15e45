import OCI
import Testing

@testable import Debian

@Suite struct RecipeTests {
    private static let whole = """
        name: company/tool
        suite: trixie
        components: [main, contrib]
        packages: [libc6, "libssl3t64 (>= 3.5)"]
        leave-out:
          packages: [libgcc-s1]
          paths: [/usr/share/doc/*]
        keep: [/usr/share/doc/*/copyright]
        groups:
          - {name: app, gid: 1000, members: [root]}
        users:
          - {name: app, uid: 1000, home: /home/app, shell: /bin/false}
          - {name: other, uid: 7, gid: 8}
        paths:
          - {path: /tmp, mode: 1777}
          - {path: /etc/motd, text: hello, mode: "0600", owner: "3:4"}
          - {path: /bin/x, link: /usr/bin/y}
          - {path: /tools, links: busybox, names: [sh, ls]}
          - {path: /etc/ssl/certs/all.pem, joined: [/usr/share/ca/*]}
          - {path: /etc/store, java-keystore: [/usr/share/ca/*]}
        environment: {PATH: /bin, N: 1}
        user: app
        working-directory: /home/app
        entrypoint: [/bin/x]
        command: [--help]
        labels: {a: b}
        architectures: [amd64, linux/arm64]
        layering: package
        slice: runtime
        mirror: http://mirror.example/debian
        """

    @Test func readsEveryKey() throws {
        let recipe = try BaseRecipe(parsing: Self.whole, file: "tool.yaml")
        #expect(recipe.name == "company/tool")
        #expect(recipe.suite == "trixie")
        #expect(recipe.foundation == .packages)
        #expect(recipe.components == ["main", "contrib"])
        #expect(recipe.packages == ["libc6", "libssl3t64 (>= 3.5)"])
        #expect(recipe.assumedPackages == ["libgcc-s1"])
        #expect(recipe.filter.rules == [.exclude("/usr/share/doc/*"), .include("/usr/share/doc/*/copyright")])
        #expect(recipe.keptPatterns == ["/usr/share/doc/*/copyright"])
        #expect(recipe.groups.map(\.line) == ["app:x:1000:root\n"])
        #expect(
            recipe.users.map(\.line) == [
                "app:x:1000:1000:app:/home/app:/bin/false\n", "other:x:7:8:other:/nonexistent:/sbin/nologin\n",
            ])
        #expect(
            recipe.paths.map(\.path) == [
                "/home/app", "/tmp", "/etc/motd", "/bin/x", "/tools", "/etc/ssl/certs/all.pem", "/etc/store",
            ])
        #expect(recipe.paths.map(\.mode) == [0o700, 0o1777, 0o600, nil, nil, nil, nil])
        #expect(recipe.paths.map(\.user) == [1000, 0, 3, 0, 0, 0, 0])
        #expect(recipe.paths[4].content == .links(target: "busybox", names: ["sh", "ls"]))
        #expect(recipe.paths[5].content == .joined(["/usr/share/ca/*"]))
        #expect(recipe.container.environment == ["PATH=/bin", "N=1"])
        #expect(recipe.container.user == "app")
        #expect(recipe.container.workingDirectory == "/home/app")
        #expect(recipe.container.entrypoint == ["/bin/x"])
        #expect(recipe.container.command == ["--help"])
        #expect(recipe.container.labels == ["a": "b"])
        #expect(recipe.platforms.map(\.description) == ["linux/amd64", "linux/arm64"])
        #expect(recipe.layering == .package)
        #expect(recipe.slicing == .runtime)
        #expect(recipe.mirror == "http://mirror.example/debian")
    }

    @Test func startsFromAnotherBase() throws {
        let text = "from: distroless/python3\npackages: [libpq5]\nenvironment: {LANG: C}\n"
        let recipe = try BaseRecipe(parsing: text, file: "dir/db.yaml")
        #expect(recipe.name == "db")
        #expect(recipe.suite == "trixie")
        #expect(recipe.packages.suffix(2) == ["python3", "libpq5"])
        #expect(recipe.container.environment.contains("LANG=C"))
        #expect(recipe.container.entrypoint == ["/usr/bin/python3"])
        let older = try BaseRecipe(parsing: "suite: bookworm\n" + text, file: "db.yaml")
        #expect(older.suite == "bookworm")
        #expect(older.packages.contains("libssl3"))
    }

    @Test(
        arguments: [
            ("", 1, 1, .missingKey("packages")), ("a: [", 2, 1, nil),
            ("- a\n", 1, 1, .unexpectedKind(key: "recipe", expected: .mapping)),
            ("suite: trixie\npakages: [a]\n", 2, 1, .unknownKey("pakages", known: RecipeReader.keys)),
            ("packages: [a]\n", 1, 1, .noSuite), ("suite: trixie\n", 1, 1, .missingKey("packages")),
            ("suite: Trixie!\npackages: [a]\n", 1, 8, .invalidValue(key: "suite", value: "Trixie!", expected: .name)),
            (
                "suite: a\npackages: [b, 'c (']\n", 2, 15,
                .invalidValue(key: "packages", value: "c (", expected: .dependency)
            ),
            ("suite: a\npackages: b\n", 2, 11, .unexpectedKind(key: "packages", expected: .list)),
            ("suite: a\npackages: [[b]]\n", 2, 12, .unexpectedKind(key: "packages", expected: .text)),
            ("from: distroless/nothing\n", 1, 7, .unknownBase("distroless/nothing")),
            ("suite: bookworm\nfrom: distroless/java21\n", 2, 7, .unknownBase("distroless/java21")),
            (
                "suite: a\npackages: [b]\npaths:\n  - {path: tmp}\n", 4, 12,
                .invalidValue(key: "path", value: "tmp", expected: .absolutePath)
            ),
            (
                "suite: a\npackages: [b]\npaths:\n  - {path: /a/../b}\n", 4, 12,
                .invalidValue(key: "path", value: "/a/../b", expected: .absolutePath)
            ),
            (
                "suite: a\npackages: [b]\npaths:\n  - {path: /a, mode: 999}\n", 4, 22,
                .invalidValue(key: "mode", value: "999", expected: .octalMode)
            ),
            (
                "suite: a\npackages: [b]\npaths:\n  - {path: /a, owner: root}\n", 4, 23,
                .invalidValue(key: "owner", value: "root", expected: .owner)
            ),
            ("suite: a\npackages: [b]\npaths:\n  - {path: /a}\n  - {path: /a}\n", 5, 5, .samePath("/a")),
            (
                "suite: a\npackages: [b]\nusers:\n  - {name: A b, uid: 1}\n", 4, 12,
                .invalidValue(key: "name", value: "A b", expected: .name)
            ),
            (
                "suite: a\npackages: [b]\nusers:\n  - {name: a, uid: -1}\n", 4, 20,
                .invalidValue(key: "uid", value: "-1", expected: .identifier)
            ),
            ("suite: a\npackages: [b]\nusers:\n  - {name: a}\n", 4, 5, .missingKey("uid")),
            (
                "suite: a\npackages: [b]\narchitectures: [vax]\n", 3, 17,
                .invalidValue(key: "architectures", value: "vax", expected: .platform)
            ),
            (
                "suite: a\npackages: [b]\nlayering: many\n", 3, 11,
                .invalidValue(key: "layering", value: "many", expected: .oneOf(["single", "package"]))
            ),
            (
                "suite: a\npackages: [b]\nenvironment: {\"A=B\": c}\n", 3, 15,
                .invalidValue(key: "environment", value: "A=B", expected: .environmentName)
            ),
            (
                "name: Upper\nsuite: a\npackages: [b]\n", 1, 7,
                .invalidValue(key: "name", value: "Upper", expected: .name)
            ),
        ] as [(String, Int, Int, RecipeError.Reason?)])
    func mistakesHaveTheirPlace(text: String, line: Int, column: Int, reason: RecipeError.Reason?) {
        do {
            _ = try BaseRecipe(parsing: text, file: "r.yaml")
            Issue.record("no error")
        } catch {
            #expect((error.line, error.column) == (line, column), "\(error)")
            if let reason { #expect(error.reason == reason) }
        }
    }

    @Test func hugeAndCleverRecipesAreRefused() {
        let bomb = (0..<30).reduce("a0: &a0 [x]\n") { $0 + "a\($1 + 1): &a\($1 + 1) [*a\($1), *a\($1)]\n" }
        for text in [String(repeating: "#", count: 2 << 20), bomb, "\u{0}", "suite: \"\\xff\"", "{{{{", "&a *a"] {
            #expect(throws: RecipeError.self) { try BaseRecipe(parsing: text, file: "r.yaml") }
        }
    }
}

@Suite struct CatalogTests {
    @Test func hasEveryBaseOfBothReleases() {
        let names = Set(BaseCatalog.all.map(\.name))
        for base in ["static", "base-nossl", "base", "cc", "python3", "perl", "nodejs"] {
            #expect(names.contains("distroless/\(base)-debian12:latest"))
            #expect(names.contains("distroless/\(base)-debian13:latest"))
        }
        #expect(names.contains("distroless/java17-debian12:latest"))
        #expect(names.contains("distroless/java21-debian13:latest"))
        #expect(names.contains("distroless/java25-debian13:latest"))
        #expect(!names.contains("distroless/java17-debian13:latest"))
        #expect(names.count == 21)
    }

    /// The texts of the catalog are read without an error to lose.
    @Test func everyTextIsAValidRecipe() throws {
        for suite in CatalogSuite.all {
            for base in DistrolessCatalog.bases {
                guard let text = DistrolessCatalog.text(base, suite) else { continue }
                _ = try BaseRecipe(parsing: text, file: base)
            }
        }
    }

    @Test(
        arguments: [
            ("distroless/cc", ["distroless/cc-debian13:latest", "distroless/cc-debian12:latest"]),
            (
                "distroless/cc:debug-nonroot",
                ["distroless/cc-debian13:debug-nonroot", "distroless/cc-debian12:debug-nonroot"]
            ),
            ("distroless/base-nossl-debian12:nonroot", ["distroless/base-nossl-debian12:nonroot"]),
            ("distroless/java17", ["distroless/java17-debian12:latest"]), ("distroless/java17-debian13", []),
            ("distroless/cc:old", []), ("distroless/cc-debian11", []), ("distroless/", []), ("distroless/cc/x", []),
            ("debian:12", ["debian:bookworm"]), ("ubuntu", []),
        ] as [(String, [String])])
    func namesFindRecipes(name: String, expected: [String]) {
        #expect(BaseCatalog.recipes(named: name).map(\.name) == expected)
    }

    @Test func tagsChangeWhatTheySay() throws {
        func recipe(_ tag: String) throws -> BaseRecipe {
            try #require(BaseCatalog.recipes(named: "distroless/static-debian12:\(tag)").first)
        }
        #expect(try recipe("latest").container.user == "0")
        #expect(try recipe("nonroot").container.user == "65532")
        #expect(try recipe("nonroot").container.workingDirectory == "/home/nonroot")
        #expect(try recipe("latest").container.entrypoint == nil)
        let debug = try recipe("debug-nonroot")
        #expect(debug.container.entrypoint == ["/busybox/sh"])
        #expect(debug.container.user == "65532")
        #expect(debug.packages.contains("busybox-static"))
        #expect(debug.container.environmentValue("PATH")?.hasSuffix(":/busybox") == true)
    }

    @Test func publicNamesHaveCounterparts() {
        #expect(
            BaseCatalog.name(ofPublic: "distroless/cc-debian12", domain: "gcr.io", tag: "debug")
                == "distroless/cc-debian12:debug")
        #expect(BaseCatalog.name(ofPublic: "distroless/cc", domain: "quay.io", tag: nil) == nil)
        #expect(BaseCatalog.name(ofPublic: "other/cc", domain: "gcr.io", tag: nil) == nil)
    }
}
