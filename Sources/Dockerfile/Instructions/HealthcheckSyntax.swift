/// HEALTHCHECK.
package struct HealthcheckInstruction: Hashable, Sendable {
    package enum Test: Hashable, Sendable {
        case none
        case command(CommandForm)
    }

    package var test: Test
    /// Nanoseconds, as the other times; nil for the runtime's default.
    package var interval: Int64?
    package var timeout: Int64?
    package var startPeriod: Int64?
    package var startInterval: Int64?
    package var retries: Int64?
}

/// A length of time in Go's spelling, `1h30m` or `500ms`.
enum GoDuration {
    /// Nanoseconds; nil for text that is no duration or does not fit.
    static func parse(_ text: String) -> Int64? {
        var bytes = Array(text.utf8)[...]
        var isNegative = false
        if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            bytes = bytes.dropFirst()
        }
        if bytes.elementsEqual("0".utf8) { return 0 }
        guard !bytes.isEmpty else { return nil }
        var total: Int64 = 0
        while !bytes.isEmpty {
            guard let part = component(&bytes) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        return isNegative ? -total : total
    }

    private static func component(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
        let digits = (0x30...0x39) as ClosedRange<UInt8>
        let whole = bytes.prefix { digits.contains($0) }
        bytes = bytes.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if bytes.first == UInt8(ascii: ".") {
            fraction = bytes.dropFirst().prefix { digits.contains($0) }
            bytes = bytes.dropFirst(1 + fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let unit = bytes.prefix { !digits.contains($0) && $0 != UInt8(ascii: ".") }
        bytes = bytes.dropFirst(unit.count)
        guard let scale = scales[String(decoding: unit, as: UTF8.self)],
            let count = whole.isEmpty ? 0 : Int64(String(decoding: whole, as: UTF8.self))
        else { return nil }
        var (result, overflow) = count.multipliedReportingOverflow(by: scale)
        guard !overflow else { return nil }
        var place = scale / 10
        for digit in fraction {
            let (sum, overflow) = result.addingReportingOverflow(Int64(digit - 0x30) * place)
            guard !overflow else { return nil }
            result = sum
            place /= 10
        }
        return result
    }

    private static let scales: [String: Int64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000,
    ]
}
