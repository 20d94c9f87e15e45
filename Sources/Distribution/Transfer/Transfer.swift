internal import NIOHTTP1

/// What is known of a file while it arrives, perhaps in several parts: the decisions of a download, without its bytes.
struct Transfer {
    let maximumSize: Int64
    /// Bytes that were handed over and count.
    private(set) var received: Int64 = 0
    /// Bytes of the whole file, where the server said it.
    private(set) var total: Int64?
    /// When the file was last changed, in seconds since 1970, where the server said it.
    private(set) var modified: Int64?
    /// What the server calls this version of the file; without it no part can be added to an earlier one.
    private var validator: String?
    /// What `received` was when a try last began anew.
    private var mark: Int64 = 0

    /// How much a broken connection must have brought for the tries to be counted afresh. A bound for the number of
    /// requests, and large files still arrive over a poor line.
    private static let worthwhile: Int64 = 1 << 20

    init(maximumSize: Int64) { self.maximumSize = maximumSize }

    /// What to do with an answer of the server.
    enum Verdict: Hashable {
        /// The body goes on where the last part ended.
        case append
        /// The body is the whole file: what was received before is void.
        case restart
        /// The body is not what was asked for; ask again, for the whole file.
        case askAgain
        case redirect(String)
        /// The server may answer later; seconds, where it said how many.
        case tryLater(after: Int64?)
        case refused
        case tooLarge
    }

    /// The headers that ask for what is missing (RFC 9110, sections 13.1.5 and 14.2).
    var rangeHeaders: [(String, String)] {
        guard received > 0, let validator else { return [] }
        return [("Range", "bytes=\(received)-"), ("If-Range", validator)]
    }

    mutating func judge(status: Int, headers: HTTPHeaders) -> Verdict {
        switch status {
        case 200, 203: return whole(headers)
        case 206: return part(headers)
        case 301, 302, 303, 307, 308: return headers.first(name: "Location").map(Verdict.redirect) ?? .refused
        case 408, 425, 429, 500...599: return .tryLater(after: RetryAfter.pause(headers)?.components.seconds)
        // The part that was asked for does not exist: the file changed.
        case 416 where received > 0: return .askAgain
        default: return .refused
        }
    }

    private mutating func whole(_ headers: HTTPHeaders) -> Verdict {
        let length = headers.first(name: "Content-Length").flatMap { Int64($0) }
        if let length, length > maximumSize { return .tooLarge }
        let verdict: Verdict = received > 0 ? .restart : .append
        forget()
        total = length
        modified = headers.first(name: "Last-Modified").flatMap { HTTPDate($0)?.seconds }
        validator = Self.validator(headers)
        return verdict
    }

    private func part(_ headers: HTTPHeaders) -> Verdict {
        guard received > 0, let text = headers.first(name: "Content-Range"), let range = ContentRange(text),
            range.first == received, total == nil || range.total == nil || range.total == total,
            total.map({ range.last < $0 }) ?? true
        else { return .askAgain }
        return .append
    }

    /// An entity tag that is strong, else the date of the last change (RFC 9110, section 13.1.5).
    private static func validator(_ headers: HTTPHeaders) -> String? {
        if let tag = headers.first(name: "ETag"), tag.hasPrefix("\"") { return tag }
        return headers.first(name: "Last-Modified")
    }

    /// Counts bytes of the body; false when they are too many.
    mutating func receive(_ count: Int) -> Bool {
        received += Int64(count)
        return received <= maximumSize
    }

    /// Makes what was received void.
    mutating func forget() { (received, total, validator, mark) = (0, nil, nil, 0) }

    var isComplete: Bool { total == nil || received == total }

    /// More than the server announced came: the parts do not belong together.
    var isInconsistent: Bool { total.map { received > $0 } ?? false }

    /// Whether the part that cannot be continued is void.
    var mustRestart: Bool { received > 0 && validator == nil }

    /// Whether enough came since the last time to count the tries afresh.
    mutating func madeProgress() -> Bool {
        guard received - mark >= Self.worthwhile else { return false }
        mark = received
        return true
    }
}

/// `bytes 100-199/1000` (RFC 9110, section 14.4).
struct ContentRange {
    let first: Int64
    let last: Int64
    let total: Int64?

    init?(_ text: String) {
        guard text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = Int64(bounds[0]), let last = Int64(bounds[1]), first >= 0, last >= first
        else { return nil }
        total = Int64(parts[1])
        guard total != nil || parts[1] == "*" else { return nil }
        (self.first, self.last) = (first, last)
    }
}
