import OCI

extension Functions {
    static let times: [String: StandardFunction] = [
        "timeadd": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let text = try a.text(0)
            guard let time = Timestamp(rfc3339: text) else { throw .invalid(text) }
            guard let seconds = seconds(try a.text(1)) else { throw .invalid(try a.text(1)) }
            return .text(Timestamp(seconds: time.seconds + seconds).rfc3339)
        },
        "formatdate": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let text = try a.text(1)
            guard let date = DateParts(text) else { throw .invalid(text) }
            return .text(try date.formatted(a.text(0)))
        },
        "rfc3339parse": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            let text = try a.text(0)
            guard let time = Timestamp(rfc3339: text), let date = DateParts(text) else { throw .invalid(text) }
            return date.mapping(time.seconds)
        },
        "unixtimestampparse": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            let number = try a.number(0)
            guard abs(number) < 250_000_000_000 else { throw .outOfRange }
            let time = Timestamp(seconds: Int64(number))
            guard let date = DateParts(time.rfc3339) else { throw .outOfRange }
            return date.mapping(time.seconds)
        },
    ]

    /// A duration as in `1h30m` or `-45s`; fractions of a second are dropped.
    private static func seconds(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        var rest = text.drop { $0 == "-" || $0 == "+" }
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            let units = ["h": 3600.0, "m": 60, "s": 1, "ms": 0.001, "us": 1e-6, "ns": 1e-9]
            guard let number = Double(digits), let factor = units[String(unit)] else { return nil }
            total += number * factor
            rest = rest.dropFirst(digits.count + unit.count)
        }
        guard total < 1e12 else { return nil }
        return Int64(isNegative ? -total : total)
    }
}

/// A moment as its text has it, in the offset of the text.
struct DateParts {
    let year, month, day, hour, minute, second: Int
    /// `Z`, or `+hh:mm`.
    let zone: String

    init?(_ text: String) {
        guard Timestamp(rfc3339: text) != nil else { return nil }
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1) - 0x30 } }
        (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        zone = bytes.last.map { $0 | 0x20 } == UInt8(ascii: "z") ? "Z" : String(text.suffix(6))
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// 0 is Sunday.
    private var weekday: Int {
        let shifts = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let year = month < 3 ? year - 1 : year
        return (year + year / 4 - year / 100 + year / 400 + shifts[month - 1] + day) % 7
    }

    private var dayOfYear: Int {
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return before[month - 1] + day + (isLeap && month > 2 ? 1 : 0)
    }

    func mapping(_ seconds: Int64) -> BakeValue {
        .mapping([
            "year": .number(Double(year)), "month": .number(Double(month)), "day": .number(Double(day)),
            "hour": .number(Double(hour)), "minute": .number(Double(minute)), "second": .number(Double(second)),
            "year_day": .number(Double(dayOfYear)), "month_name": .text(Self.months[month - 1]),
            "weekday": .number(Double(weekday)), "weekday_name": .text(Self.days[weekday]),
            "unix": .number(Double(seconds)),
        ])
    }

    /// Runs of one letter are parts of the moment; other letters stand in quotes.
    func formatted(_ form: String) throws(BakeError.FunctionFault) -> String {
        var result = ""
        var rest = form[...]
        while let letter = rest.first {
            if letter == "'" {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "'") else { throw .invalid(form) }
                result += end == rest.startIndex ? "'" : String(rest[..<end])
                rest = rest[rest.index(after: end)...]
                continue
            }
            let run = rest.prefix { $0 == letter }
            rest = rest.dropFirst(run.count)
            if !letter.isASCII || !letter.isLetter {
                result += run
            } else {
                guard let part = part(String(run)) else { throw .invalid(String(run)) }
                result += part
            }
        }
        return result
    }

    private func part(_ run: String) -> String? {
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let twelve = hour % 12 == 0 ? 12 : hour % 12
        let compact = zone.filter { $0 != ":" }
        switch run {
        case "YY": return digits(year % 100, 2)
        case "YYYY": return digits(year, 4)
        case "M": return String(month)
        case "MM": return digits(month, 2)
        case "MMM": return String(Self.months[month - 1].prefix(3))
        case "MMMM": return Self.months[month - 1]
        case "D": return String(day)
        case "DD": return digits(day, 2)
        case "EEE": return String(Self.days[weekday].prefix(3))
        case "EEEE": return Self.days[weekday]
        case "h": return String(hour)
        case "hh": return digits(hour, 2)
        case "H": return String(twelve)
        case "HH": return digits(twelve, 2)
        case "AA": return hour < 12 ? "AM" : "PM"
        case "aa": return hour < 12 ? "am" : "pm"
        case "m": return String(minute)
        case "mm": return digits(minute, 2)
        case "s": return String(second)
        case "ss": return digits(second, 2)
        case "Z": return zone
        case "ZZZ": return zone == "Z" || zone == "+00:00" ? "UTC" : compact
        case "ZZZZ": return zone == "Z" ? "+0000" : compact
        case "ZZZZZ": return zone == "Z" ? "+00:00" : zone
        default: return nil
        }
    }
}
