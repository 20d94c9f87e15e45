internal import Archive

/// Finds members of a zip archive (APPNOTE.TXT): jars are such archives.
package struct ZipReader {
    private static let directoryLimit = 16 << 20
    package static let memberLimit = 16 << 20

    package struct Member {
        let method: UInt16
        package let compressedSize: Int
        package let size: Int
        /// Of the local header.
        let offset: Int64
    }

    private let read: (_ offset: Int64, _ count: Int) throws -> [UInt8]
    package private(set) var members: [String: Member] = [:]

    /// Whether it has classes for several releases (JAR File Specification, "Multi-release JAR files").
    var isMultiRelease = false

    /// Reads the central directory; nil for a file that has none.
    package init?(size: Int64, _ read: @escaping (_ offset: Int64, _ count: Int) throws -> [UInt8]) throws {
        self.read = read
        let tailSize = min(size, 65_557)
        let tail = try read(size - tailSize, Int(tailSize))
        guard let end = Self.endRecord(tail), let count: UInt32 = tail.span.number(end + 12, isBigEndian: false),
            let start: UInt32 = tail.span.number(end + 16, isBigEndian: false), count <= Self.directoryLimit
        else { return nil }
        // A jar may stand behind a script: places count from where the archive begins.
        let shift = size - tailSize + Int64(end) - Int64(start) - Int64(count)
        guard shift >= 0 else { return nil }
        let directory = try read(Int64(start) + shift, Int(count))
        readDirectory(directory, shift)
    }

    private static func endRecord(_ tail: [UInt8]) -> Int? {
        guard tail.count >= 22 else { return nil }
        return stride(from: tail.count - 22, through: 0, by: -1).first { place in
            tail[place] == 0x50 && tail[place + 1] == 0x4B && tail[place + 2] == 5 && tail[place + 3] == 6
        }
    }

    private mutating func readDirectory(_ bytes: [UInt8], _ shift: Int64) {
        let span = bytes.span
        func short(_ offset: Int) -> Int { span.number(offset, isBigEndian: false, as: UInt16.self).map(Int.init) ?? 0 }
        func long(_ offset: Int) -> Int { span.number(offset, isBigEndian: false, as: UInt32.self).map(Int.init) ?? 0 }
        var place = 0
        // More have an index of another form (4.4.1.4).
        while members.count < 0xFFFF, place + 46 <= bytes.count, long(place) == 0x0201_4B50 {
            let nameEnd = place + 46 + short(place + 28)
            guard nameEnd <= bytes.count else { return }
            let name = String(decoding: bytes[place + 46..<nameEnd], as: UTF8.self)
            if name.hasPrefix("META-INF/versions/") { isMultiRelease = true }
            members[name] = Member(
                method: UInt16(short(place + 10)), compressedSize: long(place + 20), size: long(place + 24),
                offset: Int64(long(place + 42)) + shift)
            place = nameEnd + short(place + 30) + short(place + 32)
        }
    }

    /// An archive that is a member of this one; nil if there is none, or it is damaged or too large.
    func nested(_ name: String) throws -> ZipReader? {
        guard let member = members[name] else { return nil }
        guard member.method == 0 else {
            guard let bytes = try contents(of: name) else { return nil }
            return try ZipReader(size: Int64(bytes.count)) { offset, count in
                Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
            }
        }
        let head = try read(member.offset, 30)
        guard let nameLength: UInt16 = head.span.number(26, isBigEndian: false),
            let extraLength: UInt16 = head.span.number(28, isBigEndian: false)
        else { return nil }
        let start = member.offset + 30 + Int64(nameLength) + Int64(extraLength)
        let read = read
        return try ZipReader(size: Int64(member.size)) { try read(start + $0, $1) }
    }

    /// A member's content; nil if there is none, or it is damaged or too large.
    ///
    /// - Parameter limit: bytes, packed and unpacked.
    package func contents(of name: String, limit: Int = Self.memberLimit) throws -> [UInt8]? {
        guard let member = members[name], member.size <= limit, member.compressedSize <= limit else { return nil }
        let head = try read(member.offset, 30)
        guard let nameLength: UInt16 = head.span.number(26, isBigEndian: false),
            let extraLength: UInt16 = head.span.number(28, isBigEndian: false)
        else { return nil }
        let bytes = try read(member.offset + 30 + Int64(nameLength) + Int64(extraLength), member.compressedSize)
        switch member.method {
        case 0: return bytes
        case 8: return RawDeflate.decompress(bytes, limit: member.size)
        default: return nil
        }
    }
}
