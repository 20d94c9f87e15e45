import BuildGraph
import LinuxSystem
import OCI
import Storage

/// Which images a list shows.
struct ImageFilter {
    static let names: Set = ["dangling", "label", "label!", "reference", "before", "since", "until"]

    private let dangling: Bool?
    private let labels: [(name: String, value: String?)]
    private let otherLabels: [(name: String, value: String?)]
    private let references: [SourcePattern]
    private let before: [String]
    private let since: [String]
    /// Seconds since 1970.
    private let until: Int64?

    init(_ filters: APIFilters, _ store: Store) throws {
        dangling = try filters.flag("dangling")
        labels = filters["label"].map(Self.label)
        otherLabels = filters["label!"].map(Self.label)
        references = filters["reference"].map { SourcePattern($0) }
        func created(_ text: String) throws -> String {
            try store.images.image(ImageLookup.id(text, store)).config.created ?? ""
        }
        before = try filters["before"].map(created)
        since = try filters["since"].map(created)
        until = try filters["until"].first.map {
            try MomentWord.seconds($0, now: FileTime.now.seconds, parameter: "until")
        }
    }

    private static func label(_ text: String) -> (name: String, value: String?) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return (parts.first ?? "", parts.count == 2 ? parts[1] : nil)
    }

    /// The names of an image that a list shows; nil for an image that it does not show.
    func names(_ summary: ImageDirectory.Summary, _ store: Store) throws -> [ImageReference]? {
        if let dangling, summary.references.isEmpty != dangling { return nil }
        let created = summary.created ?? ""
        guard before.allSatisfy({ created < $0 }), since.allSatisfy({ created > $0 }) else { return nil }
        if let until, let time = Timestamp(rfc3339: created), time.seconds >= until { return nil }
        if !labels.isEmpty || !otherLabels.isEmpty {
            let found = try store.images.image(summary.id).config.container.labels
            func has(_ label: (name: String, value: String?)) -> Bool {
                found[label.name].map { label.value == nil || label.value == $0 } ?? false
            }
            guard labels.allSatisfy(has), !otherLabels.contains(where: has) else { return nil }
        }
        guard !references.isEmpty else { return summary.references }
        let names = summary.references.filter { reference in
            references.contains {
                $0.matches(Array(reference.familiar.utf8)) || $0.matches(Array(reference.familiarName.utf8))
            }
        }
        return names.isEmpty ? nil : names
    }
}

/// A moment as clients write it: seconds since 1970, perhaps with a fraction, RFC 3339, or a time ago as in `10m`, `24h`.
enum MomentWord {
    static func seconds(_ text: String, now: Int64, parameter: String) throws(APIError) -> Int64 {
        if let whole = text.split(separator: ".", omittingEmptySubsequences: false).first, let seconds = Int64(whole) {
            // Moments are subtracted from one another: what lies between two of them is a number too.
            guard abs(max(seconds, -.max)) < 1 << 50 else { throw .badParameter(parameter, value: text) }
            return seconds
        }
        if let time = Timestamp(rfc3339: text) { return time.seconds }
        var (sum, number): (Int64, Int64?) = (0, nil)
        for byte in text.utf8 {
            if (0x30...0x39).contains(byte) {
                let (value, isTooMuch) = (number ?? 0).multipliedReportingOverflow(by: 10)
                guard !isTooMuch, value < 1 << 40 else { throw .badParameter(parameter, value: text) }
                number = value + Int64(byte - 0x30)
            } else {
                guard let count = number, let unit = units[byte] else { throw .badParameter(parameter, value: text) }
                sum += count * unit
                guard sum < 1 << 50 else { throw .badParameter(parameter, value: text) }
                number = nil
            }
        }
        guard number == nil, !text.isEmpty else { throw .badParameter(parameter, value: text) }
        return now - sum
    }

    private static let units: [UInt8: Int64] = [UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3600]
}
