internal import CLinux
internal import Glibc
internal import Synchronization
package import SystemPackage

/// A child of this process, started by it or left to it by a runtime that has ended.
///
/// It is held by a descriptor of the kernel's: a signal never reaches another process that has got its number meanwhile.
package final class ChildProcess: Sendable {
    package let number: Int32
    /// The kernel's descriptor of it; where there is none (gVisor, filters of system calls) a pipe that ends with it.
    private let handle: OwnedDescriptor
    private let isByNumber: Bool
    private let state = Mutex(State.running([]))

    private enum State {
        case running([CheckedContinuation<End, Never>])
        case ended(End)
    }

    /// How it ended.
    package enum End: Hashable, Sendable {
        case code(Int32)
        case signal(Int32)
        /// It never became another program than the runtime that made it; with what that had to say.
        case neverExecuted(code: Int32, words: [UInt8])
    }

    /// What is started.
    package struct Program: Sendable {
        /// The first word is a path.
        package var arguments: [String]
        package var directory: FilePath
        /// What become its standard streams; nil is `/dev/null`.
        package var streams: [DescriptorBox?] = [nil, nil, nil]
        /// What becomes its descriptor 3; nil is none.
        package var further: DescriptorBox?
        /// The control groups that it begins in, by their files `cgroup.procs`.
        package var groups: [DescriptorBox] = []

        package init(arguments: [String], directory: FilePath) {
            (self.arguments, self.directory) = (arguments, directory)
        }
    }

    /// Starts a program in a session of its own, with no descriptors but its streams.
    ///
    /// - Throws: `.noSuchFileOrDirectory` and others of execve(2) where it cannot be executed.
    package convenience init(starting program: Program, observing: ChildStreams = ChildStreams())
        throws(SystemCallError)
    {
        let directory = try Directory(opening: program.directory)
        var words: [UnsafeMutablePointer<CChar>?] = program.arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let groups = program.groups.map(\.raw)
        let streams = program.streams.map { $0?.raw ?? -1 }
        let number = try directory.withRaw { descriptor in
            words.withUnsafeMutableBufferPointer { words in
                groups.withUnsafeBufferPointer { groups in
                    var child = distill_child()
                    child.arguments = words.baseAddress.map { UnsafePointer($0) }
                    child.directory = descriptor
                    child.streams = (
                        streams.first ?? -1, streams.dropFirst().first ?? -1, streams.dropFirst(2).first ?? -1,
                        program.further?.raw ?? -1
                    )
                    (child.groups, child.group_count) = (groups.baseAddress, groups.count)
                    return distill_start(&child)
                }
            }
        }
        guard number > 0 else { throw SystemCallError("execve", program.arguments.first ?? "") }
        withExtendedLifetime(program) {}
        try self.init(adopting: number, observing: observing)
    }

    /// Takes over a child that is there already; ``becomeSubreaper()`` lets those of ended children be such.
    ///
    /// - Parameter observing: what is read and written meanwhile.
    package init(adopting number: Int32, observing: ChildStreams) throws(SystemCallError) {
        // Its input may end before ours does.
        ProcessSignal.ignoreBrokenPipes()
        var descriptor = distill_open_process(number)
        isByNumber = descriptor < 0 && errno != ESRCH
        if isByNumber { descriptor = Self.pipeThatEnds(with: number) }
        guard descriptor >= 0 else { throw SystemCallError("pidfd_open", String(number)) }
        self.number = number
        _ = Self.known.withLock { $0.insert(number) }
        handle = OwnedDescriptor(raw: descriptor)
        let given = Mutex<ChildStreams?>(observing)
        startThread { [self] in
            // Taken out, for a descriptor must be closed as soon as nothing more comes over it.
            var relay = StreamRelay(given.withLock { $0.take() } ?? ChildStreams(), process: number, handle: handle.raw)
            let words = relay.run()
            finish(Self.reap(isByNumber ? .child(number) : .descriptor(handle.raw), words))
        }
    }

    /// Makes the children of children that have ended those of this process (prctl(2), PR_SET_CHILD_SUBREAPER).
    package static func becomeSubreaper() { _ = distill_set_subreaper() }

    /// How a process is named to waitid(2).
    private enum Name {
        case descriptor(Int32)
        case child(Int32)
    }

    /// - Returns: -1 where no pipe can be made.
    private static func pipeThatEnds(with number: Int32) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard distill_pipe(&ends) == 0 else { return -1 }
        let writing = ends[1]
        startThread {
            var (code, signal): (Int32, Int32) = (0, 0)
            // It stays to be waited for, so that its number is nobody else's.
            _ = distill_wait_for_child(number, 0, &code, &signal)
            close(writing)
        }
        return ends[0]
    }

    private static func reap(_ name: Name, _ words: [UInt8]?) -> End {
        var (code, signal): (Int32, Int32) = (0, 0)
        // Not a child of ours: nothing more can be known than that it has ended.
        let result =
            switch name {
            case .descriptor(let handle): distill_wait_for_process(handle, 1, &code, &signal)
            case .child(let number): distill_wait_for_child(number, 1, &code, &signal)
            }
        guard result == 0 else { return .code(0) }
        if signal != 0 { return .signal(signal) }
        return words.map { .neverExecuted(code: code, words: $0) } ?? .code(code)
    }

    /// The numbers of those that are waited for.
    private static let known = Mutex<Set<Int32>>([])

    /// Waits for children that have ended, that nobody knows of, and that belonged to another PID namespace: a runtime that fails
    /// may leave one to this process. Such a namespace's first process cannot end before they are waited for (pid_namespaces(7)).
    ///
    /// - Parameter program: what their names begin with.
    package static func forgetOrphans(of program: String) {
        // Without /proc nothing is found.
        guard let root = try? Directory(opening: "/proc"), let names = try? root.names() else { return }
        for name in names {
            // One that is gone by now is nobody's.
            guard let number = Int32(String(decoding: name, as: UTF8.self)), !known.withLock({ $0.contains(number) }),
                let process = try? root.openDirectory(name),
                let text = try? process.read(Array("status".utf8), limit: 1 << 16)
            else { continue }
            var fields: [Substring: [Substring]] = [:]
            for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
                let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
                if let field = words.first { fields[field] = Array(words.dropFirst()) }
            }
            guard fields["PPid:"]?.first.flatMap({ Int32($0) }) == getpid(), fields["State:"]?.first == "Z",
                fields["Name:"]?.first?.hasPrefix(program) == true, (fields["NSpid:"]?.count ?? 0) > 1
            else { continue }
            _ = reap(.child(number), nil)
        }
    }

    private func finish(_ end: End) {
        _ = Self.known.withLock { $0.remove(number) }
        let waiting = state.withLock { state -> [CheckedContinuation<End, Never>] in
            guard case .running(let waiting) = state else { return [] }
            state = .ended(end)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: end) }
    }

    /// Waits until it has ended and all that it wrote has been handed over.
    package func end() async -> End {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state -> End? in
                switch state {
                case .ended(let end): return end
                case .running(let waiting):
                    state = .running(waiting + [continuation])
                    return nil
                }
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    package var hasEnded: Bool { state.withLock { if case .ended = $0 { true } else { false } } }

    /// Sends a signal; one that has ended gets none.
    package func send(_ signal: Int32) {
        guard isByNumber else {
            _ = distill_signal_process(handle.raw, signal)
            return
        }
        // Until it has been waited for the number is its own.
        state.withLock { if case .running = $0 { _ = Glibc.kill(number, signal) } }
    }

    package func kill() { send(SIGKILL) }
}

/// A descriptor with several users, closed with the last of them.
package final class DescriptorBox: Sendable {
    let owned: OwnedDescriptor

    package init(_ owned: consuming OwnedDescriptor) { self.owned = owned }

    var raw: Int32 { owned.raw }
}

extension DescriptorBox {
    /// A pipe, closed on execve(2).
    package static func pipe() throws(SystemCallError) -> (reading: DescriptorBox, writing: DescriptorBox) {
        var ends: [Int32] = [-1, -1]
        guard distill_pipe(&ends) == 0 else { throw SystemCallError("pipe2", "") }
        return (DescriptorBox(OwnedDescriptor(raw: ends[0])), DescriptorBox(OwnedDescriptor(raw: ends[1])))
    }
}
