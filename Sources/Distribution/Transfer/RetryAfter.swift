import FoundationEssentials
import NIOHTTP1

/// How long a server wants to be left alone (RFC 9110, section 10.2.3).
enum RetryAfter {
    private static let limit: Int64 = 86_400

    /// Seconds as they are, or a moment, which is compared with the server's own clock where it tells that; nil without any.
    static func pause(_ headers: HTTPHeaders) -> Duration? {
        guard let text = headers.first(name: "Retry-After") else { return nil }
        if let seconds = Int64(text) { return .seconds(max(0, min(seconds, limit))) }
        guard let moment = HTTPDate(text)?.seconds else { return nil }
        let now = headers.first(name: "Date").flatMap { HTTPDate($0)?.seconds } ?? Int64(Date.now.timeIntervalSince1970)
        return .seconds(max(0, min(moment - now, limit)))
    }
}
