import Attestation
import BuildGraph
import Distribution
import Engine
import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

/// What becomes of a build's result, as bytes that others read.
@Suite(.timeLimit(.minutes(5))) struct OutputExportTests {
    private static let dockerfile = "FROM scratch\nARG TARGETARCH\nCOPY file /d/f\nLABEL arch=$TARGETARCH\n"

    private func listed(_ archive: String) async throws -> [String] {
        let text = String(decoding: try await Program.shell("tar -tf '\(archive)'"), as: UTF8.self)
        return text.split(separator: "\n").map(String.init).sorted()
    }

    @Test func writesFilesAndArchives() async throws {
        try await withBench { bench in
            let out = "\(bench.directory)/out"
            let outcome = try await bench.build(Self.dockerfile) {
                $0.outputs = [.init(.local, to: "\(out)/files"), .init(.tar, to: "\(out)/root.tar"), .init(.cacheonly)]
                $0.check = .off
            }.result.get()
            #expect(try Files.text("\(out)/files/d/f") == "hello\n")
            #expect(try await listed("\(out)/root.tar") == ["d/", "d/f"])
            // Nothing of it is an image of the store.
            #expect(throws: (any Error).self) { try bench.engine.store.images.image(outcome.receipt.id) }
        }
    }

    @Test(arguments: [OutputSpecification.Kind.oci, .docker]) func writesLayouts(kind: OutputSpecification.Kind)
        async throws
    {
        try await withBench { bench in
            let out = "\(bench.directory)/out"
            let outcome = try await bench.build(Self.dockerfile) {
                $0.outputs = [.init(kind, to: "\(out)/a", isArchive: false), .init(kind, to: "\(out)/a.tar")]
                ($0.names, $0.check) = ([try ImageReference("app:1")], .off)
            }.result.get()
            let names = try await listed("\(out)/a.tar")
            #expect(names.contains(kind == .oci ? "index.json" : "manifest.json"), "\(names)")
            #expect(names.contains("blobs/sha256/\(outcome.receipt.configDigest.hex)"), "\(names)")
            let metadata = outcome.receipt.metadata
            #expect(metadata["image.name"]?.string == "docker.io/library/app:1")
            #expect(metadata["containerimage.config.digest"]?.string == outcome.receipt.configDigest.description)
            #expect(metadata["containerimage.digest"]?.string == outcome.receipt.root.digest.description)
            if kind == .oci {
                let layout = try ImageLayout(opening: FilePath("\(out)/a"), bench.engine.store)
                #expect(try layout.image(.unnamed, for: .host).id == outcome.receipt.configDigest)
            }
        }
    }

    private static let platforms = ["linux/amd64", "linux/arm64"]

    /// Of several platforms each has a directory, unless they are to be together and nothing is in the way.
    @Test(
        arguments: [
            (nil, ["linux_amd64", "linux_arm64"]), (false, nil), (true, ["linux_amd64", "linux_arm64"]),
        ] as [(Bool?, [String]?)])
    func splitsPlatforms(splits: Bool?, expected: [String]?) async throws {
        try await withBench { bench in
            let out = "\(bench.directory)/out"
            let (_, result) = try await bench.build(Self.dockerfile) {
                var output = OutputSpecification(.local, to: out)
                output.splitsPlatforms = splits
                ($0.outputs, $0.check) = ([output], .off)
                $0.platforms = try Self.platforms.map { try Platform(parsing: $0) }
            }
            if let expected {
                _ = try result.get()
                for name in expected { #expect(try Files.text("\(out)/\(name)/d/f") == "hello\n") }
            } else {
                #expect { try result.get() } throws: { error in
                    guard case EngineError.collision("d/f", let one, let other) = error else { return false }
                    return Set([one.architecture, other.architecture]) == ["amd64", "arm64"]
                }
            }
        }
    }

    /// With `mode=delete` a directory is what the image is; else others' files stay.
    @Test(arguments: [true, false]) func mirrors(isMirror: Bool) async throws {
        try await withBench { bench in
            let out = "\(bench.directory)/out"
            try Files.write("theirs", to: "\(out)/d/other")
            var output = OutputSpecification(.local, to: out)
            output.isMirror = isMirror
            _ = try await bench.build(Self.dockerfile) { ($0.outputs, $0.check) = ([output], .off) }.result.get()
            #expect(Files.exists("\(out)/d/f") && Files.exists("\(out)/d/other") != isMirror)
        }
    }

    /// Files that leave a build have its epoch where that was asked for.
    @Test func setsTimes() async throws {
        try await withBench { bench in
            let out = "\(bench.directory)/out"
            let outcome = try await bench.build(Self.dockerfile) {
                var image = OutputSpecification(.image)
                image.rewritesTimestamps = true
                ($0.outputs, $0.check) = (
                    [.init(.local, to: "\(out)/l"), .init(.tar, to: "\(out)/t.tar"), image], .off
                )
                $0.request.buildArguments["SOURCE_DATE_EPOCH"] = "1000000000"
                $0.names = [try ImageReference("app:1")]
            }.result.get()
            let directory = try Directory(opening: FilePath("\(out)/l/d"))
            #expect(try directory.status(Array("f".utf8))?.modified == FileTime(seconds: 1_000_000_000))
            let lines = try await Program.shell("TZ=UTC tar -tvf \(out)/t.tar d/f")
            #expect(String(decoding: lines, as: UTF8.self).contains("2001-09-09 01:46"))
            let store = bench.engine.store
            let image = try store.images.image(store.images.resolve("app:1"))
            #expect(image.id == outcome.receipt.id && image.config.created == "2001-09-09T01:46:40Z")
            #expect(image.layers.map(\.diffID) != outcome.results[0].image.layers.map(\.diffID))
            let file = try store.layers.tree(image.layers.map(\.diffID)).lookUp(
                try #require(ImagePath("/d/f")), links: .keepLast)
            #expect(file?.node.status.modified.seconds == 1_000_000_000)
        }
    }

    /// What is said about an image goes into its manifest and beside it.
    @Test func describesImages() async throws {
        try await withBench { bench in
            let out = "\(bench.directory)/out"
            _ = try await bench.build(
                "FROM scratch AS one\nADD file /a\nFROM scratch\nCOPY --from=one /a /b\nCOPY --from=more . /\n"
            ) {
                $0.outputs = [.init(.oci, to: out, isArchive: false)]
                $0.annotations = [.init(.manifest, name: "org.example.note", value: "hello")]
                $0.attestations = try AttestationRequest(sbom: "true", provenance: "mode=max")
                $0.request.buildArguments = ["VERSION": "1", "HTTP_PROXY": "http://me:secret@p.example"]
                $0.request.labels = ["a": "b"]
                $0.namedContexts = [(name: "more", source: .files($0.context))]
                $0.check = .off
            }.result.get()
            let documents = try blobs(in: out)
            #expect(
                documents.contains { $0["annotations"]?["org.example.note"]?.string == "hello" && $0["config"] != nil })
            let provenance = try #require(
                documents.first { $0["predicateType"]?.string?.contains("provenance") == true }?.text)
            #expect(
                provenance.contains("build-arg:VERSION") && provenance.contains("label:a")
                    && !provenance.contains("secret"))
            #expect(provenance.contains("local:more") && provenance.contains("COPY --from=one /a /b"))
            #expect(documents.contains { $0["predicateType"]?.string?.contains("spdx") == true })
        }
    }

    private func blobs(in layout: String) throws -> [JSON] {
        let directory = "\(layout)/blobs/sha256"
        return try Directory(opening: FilePath(directory)).names().compactMap { name in
            // A layer is no document.
            try? JSON.parse(Files.bytes("\(directory)/\(String(decoding: name, as: UTF8.self))"))
        }
    }

    /// By digest a registry has an image without a tag, and the store one without a name.
    @Test func pushesByDigest() async throws {
        try await FakeRegistry.with { registry in
            try await withBench { bench in
                let outcome = try await bench.build(Self.dockerfile) {
                    var output = OutputSpecification(.image)
                    (output.pushes, output.isPushedByDigest) = (true, true)
                    output.names = [try ImageReference("\(registry.host)/me/app:1")]
                    ($0.outputs, $0.check) = ([output], .off)
                }.result.get()
                #expect(registry.manifest("1", in: "me/app") == nil)
                #expect(registry.manifest(outcome.receipt.root.digest.description, in: "me/app") != nil)
                #expect(outcome.receipt.names.map(\.description) == ["\(registry.host)/me/app"])
                #expect(try bench.engine.store.images.names().isEmpty)
            }
        }
    }

    /// Inspected as docker does, with the steps that made it.
    @Test func describesStoredImages() async throws {
        try await withBench { bench in
            let outcome = try await bench.build("FROM scratch\nCOPY file /a\nENV A=b\nEXPOSE 80\nLABEL l=1\n") {
                ($0.names, $0.check) = ([try ImageReference("app:1"), try ImageReference("app:2")], .off)
            }.result.get()
            let store = bench.engine.store
            let (id, image) = (outcome.receipt.id, outcome.results[0].image)
            let document = try ImageDocument.inspect("app:2", store)
            #expect(document["Id"]?.string == id.description && document["Size"]?.integer == 6)
            #expect(document["RepoTags"]?.array?.compactMap(\.string) == ["app:1", "app:2"])
            #expect(document["Config"]?["ExposedPorts"]?["80/tcp"] != nil && document["Config"]?["Cmd"] == .null)
            #expect(document["RootFS"]?["Layers"]?.array?.count == 1)
            let rows = try ImageHistory.rows(image, id, store)
            #expect(rows.map(\.size) == [0, 0, 0, 6] && rows.map(\.id) == [id, nil, nil, nil])
            #expect(rows.last?.entry.createdBy?.contains("COPY file /a") == true)
        }
    }
}
