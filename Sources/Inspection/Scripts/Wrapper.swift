/// A program that starts another one, which its arguments name: what of them is its own.
struct Wrapper {
    /// Options whose value is an argument of its own.
    var valued: Set<String> = []
    /// Operands before the command.
    var operands = 0
    /// Whether an operand, or the value of one of these options, is the user that the command has.
    var userOperand: Int?
    var userOptions: Set<String> = []
    /// `NAME=value` before the command (env).
    var assigns = false

    private static let table: [String: Wrapper] = [
        "tini": Wrapper(valued: ["-p", "-e"]), "docker-init": Wrapper(valued: ["-p", "-e"]), "catatonit": Wrapper(),
        "dumb-init": Wrapper(valued: ["-r", "--rewrite"]), "nohup": Wrapper(), "setsid": Wrapper(),
        "time": Wrapper(valued: ["-f", "-o"]),
        "env": Wrapper(valued: ["-u", "--unset", "-C", "--chdir"], assigns: true),
        "nice": Wrapper(valued: ["-n", "--adjustment"]),
        "ionice": Wrapper(valued: ["-c", "-n", "--class", "--classdata"]),
        "timeout": Wrapper(valued: ["-s", "--signal", "-k", "--kill-after"], operands: 1),
        "stdbuf": Wrapper(valued: ["-i", "-o", "-e", "--input", "--output", "--error"]),
        "setpriv": Wrapper(
            valued: [
                "--reuid", "--regid", "--groups", "--inh-caps", "--ambient-caps", "--bounding-set", "--securebits",
                "--pdeathsig",
                "--selinux-label", "--apparmor-profile", "--ruid", "--euid", "--rgid", "--egid",
            ], userOptions: ["--reuid", "--ruid"]),
        "gosu": Wrapper(operands: 1, userOperand: 0), "su-exec": Wrapper(operands: 1, userOperand: 0),
        "setuidgid": Wrapper(operands: 1, userOperand: 0), "s6-setuidgid": Wrapper(operands: 1, userOperand: 0),
        "chpst": Wrapper(
            valued: ["-u", "-U", "-e", "-/", "-C", "-n", "-l", "-L", "-m", "-d", "-o", "-p", "-f", "-c", "-t"],
            userOptions: ["-u"]),
        "runuser": Wrapper(valued: ["-u", "-g", "-G", "-s"], userOptions: ["-u"]),
        "taskset": Wrapper(operands: 1), "chrt": Wrapper(valued: ["-T", "-P", "-D"], operands: 1),
        "flock": Wrapper(valued: ["-w", "-E"], operands: 1),
        "numactl": Wrapper(valued: ["-i", "-N", "-m", "-C", "-p"]),
        "sudo": Wrapper(valued: ["-u", "-g", "-h", "-p", "-C", "-D"], userOptions: ["-u"]),
        "faketime": Wrapper(operands: 1), "prlimit": Wrapper(),
        "strace": Wrapper(valued: ["-e", "-o", "-s", "-p", "-u"]),
        "catchsegv": Wrapper(), "fakeroot": Wrapper(), "unbuffer": Wrapper(), "s6-notifyoncheck": Wrapper(),
        "with-contenv": Wrapper(),
        "chroot": Wrapper(operands: 1),
        "opentelemetry-instrument": Wrapper(valued: ["--traces_exporter", "--service_name"]), "ddtrace-run": Wrapper(),
        "newrelic-admin": Wrapper(operands: 1),
    ]

    /// The wrapper that a program's name stands for: `tini-static-amd64` is tini.
    static func named(_ name: String) -> Wrapper? {
        if let found = table[name] { return found }
        for stem in ["tini", "gosu", "dumb-init", "su-exec"]
        where name.hasPrefix(stem + "-") || name.hasPrefix(stem + "_") { return table[stem] }
        return nil
    }

    /// What a command line comes to.
    struct Command {
        var arguments: [String] = []
        var assignments: [(name: String, value: String)] = []
        var unset: [String] = []
        var clearsEnvironment = false
        var directory: String?
        var user: String?
    }

    func command(_ arguments: [String]) -> Command {
        var result = Command()
        var rest = arguments.dropFirst()
        var operand = 0
        while let word = rest.first {
            if word == "--" {
                rest = rest.dropFirst()
                if operand >= operands { break }
                continue
            }
            if word == "-", assigns {
                result.clearsEnvironment = true
            } else if word.hasPrefix("-"), word.count > 1 {
                rest = rest.dropFirst()
                take(option: word, &rest, &result)
                continue
            } else if operand < operands {
                if operand == userOperand { result.user = word }
                operand += 1
            } else if assigns, let equals = word.firstIndex(of: "="), equals != word.startIndex {
                result.assignments.append((String(word[..<equals]), String(word[word.index(after: equals)...])))
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        result.arguments = Array(rest)
        return result
    }

    private func take(option: String, _ rest: inout ArraySlice<String>, _ result: inout Command) {
        let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
        let name = parts[0]
        if assigns, name == "-S" || name == "--split-string" || (name.hasPrefix("-S") && !name.hasPrefix("--")) {
            let text =
                name == "-S"
                ? rest.popFirst() ?? ""
                : name == "--split-string"
                    ? (parts.count > 1 ? parts[1] : rest.popFirst() ?? "") : String(option.dropFirst(2))
            rest = (EnvironmentSplit.words(text, [:]) + rest)[...]
            return
        }
        if assigns, name == "-i" || name == "--ignore-environment" { result.clearsEnvironment = true }
        var value: String?
        if parts.count > 1 {
            value = parts[1]
        } else if valued.contains(name) {
            value = rest.popFirst()
        } else if !name.hasPrefix("--"), name.count > 2, valued.contains(String(name.prefix(2))) {
            value = String(name.dropFirst(2))
        }
        guard let value else { return }
        if userOptions.contains(name) { result.user = value }
        if assigns, ["-C", "--chdir"].contains(name) { result.directory = value }
        if assigns, ["-u", "--unset"].contains(name) { result.unset.append(value) }
    }
}
