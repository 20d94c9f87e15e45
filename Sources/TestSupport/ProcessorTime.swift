import Glibc

/// What work costs, however busy the machine is.
package enum ProcessorTime {
    /// Nanoseconds of the processor that this thread needs for `body`, which does not wait.
    package static func of<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> Int {
        let start = now
        try body()
        return now - start
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// How many times as much a fourfold input costs: about 4 where the cost is linear, 16 where it is a square.
    ///
    /// - Parameter body: gets the size of the input.
    package static func growth<Failure: Error>(from size: Int, _ body: (Int) throws(Failure) -> Void) throws(Failure)
        -> Double
    {
        // The first time is dearer, for caches are cold, and any may be that neighbours use up: the cheapest of a few counts.
        try body(size / 4)
        var (small, large) = (Int.max, Int.max)
        for _ in 0..<3 {
            small = min(small, try of { () throws(Failure) in try body(size) })
            large = min(large, try of { () throws(Failure) in try body(4 * size) })
        }
        return Double(large) / Double(max(1, small))
    }
}
