/// The identity of bytes by their hash (OCI image specification, descriptor.md, "Digests").
///
/// A value exists only if it is valid: a registered algorithm and lower-case hexadecimal of the right length.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    package enum Algorithm: String, Sendable {
        case sha256, sha384, sha512

        var hexLength: Int {
            switch self {
            case .sha256: 64
            case .sha384: 96
            case .sha512: 128
            }
        }
    }

    package let algorithm: Algorithm
    /// Lower-case hexadecimal: 64 characters for sha256, 96 for sha384 and 128 for sha512.
    package let hex: String

    package init(algorithm: Algorithm, hex: String) throws(DigestError) {
        guard hex.utf8.count == algorithm.hexLength,
            hex.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { throw DigestError(text: "\(algorithm.rawValue):\(hex)") }
        self.algorithm = algorithm
        self.hex = hex
    }

    /// Reads `algorithm:hex`.
    package init(_ text: String) throws(DigestError) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            let algorithm = Algorithm(rawValue: String(text[..<colon]))
        else {
            throw DigestError(text: text)
        }
        try self.init(algorithm: algorithm, hex: String(text[text.index(after: colon)...]))
    }

    /// The SHA-256 digest of bytes in memory.
    package init(sha256 bytes: some Sequence<UInt8>) {
        var hasher = ContentHasher()
        hasher.update(Array(bytes))
        self = hasher.finalize()
    }

    init(_ algorithm: Algorithm = .sha256, bytes: some Sequence<UInt8>) {
        self.algorithm = algorithm
        hex = Self.hexadecimal(bytes)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.underestimatedCount)
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    package var description: String { "\(algorithm.rawValue):\(hex)" }

    /// The first twelve hexadecimal digits, the form in which docker prints an image ID.
    package var short: String { String(decoding: hex.utf8.prefix(12), as: UTF8.self) }
}

/// Text that is not a digest.
package struct DigestError: Error, Hashable, Sendable {
    package let text: String
}

/// The digest of a layer's uncompressed tar (OCI image specification, config.md, "Layer DiffID").
package struct DiffID: Hashable, Sendable, CustomStringConvertible {
    package let digest: Digest

    package init(_ digest: Digest) { self.digest = digest }

    package var description: String { digest.description }
}

/// The identity of a stack of layers (OCI image specification, config.md, "Layer ChainID").
package struct ChainID: Hashable, Sendable, CustomStringConvertible {
    package let digest: Digest

    /// The identity of the layers from the lowest to the highest; nil for none.
    package init?(_ layers: some Sequence<DiffID>) {
        var chain: Digest?
        for layer in layers {
            if let below = chain {
                chain = Digest(sha256: "\(below) \(layer)".utf8)
            } else {
                chain = layer.digest
            }
        }
        guard let chain else { return nil }
        digest = chain
    }

    package var description: String { digest.description }
}
