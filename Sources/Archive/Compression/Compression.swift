/// How bytes are packed.
package enum Compression: Hashable, Sendable, CaseIterable {
    /// RFC 1952.
    case gzip
    /// RFC 8878.
    case zstd
    /// The .xz file format, version 1.1.
    case xz
    case bzip2
    case none

    /// How many bytes ``detect(_:)`` wants to see.
    package static let detectionLength = 6

    /// Reads the magic number; fewer bytes than ``detectionLength`` are enough if there are no more.
    package static func detect(_ bytes: some Collection<UInt8>) -> Compression {
        let start = Array(bytes.prefix(detectionLength))
        if start.starts(with: [0x1F, 0x8B]) { return .gzip }
        if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .zstd }
        // A skippable frame may stand in front.
        if start.count >= 4, start[0] & 0xF0 == 0x50, start[1...3] == [0x2A, 0x4D, 0x18] { return .zstd }
        if start == [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00] { return .xz }
        if start.count >= 4, start.starts(with: Array("BZh".utf8)), (0x31...0x39).contains(start[3]) { return .bzip2 }
        return .none
    }
}

/// Why packed bytes cannot be unpacked.
package enum DecompressionError: Error, Hashable, Sendable {
    case corrupt(Compression)
    case truncated(Compression)
    /// Something else stands behind the packed bytes.
    case trailingBytes(Compression)
    /// The stream wants more memory than ``Decompressor/memoryLimit``.
    case memoryLimit(Compression)
    /// The system has no memory for the decoder.
    case outOfMemory(Compression)
}
