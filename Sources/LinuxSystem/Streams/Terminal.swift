internal import CLinux
internal import Glibc

/// The terminals behind the standard streams.
package enum Terminal {
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns and rows; nil if the descriptor is no terminal.
    package static func size(_ descriptor: Int32) -> (columns: Int, rows: Int)? {
        var columns: Int32 = 0
        var rows: Int32 = 0
        guard distill_terminal_size(descriptor, &columns, &rows) == 0, columns > 0, rows > 0 else { return nil }
        return (Int(columns), Int(rows))
    }
}

extension Terminal {
    /// Asks for a line that the terminal does not show; nil without a terminal or at the end of the input.
    ///
    /// - Parameter prompt: writes what is asked.
    package static func readSecret(prompt: () -> Void) -> String? {
        var settings = termios()
        guard isTerminal(0), tcgetattr(0, &settings) == 0 else { return nil }
        var hidden = settings
        hidden.c_lflag &= ~tcflag_t(ECHO)
        // What was typed before this is let go: the question comes after it, so that no answer is.
        tcsetattr(0, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(0, TCSAFLUSH, &settings)
            StandardStream.error.write(text: "\n")
        }
        prompt()
        return readLine()
    }
}
