internal import OCI

/// A record as the store keeps it: a digest of the rest, a version, and numbers of seven bits a byte (LEB128) with the bytes
/// that they count. A record that is damaged, or of another version, is made again.
extension LayerRecord {
    private static let version: UInt64 = 1
    private static let digestLength = 32

    package var encoded: [UInt8] {
        var writer = Writer()
        writer.number(Self.version)
        writer.number(UInt64(entries.count))
        for entry in entries { Self.write(entry, to: &writer) }
        writer.number(UInt64(evidence.count))
        for item in evidence {
            writer.number(UInt64(item.entry))
            writer.bytes(item.bytes)
        }
        var hasher = ContentHasher()
        hasher.update(writer.output)
        return hasher.finalizedBytes + writer.output
    }

    private static func write(_ entry: Entry, to writer: inout Writer) {
        writer.output.append(entry.kind.rawValue)
        writer.bytes(entry.path)
        guard !entry.kind.isMark else { return }
        writer.number(UInt64(entry.mode))
        writer.number(UInt64(entry.user))
        writer.number(UInt64(entry.group))
        writer.number(UInt64(bitPattern: entry.modified))
        writer.bytes(entry.attributes)
        switch entry.kind {
        case .file:
            writer.number(UInt64(max(0, entry.size)))
            writer.bytes(entry.content)
        case .symbolicLink, .characterDevice, .blockDevice: writer.bytes(entry.link)
        case .hardLink:
            writer.bytes(entry.link)
            writer.number(entry.head.map { UInt64($0) + 1 } ?? 0)
        case .directory, .fifo, .whiteout, .opaque: break
        }
    }

    /// Nil for bytes that are damaged, or of another version.
    package init?(encoded bytes: [UInt8]) {
        guard bytes.count > Self.digestLength else { return nil }
        var hasher = ContentHasher()
        bytes.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[Self.digestLength...])) }
        guard hasher.finalizedBytes == Array(bytes[..<Self.digestLength]) else { return nil }
        var reader = Reader(bytes, at: Self.digestLength)
        guard reader.number() == Self.version, let count = reader.count(limit: LayerRecorder.entryLimit) else {
            return nil
        }
        self.init()
        entries.reserveCapacity(count)
        for _ in 0..<count {
            guard let entry = Self.entry(&reader, before: entries.count) else { return nil }
            entries.append(entry)
        }
        guard let described = reader.count(limit: count) else { return nil }
        for _ in 0..<described {
            guard let place = reader.count(limit: count), place < count, let text = reader.bytes() else { return nil }
            evidence.append(Evidence(entry: place, bytes: text))
        }
    }

    private static func entry(_ reader: inout Reader, before count: Int) -> Entry? {
        guard let kind = reader.byte().flatMap(Entry.Kind.init(rawValue:)), let path = reader.bytes() else {
            return nil
        }
        var entry = Entry(path: path, kind: kind)
        guard !kind.isMark else { return entry }
        guard let mode = reader.small(), let user = reader.small(), let group = reader.small(),
            let modified = reader.number(),
            let attributes = reader.bytes()
        else { return nil }
        (entry.mode, entry.user, entry.group, entry.modified) = (mode, user, group, Int64(bitPattern: modified))
        entry.attributes = attributes
        switch kind {
        case .file:
            guard let size = reader.number().flatMap(Int64.init(exactly:)), let content = reader.bytes() else {
                return nil
            }
            (entry.size, entry.content) = (size, content)
        case .symbolicLink, .characterDevice, .blockDevice:
            guard let link = reader.bytes() else { return nil }
            entry.link = link
        case .hardLink:
            guard let link = reader.bytes(), let head = reader.count(limit: count) else { return nil }
            (entry.link, entry.head) = (link, head == 0 ? nil : head - 1)
        case .directory, .fifo, .whiteout, .opaque: break
        }
        return entry
    }

    private struct Writer {
        var output: [UInt8] = []

        mutating func number(_ value: UInt64) {
            var rest = value
            while rest >= 0x80 {
                output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            output.append(UInt8(truncatingIfNeeded: rest))
        }

        mutating func bytes(_ bytes: [UInt8]) {
            number(UInt64(bytes.count))
            output += bytes
        }
    }

    private struct Reader {
        private let input: [UInt8]
        private var place: Int

        init(_ input: [UInt8], at place: Int) { (self.input, self.place) = (input, place) }

        mutating func byte() -> UInt8? {
            guard place < input.count else { return nil }
            defer { place += 1 }
            return input[place]
        }

        mutating func number() -> UInt64? {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while shift < 64, let byte = byte() {
                value |= UInt64(byte & 0x7F) << shift
                if byte & 0x80 == 0 { return value }
                shift += 7
            }
            return nil
        }

        mutating func small() -> UInt32? { number().flatMap(UInt32.init(exactly:)) }

        mutating func count(limit: Int) -> Int? {
            guard let value = number().flatMap(Int.init(exactly:)), value <= limit else { return nil }
            return value
        }

        mutating func bytes() -> [UInt8]? {
            guard let length = number().flatMap(Int.init(exactly:)), length <= input.count - place else { return nil }
            defer { place += length }
            return Array(input[place..<place + length])
        }
    }
}
