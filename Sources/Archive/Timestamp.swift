/// A point in time as archives and file systems keep it: seconds since 1970-01-01T00:00:00Z, and nanoseconds.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Negative before 1970.
    public var seconds: Int64
    /// 0 up to 999,999,999, counted forward from `seconds`.
    public var nanoseconds: UInt32

    public init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = min(nanoseconds, 999_999_999)
    }

    public static let epoch = Timestamp(seconds: 0)

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
