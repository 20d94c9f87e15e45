import OCI
import TestSupport
import Testing

/// Indexes whose entries do not say for which platform they are, as umoci and oras write them.
@Suite(.requires(.root)) struct UndescribedIndexTests {
    /// An archive of one file (POSIX.1-2017, pax, "ustar Interchange Format").
    private static func tar(_ name: String, _ content: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(name, at: 0)
        for (offset, width, value) in [
            (100, 7, 0o644), (108, 7, 0), (116, 7, 0), (124, 11, content.count), (136, 11, 0),
        ] { put(octal(value, width), at: offset) }
        put("        0", at: 148)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", at: 148)
        return header + content + [UInt8](repeating: 0, count: 512 - content.count + 1024)
    }

    /// The blobs of an image with one file, the manifest last.
    private static func image(_ architecture: String) -> (blobs: [[UInt8]], entry: Descriptor) {
        let layer = tar("hello", Array("for \(architecture)".utf8))
        var config = ImageConfig(platform: Platform(os: "linux", architecture: architecture))
        config.layers = [DiffID(Digest(sha256: layer))]
        func descriptor(_ type: MediaType, _ bytes: [UInt8]) -> Descriptor {
            Descriptor(mediaType: type, digest: Digest(sha256: bytes), size: Int64(bytes.count))
        }
        let manifest = Manifest(config: descriptor(.config, config.bytes), layers: [descriptor(.layer, layer)]).bytes
        return ([layer, config.bytes, manifest], descriptor(.manifest, manifest))
    }

    /// An index in an index, and all blobs below.
    private static func index() -> (root: [UInt8], inner: [UInt8], blobs: [[UInt8]]) {
        let (amd, arm) = (image("amd64"), image("arm64"))
        let inner = Index(manifests: [arm.entry, amd.entry]).bytes
        let root = Index(manifests: [
            Descriptor(mediaType: .index, digest: Digest(sha256: inner), size: Int64(inner.count))
        ]).bytes
        return (root, inner, amd.blobs + arm.blobs)
    }

    @Test func arePulledBuiltOnCopiedAndInspected() async throws {
        try await Distill.withStore { distill in
            try await FakeRegistry.with { registry in
                let (root, inner, blobs) = Self.index()
                for blob in blobs { registry.addBlob(blob, to: "me/app") }
                for blob in blobs where blob.starts(with: Array("{\"schemaVersion".utf8)) {
                    registry.addManifest(blob, type: .manifest, to: "me/app")
                }
                registry.addManifest(inner, type: .index, to: "me/app")
                registry.addManifest(root, type: .index, tag: "1", to: "me/app")
                let name = "\(registry.host)/me/app:1"
                #expect(try await distill.succeed("pull", "-q", name).output == name + "\n")
                for architecture in ["amd64", "arm64"] {
                    let fresh = Distill(directory: distill.directory, store: "\(distill.directory)/\(architecture)")
                    let context = try fresh.context(
                        "on-\(architecture)", ["Dockerfile": "FROM \(name)\nCOPY --from=\(name) /hello /copy\n"])
                    try await fresh.succeed(
                        "build", "-q", "--platform", "linux/\(architecture)", "-o", "out-\(architecture)", context)
                    #expect(try Files.text("\(distill.directory)/out-\(architecture)/hello") == "for \(architecture)")
                    let seen = try await fresh.succeed(
                        "inspect", "--remote", "--platform", "linux/\(architecture)", "--format", "{{.Architecture}}",
                        name)
                    #expect(seen.output == "\(architecture)\n")
                    try await fresh.succeed(
                        "image", "copy", "-q", "--platform", "linux/\(architecture)", name,
                        "\(registry.host)/me/copy:\(architecture)")
                    try await fresh.succeed(
                        "pull", "-q", "--platform", "linux/\(architecture)", "\(registry.host)/me/copy:\(architecture)")
                }
                let missing = try await distill("pull", "-q", "--platform", "linux/s390x", name)
                #expect(missing.exitCode == 1 && missing.errorOutput.contains("linux/arm64"), "\(missing)")
            }
        }
    }

    @Test func areLoadedAndReadAsALayout() async throws {
        try await Distill.withStore { distill in
            let (root, inner, blobs) = Self.index()
            let layout = "\(distill.directory)/layout"
            for blob in blobs + [inner] {
                try Files.write(blob, to: "\(layout)/blobs/sha256/\(Digest(sha256: blob).hex)")
            }
            try Files.write(root, to: "\(layout)/index.json")
            try Files.write("{\"imageLayoutVersion\":\"1.0.0\"}", to: "\(layout)/oci-layout")
            let context = try distill.context(["Dockerfile": "FROM base\n"])
            for architecture in ["amd64", "arm64"] {
                try await distill.succeed(
                    "build", "-q", "--platform", "linux/\(architecture)", "--build-context",
                    "base=oci-layout://\(layout)", "-o", "out-\(architecture)", context)
                #expect(try Files.text("\(distill.directory)/out-\(architecture)/hello") == "for \(architecture)")
            }
            let packed = try await Command(
                "tar", ["-cf", "layout.tar", "-C", "layout", "."], workingDirectory: distill.directory
            ).run()
            #expect(packed.succeeded)
            let id =
                try await distill.succeed("load", "-i", "layout.tar").line.split(separator: " ").last.map(String.init)
                ?? ""
            #expect(
                try await distill.succeed("inspect", "--format", "{{.Architecture}}", id).line
                    == Platform.host.architecture)
        }
    }
}
