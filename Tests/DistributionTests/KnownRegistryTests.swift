import OCI
import Synchronization
import TestSupport
import Testing

@testable import Distribution

/// What registries are known to answer, by their names: an image arrives whole and comes back, with a break on the way and without.
@Suite(.timeLimit(.minutes(5))) struct KnownRegistryTests {
    typealias Fault = FakeRegistry.Fault

    /// A registry's habits, as its users have reported them.
    struct Member: Sendable, CustomTestStringConvertible {
        let name: String
        var faults: [Fault] = []
        var credentials = Credentials.anonymous
        let habits: @Sendable (inout FakeRegistry.Settings) -> Void

        var testDescription: String { name }
    }

    static let members: [Member] = [
        Member(
            // 201 for pieces, no digests, a range that stays where the first piece ended, and 403 in plain words for a token's end.
            name: "ECR",
            faults: [
                Fault("PUT", "/blobs/", .status(403, headers: [:], body: "Your Authorization Token has expired."))
            ]
        ) {
            $0.authentication = .bearer(name: nil, password: "", uses: .max)
            ($0.uploads.chunk, $0.namesDigests, $0.mounts) = (201, false, false)
            $0.uploads.range = { $0 == 0 ? "0-0" : "0-\(min($0, 20_000) - 1)" }
        },
        Member(name: "GAR") {
            // No pieces, and uploads at another path with a long query.
            ($0.uploads.refusesPieces, $0.uploads.question) = (405, 404)
            $0.mounts = false
        },
        Member(name: "GCR", faults: [Fault("GET", "/blobs/uploads/", .status(404), times: 99)]) {
            $0.uploads.refusesPieces = 400
            $0.uploads.place = { path, host in "http://\(host)\(path)&_cookie=a%2Fb%3D" }
        },
        Member(
            name: "ACR",
            faults: [
                Fault(
                    "POST", "/blobs/", .status(429, headers: ["Retry-After": "5"], body: #"{"errors":[]}"#), times: 2),
                Fault("HEAD", "/blobs/", .status(429, headers: ["Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"])),
                Fault("GET", "/blobs/sha256", .status(503, headers: ["Retry-After": "1"]), times: 2),
            ]
        ) { $0.uploads.place = { path, _ in path + "&_nouploadcache=false" } },
        Member(name: "GHCR", faults: [Fault("HEAD", "/blobs/", .status(403), times: 1)]) {
            // 4 MiB a request, whatever the request: here as much less as the blobs are.
            ($0.uploads.largestPiece, $0.maximumBody, $0.uploads.question) = (4_000, 30_000, 404)
            $0.authentication = .bearer(name: nil, password: "", uses: 7)
        },
        Member(
            name: "GitLab", faults: [Fault("PATCH", "/blobs/", .status(401)), Fault("PUT", "/blobs/", .status(401))]
        ) {
            // Tokens of five minutes, which end in the middle.
            $0.authentication = .bearer(name: nil, password: "", uses: 3)
            $0.uploads.place = { path, host in "http://\(host)\(path)&_state=eyJ%3D" }
        },
        Member(
            name: "Harbor",
            faults: [
                // What stands in front of it has not waited for the end, which comes all the same.
                Fault("PUT", "/blobs/", .truncated(0)), Fault("PUT", "/blobs/", .status(504)),
                Fault("PATCH", "/blobs/", .status(502)), Fault("PUT", "/manifests/", .status(502)),
            ]
        ) { $0.authentication = .bearer(name: nil, password: "", uses: 9) },
        Member(
            name: "Artifactory",
            faults: [
                Fault(
                    "HEAD", "/manifests/", .status(200, headers: ["Content-Type": "application/octet-stream"]),
                    times: 99)
            ]
        ) {
            // A whole blob is one that it does not know.
            ($0.uploads.refusesWhole, $0.namesDigests) = (404, false)
            $0.uploads.place = { path, host in "//\(host)\(path)" }
        },
        Member(
            name: "Nexus",
            faults: [
                Fault("HEAD", "/manifests/", .status(404), times: 99),
                Fault("HEAD", "/blobs/", .status(405), times: 99),
                Fault("GET", "/blobs/uploads/", .status(404), times: 99),
            ]
        ) {
            ($0.namesDigests, $0.mounts) = (false, false)
            $0.uploads.place = { path, _ in "../uploads/" + (path.split(separator: "/").last ?? "") }
        },
        Member(
            name: "Quay",
            faults: [Fault("PUT", "/blobs/", .status(500), times: 1), Fault("POST", "/blobs/", .status(502))]
        ) {
            $0.uploads.range = { $0 == 0 ? nil : "bytes=0-\($0 - 1)" }
        },
        Member(name: "zot") {
            $0.uploads.range = { $0 == 0 ? "0-0" : "0-\(($0 - 1) / 2)" }
            $0.mounts = false
        },
        Member(name: "pulp", faults: [Fault("GET", "/blobs/uploads/", .status(405), times: 99)]) {
            ($0.uploads.refusesWhole, $0.uploads.chunk, $0.mounts) = (400, 204, false)
        },
        Member(name: "Gitea") { $0.uploads.range = { "0-\($0 - 1)" } },
        Member(name: "Forgejo", faults: [Fault("PUT", "/blobs/", .status(416))]) { $0.uploads.place = { _, _ in nil } },
    ]

    /// Where the connection ends, if it does: nowhere, before anything was kept, or behind some of it, of a blob or a piece.
    @Test(arguments: members, [nil, 0, 7_000, 30_000] as [Int?])
    func carriesAnImage(member: Member, kept: Int?) async throws {
        let image = SampleImage(layers: 2)
        var settings = FakeRegistry.Settings()
        member.habits(&settings)
        try await FakeRegistry.with(settings, faults: member.faults) { registry in
            if let kept {
                registry.addFault(Fault("PUT", "/blobs/", .kept(kept, altered: false)))
                registry.addFault(Fault("PATCH", "/blobs/", .kept(kept / 4, altered: false)))
                registry.addFault(Fault("GET", "/blobs/sha256", .truncated(kept)))
            }
            func configure(_ configuration: inout RegistryClient.Configuration) {
                (configuration.chunkSize, configuration.smallestChunk) = (15_000, 1_000)
            }
            let name = try registry.reference()
            try await withClient(member.credentials, configure: configure) { client in
                try await client.push(
                    image.descriptor, from: MemoryContent([image.manifest] + image.blobs), to: name)
            }
            for blob in image.blobs { #expect(registry.blob(Digest(sha256: blob), in: SampleImage.repository) == blob) }
            #expect(registry.manifest("v1", in: SampleImage.repository) == image.manifest)
            // Nothing is sent over and over.
            let sent = registry.requests.filter { ["PUT", "PATCH"].contains($0.method) }.reduce(0) {
                $0 + $1.body.count
            }
            let size = image.blobs.reduce(image.manifest.count) { $0 + $1.count }
            #expect(sent <= size * 4, "\(registry.lines)")
            let pulled = MemoryContent()
            try await withClient(member.credentials, configure: configure) { client in
                let found = try await client.image(name, platform: image.platform, keptIn: pulled)
                #expect(found.manifest.digest == image.digest)
                _ = try await client.pull(name, .all, into: pulled)
            }
            #expect(pulled.digests == image.digests)
        }
    }

    /// A blob that goes out while it is packed: where there are no pieces, the push that follows sends it.
    @Test(arguments: members) func takesAHeadStart(member: Member) async throws {
        let bytes = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var settings = FakeRegistry.Settings()
        member.habits(&settings)
        try await FakeRegistry.with(settings, faults: member.faults) { registry in
            let descriptor = Descriptor(mediaType: .layer, digest: Digest(sha256: bytes), size: Int64(bytes.count))
            let growing = GrowingContent(
                read: { offset, count in Array(bytes.dropFirst(Int(offset)).prefix(count)) },
                descriptor: { descriptor })
            try await withClient(member.credentials) {
                ($0.chunkSize, $0.smallestChunk) = (15_000, 1_000)
            } _: { client in
                // What does not get there so is sent afterwards.
                _ = try? await client.push(growing, to: try registry.reference())
                try await client.push(blob: descriptor, from: MemoryContent([bytes]), to: try registry.reference())
            }
            #expect(registry.blob(descriptor.digest, in: SampleImage.repository) == bytes)
        }
    }

    /// How much of an upload a registry says that it has.
    @Test(
        arguments: [
            (nil, 0), ("0-0", 0), ("0--1", 0), ("0-499", 500), ("bytes=0-499", 500), ("bytes 0-499", 500), ("", 0),
            ("x", 0),
            ("0-", 0), ("0-9223372036854775807", 0), ("0-99999999999999999999", 0), ("-5", 6),
        ] as [(String?, Int64)])
    func readsWhatIsThere(range: String?, expected: Int64) {
        #expect(UploadEndpoint.received(range) == expected)
    }
}
