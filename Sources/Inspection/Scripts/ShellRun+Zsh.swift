internal import OCI

/// What zsh has and no other shell (zshbuiltins(1), zshmodules(1)).
extension ShellRun {
    private static let silent: Set = [
        "setopt", "unsetopt", "autoload", "emulate", "bindkey", "zstyle", "compinit", "compdef", "rehash", "float",
        "integer", "zcompile", "functions", "add-zsh-hook", "promptinit",
    ]
    private static let others: Set = [
        "whence", "where", "which", "zle", "vared", "noglob", "nocorrect", "log", "pushln", "r", "stat", "zstat",
        "strftime", "zselect", "zsocket", "ztcp", "zpty", "zprof", "zftp", "getln", "ttyctl", "unfunction", "unhash",
        "private", "dirs", "pushd", "popd", "limit", "unlimit", "sched", "zparseopts", "zformat", "zregexparse",
        "syswrite", "sysread", "sysopen", "zsystem", "pcre_compile", "pcre_match", "zcurses", "echotc", "echoti", "-",
    ]
    /// Builtins of parts that are loaded when somebody asks for them.
    private static let parts = [
        "zparseopts": "zsh/zutil", "zstyle": "zsh/zutil", "zformat": "zsh/zutil", "ulimit": "zsh/rlimits",
        "limit": "zsh/rlimits", "unlimit": "zsh/rlimits", "sched": "zsh/sched", "echotc": "zsh/termcap",
        "echoti": "zsh/terminfo",
    ]

    /// Nil for what is no builtin of zsh's own, and for every other shell.
    mutating func zshBuiltin(_ name: String, _ operands: [String]) throws -> Flow? {
        guard let zsh = check.process.zsh else { return nil }
        if name == "zmodload" {
            // Whether it is there is asked for, and nothing is loaded.
            if operands.contains(where: { $0.hasPrefix("-") && $0.contains { "eu".contains($0) } }) {
                return .next(nil)
            }
            for part in operands where part.hasPrefix("zsh/") {
                if let flow = try lacksPart(part, zsh) { return flow }
            }
            return .next(0)
        }
        if let part = Self.parts[name], let flow = try lacksPart(part, zsh) { return flow }
        if name == "print" {
            hasSpoken = true
            return .next(0)
        }
        let options = operands.map { $0.lowercased().filter { $0 != "_" } }
        if ["setopt", "unsetopt"].contains(name), options.contains("errexit") { endsAtErrors = name == "setopt" }
        if ["setopt", "unsetopt"].contains(name), options.contains("noerrexit") { endsAtErrors = name != "setopt" }
        // What it loads later may be called by any name.
        if name == "autoload" || name == "compinit" { hasOpenNames = true }
        if Self.silent.contains(name) { return .next(0) }
        return Self.others.contains(name) ? .next(nil) : nil
    }

    /// A part that is a file of its own, and not there; those that are built in have none.
    private mutating func lacksPart(_ part: String, _ zsh: ImageTree.Node) throws -> Flow? {
        guard let directory = try ClosureCheck.zshModules(check.tree.read(zsh, limit: 16 << 20)),
            let path = ImagePath(directory + "/" + part + ".so"), try check.tree.lookUp(path) == nil
        else { return nil }
        lastFailure = [Finding(.missingModule(script: name, module: part), chain: check.chain)]
        return .next(1)
    }
}

extension ClosureCheck {
    /// Marks of zsh's own grammar, by which a script is read as no other shell would.
    private static let marks = [
        "${(", "${=", "${~", "${^", "$=", "$~", "foreach ", "repeat ", "(N)", "(.)", "<->", "=(", "always", "${${",
        "(#",
        "=~", "path=(", "path+=(", "for (", "if (", "coproc",
    ]

    /// Whether a script is one that other shells do not read.
    static func isZshAlone(_ bytes: [UInt8]) -> Bool { marks.contains { bytes.contains(text: $0) } }

    /// Where a zsh was built to have its parts, and loads them from.
    static func zshModules(_ bytes: [UInt8]) -> String? {
        guard bytes.contains(text: "dlopen") else { return nil }
        for text in bytes.split(separator: 0) where text.first == 0x2F && text.count < 200 {
            let path = String(decoding: text, as: UTF8.self)
            let parts = path.split(separator: "/")
            if parts.count > 2, parts[parts.count - 2] == "zsh", parts[parts.count - 1].first?.isNumber ?? false,
                path.contains("/lib")
            {
                return path
            }
        }
        return nil
    }
}
