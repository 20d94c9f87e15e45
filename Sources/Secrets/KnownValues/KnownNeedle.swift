/// One form of a known value, and the part of it that is searched for.
struct KnownNeedle {
    let origin: KnownValue.Origin
    let spelling: Spelling
    private(set) var form: [UInt8]
    /// Where in the form the searched part begins.
    let anchor: Int

    /// The parts to look for: of a form that may be broken into lines two, of which one stands on a line whole.
    static func needles(_ origin: KnownValue.Origin, _ spelling: Spelling, _ form: [UInt8]) -> [(
        needle: KnownNeedle, literal: [UInt8]
    )] {
        let length = spelling.mayBreak ? 28 : LiteralSet.longest
        guard form.count > length else {
            return [(KnownNeedle(origin: origin, spelling: spelling, form: form, anchor: 0), form)]
        }
        // Behind the start, which many have in common; the second far enough that one line end cannot break both.
        let places = spelling.mayBreak ? [form.count - length, max(0, form.count - 2 * length)] : [form.count - length]
        return places.map { place in
            (
                KnownNeedle(origin: origin, spelling: spelling, form: form, anchor: place),
                Array(form[place..<place + length])
            )
        }
    }

    /// The value around the searched part; nil where only that part is there.
    func match(_ window: ScanWindow, _ place: Int) -> SecretMatch? {
        guard let start = start(window, place), let end = end(window, place) else { return nil }
        var match = SecretMatch(origin.rule, start..<end, Array(origin.name.utf8))
        match.subject = "\(origin.name), \(spelling.rawValue)"
        return match
    }

    private func start(_ window: ScanWindow, _ place: Int) -> Int? {
        var (place, left) = (place, anchor)
        while left > 0 {
            place = skipped(window, place, by: -1)
            guard place > 0, window[place - 1] == form[left - 1] else { return nil }
            place -= 1
            left -= 1
        }
        return place
    }

    private func end(_ window: ScanWindow, _ place: Int) -> Int? {
        var (place, next) = (place, anchor)
        while next < form.count {
            if next > anchor { place = skipped(window, place, by: 1) }
            guard place < window.count, window[place] == form[next] else { return nil }
            place += 1
            next += 1
        }
        return place
    }

    /// Beyond a line end, real or written, and the blanks beside it.
    private func skipped(_ window: ScanWindow, _ place: Int, by step: Int) -> Int {
        guard spelling.mayBreak else { return place }
        var place = place
        for _ in 0..<64 {
            let byte = step > 0 ? window[place] : window[place - 1]
            if ByteSet.space.contains(byte) {
                place += step
            } else if step > 0, byte == UInt8(ascii: "\\"), window[place + 1] == UInt8(ascii: "n") {
                place += 2
            } else if step < 0, byte == UInt8(ascii: "n"), window[place - 2] == UInt8(ascii: "\\") {
                place -= 2
            } else {
                break
            }
        }
        return place
    }

    mutating func wipe() { Wiping.wipe(&form) }
}
