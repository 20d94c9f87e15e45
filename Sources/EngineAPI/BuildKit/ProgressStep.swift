import Synchronization

/// Keeps a progress from being told too often.
final class ProgressStep: Sendable {
    private static let step: Int64 = 1 << 20

    private let told = Mutex<Int64>(0)

    func isDue(_ count: Int64) -> Bool {
        told.withLock { told in
            guard count - told >= Self.step else { return false }
            told = count
            return true
        }
    }
}
