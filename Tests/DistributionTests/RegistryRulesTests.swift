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

        [aliases]
        "x" = "y"
        """

    @Test(arguments: [
        ("docker.io/team/app", "mirror.example:5000/hub/team/app second.example/team/app registry-1.docker.io/team/app"),
        ("docker.io/library/x", "docker.io/library/x"), ("docker.io/librarys/x",
            "mirror.example:5000/hub/librarys/x second.example/librarys/x registry-1.docker.io/librarys/x"),
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
        #expect(rules.insecureRegistries == ["mirror.example:5000", "old.example"])
    }

    @Test(arguments: [
        ("[[registry]]\nlocation", 2), ("[[registry]\n", nil), ("[[registry.mirror]]", 1), ("[[registry]]\nprefix = 7", 2),
        ("[[registry]]\nblocked = \"yes\"", 2), ("[[registry]]\nlocation = \"a", 2), ("[[registry", 1),
        ("[[registry]]\nlocation = \"a\\\\b\"", 2), ("[[registry]]\nlocation =", 2), ("[[registry]]\nlocation = \"a\"b\"", 2),
        ("", nil), ("x = [\n]]\n", nil),
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
                try await withClient { $0.rules = rules(mirror: mirror.host, location: registry.host) } _: { client in
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
                try await withClient { $0.rules = rules(mirror: mirror.host, location: registry.host) } _: { client in
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
        try await withClient { $0.rules = RegistryRules([rule]) } _: { client in
            let reference = try ImageReference("reg.example/team/app")
            let error = RegistryError.blocked(RemoteRepository(reference))
            await #expect(throws: error) { try await client.resolve(reference) }
            await #expect(throws: error) { try await client.tags(of: RemoteRepository(reference)) }
            await #expect(throws: error) {
                try await client.push(SampleImage().descriptor, from: MemoryContent([SampleImage().manifest]), to: reference)
            }
        }
    }
}
