internal import Glibc

/// This process's standard streams.
package enum StandardStream: Int32, Sendable {
    case input = 0
    case output = 1
    case error = 2

    /// Writes all bytes; what a closed pipe does not take is dropped.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemCallError) {
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let count = Glibc.write(rawValue, base, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN {
                    var descriptor = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&descriptor, 1, -1)
                    continue
                }
                throw SystemCallError("write", "standard stream \(rawValue)")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Writes text as it is; a reader that has gone away is no error, as for any program in a pipe.
    ///
    /// For the one place that makes text safe for terminals; everything else writes through it.
    package func write(text: String) {
        var text = text
        // A closed pipe: nobody is there to be told.
        text.withUTF8 { try? write(UnsafeRawBufferPointer($0)) }
    }

    /// Reads up to the buffer's size; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int {
        while true {
            let count = Glibc.read(rawValue, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw SystemCallError("read", "standard input") }
        }
    }

    /// Everything up to the end, refused above `limit` bytes.
    package func readAll(limit: Int) throws(SystemCallError) -> [UInt8] {
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = piece.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { Glibc.read(rawValue, $0, buffer.count) } ?? 0
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemCallError("read", "standard input") }
            if count == 0 { return result }
            guard result.count + count <= limit else {
                errno = EFBIG
                throw SystemCallError("read", "standard input")
            }
            result += piece[..<count]
        }
    }
}

extension StandardStream {
    /// Gives up all three streams, as a process does that nobody looks at any more.
    package static func detach() {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { return }
        for stream in 0...2 { dup2(null, Int32(stream)) }
        if null > 2 { close(null) }
    }
}
