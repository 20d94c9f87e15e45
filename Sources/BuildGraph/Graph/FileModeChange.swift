/// The value of `--chmod`: octal (`0755`) or symbolic (`u=rwX,go=rX`), as in chmod(1) (Dockerfile reference, COPY --chmod).
package struct FileModeChange: Sendable {
    private enum Change: Sendable {
        case absolute(UInt32)
        case symbolic([Clause])
    }

    private struct Clause: Sendable {
        /// The bits of user, group and others that the clause touches: a mask of 0o700, 0o070, 0o007 and set-id bits.
        let who: UInt32
        let operation: Character
        let permissions: String
    }

    private let change: Change

    package init(_ text: String) throws(FileModeError) {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x37).contains($0) }) {
            guard let mode = UInt32(text, radix: 8), mode <= 0o7777 else { throw FileModeError(text: text) }
            change = .absolute(mode)
            return
        }
        var clauses: [Clause] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let whoText = part.prefix { "ugoa".contains($0) }
            var rest = part.dropFirst(whoText.count)
            guard !rest.isEmpty else { throw FileModeError(text: text) }
            let who = Self.mask(whoText.isEmpty ? "a" : whoText)
            while let operation = rest.first {
                guard "+-=".contains(operation) else { throw FileModeError(text: text) }
                let permissions = rest.dropFirst().prefix { "rwxXstugo".contains($0) }
                clauses.append(Clause(who: who, operation: operation, permissions: String(permissions)))
                rest = rest.dropFirst(1 + permissions.count)
            }
        }
        guard !clauses.isEmpty else { throw FileModeError(text: text) }
        change = .symbolic(clauses)
    }

    private static func mask(_ who: Substring) -> UInt32 {
        who.reduce(0) { mask, letter in
            switch letter {
            case "u": mask | 0o4700
            case "g": mask | 0o2070
            case "o": mask | 0o1007
            default: mask | 0o7777
            }
        }
    }

    /// The mode that every file gets; nil where it depends on the one that the file has.
    package var absolute: UInt32? { if case .absolute(let mode) = change { mode } else { nil } }

    /// The mode that a file of this mode gets.
    package func applied(to mode: UInt32, isDirectory: Bool) -> UInt32 {
        switch change {
        case .absolute(let absolute): return absolute
        case .symbolic(let clauses):
            let original = mode
            return clauses.reduce(mode) { mode, clause in
                let bits = Self.bits(clause.permissions, mode, original, isDirectory) & clause.who
                return switch clause.operation {
                case "+": mode | bits
                case "-": mode & ~bits
                // Special bits of a directory stay unless they are named (chmod(1)).
                default: (mode & ~(clause.who & (isDirectory ? 0o777 : 0o7777))) | bits
                }
            }
        }
    }

    /// - Parameter original: the mode before any change, which decides what `X` is (chmod in POSIX.1-2024).
    private static func bits(_ permissions: String, _ mode: UInt32, _ original: UInt32, _ isDirectory: Bool) -> UInt32 {
        permissions.reduce(0) { bits, letter in
            switch letter {
            case "r": bits | 0o444
            case "w": bits | 0o222
            case "x": bits | 0o111
            case "X": isDirectory || original & 0o111 != 0 ? bits | 0o111 : bits
            case "s": bits | 0o6000
            case "t": bits | 0o1000
            case "u": bits | copies(mode >> 6 & 7)
            case "g": bits | copies(mode >> 3 & 7)
            default: bits | copies(mode & 7)
            }
        }
    }

    private static func copies(_ bits: UInt32) -> UInt32 { bits << 6 | bits << 3 | bits }
}

/// Text that is no file mode.
package struct FileModeError: Error, Hashable, Sendable {
    package let text: String
}
