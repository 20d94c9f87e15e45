internal import CNettle

/// The digests by which package managers know a file: MD5 in Debian's lists, SHA-1 in Alpine's, SHA-256 in Python's. The first two
/// prove nothing against somebody who wants to deceive.
package struct FileChecksums: Hashable, Sendable {
    package let md5: [UInt8]
    package let sha1: [UInt8]
    package let sha256: [UInt8]
}

/// All of ``FileChecksums`` over a stream of bytes.
package struct FileChecksumHasher: Sendable {
    private var md5 = md5_ctx()
    private var sha1 = sha1_ctx()
    private var sha256 = ContentHasher()

    package init() {
        nettle_md5_init(&md5)
        nettle_sha1_init(&sha1)
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        nettle_md5_update(&md5, bytes.count, start)
        nettle_sha1_update(&sha1, bytes.count, start)
        sha256.update(bytes)
    }

    package mutating func finish() -> FileChecksums {
        var (first, second) = ([UInt8](repeating: 0, count: 16), [UInt8](repeating: 0, count: 20))
        first.withUnsafeMutableBufferPointer { nettle_md5_digest(&md5, $0.count, $0.baseAddress) }
        second.withUnsafeMutableBufferPointer { nettle_sha1_digest(&sha1, $0.count, $0.baseAddress) }
        return FileChecksums(md5: first, sha1: second, sha256: sha256.finalizedBytes)
    }
}
