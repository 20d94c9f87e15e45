/// What a client announced of a directory, in its order and as it came: most directories come again, byte by byte.
struct AnnouncedFiles: Sendable {
    private var bytes: [UInt8] = []
    /// Behind each packet.
    private var ends: [Int] = []
    /// What the files take, in bytes.
    private(set) var size: Int64 = 0

    /// What a file takes at least on most file systems, in bytes; a small file is as long as that.
    private static let block: Int64 = 4096
    private static let longest: Int64 = 1 << 40

    var count: Int { ends.count }

    private func range(_ place: Int) -> Range<Int> { (place == 0 ? 0 : ends[place - 1])..<ends[place] }

    mutating func append(_ stat: FileStat, as packet: [UInt8]) {
        bytes += packet
        ends.append(bytes.count)
        // No file that was taken is longer, and no more than two million were: the sum is no more than 2^61.
        let length = stat.kind == .regular ? min(max(stat.size, 0), Self.longest) / Self.block : 0
        size += (length + 1) * Self.block
    }

    /// Whether a packet is the very one that came here.
    func has(_ packet: [UInt8], at place: Int) -> Bool {
        let range = range(place)
        return range.count == packet.count && bytes[range].elementsEqual(packet)
    }

    /// What was announced; nil for a file that was something else when it came.
    func stat(_ place: Int) -> FileStat? {
        // It was read before, or was made unreadable.
        (try? FilePacket(Array(bytes[range(place)])))?.stat
    }

    /// From now on no packet is what came here: the file changed while it was sent, by a number of bytes.
    mutating func spoil(_ place: Int, growth: Int64) {
        // There is no field of the number 0.
        bytes[range(place).lowerBound] = 0
        size += max(growth, 0)
    }
}
