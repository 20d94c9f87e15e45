internal import Archive
internal import OCI

/// Finds out which layer files are while they are written, so that they need not be read once more.
///
/// This works as long as entries come in the archive's order, each once, and do not change afterwards. The last
/// directory may change until the next entry comes.
struct LayerIdentity {
    private var archive = ContentHasher()
    private var timeless = TimelessIdentity()
    private var size: Int64 = 0
    private var archiveSize: Int64 = 0
    private var lastPath = ImagePath.root
    private var pending: TarHeader?
    /// Bytes that the last file still lacks, and the padding that follows them.
    private var missing: Int64 = 0
    private var padding = 0
    private var isOrdered = true

    /// Adds a directory, or changes what the last entry says if that was this directory.
    mutating func directory(_ path: ImagePath, _ header: TarHeader) {
        if path == lastPath, pending != nil {
            pending = header
        } else {
            begin(path)
            pending = header
        }
    }

    /// Adds anything else; a file's bytes follow.
    mutating func entry(_ path: ImagePath, _ header: TarHeader) {
        begin(path)
        add(header)
        guard header.kind == .regular else { return }
        missing = header.size
        padding = TarWriter.padding(after: header.size)
        size += header.size
    }

    mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
        missing -= Int64(bytes.count)
        archiveSize += Int64(bytes.count)
        archive.update(bytes)
        timeless.update(bytes)
    }

    /// Ends a file.
    ///
    /// - Returns: the digest of its bytes; nil for an empty one.
    mutating func endFile() -> FileDigest? {
        if missing != 0 { isOrdered = false }
        update([UInt8](repeating: 0, count: padding))
        padding = 0
        return timeless.endFile()
    }

    /// The files are no longer what was told: they must be read.
    mutating func invalidate() { isOrdered = false }

    /// What the layer is; nil when the entries did not come in the archive's order.
    consuming func finish() -> LayerDirectory.Facts? {
        flush()
        guard isOrdered else { return nil }
        update(TarWriter.end)
        return LayerDirectory.Facts(
            diffID: DiffID(archive.finalize()), content: timeless.finalize(), size: size, archiveSize: archiveSize)
    }

    private mutating func begin(_ path: ImagePath) {
        flush()
        if !(lastPath < path) || missing != 0 { isOrdered = false }
        lastPath = path
    }

    private mutating func flush() {
        guard let header = pending else { return }
        pending = nil
        add(header)
    }

    private mutating func add(_ header: TarHeader) {
        update(TarWriter.encode(header))
        timeless.add(header)
    }

    private mutating func update(_ bytes: [UInt8]) {
        archiveSize += Int64(bytes.count)
        archive.update(bytes)
    }
}
