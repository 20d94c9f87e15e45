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
        "xargs": Wrapper(valued: ["-I", "-n", "-P", "-L", "-d", "-s", "-E", "-a"]), "setarch": Wrapper(operands: 1),
        "linux64": Wrapper(), "linux32": Wrapper(), "i386": Wrapper(), "x86_64": Wrapper(), "unshare": Wrapper(),
        "envdir": Wrapper(operands: 1), "s6-envdir": Wrapper(operands: 1), "envuidgid": Wrapper(operands: 1),
        "softlimit": Wrapper(valued: ["-a", "-c", "-d", "-f", "-l", "-m", "-n", "-o", "-p", "-r", "-s", "-t"]),
        "setlock": Wrapper(operands: 1), "pgrphack": Wrapper(), "fghack": Wrapper(),
        "dbus-run-session": Wrapper(valued: ["--config-file", "--dbus-daemon"]),
        "ssh-agent": Wrapper(valued: ["-a", "-E", "-P", "-t"]), "proxychains4": Wrapper(valued: ["-f"]),
        "authbind": Wrapper(valued: ["--depth"]), "gdbserver": Wrapper(operands: 1),
        "ltrace": Wrapper(valued: ["-e", "-o", "-s", "-u"]),
        "doas": Wrapper(valued: ["-C", "-u"], userOptions: ["-u"]),
        "taskset": Wrapper(operands: 1), "chrt": Wrapper(valued: ["-T", "-P", "-D"], operands: 1),
        "flock": Wrapper(valued: ["-w", "-E"], operands: 1),
        "numactl": Wrapper(valued: ["-i", "-N", "-m", "-C", "-p"]),
        "sudo": Wrapper(valued: ["-u", "-g", "-h", "-p", "-C", "-D"], userOptions: ["-u"]),
        "faketime": Wrapper(operands: 1), "prlimit": Wrapper(),
        "strace": Wrapper(valued: ["-e", "-o", "-s", "-p", "-u"]),
        "catchsegv": Wrapper(), "fakeroot": Wrapper(), "unbuffer": Wrapper(), "s6-notifyoncheck": Wrapper(),
        "with-contenv": Wrapper(),
        "chroot": Wrapper(valued: ["--userspec", "--groups"], operands: 1, userOptions: ["--userspec"]),
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

    /// - Parameter environment: what `${NAME}` in a text that is split stands for.
    func command(_ arguments: [String], _ environment: [String: String] = [:]) -> Command {
        var result = Command()
        var rest = arguments.dropFirst()
        var operand = 0
        // A text that is split may hold itself.
        var steps = 0
        while let word = rest.first, steps < 1024 {
            steps += 1
            if word == "--" {
                rest = rest.dropFirst()
                if operand >= operands { break }
                continue
            }
            if word == "-", assigns {
                result.clearsEnvironment = true
            } else if word.hasPrefix("-"), word.count > 1 {
                rest = rest.dropFirst()
                take(option: word, &rest, &result, environment)
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

    private func take(
        option: String, _ rest: inout ArraySlice<String>, _ result: inout Command, _ environment: [String: String]
    ) {
        let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
        let name = parts[0]
        let splitter = option.hasPrefix("-vS") ? "-vS" : "-S"
        if assigns, name == "--split-string" || option.hasPrefix(splitter) {
            let text =
                option == splitter
                ? rest.popFirst() ?? ""
                : name == "--split-string"
                    ? (parts.count > 1 ? parts[1] : rest.popFirst() ?? "") : String(option.dropFirst(splitter.count))
            rest = (EnvironmentSplit.words(text, environment) + rest)[...]
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
