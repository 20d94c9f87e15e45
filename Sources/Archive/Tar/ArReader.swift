/// A member of an ar archive.
package struct ArMember: Hashable, Sendable {
    /// Without the spaces and the one slash that close it in the archive.
    package let name: [UInt8]
    /// Bytes.
    package let size: Int64
}

/// What an ar archive is made of, in the order in which it stands there.
package enum ArEvent {
    case member(ArMember)
    /// A piece of the current member's content; it points into the bytes that the reader was given.
    case content(UnsafeRawBufferPointer)
    case endOfMember
}

/// Why an ar archive cannot be read, and where.
package struct ArError: Error, Hashable, Sendable {
    /// Bytes from the start of the archive.
    package let offset: Int64
    package let reason: Reason

    package init(offset: Int64, reason: Reason) { (self.offset, self.reason) = (offset, reason) }

    package enum Reason: Hashable, Sendable {
        /// It does not begin with `!<arch>`.
        case notAnArchive
        case invalidHeader
        case truncated
    }
}

/// Reads an ar archive from pieces of any size, as Debian packages use it (deb(5), ar(5)): short names only.
package struct ArReader: Sendable {
    private static let magic = Array("!<arch>\n".utf8)
    private static let headerSize = 60

    private enum State {
        case magic, header
        case content(remaining: Int64, isOdd: Bool)
        case padding
    }

    private var state = State.magic
    private var pending: [UInt8] = []
    private var position: Int64 = 0

    package init() {}

    /// Takes bytes from the front of `input` up to the next event; nil when all are used and more are needed.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) throws(ArError) -> ArEvent? {
        while true {
            switch state {
            case .magic:
                guard collect(Self.magic.count, from: &input) else { return nil }
                guard pending == Self.magic else { throw ArError(offset: 0, reason: .notAnArchive) }
                pending.removeAll(keepingCapacity: true)
                state = .header
            case .header:
                guard collect(Self.headerSize, from: &input) else { return nil }
                let member = try readHeader()
                pending.removeAll(keepingCapacity: true)
                state = .content(remaining: member.size, isOdd: member.size % 2 == 1)
                return .member(member)
            case .content(0, let isOdd):
                state = isOdd ? .padding : .header
                return .endOfMember
            case .content(let remaining, let isOdd):
                guard let piece = take(remaining, from: &input) else { return nil }
                state = .content(remaining: remaining - Int64(piece.count), isOdd: isOdd)
                return .content(piece)
            case .padding:
                guard take(1, from: &input) != nil else { return nil }
                state = .header
            }
        }
    }

    /// Reads a piece of the archive and hands over what it completes.
    ///
    /// - Throws: ``ArError``, and what `handle` throws.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer, _ handle: (ArEvent) throws -> Void) throws {
        var rest = bytes
        while let event = try next(&rest) { try handle(event) }
    }

    /// Call at the end of the input.
    ///
    /// - Throws: when the archive broke off. The last member's padding byte may be missing.
    package func finish() throws(ArError) {
        switch state {
        case .header where pending.isEmpty, .padding: return
        case .magic, .header, .content: throw ArError(offset: position, reason: .truncated)
        }
    }

    private func readHeader() throws(ArError) -> ArMember {
        let offset = position - Int64(Self.headerSize)
        let digits = pending[48..<58].prefix { $0 != 0x20 }
        guard pending[58] == 0x60, pending[59] == 0x0A, !digits.isEmpty,
            digits.allSatisfy({ (0x30...0x39).contains($0) }),
            pending[(48 + digits.count)..<58].allSatisfy({ $0 == 0x20 }),
            let size = Int64(String(decoding: digits, as: UTF8.self))
        else { throw ArError(offset: offset, reason: .invalidHeader) }
        var name = pending[0..<16]
        while name.last == 0x20 { name.removeLast() }
        if name.count > 1, name.last == UInt8(ascii: "/") { name.removeLast() }
        return ArMember(name: Array(name), size: size)
    }

    private mutating func take(_ count: Int64, from input: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let available = Int(min(count, Int64(input.count)))
        guard available > 0 else { return nil }
        let piece = UnsafeRawBufferPointer(rebasing: input.prefix(available))
        input = UnsafeRawBufferPointer(rebasing: input.dropFirst(available))
        position &+= Int64(available)
        return piece
    }

    private mutating func collect(_ count: Int, from input: inout UnsafeRawBufferPointer) -> Bool {
        if let piece = take(Int64(count - pending.count), from: &input) { pending.append(contentsOf: piece) }
        return pending.count >= count
    }
}
