/// Where the parser is, byte by byte.
extension ShellParser {
    var atEnd: Bool { place >= bytes.count }

    func at(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard place + count <= bytes.count else { return false }
        return text.withUTF8Buffer { buffer in (0..<count).allSatisfy { bytes[place + $0] == buffer[$0] } }
    }

    func at(_ text: String) -> Bool { place <= bytes.count && bytes[place...].starts(with: text.utf8) }

    mutating func expect(_ text: String) throws(Unreadable) {
        skipSpace(lines: true)
        guard at(text) else { throw atEnd ? unfinished() : Unreadable() }
        place += text.utf8.count
    }

    /// What is thrown where the script ends before a command does.
    mutating func unfinished() -> Unreadable {
        isUnfinished = true
        return Unreadable()
    }

    /// The characters up to the next that ends a word, if no quote or expansion is among them, and they are UTF-8: callers go on
    /// by as many bytes as the text has.
    func peekWord() -> String? {
        var end = place
        while end < bytes.count, !Self.isDelimiter(bytes[end]) {
            if [0x22, 0x27, 0x5C, 0x24, 0x60].contains(bytes[end]) { return nil }
            end += 1
        }
        return end == place ? nil : String(validating: bytes[place..<end], as: UTF8.self)
    }

    static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x3B, 0x26, 0x7C, 0x28, 0x29, 0x3C, 0x3E: true
        default: false
        }
    }

    func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy {
            $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        }
    }

    /// What stands between two marks, which go around others of their kind.
    mutating func nested(_ open: String, _ close: String) throws(Unreadable) -> String {
        let start = place + open.utf8.count
        try skipNested(open, close)
        return String(decoding: bytes[start..<max(start, place - close.utf8.count)], as: UTF8.self)
    }

    mutating func skipNested(_ open: String, _ close: String) throws(Unreadable) {
        place += open.utf8.count
        var level = 1
        while level > 0 {
            guard !atEnd else { throw Unreadable() }
            if at(close) {
                level -= 1
                place += close.utf8.count
            } else if at(open) {
                level += 1
                place += open.utf8.count
            } else {
                place += 1
            }
        }
    }

    mutating func skipSpace(lines: Bool) {
        while !atEnd {
            if at("\\\n") {
                place += 2
            } else if at(" ") || at("\t") {
                place += 1
            } else if at("#") {
                while !atEnd, !at("\n") { place += 1 }
            } else if at("\n"), lines || !hereDocuments.isEmpty {
                if !lines { return }
                place += 1
                skipHereDocuments()
            } else {
                return
            }
        }
    }

    private mutating func skipHereDocuments() {
        for document in hereDocuments {
            while !atEnd {
                let line = bytes[place...].prefix { $0 != 0x0A }
                place = min(bytes.count, line.endIndex + 1)
                let text = document.stripsTabs ? line.drop { $0 == 0x09 } : line
                if text.elementsEqual(document.end) { break }
            }
        }
        hereDocuments = []
    }
}
