import ArgumentParser
import Attestation
import Engine
import OCI
import Testing

@testable import distill

@Suite struct AttestationRequestTests {
    private func line(_ arguments: [String]) throws -> String {
        let request: AttestationRequest
        do { request = try AttestationOptions.parse(arguments).request() } catch let error as InvalidOption {
            return "error: \(error.reason)"
        }
        var words = request.listsPackages ? ["sbom"] : []
        if let provenance = request.provenance {
            words.append(provenance.isComplete ? "max" : "min")
            if let builder = provenance.builder { words.append("by \(builder)") }
            if provenance.isReproducible { words.append("reproducible") }
        }
        if request.explains { words.append("explanation") }
        return words.joined(separator: " ")
    }

    @Test(arguments: [
        ([], ""), (["--sbom=true"], "sbom"), (["--sbom=false"], ""), (["--provenance=true"], "min"),
        (["--provenance=false"], ""),
        (["--provenance=mode=max,version=v1"], "max"),
        (
            ["--provenance=mode=min,builder-id=https://ci.example/1,reproducible=true"],
            "min by https://ci.example/1 reproducible"
        ),
        (["--attest", "type=sbom", "--attest", "type=provenance,mode=max"], "sbom max"),
        (["--attest", "type=provenance,mode=max", "--provenance=false"], ""),
        (["--attest", "type=sbom,disabled=true"], ""),
        (["--attest", "mode=max"], "error: it needs a type"),
        (["--attest", "type=explanation", "--sbom=true"], "sbom explanation"),
        (["--attest", "type=explanation,disabled=true"], ""),
        (["--attest", "type=explanation,mode=max"], "error: 'mode' means nothing here"),
        (["--attest", "type=vex"], "error: known types are sbom, provenance and explanation"),
        (["--provenance=mode=all"], "error: mode is min or max"),
        (["--provenance=version=v0.2"], "error: the version is v1"),
        (["--sbom=generator=image"], "error: Distill lists packages itself and runs no generator"),
        (["--sbom=maybe"], "error: 'maybe' means nothing here"),
    ])
    func parses(arguments: [String], expected: String) throws { #expect(try line(arguments) == expected) }

    @Test func aBareOptionDoesNotTakeTheContext() {
        #expect(
            BareOptions.spelledOut(["build", "--sbom", "--provenance", "."]) == [
                "build", "--sbom=true", "--provenance=true", ".",
            ])
        #expect(BareOptions.spelledOut(["base", "build", "--sbom", "x"]) == ["base", "build", "--sbom=true", "x"])
        #expect(BareOptions.spelledOut(["run", "image", "--sbom"]) == ["run", "image", "--sbom"])
    }
}
