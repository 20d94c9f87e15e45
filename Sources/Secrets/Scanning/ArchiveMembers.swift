internal import Archive
internal import Inspection

/// What is in a file that is an archive itself, one level deep.
enum ArchiveMembers {
    enum Kind { case zip, tar, packed }

    /// Bytes of an archive that is opened at all: it is held in memory.
    static let sizeLimit = 96 << 20
    /// Bytes that come out of one archive.
    static let contentLimit = 256 << 20
    private static let memberLimit = 64 << 20
    private static let zipNames = [
        ".jar", ".war", ".ear", ".zip", ".whl", ".egg", ".pex", ".nupkg", ".apk", ".docx", ".xlsx",
    ]

    /// - Parameter head: 512 bytes, or the whole of a smaller file.
    static func kind(_ head: UnsafeRawBufferPointer, _ path: [UInt8]) -> Kind? {
        if head.starts(with: [0x50, 0x4B, 3, 4]) { return .zip }
        if Compression.detect(head.prefix(Compression.detectionLength)) != .none { return .packed }
        if head.count >= TarReader.blockSize, TarReader.isHeader(head.prefix(TarReader.blockSize)) { return .tar }
        // Behind a script that starts it.
        if head.starts(with: Array("#!".utf8)),
            zipNames.contains(where: { path.suffix($0.utf8.count).elementsEqual($0.utf8) })
        {
            return .zip
        }
        return nil
    }

    /// What a reader of members is told; a damaged archive ends early, and what was read of it counts.
    struct Visitor {
        let begin: (_ name: String?, _ size: Int64) -> Void
        let piece: (UnsafeRawBufferPointer) -> Void
        let end: () -> Void
    }

    /// - Parameter budget: bytes that may still come out of archives.
    static func read(_ bytes: [UInt8], _ kind: Kind, budget: inout Int, _ visitor: Visitor) {
        var left = min(budget, contentLimit)
        let start = left
        switch kind {
        case .zip: readZip(bytes, &left, visitor)
        case .tar: bytes.withUnsafeBytes { readTar($0, &left, visitor) }
        case .packed: readPacked(bytes, &left, visitor)
        }
        budget -= start - left
    }

    private static func readZip(_ bytes: [UInt8], _ left: inout Int, _ visitor: Visitor) {
        // Reading from memory cannot fail; a place outside of it has no bytes.
        let reader = try? ZipReader(size: Int64(bytes.count)) { offset, count in
            guard offset >= 0, offset <= Int64(bytes.count), count >= 0 else { return [] }
            return Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + count)])
        }
        guard let reader else { return }
        for name in reader.members.keys.sorted() {
            guard left > 0 else { return }
            guard let member = reader.members[name] else { continue }
            // A damaged one costs as much as a whole one.
            let cost = max(member.size, member.compressedSize)
            guard cost <= min(left, memberLimit) else { continue }
            left -= cost
            // As above.
            guard let content = try? reader.contents(of: name, limit: cost) else { continue }
            visitor.begin(name, Int64(content.count))
            content.withUnsafeBytes { visitor.piece($0) }
            visitor.end()
        }
    }

    private static func readTar(_ bytes: UnsafeRawBufferPointer, _ left: inout Int, _ visitor: Visitor) {
        var stream = TarMembers(visitor)
        left -= bytes.count
        stream.consume(bytes)
        stream.finish()
    }

    private struct Exhausted: Error {}

    private static func readPacked(_ bytes: [UInt8], _ left: inout Int, _ visitor: Visitor) {
        let decompressor = DetectingDecompressor()
        var head: [UInt8] = []
        var (tar, isPlain) = (TarMembers?.none, false)
        var room = left
        func take(_ piece: UnsafeRawBufferPointer) {
            if tar != nil {
                tar?.consume(piece)
            } else if isPlain {
                visitor.piece(piece)
            } else {
                head += piece
                if head.count >= TarReader.blockSize { decide() }
            }
        }
        func decide() {
            if head.count >= TarReader.blockSize, TarReader.isHeader(head.prefix(TarReader.blockSize)) {
                tar = TarMembers(visitor)
            } else {
                isPlain = true
                visitor.begin(nil, 0)
            }
            let collected = head
            head = []
            collected.withUnsafeBytes(take)
        }
        do {
            func counted(_ piece: UnsafeRawBufferPointer) throws {
                guard piece.count <= room else { throw Exhausted() }
                room -= piece.count
                take(piece)
            }
            try bytes.withUnsafeBytes { try decompressor.decompress($0, counted) }
            try decompressor.finish(counted)
        } catch {
            // Damaged, or larger than anybody looks through: what came so far counts.
        }
        if tar == nil, !isPlain { decide() }
        if isPlain { visitor.end() }
        tar?.finish()
        left = room
    }
}

/// The regular files of a tar archive.
private struct TarMembers {
    private let visitor: ArchiveMembers.Visitor
    private var reader = TarReader()
    private var isInFile = false
    private var isBroken = false

    init(_ visitor: ArchiveMembers.Visitor) { self.visitor = visitor }

    mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        guard !isBroken else { return }
        var rest = bytes
        do {
            while let event = try reader.next(&rest) { take(event) }
        } catch {
            isBroken = true
        }
    }

    private mutating func take(_ event: TarEvent) {
        switch event {
        case .entry(let header):
            isInFile = header.kind == .regular
            if isInFile { visitor.begin(String(decoding: header.name, as: UTF8.self), header.size) }
        case .content(let piece): if isInFile { visitor.piece(piece) }
        case .endOfEntry: finish()
        case .hole, .end: break
        }
    }

    mutating func finish() {
        if isInFile { visitor.end() }
        isInFile = false
    }
}
