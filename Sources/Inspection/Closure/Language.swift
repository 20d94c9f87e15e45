/// A language whose programs an interpreter of the image executes.
enum Language: Hashable, Sendable {
    case python, node, java, shell, perl, ruby, php, lua

    /// The language that an interpreter's name stands for: `python3.11`, `lua5.4`, `php8.2`.
    init?(program: String) {
        let name = program.split(separator: "/").last.map(String.init) ?? program
        let stem = name.prefix { !$0.isNumber && $0 != "-" && $0 != "." }
        switch stem {
        case "python", "pypy": self = .python
        case "node", "nodejs": self = .node
        case "java": self = .java
        case "sh", "bash", "dash", "ash", "rbash", "mksh", "lksh", "ksh", "yash", "posh", "zsh",
            "rzsh":
            self = .shell
        case "perl": self = .perl
        case "ruby": self = .ruby
        case "php" where !name.contains("fpm"): self = .php
        case "lua", "luajit": self = .lua
        default: return nil
        }
    }
}
