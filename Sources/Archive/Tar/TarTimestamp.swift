/// A point in time as archives and file systems keep it: seconds since 1970-01-01T00:00:00Z, and nanoseconds.
package struct TarTimestamp: Hashable, Comparable, Sendable {
    /// Negative before 1970.
    package var seconds: Int64
    /// 0 up to 999,999,999, counted forward from `seconds`.
    package var nanoseconds: UInt32

    package init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = min(nanoseconds, 999_999_999)
    }

    package static let epoch = TarTimestamp(seconds: 0)

    package static func < (left: TarTimestamp, right: TarTimestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
