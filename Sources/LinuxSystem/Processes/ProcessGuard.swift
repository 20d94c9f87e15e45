internal import CLinux
internal import Glibc
internal import Synchronization
package import SystemPackage

/// A small process that outlives this one for a moment, and kills what this one could not end any more: SIGKILL lets
/// nobody clean up. There is one, forked when it is needed first.
package enum ProcessGuard {
    private static let pipe = Mutex<Int32?>(nil)

    /// Lets the process be killed, should this one end, whose number stands in a file, or will within seconds.
    package static func watch(_ file: FilePath) { tell("+", file) }

    /// Takes it back: the process has ended, and its number may soon be another's.
    package static func forget(_ file: FilePath) { tell("-", file) }

    /// Lets a child be killed, should this process end: one that was stopped notices nothing else.
    package static func watch(_ child: ChildProcess) { tell("+", FilePath(String(child.number))) }

    /// Takes it back.
    package static func forget(_ child: ChildProcess) { tell("-", FilePath(String(child.number))) }

    private static func tell(_ word: String, _ file: FilePath) {
        let descriptor = pipe.withLock { pipe -> Int32 in
            if let pipe { return pipe }
            let made = distill_start_guard()
            pipe = made
            return made
        }
        // Where no process can be forked nothing watches, and what is started next fails as well.
        guard descriptor >= 0 else { return }
        let line = Array("\(word)\(file.string)\n".utf8)
        while write(descriptor, line, line.count) < 0, errno == EINTR {}
    }
}
