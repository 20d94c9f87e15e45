import Attestation
import OCI
import Testing

@Suite struct ProvenanceTests {
    private var provenance: Provenance {
        var provenance = Provenance(kind: .dockerfile, path: "Dockerfile")
        provenance.arguments = ["target": "app", "build-arg:TOKEN": "s3cret", "label:a": "b"]
        provenance.secrets = [.init(id: "key", isRequired: true)]
        provenance.steps = [.init(stage: "app", text: "RUN echo s3cret", inputs: [])]
        provenance.materials = [
            .init(uri: "https://example.test/z", Digest(sha256: "z".utf8)), .init(uri: "https://example.test/a", nil),
        ]
        return provenance
    }

    @Test func whatIsPrivateIsToldByTheWholeProvenanceOnly() {
        let least = provenance.predicate(.init())
        for word in ["s3cret", "\"key\"", "label:a"] { #expect(!least.text.contains(word), "\(word)") }
        let request = least["buildDefinition"]?["externalParameters"]?["request"]
        #expect(request?["args"] == .object(["target": .string("app")]))
        #expect(least["runDetails"]?["metadata"]?["distill_completeness"]?["request"] == .bool(false))
        let all = provenance.predicate(.init(isComplete: true))
        for word in ["s3cret", "\"key\"", "label:a"] { #expect(all.text.contains(word), "\(word)") }
    }

    @Test func materialsAreSortedAndRunsAreLeftOutOfWhatIsReproducible() {
        var provenance = provenance
        let uris = provenance.predicate(.init())["buildDefinition"]?["resolvedDependencies"]?.array?.map {
            $0["uri"]?.string
        }
        #expect(uris == ["https://example.test/a", "https://example.test/z"])
        #expect(provenance.predicate(.init())["runDetails"]?["metadata"]?["invocationId"] == nil)
        provenance.run = .init(id: "x", started: 0, finished: 60)
        let metadata = provenance.predicate(.init())["runDetails"]?["metadata"]
        #expect(metadata?["invocationId"] == .string("x") && metadata?["finishedOn"] == .string("1970-01-01T00:01:00Z"))
    }

    @Test(arguments: [
        ("https://user:word@host.test/a?b", "https://host.test/a?b"),
        ("https://host.test/a@b", "https://host.test/a@b"), ("git@host.test:a", "git@host.test:a"),
    ])
    func urlsLoseTheirPasswords(url: String, expected: String) { #expect(PublicURL.text(of: url) == expected) }
}
