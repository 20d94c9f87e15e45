import OCI
import Testing

@Suite struct AttestationTests {
    private let image = Digest(sha256: "image".utf8)
    private let other = Digest(sha256: "other".utf8)

    private func statement(_ type: String) -> Statement {
        Statement(
            type, .object(["a": .integer(1)]),
            about: [.init(name: "pkg:docker/app@1?platform=linux%2Famd64", digest: image)])
    }

    @Test func aStatementIsReadAsItWasWritten() throws {
        let written = statement(Statement.packageList)
        #expect(
            String(decoding: written.bytes, as: UTF8.self) == """
                {"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","subject":\
                [{"name":"pkg:docker/app@1?platform=linux%2Famd64","digest":{"sha256":"\(image.hex)"}}],"predicate":{"a":1}}
                """)
        #expect(try Statement(bytes: written.bytes) == written)
        #expect(written.about(other).subjects.map(\.digest) == [other])
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"predicateType":"a"}"#,
        #"{"predicateType":"a","predicate":{},"subject":[{"digest":{"sha256":"x"}}]}"#,
    ])
    func whatIsNoStatementIsAnError(text: String) {
        #expect(throws: ImageFormatError.self) { try Statement(bytes: Array(text.utf8)) }
    }

    @Test func theManifestIsBuildKits() throws {
        let attestation = AttestationManifest(
            [statement(Statement.packageList), statement(Statement.provenance)], about: other)
        let manifest = try Manifest(bytes: attestation.manifestBytes)
        #expect(
            manifest.layers.map(\.mediaType.rawValue) == [
                "application/vnd.in-toto+json", "application/vnd.in-toto+json",
            ])
        #expect(
            manifest.layers.map { $0.annotations["in-toto.io/predicate-type"] } == [
                "https://spdx.dev/Document", "https://slsa.dev/provenance/v1",
            ])
        #expect(manifest.layers.map(\.digest) == attestation.statementBytes.map { Digest(sha256: $0) })
        #expect(
            try attestation.statementBytes.map { try Statement(bytes: $0).subjects.map(\.digest) } == [
                [other], [other],
            ])
        #expect(attestation.descriptor.platform?.description == "unknown/unknown")
        #expect(
            attestation.descriptor.annotations == [
                "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": other.description,
            ])
        let digests = Set(attestation.documents.map { Digest(sha256: $0) })
        #expect(
            digests == Set(manifest.layers.map(\.digest) + [manifest.config.digest, attestation.descriptor.digest]))
    }

    @Test func noPlatformIsServedByAnAttestation() {
        let attestation = AttestationManifest([statement(Statement.packageList)], about: image)
        let runnable = Descriptor(mediaType: .manifest, digest: image, size: 1, platform: .host)
        let index = Index(manifests: [attestation.descriptor, runnable])
        #expect(index.images == [runnable])
        #expect(index.manifest(for: .unknown) == nil)
        #expect(index.manifest(for: .host) == runnable)
    }

    @Test(arguments: [
        ("alpine:3.17", "pkg:docker/alpine@3.17?platform=linux%2Famd64"),
        ("127.0.0.1:5000/me/app:1", "pkg:docker/127.0.0.1:5000/me/app@1?platform=linux%2Famd64"),
    ])
    func imagesHaveURLs(name: String, url: String) throws {
        #expect(try ImageReference(name).packageURL(Platform(os: "linux", architecture: "amd64")) == url)
    }
}
