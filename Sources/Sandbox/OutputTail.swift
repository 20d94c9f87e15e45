internal import Synchronization

/// The last of what a process writes.
package final class OutputTail: Sendable {
    private let kept = Mutex<[UInt8]>([])

    /// In bytes.
    private static let limit = 4096

    package init() {}

    package func append(_ bytes: UnsafeRawBufferPointer) {
        kept.withLock { $0 = Array(($0 + bytes).suffix(Self.limit)) }
    }

    package var bytes: [UInt8] { kept.withLock { $0 } }
}
