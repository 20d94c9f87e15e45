internal import Archive
internal import OCI

/// The identity of a layer's files without their times of modification: what each entry says of itself, followed by the
/// SHA-256 of its bytes where it has some. It stays the same when a step is executed again and makes the same files.
struct TimelessIdentity {
    private var hasher = ContentHasher()
    private var file: ContentHasher?

    /// Adds an entry; its bytes, if it has any, follow.
    mutating func add(_ header: TarHeader) {
        endFile()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(header.name.count + 64)
        let trailing: [UInt8] =
            header.kind == .directory && header.name.last != UInt8(ascii: "/") ? [UInt8(ascii: "/")] : []
        bytes.addField(header.name + trailing)
        bytes.add(UInt64(header.kind.code) << 32 | UInt64(header.mode))
        bytes.add(UInt64(header.uid) << 32 | UInt64(header.gid))
        bytes.add(UInt64(bitPattern: header.size))
        bytes.addField(header.linkName)
        bytes.add(UInt64(header.deviceMajor) << 32 | UInt64(header.deviceMinor))
        for attribute in header.extendedAttributes {
            bytes.addField(Array(attribute.name.utf8))
            bytes.addField(attribute.value)
        }
        bytes.add(UInt64(header.extendedAttributes.count))
        hasher.update(bytes)
        file = header.kind == .regular && header.size > 0 ? ContentHasher() : nil
    }

    /// Adds bytes of the last entry's content.
    mutating func update(_ bytes: UnsafeRawBufferPointer) { file?.update(bytes) }

    /// Adds the last entry's content by its digest, instead of its bytes.
    mutating func update(_ digest: FileDigest) {
        guard file != nil else { return }
        file = nil
        hasher.update(digest.bytes)
    }

    /// Ends the last entry's content.
    ///
    /// - Returns: its digest; nil for an entry without content.
    @discardableResult
    mutating func endFile() -> FileDigest? {
        guard let ended = file else { return nil }
        file = nil
        let digest = FileDigest(ended)
        hasher.update(digest.bytes)
        return digest
    }

    consuming func finalize() -> Digest {
        endFile()
        return hasher.finalize()
    }
}

extension TarHeader.Kind {
    /// A number that stays the same for ever.
    fileprivate var code: UInt8 {
        switch self {
        case .regular: 0
        case .hardLink: 1
        case .symbolicLink: 2
        case .characterDevice: 3
        case .blockDevice: 4
        case .directory: 5
        case .fifo: 6
        case .unknown(let flag): flag
        }
    }
}

/// The SHA-256 of a file's bytes, 32 bytes in place: contexts have very many of them.
struct FileDigest: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    init(_ hasher: consuming ContentHasher) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let bytes = hasher.finalizedBytes
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        self.words = words
    }

    /// - Parameter bytes: 32 of them.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.size else { return nil }
        words = bytes.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    static let size = 32

    var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    static func == (left: FileDigest, right: FileDigest) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

extension [UInt8] {
    mutating func add(_ value: UInt64) { Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) } }

    /// Length before content, so that no two lists of fields look alike.
    mutating func addField(_ bytes: some Collection<UInt8>) {
        add(UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}
