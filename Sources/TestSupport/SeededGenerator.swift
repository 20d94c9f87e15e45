/// A small generator with a fixed seed (SplitMix64), so that a failure can be repeated.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: some BinaryInteger) { state = UInt64(truncatingIfNeeded: seed) &* 0x2545_F491_4F6C_DD1D }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// Damages bytes in one of the ways in which files are damaged.
    package mutating func damage(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return self.bytes(16) }
        switch Int.random(in: 0..<4, using: &self) {
        case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &self))
        case 1: bytes.insert(contentsOf: self.bytes(7), at: Int.random(in: 0..<bytes.count, using: &self))
        default:
            for _ in 0..<Int.random(in: 1...8, using: &self) {
                bytes[Int.random(in: 0..<bytes.count, using: &self)] = UInt8.random(in: .min ... .max, using: &self)
            }
        }
        return bytes
    }
}

/// Calls `body` with bytes in pieces of `step`.
package func inPieces(_ bytes: [UInt8], _ step: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try bytes.withUnsafeBytes { all in
        for start in stride(from: 0, to: all.count, by: step) {
            try body(UnsafeRawBufferPointer(rebasing: all[start..<min(start + step, all.count)]))
        }
    }
}
