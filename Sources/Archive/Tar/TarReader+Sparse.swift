/// Sparse files: the pieces that an archive holds, and the holes between them (GNU tar manual, "Storing Sparse Files").
extension TarReader {
    /// A sparse file whose map is not whole yet: that of GNU's old format goes on in further blocks, that of 1.0 is a part
    /// of the content.
    struct PendingSparse {
        let header: TarHeader
        /// Bytes of content in the archive that are not taken yet.
        var stored: Int64
        var map: SparseMap?
        var text = SparseText()
    }

    struct SparseContent {
        let map: SparseMap
        /// Of the next piece.
        var index = 0
        /// In the file.
        var position: Int64 = 0
        /// Bytes in the archive.
        var remaining: Int64
        let padding: Int
    }

    /// - Parameter stored: bytes in the archive.
    mutating func beginSparse(_ header: TarHeader, _ form: SparseRecords.Form, stored: Int64) throws(TarError)
        -> TarEvent?
    {
        guard header.kind == .regular else { throw error(.invalidSparseMap) }
        var header = header
        switch form {
        case .textInFront(let realSize):
            header.size = realSize
            pendingSparse = PendingSparse(header: header, stored: stored)
            state = .sparseMap
            return nil
        case .whole(let map):
            guard map.storedSize == stored else { throw error(.invalidSparseMap) }
            header.size = map.realSize
            state = .sparse(SparseContent(map: map, remaining: stored, padding: TarWriter.padding(after: stored)))
            return .entry(header)
        }
    }

    /// Takes the block that is there as a part of the map.
    mutating func continueMap() throws(TarError) -> TarEvent? {
        defer { pending.removeAll(keepingCapacity: true) }
        guard let header = pendingSparse?.header, let stored = pendingSparse?.stored else { return nil }
        if var map = pendingSparse?.map {
            pendingSparse?.map = nil
            let isContinued = try TarBlock(bytes: pending, offset: headerOffset).continueSparse(&map)
            guard isContinued else { return try beginSparse(header, .whole(map), stored: stored) }
            pendingSparse?.map = map
            return nil
        }
        guard stored >= Int64(Self.blockSize) else { throw error(.invalidSparseMap) }
        pendingSparse?.stored -= Int64(Self.blockSize)
        let map: SparseMap
        do {
            guard let numbers = try pendingSparse?.text.take(pending) else { return nil }
            map = try SparseMap(realSize: header.size, numbers: numbers)
        } catch { throw self.error(error) }
        return try beginSparse(header, .whole(map), stored: stored - Int64(Self.blockSize))
    }

    /// The next of a sparse file's content; nil when more bytes are needed, or when all that the map names is told.
    mutating func next(of content: SparseContent, from input: inout UnsafeRawBufferPointer) throws(TarError)
        -> TarEvent?
    {
        var content = content
        while content.index < content.map.pieces.count {
            let piece = content.map.pieces[content.index]
            if content.position < piece.offset { return try hole(to: piece.offset, &content) }
            let left = piece.offset + piece.count - content.position
            if left == 0 {
                content.index += 1
                continue
            }
            guard let bytes = take(left, from: &input) else {
                state = .sparse(content)
                return nil
            }
            content.position += Int64(bytes.count)
            content.remaining -= Int64(bytes.count)
            state = .sparse(content)
            return .content(bytes)
        }
        if content.position < content.map.realSize { return try hole(to: content.map.realSize, &content) }
        state = .content(remaining: 0, padding: content.padding)
        return nil
    }

    private mutating func hole(to end: Int64, _ content: inout SparseContent) throws(TarError) -> TarEvent {
        let count = end - content.position
        let (sum, overflows) = holes.addingReportingOverflow(count)
        guard !overflows, sum <= Self.holeLimit else { throw error(.holesTooLarge(limit: Self.holeLimit)) }
        holes = sum
        content.position = end
        state = .sparse(content)
        return .hole(count)
    }
}
