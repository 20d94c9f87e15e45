internal import Glibc
internal import SystemPackage

/// What is read from a child and written to it while it lives.
package struct ChildStreams: Sendable {
    package struct Output: Sendable {
        package typealias Sink = @Sendable (UnsafeRawBufferPointer) -> Bool

        /// Nil once nothing more is wanted of it, or comes.
        var source: DescriptorBox?
        let take: Sink

        /// - Parameter take: is handed what arrives, on a thread that waits for it, and tells whether more is wanted.
        package init(_ source: DescriptorBox, take: @escaping Sink) { (self.source, self.take) = (source, take) }
    }

    package struct Input: Sendable {
        /// Not owned: one of this process's streams or somebody else's end of a connection.
        let source: Int32
        let target: DescriptorBox
        /// Looks at what comes before it is passed on.
        let pass: @Sendable ([UInt8]) -> [UInt8]

        package init(
            from source: Int32, to target: DescriptorBox, pass: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }
        ) {
            (self.source, self.target, self.pass) = (source, target, pass)
        }
    }

    package var outputs: [Output]
    package var input: Input?
    /// Whether it was made by a runtime, whose own words come over the same streams until it executes its program.
    package var beginsInRuntime: Bool

    package init(outputs: [Output] = [], input: Input? = nil, beginsInRuntime: Bool = false) {
        (self.outputs, self.input, self.beginsInRuntime) = (outputs, input, beginsInRuntime)
    }
}

/// The loop that carries a child's bytes, on a thread of its own.
struct StreamRelay {
    private var outputs: [ChildStreams.Output]
    private var input: ChildStreams.Input?
    private var pending: ArraySlice<UInt8> = []
    private let process: Int32
    private let handle: Int32
    /// What came before the program was executed; nil from then on.
    private var runtimeWords: [(output: Int, bytes: [UInt8])]?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    private static let wordLimit = 64 << 10

    init(_ streams: ChildStreams, process: Int32, handle: Int32) {
        (outputs, input) = (streams.outputs, streams.input)
        (self.process, self.handle) = (process, handle)
        runtimeWords = streams.beginsInRuntime ? [] : nil
        for descriptor in outputs.compactMap(\.source?.raw) + [input?.target.raw].compactMap({ $0 }) {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    /// Carries until the process has ended and nothing of it is left to be read.
    ///
    /// - Returns: the runtime's words where the process never became a program.
    mutating func run() -> [UInt8]? {
        defer { buffer.deallocate() }
        while true {
            let open = outputs.indices.filter { outputs[$0].source != nil }
            var polled = [pollfd(fd: handle, events: Int16(POLLIN), revents: 0)]
            polled += open.map { pollfd(fd: outputs[$0].source?.raw ?? -1, events: Int16(POLLIN), revents: 0) }
            if let input {
                polled.append(
                    pending.isEmpty
                        ? pollfd(fd: input.source, events: Int16(POLLIN), revents: 0)
                        : pollfd(fd: input.target.raw, events: Int16(POLLOUT), revents: 0))
            }
            guard poll(&polled, nfds_t(polled.count), -1) >= 0 else {
                if errno == EINTR { continue }
                break
            }
            let hasEnded = polled[0].revents != 0
            // Once it has ended all of them are read to their end: what it started ended with it.
            let ready = zip(open, polled.dropFirst()).filter { hasEnded || $1.revents != 0 }.map(\.0)
            for output in ready { read(output, toEnd: hasEnded) }
            if hasEnded { break }
            if input != nil, let last = polled.last, last.revents != 0 { feed() }
        }
        guard let words = runtimeWords else { return nil }
        if ProcessFacts.hasExecuted(process) {
            pass(words)
            return nil
        }
        return words.flatMap(\.bytes)
    }

    private mutating func read(_ output: Int, toEnd: Bool) {
        repeat {
            guard let source = outputs[output].source else { return }
            let count = Glibc.read(source.raw, buffer.baseAddress, buffer.count)
            if count > 0 {
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), of: output)
            } else if count < 0, errno == EINTR {
                continue
            } else {
                // A terminal without its other side says EIO.
                if count == 0 || errno != EAGAIN { outputs[output].source = nil }
                return
            }
        } while toEnd
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer, of output: Int) {
        if var words = runtimeWords {
            if !ProcessFacts.hasExecuted(process) {
                if words.reduce(0, { $0 + $1.bytes.count }) < Self.wordLimit { words.append((output, Array(bytes))) }
                runtimeWords = words
                return
            }
            runtimeWords = nil
            pass(words)
        }
        if !outputs[output].take(bytes) { outputs[output].source = nil }
    }

    /// Hands over what was kept back: it was no refusal.
    private mutating func pass(_ words: [(output: Int, bytes: [UInt8])]) {
        for word in words where !word.bytes.withUnsafeBytes(outputs[word.output].take) {
            outputs[word.output].source = nil
        }
    }

    private mutating func feed() {
        guard let input else { return }
        if pending.isEmpty {
            let count = Glibc.read(input.source, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { return }
            // The end: the process's own input ends with the last descriptor.
            guard count > 0 else {
                self.input = nil
                return
            }
            pending = input.pass(Array(buffer[..<count]))[...]
        }
        let count = pending.withUnsafeBytes { write(input.target.raw, $0.baseAddress, $0.count) }
        if count >= 0 {
            pending = pending.dropFirst(count)
        } else if errno != EAGAIN, errno != EINTR {
            // Nobody reads it any more.
            (self.input, pending) = (nil, [])
        }
    }
}

extension ProcessFacts {
    /// Whether a process has executed a program since it was forked; one that is gone has (PF_FORKNOEXEC among the flags of proc_pid_stat(5)).
    static func hasExecuted(_ process: Int32) -> Bool {
        let isForkOnly: UInt64 = 0x40
        // Without /proc nothing could have been started.
        guard let directory = try? Directory(opening: FilePath("/proc/\(process)")),
            let text = try? directory.read(Array("stat".utf8)),
            let end = text.lastIndex(of: UInt8(ascii: ")"))
        else { return true }
        let fields = text[(end + 1)...].split(separator: 0x20)
        // The ninth field; the first two are before the parenthesis' end.
        guard fields.count > 6, let flags = UInt64(String(decoding: fields[6], as: UTF8.self)) else { return true }
        return flags & isForkOnly == 0
    }
}
