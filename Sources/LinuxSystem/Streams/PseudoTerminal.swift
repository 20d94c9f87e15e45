internal import CLinux
internal import Glibc
package import SystemPackage

/// A socket over which a runtime hands over the terminal that it made for a container (`--console-socket`).
package struct ConsoleSocket: Sendable {
    private let socket: DescriptorBox

    /// - Parameter name: of the socket in the directory; it goes with the directory.
    package init(in directory: FilePath, name: String) throws(SystemCallError) {
        let directory = try Directory(opening: directory)
        let descriptor = try directory.withRaw { distill_listen($0, name) }
        guard descriptor >= 0 else { throw SystemCallError("bind", name) }
        socket = DescriptorBox(OwnedDescriptor(raw: descriptor))
    }

    /// The terminal, once the runtime has ended; it does not wait for it.
    package func receive() throws(SystemCallError) -> DescriptorBox {
        let descriptor = distill_receive_descriptor(socket.raw)
        guard descriptor >= 0 else { throw SystemCallError("recvmsg", "terminal") }
        return DescriptorBox(OwnedDescriptor(raw: descriptor))
    }
}

extension DescriptorBox {
    /// Gives a terminal another size, which its foreground processes are told by SIGWINCH (ioctl_tty(2), TIOCSWINSZ).
    package func setTerminalSize(columns: Int, rows: Int) {
        _ = distill_set_terminal_size(raw, Int32(clamping: columns), Int32(clamping: rows))
    }
}

extension Terminal {
    /// A terminal that passes every key on as it is (cfmakeraw(3)), until this value ends.
    package struct Raw: ~Copyable {
        private let descriptor: Int32
        private let before: termios

        /// Nil where the descriptor is no terminal.
        package init?(_ descriptor: Int32) {
            var settings = termios()
            guard isatty(descriptor) == 1, tcgetattr(descriptor, &settings) == 0 else { return nil }
            (self.descriptor, before) = (descriptor, settings)
            cfmakeraw(&settings)
            tcsetattr(descriptor, TCSADRAIN, &settings)
        }

        deinit {
            var before = before
            tcsetattr(descriptor, TCSADRAIN, &before)
        }
    }
}
