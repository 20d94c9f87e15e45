internal import OCI

/// Programs that hand a text to a shell: su(1), runuser(1), script(1), flock(1); and start-stop-daemon(8).
extension ClosureCheck {
    /// Nil where the program is none of them, or its arguments are a command.
    mutating func followTexts(_ name: String, _ arguments: [String]) throws -> Bool {
        switch name {
        case "su": try followSwitch(arguments)
        case "runuser" where !arguments.contains("-u") && !arguments.contains { $0.hasPrefix("--user") }:
            try followSwitch(arguments)
        case "script":
            guard let text = Self.text(arguments) else { return true }
            try follow([process.environment["SHELL"] ?? "/bin/sh", "-c", text])
        case "flock":
            guard let text = Self.text(arguments) else { return false }
            try follow([process.environment["SHELL"] ?? "/bin/sh", "-c", text])
        case "start-stop-daemon": try followDaemon(arguments)
        default: return false
        }
        return true
    }

    /// What stands behind `-c`, alone or with letters in front.
    private static func text(_ arguments: [String]) -> String? {
        for (index, word) in arguments.enumerated() where index + 1 < arguments.count {
            if word == "--command" || (word.hasPrefix("-") && !word.hasPrefix("--") && word.hasSuffix("c")) {
                return arguments[index + 1]
            }
        }
        return nil
    }

    private mutating func followSwitch(_ arguments: [String]) throws {
        var rest = arguments.dropFirst()
        var (user, shell, text): (String?, String?, String?) = (nil, nil, nil)
        var isLogin = false
        var operands: [String] = []
        while let word = rest.popFirst() {
            switch word {
            case "-", "-l", "--login": isLogin = true
            case "-c", "--command", "--session-command": text = rest.popFirst()
            case "-s", "--shell": shell = rest.popFirst()
            case "-g", "--group", "-G", "--supp-group", "-w", "-T": rest = rest.dropFirst()
            case "-h", "--help", "-V", "--version": return
            case "--": break
            default:
                if word.hasPrefix("--command=") {
                    text = String(word.dropFirst(10))
                } else if word.hasPrefix("--shell=") {
                    shell = String(word.dropFirst(8))
                } else if !word.hasPrefix("-") {
                    if user == nil { user = word } else { operands.append(word) }
                }
            }
        }
        guard try hasAuthentication(arguments[0]) else { return }
        let name = user ?? "root"
        let passwd = String(decoding: try tree.contents(of: "/etc/passwd") ?? [], as: UTF8.self)
        guard
            let line = passwd.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix(name + ":") })
        else { return add(.unknownUser(name), .account(name)) }
        let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let saved = process
        defer { process = saved }
        try takeUser(name)
        if isLogin {
            if fields.count > 5 { process.directory = process.directory.resolving(fields[5]) ?? process.directory }
            process.environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
        }
        process.environment["HOME"] = fields.count > 5 ? fields[5] : nil
        let program = shell ?? (fields.count > 6 && !fields[6].isEmpty ? fields[6] : "/bin/sh")
        guard !program.hasSuffix("/false"), !program.hasSuffix("/nologin") else {
            return add(.failedScript(script: arguments[0], status: 1))
        }
        try follow([program] + (isLogin ? ["-l"] : []) + (text.map { ["-c", $0] } ?? []) + operands)
    }

    /// PAM's files, without which nobody becomes another (pam.d(5)); a program without PAM has none of them.
    private mutating func hasAuthentication(_ program: String) throws -> Bool {
        let name = program.split(separator: "/").last.map(String.init) ?? program
        guard process.user.identifier == 0 else {
            report.add(.computedCommand(script: program, text: name))
            return false
        }
        guard let bytes = try tree.contents(of: "/etc/pam.d/" + name) else { return true }
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        where line.hasPrefix("@include") {
            let file = "/etc/pam.d/" + line.dropFirst(8).filter { !$0.isWhitespace }
            if try tree.lookUp(file) == nil {
                add(.missingInput(program: name, path: file))
                return false
            }
        }
        if try name == "su" && tree.lookUp("/etc/shadow") == nil {
            add(.missingInput(program: name, path: "/etc/shadow"))
            return false
        }
        return true
    }

    private mutating func followDaemon(_ arguments: [String]) throws {
        var (program, user): (String?, String?) = (nil, nil)
        for (index, word) in arguments.enumerated() {
            let next = index + 1 < arguments.count ? arguments[index + 1] : nil
            switch word {
            case "--": break
            case "-x", "--exec": program = program ?? next
            case "-a", "--startas": program = next
            case "-c", "--chuid": user = next
            default:
                if word.hasPrefix("--exec=") { program = program ?? String(word.dropFirst(7)) }
                if word.hasPrefix("--startas=") { program = String(word.dropFirst(10)) }
            }
            if word == "--" { break }
        }
        guard arguments.contains("-S") || arguments.contains("--start"), let program else { return }
        let saved = process
        defer { process = saved }
        if let user { try takeUser(user) }
        let rest = arguments.firstIndex(of: "--").map { Array(arguments[($0 + 1)...]) } ?? []
        try follow([program] + rest)
    }
}
