/// A moment as seconds since 1970-01-01T00:00:00Z, read from and written as text without a clock or a time zone.
package struct Timestamp: Hashable, Sendable {
    package let seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    /// Reads RFC 3339 (`2026-08-21T10:30:00.5+02:00`); fractions of a second are dropped.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count,
                bytes[range].allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        func stands(_ character: Unicode.Scalar, at index: Int) -> Bool {
            index < bytes.count && bytes[index] == UInt8(ascii: character)
        }
        guard let year = number(0..<4), stands("-", at: 4), let month = number(5..<7), (1...12).contains(month),
            stands("-", at: 7), let day = number(8..<10), (1...31).contains(day),
            stands("T", at: 10) || stands("t", at: 10) || stands(" ", at: 10),
            let hour = number(11..<13), hour < 24, stands(":", at: 13), let minute = number(14..<16), minute < 60,
            stands(":", at: 16), let second = number(17..<19), second <= 60
        else { return nil }
        var index = 19
        if stands(".", at: index) {
            index += 1
            let start = index
            while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
            guard index > start else { return nil }
        }
        var offset: Int64 = 0
        if stands("Z", at: index) || stands("z", at: index) {
            index += 1
        } else {
            guard stands("+", at: index) || stands("-", at: index), let hours = number(index + 1..<index + 3),
                hours < 24,
                stands(":", at: index + 3), let minutes = number(index + 4..<index + 6), minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * 60 * (stands("-", at: index) ? -1 : 1)
            index += 6
        }
        guard index == bytes.count else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset
    }

    /// `2026-08-21 10:30:00 +0000 UTC`, as docker prints CreatedAt.
    package var text: String {
        let (date, time) = fields
        return "\(date) \(time) +0000 UTC"
    }

    /// `2026-08-21T10:30:00Z`.
    package var rfc3339: String {
        let (date, time) = fields
        return "\(date)T\(time)Z"
    }

    private var fields: (date: String, time: String) {
        func digits(_ value: Int64, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        // 0000-01-01 to 9999-12-31: what RFC 3339 can say.
        let bounded = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let days = bounded.floored(by: 86_400)
        let rest = bounded - days * 86_400
        let (year, month, day) = Self.civil(days)
        return (
            "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))",
            "\(digits(rest / 3600, 2)):\(digits(rest / 60 % 60, 2)):\(digits(rest % 60, 2))"
        )
    }

    /// Days from 1970-01-01 in the Gregorian calendar; the year is thought to begin in March, so that the day of leap
    /// comes last, and 400 years are 146,097 days.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year.floored(by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}

extension Int64 {
    /// The quotient, rounded towards negative infinity.
    fileprivate func floored(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
