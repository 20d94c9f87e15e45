import LinuxSystem
import Synchronization

/// The process that is left behind, once it has told its number.
final class SupervisorNumber: Sendable {
    private let number = Mutex<Int32?>(nil)

    func set(_ value: Int32) { number.withLock { $0 = value } }

    func send(_ signal: Int32) {
        if let number = number.withLock({ $0 }) { ProcessSignal.send(signal, to: number) }
    }
}
