internal import OCI

extension ClosureCheck {
    /// Follows the command that a wrapper starts, with the environment and the user that it gives it.
    mutating func followWrapped(
        _ wrapper: Wrapper, _ arguments: [String], subject: String? = nil, scripts: Int = 0
    ) throws {
        let command = wrapper.command(arguments, process.environment)
        let saved = process
        defer { process = saved }
        if command.clearsEnvironment { process.environment = [:] }
        for name in command.unset { process.environment[name] = nil }
        for (name, value) in command.assignments { process.environment[name] = value }
        if let user = command.user { try takeUser(user) }
        if let directory = command.directory.flatMap({ process.directory.resolving($0) }) {
            process.directory = directory
        }
        guard !command.arguments.isEmpty else { return }
        try follow(command.arguments, subject: subject, scripts: scripts)
    }

    /// The dynamic loader as a program (ld.so(8)): it starts the first operand, which PATH does not find.
    mutating func followLoaded(_ arguments: [String]) throws {
        var rest = arguments.dropFirst()
        let saved = process
        defer { process = saved }
        while let option = rest.first, option.hasPrefix("--") {
            rest = rest.dropFirst()
            if ["--library-path", "--inhibit-rpath", "--audit", "--preload", "--argv0", "--glibc-hwcaps-prepend"]
                .contains(option)
            {
                let value = rest.popFirst()
                if option == "--library-path" { process.environment["LD_LIBRARY_PATH"] = value }
            }
        }
        guard let program = rest.first else { return }
        try follow([program.contains("/") ? program : "./" + program] + rest.dropFirst())
    }
}
