/// The syntax of a shell script (POSIX.1-2017, XCU 2), with what bash adds that entry scripts use.
indirect enum ShellSyntax: Sendable {
    case simple(Simple)
    case pipeline([ShellSyntax], isNegated: Bool)
    case and(ShellSyntax, ShellSyntax)
    case or(ShellSyntax, ShellSyntax)
    case list([ShellSyntax])
    case background(ShellSyntax)
    case conditional([Branch], otherwise: ShellSyntax?)
    case loop(condition: ShellSyntax, body: ShellSyntax, isUntil: Bool)
    /// - Parameter words: nil for the positional parameters.
    case iteration(name: String, words: [Word]?, body: ShellSyntax)
    case selection(Word, [Item])
    case function(name: String, body: ShellSyntax)
    case subshell(ShellSyntax)
    /// A compound command that reads files, or the text that stands behind it.
    case reading([Word], document: Word?, ShellSyntax)
    /// `[[ … ]]`: words and operators.
    case test([Word])
    /// `(( … ))`.
    case arithmetic(String)
    /// What the shell that executes the script does not read: bash's syntax for dash.
    case refused(String)
    /// What the shell takes for a program of that name, which is not there.
    case absent(String)
    /// What no shell reads: a word out of its place, or an end that does not come.
    case broken(hasReturns: Bool)

    struct Branch: Sendable { let condition: ShellSyntax, body: ShellSyntax }

    /// One of `case`.
    struct Item: Sendable {
        /// What is behind it: nothing more, the next body (`;&`), or the next patterns (`;;&`).
        enum End: Sendable { case leaves, fallsThrough, goesOn }

        let patterns: [Word], body: ShellSyntax
        var end = End.leaves
    }

    struct Simple: Sendable {
        var assignments: [Assignment] = []
        var words: [Word] = []
        /// Whether its output goes to a file, which then may be there.
        var writesFiles = false
        /// The files that it writes.
        var outputs: [Word] = []
        /// Files that it reads: one that is missing fails the command.
        var inputs: [Word] = []
        /// What a here-document or a here-string gives it to read.
        var document: Word?
    }

    struct Assignment: Sendable {
        let name: String
        let isAppended: Bool
        let value: [Word]
        let isArray: Bool
        /// What stands in brackets behind the name: `NAME[INDEX]=value`.
        var index: String?
    }

    struct Word: Sendable {
        var parts: [Part] = []

        /// The text of a word without quotes and expansions; nil for any other.
        var plain: String? {
            guard parts.count == 1, case .text(let text, false) = parts[0] else { return nil }
            return text
        }
    }

    indirect enum Part: Sendable {
        case text(String, isQuoted: Bool)
        case parameter(Parameter, isQuoted: Bool)
        case command(ShellSyntax, isQuoted: Bool)
        /// `$(( … ))`.
        case arithmetic(String)
        /// Process substitution and the like.
        case unknown
    }

    struct Parameter: Sendable {
        /// A name, a digit, or one of `@*#?$!-`; an array's elements are `NAME[@]`.
        let name: String
        /// As in `:-`, `%`, `##`, `/`; empty for the value alone.
        let operation: String
        let word: Word
        /// `${!NAME}`: the value of the variable that this one names.
        var isIndirect = false
    }

    struct Unreadable: Error {
        /// Whether the shell does not read it either.
        var isMistake = false
    }
}
