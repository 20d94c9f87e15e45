package import LinuxSystem
package import OCI

/// One artifact in a directory: an OCI image layout whose index names a single manifest (OCI image specification,
/// image-layout.md).
package struct LayoutDirectory: Sendable {
    private let directory: Directory

    package init(_ directory: Directory) { self.directory = directory }

    /// The manifest that the layout is about; nil where nothing is.
    ///
    /// - Throws: ``ImageFormatError`` when the layout is damaged.
    package func manifest() throws -> Manifest? { try root()?.manifest }

    private func root() throws -> (digest: Digest, manifest: Manifest)? {
        guard let bytes = try directory.read(Array("index.json".utf8)) else { return nil }
        guard let descriptor = try Index(bytes: bytes).manifests.last, let manifest = try blob(descriptor.digest) else {
            return nil
        }
        return (descriptor.digest, try Manifest(bytes: manifest))
    }

    /// A small blob; nil if it is not there.
    ///
    /// - Throws: ``ContentError/digestMismatch(expected:actual:)``.
    package func blob(_ digest: Digest) throws -> [UInt8]? {
        guard let bytes = try directory.read(Self.name(digest)) else { return nil }
        let actual = Digest(sha256: bytes)
        guard actual == digest else { throw ContentError.digestMismatch(expected: digest, actual: actual) }
        return bytes
    }

    /// Copies a blob into a store, which checks its bytes.
    package func copy(_ blob: Descriptor, into content: ContentDirectory) throws {
        guard try !content.has(blob.digest) else { return }
        let writer = try content.makeWriter()
        try directory.openFile(Self.name(blob.digest)).forEachPiece { try writer.write($0) }
        _ = try writer.commit(expecting: blob.digest)
    }

    /// Replaces what is there by a manifest with its blobs; blobs of the former one that are no longer named go.
    package func replace(by descriptor: Descriptor, from content: ContentDirectory) throws {
        // What cannot be read names no blobs.
        let former = (try? root()) ?? nil
        let bytes = try content.bytes(of: descriptor.digest)
        let manifest = try Manifest(bytes: bytes)
        let sink = DirectorySink(directory)
        try sink.directory("blobs")
        for blob in [manifest.config] + manifest.layers + [descriptor] {
            try sink.directory("blobs/\(blob.digest.algorithm.rawValue)")
            try sink.file(String(decoding: Self.name(blob.digest), as: UTF8.self), size: blob.size) {
                try content.forEachPiece(of: blob.digest, $0)
            }
        }
        let layout = JSON.object(["imageLayoutVersion": .string("1.0.0")]).bytes
        try sink.file("oci-layout", size: Int64(layout.count)) { body in try layout.withUnsafeBytes(body) }
        let named = Descriptor(
            mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size,
            annotations: ["org.opencontainers.image.ref.name": "latest"])
        let index = Index(manifests: [named]).bytes
        try sink.file("index.json", size: Int64(index.count)) { body in try index.withUnsafeBytes(body) }
        let kept = Set(([manifest.config] + manifest.layers).map(\.digest) + [descriptor.digest])
        let blobs = former.map { [$0.digest] + ([$0.manifest.config] + $0.manifest.layers).map(\.digest) } ?? []
        for blob in blobs where !kept.contains(blob) { try directory.removeFile(Self.name(blob)) }
    }

    private static func name(_ digest: Digest) -> [UInt8] {
        Array("blobs/\(digest.algorithm.rawValue)/\(digest.hex)".utf8)
    }
}
