import OCI
import TestSupport
import Testing

/// Debian's package of the image specification: golang-github-opencontainers-image-spec-dev.
private let schemas = "/usr/share/gocode/src/github.com/opencontainers/image-spec/schema"

/// Every manifest, index and config that leaves Distill is what the image specification's own schemas allow.
@Suite(.requires(.root), .requires(.program("python3")), .requires(.file(schemas)))
struct SchemaTests {
    /// Validates all documents of a layout, those of indexes below it as well, and prints how many there were.
    private func validate(_ layout: String) async throws -> Int {
        let script = LanguageCase.fixtures + "/schemas.py"
        let outcome = try await Command("/usr/bin/python3", [script, schemas, layout]).run()
        try #require(outcome.succeeded, "\(outcome)")
        return try #require(Int(outcome.line))
    }

    @Test func whatIsSavedIsValid() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": """
                FROM scratch
                COPY file /file
                ENV A=1
                LABEL b="2"
                USER 5:6
                WORKDIR /w
                EXPOSE 80/tcp 53/udp
                VOLUME /data
                STOPSIGNAL SIGINT
                HEALTHCHECK --interval=5s CMD ["/check"]
                ONBUILD RUN true
                SHELL ["/bin/sh", "-c"]
                ENTRYPOINT ["/file"]
                CMD ["a"]
                """, "file": "x",
            ])
            let forms = [
                [], ["--platform", "linux/amd64,linux/arm/v7"], ["--reproducible"], ["--sbom", "--provenance"],
            ]
            for (number, options) in forms.enumerated() {
                for compression in ["gzip", "zstd", "uncompressed"] {
                    let path = "\(distill.directory)/\(number)-\(compression)"
                    let output = ["--output", "type=oci,dest=\(path).tar,name=image:1,compression=\(compression)"]
                    try await distill.command(["build", "-q"] + options + output + [context]).run().mustSucceed()
                    let unpacked = try await Command(
                        "sh", ["-c", "mkdir \"$1\" && tar -xf \"$1.tar\" -C \"$1\"", "sh", path]
                    ).run()
                    try unpacked.mustSucceed()
                    #expect(try await validate(path) >= 3)
                }
            }
        }
    }
}
