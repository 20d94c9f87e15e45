/// What a tar archive is made of, in the order in which it stands there.
package enum TarEvent {
    case entry(TarHeader)
    /// A piece of the current entry's content; it points into the bytes that the reader was given.
    case content(UnsafeRawBufferPointer)
    /// So many zeros of the current entry's content, which a sparse file's archive does not hold.
    case hole(Int64)
    case endOfEntry
    /// The end blocks. What follows them is padding and is ignored.
    case end
}

/// Reads a tar archive from pieces of any size: v7, ustar, star, GNU (long names, base-256 numbers) and pax, and sparse
/// files in GNU's four formats, which are files like all others with ``TarEvent/hole(_:)`` where nothing was stored.
///
/// The reader holds one header at a time and never a file's content. An archive may end without end blocks, as it may
/// for GNU tar; it may not end inside an entry.
package struct TarReader: Sendable {
    /// Bytes; of one pax header, and of the global ones together.
    package static let extendedHeaderLimit = 1 << 20
    /// Bytes; of a name or a link's target: PATH_MAX of Linux. Deeper ones can be named whole by nobody, and each of their
    /// directories would cost the bytes of all above it.
    package static let nameLimit = 4096
    /// Bytes; of all that the sparse files of an archive leave out. They take no room, but somebody must hash them.
    package static let holeLimit: Int64 = 1 << 38
    /// Bytes of a header.
    package static let blockSize = 512

    enum State {
        case header
        case extendedHeader(ExtendedHeader, remaining: Int, padding: Int)
        /// What is left of a sparse file's map, before its entry is told.
        case sparseMap
        case sparse(SparseContent)
        case content(remaining: Int64, padding: Int)
        /// Content of an entry whose kind has none.
        case skipped(remaining: Int64, padding: Int)
        case padding(Int)
        case end
    }

    enum ExtendedHeader { case local, global, longName, longLink }

    var state = State.header
    /// Collects a header block or an extended header.
    var pending: [UInt8] = []
    private var sawZeroBlock = false
    private var extensions = TarExtensions()
    private var position: Int64 = 0
    private(set) var headerOffset: Int64 = 0
    var pendingSparse: PendingSparse?
    /// Bytes that were told of as holes.
    var holes: Int64 = 0

    package init() { pending.reserveCapacity(Self.blockSize) }

    /// Takes bytes from the front of `input` up to the next event; nil when all are used and more are needed.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) throws(TarError) -> TarEvent? {
        while true {
            switch state {
            case .header:
                if pending.isEmpty { headerOffset = position }
                guard collect(Self.blockSize, from: &input) else { return nil }
                if let event = try readHeader() { return event }
            case .extendedHeader(let kind, let remaining, let padding):
                guard collect(remaining, from: &input) else { return nil }
                try readExtendedHeader(kind)
                state = .padding(padding)
            case .sparseMap:
                guard collect(Self.blockSize, from: &input) else { return nil }
                if let event = try continueMap() { return event }
            case .sparse(let content):
                if let event = try next(of: content, from: &input) { return event }
                if case .sparse = state { return nil }
            case .content(let remaining, let padding):
                if remaining == 0 {
                    state = .padding(padding)
                    return .endOfEntry
                }
                guard let piece = take(remaining, from: &input) else { return nil }
                state = .content(remaining: remaining - Int64(piece.count), padding: padding)
                return .content(piece)
            case .skipped(let remaining, let padding):
                if remaining == 0 {
                    state = .padding(padding)
                    return .endOfEntry
                }
                guard let piece = take(remaining, from: &input) else { return nil }
                state = .skipped(remaining: remaining - Int64(piece.count), padding: padding)
            case .padding(let remaining):
                if remaining == 0 {
                    state = .header
                    continue
                }
                guard let piece = take(Int64(remaining), from: &input) else { return nil }
                state = .padding(remaining - piece.count)
            case .end:
                position &+= Int64(input.count)
                input = UnsafeRawBufferPointer(rebasing: input[input.endIndex...])
                return nil
            }
        }
    }

    /// Reads a piece of the archive and hands over what it completes.
    ///
    /// - Throws: ``TarError``, and what `handle` throws.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer, _ handle: (TarEvent) throws -> Void) throws {
        var rest = bytes
        while let event = try next(&rest) { try handle(event) }
    }

    /// Passes over the rest of the current entry, for an archive that can be read at any place: the caller leaves out as
    /// many bytes as this says, and the entry's end is not told.
    package mutating func skipContent() -> Int64 {
        switch state {
        case .content(let remaining, let padding), .skipped(let remaining, let padding):
            state = .header
            let (count, isTooLarge) = remaining.addingReportingOverflow(Int64(padding))
            position &+= count
            return isTooLarge ? .max : count
        case .padding(let count):
            state = .header
            position &+= Int64(count)
            return Int64(count)
        case .sparse(let content):
            state = .skipped(remaining: content.remaining, padding: content.padding)
            return skipContent()
        case .header, .extendedHeader, .sparseMap, .end: return 0
        }
    }

    /// Whether the current entry's content does not lie in the archive as it is.
    package var isInSparseFile: Bool { if case .sparse = state { true } else { false } }

    /// Whether 512 bytes are a header: not zeros, and their checksum is right. Nothing else looks like that by chance.
    package static func isHeader(_ block: some Collection<UInt8>) -> Bool {
        guard block.count == blockSize, block.contains(where: { $0 != 0 }) else { return false }
        do { try TarBlock(bytes: Array(block), offset: 0).verifyChecksum() } catch { return false }
        return true
    }

    /// Call at the end of the input.
    ///
    /// - Throws: when the archive broke off inside an entry or a header.
    package func finish() throws(TarError) {
        switch state {
        case .header:
            guard pending.isEmpty else { throw TarError(offset: position, reason: .truncated) }
            guard extensions.isEmpty else { throw TarError(offset: position, reason: .danglingExtendedHeader) }
        // Some writers leave out what only fills the last block; every file is whole all the same.
        case .end, .padding: return
        case .content(remaining: 0, _), .skipped(remaining: 0, _): return
        case .sparse(let content) where content.remaining == 0: return
        case .extendedHeader, .sparseMap, .sparse, .content, .skipped:
            throw TarError(offset: position, reason: .truncated)
        }
    }

    /// At most `count` bytes from the front of `input`; nil when there are none.
    mutating func take(_ count: Int64, from input: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let available = Int(min(count, Int64(input.count)))
        guard available > 0 else { return nil }
        let piece = UnsafeRawBufferPointer(rebasing: input.prefix(available))
        input = UnsafeRawBufferPointer(rebasing: input.dropFirst(available))
        position &+= Int64(available)
        return piece
    }

    /// Fills `pending` up to `count` bytes.
    private mutating func collect(_ count: Int, from input: inout UnsafeRawBufferPointer) -> Bool {
        if pending.count < count, let piece = take(Int64(count - pending.count), from: &input) {
            pending.append(contentsOf: piece)
        }
        return pending.count >= count
    }

    private mutating func readHeader() throws(TarError) -> TarEvent? {
        defer { pending.removeAll(keepingCapacity: true) }
        if pending.allSatisfy({ $0 == 0 }) {
            guard extensions.isEmpty else { throw error(.danglingExtendedHeader) }
            guard sawZeroBlock else {
                sawZeroBlock = true
                return nil
            }
            state = .end
            return .end
        }
        guard !sawZeroBlock else { throw error(.loneZeroBlock) }
        let block = TarBlock(bytes: pending, offset: headerOffset)
        try block.verifyChecksum()
        switch block.typeFlag {
        case UInt8(ascii: "x"), UInt8(ascii: "X"): try begin(.local, block, limit: Self.extendedHeaderLimit)
        case UInt8(ascii: "g"): try begin(.global, block, limit: Self.extendedHeaderLimit)
        case UInt8(ascii: "L"): try begin(.longName, block, limit: Self.nameLimit)
        case UInt8(ascii: "K"): try begin(.longLink, block, limit: Self.nameLimit)
        case UInt8(ascii: "S"):
            let (map, isContinued) = try block.sparseFile()
            let (header, stored) = try entry(block)
            extensions.endEntry()
            guard isContinued else { return try beginSparse(header, .whole(map), stored: stored) }
            pendingSparse = PendingSparse(header: header, stored: stored, map: map)
            state = .sparseMap
        default: return try beginEntry(block)
        }
        return nil
    }

    private mutating func begin(_ kind: ExtendedHeader, _ block: TarBlock, limit: Int) throws(TarError) {
        let size = try block.size()
        guard size <= Int64(limit) else {
            switch kind {
            case .local, .global: throw error(.extendedHeaderTooLarge(limit: limit))
            case .longName, .longLink: throw error(.nameTooLong(limit: limit))
            }
        }
        state = .extendedHeader(kind, remaining: Int(size), padding: TarWriter.padding(after: size))
    }

    private mutating func beginEntry(_ block: TarBlock) throws(TarError) -> TarEvent? {
        let (header, size) = try entry(block)
        let form: SparseRecords.Form?
        do { form = try extensions.sparse?.form() } catch { throw self.error(error) }
        extensions.endEntry()
        if let form { return try beginSparse(header, form, stored: size) }
        let padding = TarWriter.padding(after: size)
        state =
            header.kind.hasContent
            ? .content(remaining: size, padding: padding) : .skipped(remaining: size, padding: padding)
        return .entry(header)
    }

    /// What a header says with what stands in front of it, and how many bytes follow.
    private func entry(_ block: TarBlock) throws(TarError) -> (header: TarHeader, stored: Int64) {
        var header = try block.header(overriddenBy: extensions)
        // GNU's directories have a list behind them.
        let stored = block.typeFlag == UInt8(ascii: "D") ? try block.size() : header.size
        // The first tar's directories are files whose names end so; bytes may follow all the same.
        if header.kind == .regular, header.name.last == UInt8(ascii: "/") {
            header.kind = .directory
            header.size = 0
        }
        return (header, stored)
    }

    private mutating func readExtendedHeader(_ kind: ExtendedHeader) throws(TarError) {
        defer { pending.removeAll(keepingCapacity: true) }
        do {
            switch kind {
            case .local: try extensions.readRecords(pending, scope: .entry)
            case .global: try extensions.readRecords(pending, scope: .archive)
            case .longName: extensions.longName = Array(pending.prefix { $0 != 0 })
            case .longLink: extensions.longLink = Array(pending.prefix { $0 != 0 })
            }
        } catch { throw self.error(error) }
    }

    func error(_ reason: TarError.Reason) -> TarError { TarError(offset: headerOffset, reason: reason) }
}
