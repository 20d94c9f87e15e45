internal import CLinux
internal import Glibc

extension FileLock {
    /// Takes the lock, waiting a bounded time for whoever holds it.
    ///
    /// - Parameters:
    ///   - milliseconds: how long, counted in pauses.
    ///   - isStillWanted: asked before each further attempt.
    /// - Returns: nil when somebody still holds it, or when it is not wanted any more.
    package static func attempt(
        _ name: [UInt8], in directory: Directory, mode: Mode, for milliseconds: Int,
        while isStillWanted: () throws -> Bool
    ) throws -> FileLock? {
        let pause = 10
        var waited = 0
        while try isStillWanted() {
            if let lock = try attempt(name, in: directory, mode: mode) { return lock }
            guard waited < milliseconds else { return nil }
            Self.pause(milliseconds: pause)
            waited += pause
        }
        return nil
    }

    /// Lets others go on.
    package static func pause(milliseconds: Int) {
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        // A signal shortens it, which does no harm.
        _ = nanosleep(&time, nil)
    }
}
