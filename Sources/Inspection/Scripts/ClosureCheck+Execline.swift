internal import OCI

/// Scripts of execlineb(1): one program after the other, each of which executes the next, with blocks in braces.
extension ClosureCheck {
    /// What a program of execline takes before the next one: operands and blocks, behind its options.
    private struct Link {
        var operands = 0
        var blocks = 0
        /// Options whose value is a word of its own.
        var valued: Set<String> = []
        var user = false
        var isDirectory = false
    }

    private static let links: [String: Link] = [
        "foreground": Link(blocks: 1), "background": Link(blocks: 1), "if": Link(blocks: 1, valued: ["-x"]),
        "ifelse": Link(blocks: 2), "ifte": Link(blocks: 2),
        "ifthenelse": Link(blocks: 3), "backtick": Link(operands: 1, blocks: 1), "pipeline": Link(blocks: 1),
        "trap": Link(blocks: 1),
        "forx": Link(operands: 1, blocks: 2), "loopwhilex": Link(), "wait": Link(blocks: 1), "runblock": Link(),
        "export": Link(operands: 2), "unexport": Link(operands: 1), "define": Link(operands: 2, valued: ["-d"]),
        "importas": Link(operands: 2, valued: ["-D", "-d"]),
        "cd": Link(operands: 1, isDirectory: true), "umask": Link(operands: 1), "redirfd": Link(operands: 2),
        "fdmove": Link(operands: 2), "fdclose": Link(operands: 1),
        "fdreserve": Link(operands: 1), "fdswap": Link(operands: 2), "emptyenv": Link(), "exec": Link(valued: ["-a"]),
        "execline-cd": Link(operands: 1, isDirectory: true),
        "elgetpositionals": Link(valued: ["-P"]), "shift": Link(valued: ["-n"]), "multisubstitute": Link(blocks: 1),
        "getpid": Link(operands: 1), "getcwd": Link(operands: 1),
        "s6-setuidgid": Link(operands: 1, user: true), "s6-envuidgid": Link(operands: 1),
        "s6-applyuidgid": Link(valued: ["-u", "-g", "-G"]),
        "s6-envdir": Link(operands: 1), "s6-env": Link(),
        "s6-softlimit": Link(valued: ["-a", "-d", "-c", "-f", "-l", "-m", "-n", "-o", "-p", "-r", "-s", "-t"]),
        "s6-notifyoncheck": Link(valued: ["-s", "-T", "-t", "-w", "-n", "-c"]),
        "with-contenv": Link(), "nice": Link(valued: ["-n"]), "s6-nice": Link(operands: 1), "s6-fghack": Link(),
        "s6-setsid": Link(),
    ]

    /// The same programs where a command line names them.
    static func isExecline(_ name: String) -> Bool { name == "execlineb" }

    mutating func checkExecline(_ arguments: [String]) throws {
        var rest = arguments.dropFirst()
        while let option = rest.first, option.hasPrefix("-"), option.count > 1 {
            rest = rest.dropFirst()
            if option.hasSuffix("c") {
                guard let text = rest.first else { return }
                return try followExecline(ExeclineReader.words(text), depth: 0)
            }
        }
        guard let script = rest.first, let path = process.directory.resolving(script) else { return }
        switch try open(path, .read) {
        case .missing: add(.missingFile(program: arguments[0], path: script))
        case .denied(let path, let obstacle):
            add(
                .notPermitted(path: path.description, obstacle: obstacle.description, user: process.user.name),
                .permission)
        case .found(let node):
            report.files.insert(node.path)
            chain.append(script)
            defer { chain.removeLast() }
            let words = ExeclineReader.words(String(decoding: try tree.read(node, limit: 1 << 20), as: UTF8.self))
            try followExecline(ExeclineReader.words(words, given: Array(rest.dropFirst())), depth: 0)
        }
    }

    /// Goes from program to program; the last one is what it comes to.
    private mutating func followExecline(_ words: [ExeclineReader.Word], depth: Int) throws {
        let saved = process
        defer { process = saved }
        var rest = words[...]
        var steps = 0
        while case .text(let program)? = rest.first, depth < 8, steps < 200 {
            steps += 1
            if program.contains("$") {
                return report.add(.computedCommand(script: chain.last ?? "ENTRYPOINT", text: program))
            }
            guard let link = Self.links[program.split(separator: "/").last.map(String.init) ?? program] else {
                let arguments = rest.compactMap { word -> String? in
                    if case .text(let text) = word { text } else { nil }
                }
                return try follow(arguments, subject: chain.last)
            }
            rest = rest.dropFirst()
            while case .text(let option)? = rest.first, option.hasPrefix("-"), option.count > 1 {
                rest = rest.dropFirst()
                if link.valued.contains(option) { rest = rest.dropFirst() }
            }
            for _ in 0..<link.operands {
                guard case .text(let value)? = rest.popFirst() else { return }
                if link.user { try takeUser(value) }
                if link.isDirectory, !value.contains("$"), let path = process.directory.resolving(value) {
                    guard try tree.lookUp(path)?.isDirectory == true else {
                        return add(.missingInput(program: program, path: value))
                    }
                    process.directory = path
                }
            }
            for _ in 0..<link.blocks {
                guard case .block? = rest.popFirst() else { return }
            }
        }
    }
}

/// The words of a script of execlineb, blocks kept together.
enum ExeclineReader {
    enum Word {
        case text(String)
        case block
    }

    /// With what a script was given in place of `$@`, `$1` and on.
    static func words(_ words: [Word], given: [String]) -> [Word] {
        words.flatMap { word -> [Word] in
            guard case .text(let text) = word, text.hasPrefix("$") else { return [word] }
            if text == "$@" { return given.map { .text($0) } }
            guard let number = Int(text.dropFirst()), number > 0, number <= given.count else { return [word] }
            return [.text(given[number - 1])]
        }
    }

    static func words(_ text: String) -> [Word] {
        var result: [Word] = []
        var depth = 0
        var word = ""
        var isInWord = false
        var (isQuoted, isEscaped, isComment) = (false, false, false)
        func end() {
            defer { (word, isInWord) = ("", false) }
            guard isInWord else { return }
            if word == "{" {
                depth += 1
            } else if word == "}" {
                depth -= 1
                if depth == 0 { result.append(.block) }
            } else if depth == 0 {
                result.append(.text(word))
            }
        }
        for character in text {
            if isComment {
                isComment = !character.isNewline
            } else if isEscaped {
                word.append(character)
                (isEscaped, isInWord) = (false, true)
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                (isQuoted, isInWord) = (!isQuoted, true)
            } else if isQuoted {
                word.append(character)
            } else if character == "#", !isInWord {
                isComment = true
            } else if character.isWhitespace {
                end()
            } else {
                word.append(character)
                isInWord = true
            }
        }
        end()
        return result
    }
}
