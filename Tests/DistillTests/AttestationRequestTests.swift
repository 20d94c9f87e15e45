import ArgumentParser
import OCI
import Testing

@testable import distill

@Suite struct AttestationRequestTests {
    private func line(_ arguments: [String]) throws -> String {
        let request: AttestationRequest
        do { request = try AttestationOptions.parse(arguments).request() } catch UsageError.invalidOption(_, _, let reason) {
            return "error: \(reason)"
        }
        var words = request.listsPackages ? ["sbom"] : []
        if let provenance = request.provenance {
            words.append(provenance.isComplete ? "max" : "min")
            if let builder = provenance.builder { words.append("by \(builder)") }
            if provenance.isReproducible { words.append("reproducible") }
        }
        return words.joined(separator: " ")
    }

    @Test(arguments: [
        ([], ""), (["--sbom=true"], "sbom"), (["--sbom=false"], ""), (["--provenance=true"], "min"), (["--provenance=false"], ""),
        (["--provenance=mode=max,version=v1"], "max"), (["--provenance=mode=min,builder-id=https://ci.example/1,reproducible=true"], "min by https://ci.example/1 reproducible"),
        (["--attest", "type=sbom", "--attest", "type=provenance,mode=max"], "sbom max"),
        (["--attest", "type=provenance,mode=max", "--provenance=false"], ""), (["--attest", "type=sbom,disabled=true"], ""),
        (["--attest", "mode=max"], "error: it needs a type"), (["--attest", "type=vex"], "error: known types are sbom and provenance"),
        (["--provenance=mode=all"], "error: mode is min or max"), (["--provenance=version=v0.2"], "error: the version is v1"),
        (["--sbom=generator=image"], "error: Distill lists packages itself and runs no generator"), (["--sbom=maybe"], "error: 'maybe' means nothing here"),
    ])
    func parses(arguments: [String], expected: String) throws { #expect(try line(arguments) == expected) }

    @Test func aBareOptionDoesNotTakeTheContext() {
        #expect(BareOptions.spelledOut(["build", "--sbom", "--provenance", "."]) == ["build", "--sbom=true", "--provenance=true", "."])
        #expect(BareOptions.spelledOut(["base", "build", "--sbom", "x"]) == ["base", "build", "--sbom=true", "x"])
        #expect(BareOptions.spelledOut(["run", "image", "--sbom"]) == ["run", "image", "--sbom"])
    }

    private var provenance: Provenance {
        var provenance = Provenance(kind: .dockerfile, path: "Dockerfile")
        provenance.arguments = ["target": "app", "build-arg:TOKEN": "s3cret", "label:a": "b"]
        provenance.secrets = [.init(id: "key", isRequired: true)]
        provenance.steps = [.init(stage: "app", text: "RUN echo s3cret", inputs: [])]
        provenance.materials = [.init(uri: "https://example.test/z", Digest(sha256: "z".utf8)), .init(uri: "https://example.test/a", nil)]
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
        let uris = provenance.predicate(.init())["buildDefinition"]?["resolvedDependencies"]?.array?.map { $0["uri"]?.string }
        #expect(uris == ["https://example.test/a", "https://example.test/z"])
        #expect(provenance.predicate(.init())["runDetails"]?["metadata"]?["invocationId"] == nil)
        provenance.run = .init(id: "x", started: 0, finished: 60)
        let metadata = provenance.predicate(.init())["runDetails"]?["metadata"]
        #expect(metadata?["invocationId"] == .string("x") && metadata?["finishedOn"] == .string("1970-01-01T00:01:00Z"))
    }

    @Test(arguments: [
        ("https://user:word@host.test/a?b", "https://host.test/a?b"), ("https://host.test/a@b", "https://host.test/a@b"), ("git@host.test:a", "git@host.test:a"),
    ])
    func urlsLoseTheirPasswords(url: String, expected: String) { #expect(PublicURL.text(of: url) == expected) }
}
