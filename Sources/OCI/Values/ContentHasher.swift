internal import CNettle

/// SHA-256 (FIPS 180-4) over a stream of bytes.
package struct ContentHasher: Sendable {
    private var state = sha256_ctx()

    package init() { nettle_sha256_init(&state) }

    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        nettle_sha256_update(&state, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }

    package consuming func finalize() -> Digest { Digest(bytes: finalizedBytes) }

    /// The 32 bytes of the digest of what came so far.
    package var finalizedBytes: [UInt8] {
        // Asking for the digest begins a new stream, so it is asked of a copy.
        var state = state
        return filled(SHA256_DIGEST_SIZE) { nettle_sha256_digest(&state, $1, $0) }
    }
}

/// Any of the algorithms over a stream of bytes: for a digest that somebody else chose.
package struct DigestHasher: Sendable {
    private enum State: Sendable {
        case short(ContentHasher)
        /// Of both, which differ in how they begin and how much of the state is the digest.
        case long(sha512_ctx, Digest.Algorithm)
    }

    private var state: State

    package init(_ algorithm: Digest.Algorithm) {
        var long = sha512_ctx()
        switch algorithm {
        case .sha256: state = .short(ContentHasher())
        case .sha384:
            nettle_sha384_init(&long)
            state = .long(long, algorithm)
        case .sha512:
            nettle_sha512_init(&long)
            state = .long(long, algorithm)
        }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .short(var hasher):
            hasher.update(bytes)
            state = .short(hasher)
        case .long(var hasher, let algorithm):
            nettle_sha512_update(&hasher, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
            state = .long(hasher, algorithm)
        }
    }

    package consuming func finalize() -> Digest {
        switch state {
        case .short(let hasher): return hasher.finalize()
        case .long(var hasher, let algorithm):
            let isWhole = algorithm == .sha512
            let bytes = filled(isWhole ? SHA512_DIGEST_SIZE : SHA384_DIGEST_SIZE) {
                if isWhole { nettle_sha512_digest(&hasher, $1, $0) } else { nettle_sha384_digest(&hasher, $1, $0) }
            }
            return Digest(algorithm, bytes: bytes)
        }
    }
}

private func filled(_ count: Int32, _ fill: (UnsafeMutablePointer<UInt8>?, Int) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
        fill(buffer.baseAddress, buffer.count)
        filled = Int(count)
    }
}
