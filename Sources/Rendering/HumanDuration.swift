/// Spans of time in docker's words.
package enum HumanDuration {
    /// "Less than a second", "About a minute", "3 weeks": the largest unit, as docker says how old an image is.
    package static func text(seconds: Int64) -> String {
        let seconds = max(0, seconds)
        let minutes = seconds / 60
        let hours = (minutes + 30) / 60
        return switch true {
        case seconds < 1: "Less than a second"
        case seconds == 1: "1 second"
        case seconds < 60: "\(seconds) seconds"
        case minutes == 1: "About a minute"
        case minutes < 60: "\(minutes) minutes"
        case hours == 1: "About an hour"
        case hours < 48: "\(hours) hours"
        case hours < 24 * 7 * 2: "\(hours / 24) days"
        case hours < 24 * 30 * 2: "\(hours / 24 / 7) weeks"
        case hours < 24 * 365 * 2: "\(hours / 24 / 30) months"
        default: "\(hours / 24 / 365) years"
        }
    }

    /// "2 hours ago".
    package static func ago(seconds: Int64) -> String { text(seconds: seconds) + " ago" }

    /// The time that a step took so far, in seconds with one decimal: `0.3s`, `62.4s`.
    package static func elapsed(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let tenths = max(0, attoseconds / 100_000_000_000_000_000)
        return "\(max(0, seconds)).\(tenths)s"
    }
}
