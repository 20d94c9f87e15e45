import OCI
import TestSupport
import Testing

@testable import Distribution

@Suite(.timeLimit(.minutes(10))) struct RegistryRulesTests {
    private static let file = """
        # registries
        unqualified-search-registries = ["docker.io",
          "quay.example"]
        short-name-mode = "enforcing"

        [[registry]]
        prefix = "docker.io"   # the hub
        location = "registry-1.docker.io"
        [[registry.mirror]]
        location = 'mirror.example:5000/hub'
        insecure = true
        [[ registry.mirror ]]
        location = "second.example"

        [[registry]]
        location = "docker.io/library"
        blocked = false

        [[registry]]
        prefix = "*.corp.example"
        location = "corp.example/all"

        [[registry]]
        location = "evil.example"
        blocked = true

        [[registry]]
        location = "old.example"
        insecure = true
        mirror-by-digest-only = true

        [[registry]]
        location = "old.example/own"

        [[registry]]
        prefix = "*.lab.example"
        insecure = true

        [aliases]
        "x" = "y.example/x"
        "team/tool" = "z.example/t"
        """

    @Test(arguments: [
        (
            "docker.io/team/app",
            "mirror.example:5000/hub/team/app second.example/team/app registry-1.docker.io/team/app"
        ),
        ("docker.io/library/x", "docker.io/library/x"),
        (
            "docker.io/librarys/x",
            "mirror.example:5000/hub/librarys/x second.example/librarys/x registry-1.docker.io/librarys/x"
        ),
        ("a.corp.example/x", "corp.example/all/x"), ("corp.example/x", "corp.example/x"),
        ("evil.example/x", "blocked"), ("evil.example.org/x", "evil.example.org/x"), ("old.example/x", "old.example/x"),
    ])
    func findsPlaces(name: String, expected: String) throws {
        let rules = try RegistryRules(parsing: Self.file)
        let places = rules.places(for: RemoteRepository(try ImageReference(name)))
        let text = places.map { ($0.mirrors + [$0.primary]).map(\.description).joined(separator: " ") } ?? "blocked"
        #expect(text == expected)
    }

    @Test func knowsWhatIsInsecure() throws {
        let rules = try RegistryRules(parsing: Self.file)
        let names = [
            "mirror.example:5000/hub/x", "mirror.example:5000/hubs/x", "mirror.example:5000", "old.example",
            "old.example/x",
            "old.example/own/x", "old.example/owner", "second.example", "mirror.example", "a.lab.example",
            "a.lab.example:5000/x",
        ]
        #expect(
            names.filter(rules.isInsecure) == [
                "mirror.example:5000/hub/x", "old.example", "old.example/x", "old.example/owner", "a.lab.example",
                "a.lab.example:5000/x",
            ])
    }

    @Test(
        arguments: [
            ("[[registry]]\nlocation", 2), ("[[registry]\n", 1), ("[[registry.mirror]]", 1),
            ("[[registry]]\nprefix = 7", 2),
            ("[[registry]]\nblocked = \"yes\"", 2), ("[[registry]]\nlocation = \"a", 2), ("[[registry", 1),
            ("[[registry]]\nlocation = \"a\\\\b\"", 2), ("[[registry]]\nlocation =", 2),
            ("[[registry]]\nlocation = \"a\"b\"", 2),
            ("", nil), ("x = [\n]]\n", 2), ("[[registry]]\nlocation = 'https://a.example'", 2),
            ("[[registry]]\nlocation = 'a b'", 2),
            ("[[registry]]\ninsecure = true", 2), ("[registry]\nlocation = 'a'", 1), ("registry = 7", 1),
            ("x = 1\nx = 2", 2),
            ("[[registry]]\nlocation='a'\n[[registry.mirror]]\nlocation='b'\npull-from-mirror='never'", 5),
            (
                "[[registry]]\nlocation='a'\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation='b'\npull-from-mirror='all'",
                2
            ),
            ("unqualified-search-registries = 'a'", 1), ("short-name-mode = 'perhaps'", 1), ("[aliases]\nx = 1", 2),
            ("a = \"x", 1),
            ("a = \"\"\"x", 1), ("a = {b = 1", 1), (String(repeating: "[", count: 1000), 1),
            ("a = " + String(repeating: "[", count: 1000), 1),
        ] as [(String, Int?)])
    func reportsTheLine(text: String, line: Int?) {
        let error: RegistryRulesError?
        do {
            _ = try RegistryRules(parsing: text)
            error = nil
        } catch let failure {
            error = failure
        }
        #expect(error == line.map { RegistryRulesError(line: $0) })
    }

    /// Which of two mirrors are asked for a tag, and which for a digest.
    @Test(arguments: [
        ("", "", "a b", "a b"), ("", "pull-from-mirror = 'all'", "a b", "a b"),
        ("", "pull-from-mirror = ''", "a b", "a b"),
        ("", "pull-from-mirror = 'digest-only'", "b", "a b"), ("", "pull-from-mirror = 'tag-only'", "a b", "b"),
        ("mirror-by-digest-only = true", "", "", "a b"),
        ("mirror-by-digest-only = false", "pull-from-mirror = 'tag-only'", "a b", "b"),
    ])
    func choosesMirrorsByTheName(registry: String, mirror: String, tags: String, digests: String) throws {
        let text = """
            [[registry]]
            location = "r.example"
            \(registry)
            [[registry.mirror]]
            location = "a.example"
            \(mirror)
            [[registry.mirror]]
            location = "b.example"
            """
        let rules = try RegistryRules(parsing: text)
        for (kind, expected) in [(RegistryRules.NameKind.tag, tags), (.digest, digests)] {
            let places = try #require(rules.places(for: RemoteRepository(try ImageReference("r.example/x")), by: kind))
            #expect(places.mirrors.map { String($0.registry.prefix(1)) }.joined(separator: " ") == expected)
        }
    }

    /// Other ways to write the same.
    @Test(arguments: [
        "registry = [{ prefix = 'r.example', location = \"l.example/\", mirror = [{location='m.example', insecure=true}] }]",
        "[[\"registry\"]]\r\n'prefix' = \"r.ex\\u0061mple\"\r\nlocation = \"\"\"\nl.example\"\"\" # c\r\n[[registry . mirror]]\nlocation = '''m.example'''\ninsecure = true",
        "[[registry]]\nprefix='r.example'\nlocation='l.example'\nmirror = [\n  # first\n  {location='m.example',insecure=true},\n]",
        "[[registry]]\nlocation='l.example'\nprefix='r.example'\n[[registry.mirror]]\n\tinsecure\t=\ttrue\n\tlocation='m.example'",
    ])
    func readsAllOfTOML(text: String) throws {
        let reading = try RegistryRules.reading(text)
        let places = try #require(reading.rules.places(for: RemoteRepository(try ImageReference("r.example/x/y"))))
        #expect(places.mirrors.map(\.description) == ["m.example/x/y"] && places.primary.description == "l.example/x/y")
        #expect(reading.rules.isInsecure("m.example") && !reading.rules.isInsecure("l.example"))
        #expect(reading.unknown == [])
    }

    @Test func tellsOfUnknownSettings() throws {
        let text =
            "[[registry]]\nlocation='a'\ninsecur=true\n[[registry.mirror]]\nlocation='b'\nx=1.5\n[other]\ny=2020-01-01T00:00:00Z\n"
        let found = try RegistryRules.reading(text).unknown
        #expect(Set(found.map { "\($0.line) \($0.name)" }) == ["3 registry.insecur", "6 registry.mirror.x", "7 other"])
    }

    @Test func readsTheFirstVersion() throws {
        let text = """
            [registries.search]
            registries = ['one.example', 'two.example']
            [registries.insecure]
            registries = ['three.example']
            [registries.block]
            registries = ['four.example']
            """
        let rules = try RegistryRules(parsing: text)
        #expect(rules.searched == ["one.example", "two.example"] && rules.isInsecure("three.example"))
        #expect(rules.places(for: RemoteRepository(try ImageReference("four.example/x"))) == nil)
    }

    /// A later file's rule for a prefix replaces the earlier one, others are added.
    @Test func joinsFiles() throws {
        var rules = try RegistryRules(
            parsing: "unqualified-search-registries=['a.example']\n[[registry]]\nlocation='r.example'\nblocked=true\n"
                + "[aliases]\nx='a.example/x'\ny='a.example/y'")
        rules.add(
            try RegistryRules(
                parsing: "short-name-mode='enforcing'\n[[registry]]\nlocation='r.example'\ninsecure=true\n"
                    + "[[registry]]\nlocation='s.example'\nblocked=true\n[aliases]\nx=''\n"))
        #expect(
            rules.places(for: RemoteRepository(try ImageReference("r.example/x"))) != nil
                && rules.isInsecure("r.example"))
        #expect(rules.places(for: RemoteRepository(try ImageReference("s.example/x"))) == nil)
        #expect(rules.searched == ["a.example"] && rules.refusesAmbiguity)
        #expect(rules.meanings(of: try ImageReference("x")).map(\.description) == ["a.example/x"])
        #expect(rules.meanings(of: try ImageReference("y:1")).map(\.description) == ["a.example/y:1"])
    }

    /// What names without a registry mean.
    @Test(arguments: [
        ("x", "y.example/x"), ("x:1", "y.example/x:1"), ("team/tool", "z.example/t"),
        ("docker.io/library/x", "docker.io/library/x"),
        ("docker.io/x", "docker.io/library/x"), ("other:1", "docker.io/library/other:1 quay.example/other:1"),
        ("team/other", "docker.io/team/other quay.example/team/other"), ("localhost/x", "localhost/x"),
        ("r.example/x", "r.example/x"),
    ])
    func knowsMeanings(name: String, expected: String) throws {
        let rules = try RegistryRules(parsing: Self.file)
        #expect(rules.meanings(of: try ImageReference(name)).map(\.description).joined(separator: " ") == expected)
        #expect(
            RegistryRules().meanings(of: try ImageReference(name)).map(\.description) == [
                try ImageReference(name).description
            ])
    }

    /// A rule may be for one tag or one digest.
    @Test(arguments: [
        ("r.example/a:1", "s.example/b:1 t.example/c:9"), ("r.example/a:2", "blocked"), ("r.example/a:3", "no rule"),
        ("r.example/a", "no rule"), ("r.example/a:5", "r.example/a:5"),
        ("r.example/a@sha256:\(String(repeating: "0", count: 64))", "blocked"),
        ("r.example/a:7@sha256:\(String(repeating: "0", count: 64))", "blocked"),
        ("r.example/a:1@sha256:\(String(repeating: "1", count: 64))", "t.example/c:9"),
    ])
    func knowsRulesForOneTag(name: String, expected: String) throws {
        let rules = try RegistryRules(
            parsing: """
                [[registry]]
                prefix = 'r.example/a:1'
                location = 't.example/c:9'
                mirror-by-digest-only = false
                [[registry.mirror]]
                location = 's.example/b'
                pull-from-mirror = 'tag-only'
                [[registry]]
                location = 'r.example/a:2'
                blocked = true
                [[registry]]
                prefix = 'r.example/a:5'
                [[registry]]
                location = 'r.example/a@sha256:\(String(repeating: "0", count: 64))'
                blocked = true
                """)
        let places = rules.places(ofExactly: try ImageReference(name))
        let shown = places.map { $0.isEmpty ? "blocked" : $0.map(\.description).joined(separator: " ") }
        #expect((shown ?? "no rule") == expected)
        // The repository as a whole is not concerned.
        #expect(rules.places(for: RemoteRepository(try ImageReference("r.example/a")))?.primary.registry == "r.example")
    }

    @Test func readsATagWhereARuleSays() async throws {
        try await FakeRegistry.with { registry in
            SampleImage().add(to: registry)
            var rule = RegistryRules.Rule(prefix: "reg.example/x:9")
            rule.location = "\(registry.host)/\(SampleImage.repository):v1"
            var blocked = RegistryRules.Rule(prefix: "reg.example/x:8")
            blocked.isBlocked = true
            try await withClient {
                $0.rules = RegistryRules([rule, blocked])
            } _: { client in
                let name = try ImageReference("reg.example/x:9")
                #expect(try await client.resolve(name).digest == SampleImage().digest)
                let content = MemoryContent()
                #expect(try await client.pull(name, .all, into: content).descriptor.digest == SampleImage().digest)
                #expect(content.digests == SampleImage().digests)
                let found = try await client.image(name, platform: SampleImage().platform, keptIn: MemoryContent())
                #expect(found.repository.registry == registry.host)
                let other = try ImageReference("reg.example/x:8")
                await #expect(throws: RegistryError.blocked(other.description)) { try await client.resolve(other) }
            }
        }
    }

    /// A registry that is known by another name, with a mirror.
    private func rules(mirror: String, location: String) -> RegistryRules {
        var rule = RegistryRules.Rule(prefix: "reg.example")
        rule.location = location
        rule.mirrors = [RegistryRules.Mirror(location: mirror)]
        return RegistryRules([rule])
    }

    @Test func readsFromAMirror() async throws {
        try await FakeRegistry.with { mirror in
            let image = SampleImage()
            image.add(to: mirror)
            try await FakeRegistry.with { registry in
                let content = MemoryContent()
                let reference = try ImageReference("reg.example/team/app:v1")
                try await withClient {
                    $0.rules = rules(mirror: mirror.host, location: registry.host)
                } _: { client in
                    _ = try await client.pull(reference, .all, into: content)
                    #expect(registry.requests.isEmpty)
                    // What is written goes to the registry itself.
                    try await client.push(image.descriptor, from: content, to: reference)
                }
                #expect(content.digests == image.digests)
                #expect(registry.manifest("v1", in: SampleImage.repository) == image.manifest)
                #expect(mirror.requests.allSatisfy { $0.method == "GET" })
            }
        }
    }

    @Test func doesWithoutAMirrorThatFails() async throws {
        let faults = [FakeRegistry.Fault("GET", "/", .status(503), times: 999)]
        try await FakeRegistry.with(faults: faults) { mirror in
            try await FakeRegistry.with { registry in
                SampleImage().add(to: registry)
                let content = MemoryContent()
                try await withClient {
                    $0.rules = rules(mirror: mirror.host, location: registry.host)
                } _: { client in
                    _ = try await client.pull(try ImageReference("reg.example/team/app:v1"), .all, into: content)
                }
                #expect(content.digests == SampleImage().digests)
                // One question with its tries, and then the mirror is left alone.
                #expect(mirror.requests.count == 5)
            }
        }
    }

    @Test func asksNobodyForWhatIsBlocked() async throws {
        var rule = RegistryRules.Rule(prefix: "reg.example/team")
        rule.isBlocked = true
        try await withClient {
            $0.rules = RegistryRules([rule])
        } _: { client in
            let reference = try ImageReference("reg.example/team/app")
            let error = RegistryError.blocked(RemoteRepository(reference).description)
            await #expect(throws: error) { try await client.resolve(reference) }
            await #expect(throws: error) { try await client.tags(of: RemoteRepository(reference)) }
            await #expect(throws: error) {
                try await client.push(
                    SampleImage().descriptor, from: MemoryContent([SampleImage().manifest]), to: reference)
            }
        }
    }
}
