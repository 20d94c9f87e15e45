/// A stretch of a file with what stands around a place: what lies outside reads as NUL, so that no look ahead can fail.
struct ScanWindow {
    let bytes: UnsafeRawBufferPointer

    var count: Int { bytes.count }

    subscript(place: Int) -> UInt8 { place >= 0 && place < bytes.count ? bytes[place] : 0 }

    /// The end of the bytes of a set that begin at a place.
    func end(of set: ByteSet, from place: Int, atMost limit: Int = 4096) -> Int {
        var end = place
        let last = min(bytes.count, place + limit)
        while end < last, set.contains(bytes[end]) { end += 1 }
        return end
    }

    /// The start of the bytes of a set that end before a place.
    func start(of set: ByteSet, before place: Int, atMost limit: Int = 4096) -> Int {
        var start = min(place, bytes.count)
        let first = max(0, start - limit)
        while start > first, set.contains(bytes[start - 1]) { start -= 1 }
        return start
    }

    func has(_ text: StaticString, at place: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard place >= 0, place + length <= bytes.count else { return false }
        for index in 0..<length where bytes[place + index] != text.utf8Start[index] { return false }
        return true
    }

    /// - Parameter text: in lower case.
    func has(ignoringCase text: StaticString, at place: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard place >= 0, place + length <= bytes.count else { return false }
        for index in 0..<length where bytes[place + index].lowercased != text.utf8Start[index] { return false }
        return true
    }

    /// The first place of a text in a range.
    func first(_ text: StaticString, in range: Range<Int>, ignoringCase: Bool = false) -> Int? {
        let range = range.clamped(to: 0..<bytes.count)
        let last = range.upperBound - text.utf8CodeUnitCount
        guard range.lowerBound <= last else { return nil }
        return (range.lowerBound...last).first { ignoringCase ? has(ignoringCase: text, at: $0) : has(text, at: $0) }
    }

    /// So many bytes to both sides of a place.
    func around(_ place: Int, _ reach: Int) -> Range<Int> {
        max(0, place - reach)..<min(bytes.count, max(0, place) + reach)
    }

    /// The line around a place, without its end, and the lines beside it if they are asked for.
    func line(around place: Int, lines: Int = 0, reach: Int = 1024) -> Range<Int> {
        let bounds = around(place, reach)
        var start = min(max(place, bounds.lowerBound), bounds.upperBound)
        var end = start
        var left = lines
        while start > bounds.lowerBound {
            if bytes[start - 1] == UInt8(ascii: "\n") {
                if left == 0 { break }
                left -= 1
            }
            start -= 1
        }
        left = lines
        while end < bounds.upperBound {
            if bytes[end] == UInt8(ascii: "\n") {
                if left == 0 { break }
                left -= 1
            }
            end += 1
        }
        return start..<end
    }

    func array(_ range: Range<Int>) -> [UInt8] { Array(bytes[range.clamped(to: 0..<bytes.count)]) }

    func text(_ range: Range<Int>) -> String { String(decoding: array(range), as: UTF8.self) }

    /// Whether a word begins at a place: what stands before it is no letter, digit or underscore.
    func beginsWord(at place: Int) -> Bool { !ByteSet.word.contains(self[place - 1]) }

    /// What is assigned behind a name: `name = value`, `"name": "value"`, `name=value`, `name: value`, `name => 'value'`,
    /// quotes that are escaped as well.
    ///
    /// - Parameter place: behind the name.
    /// - Returns: the value without its quotes; nil where nothing is assigned.
    func assignment(behind place: Int) -> Range<Int>? {
        var place = skippingQuote(place)
        place = end(of: .blank, from: place, atMost: 16)
        guard [UInt8(ascii: ":"), UInt8(ascii: "=")].contains(self[place]) else { return nil }
        place += 1
        if [UInt8(ascii: ">"), UInt8(ascii: "=")].contains(self[place]) { place += 1 }
        place = end(of: .blank, from: place, atMost: 64)
        let start = skippingQuote(place)
        if start > place {
            let quote = self[start - 1]
            var end = start
            while end < count, end - start < 4096, self[end] != quote, self[end] != UInt8(ascii: "\n") { end += 1 }
            guard self[end] == quote else { return nil }
            if self[end - 1] == UInt8(ascii: "\\") { end -= 1 }
            return start..<max(start, end)
        }
        var end = start
        let stops = Array(" \t\r\n,;\"'`<>()[]{}&|\\".utf8)
        while end < count, end - start < 4096, !stops.contains(self[end]), self[end] != 0 {
            end += 1
        }
        return end > start ? start..<end : nil
    }

    private func skippingQuote(_ place: Int) -> Int {
        let quotes = Array("\"'`".utf8)
        if quotes.contains(self[place]) { return place + 1 }
        if self[place] == UInt8(ascii: "\\"), quotes.contains(self[place + 1]) { return place + 2 }
        return place
    }
}

extension UInt8 {
    var lowercased: UInt8 { (65...90).contains(self) ? self + 32 : self }
}
