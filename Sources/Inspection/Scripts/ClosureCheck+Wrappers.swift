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
        if let path = try missingPlace(arguments, command.directory) {
            return add(.missingInput(program: arguments.first ?? "", path: path))
        }
        try follow(command.arguments, subject: subject, scripts: scripts)
    }

    /// Where `env -C` is to go, and the directory in which `flock` is to make its file, if they are not there.
    private func missingPlace(_ arguments: [String], _ directory: String?) throws -> String? {
        guard !process.isChanged else { return nil }
        if let directory { return try tree.lookUp(process.directory)?.isDirectory == true ? nil : directory }
        guard arguments.first?.split(separator: "/").last == "flock",
            let file = arguments.dropFirst().first(where: { !$0.hasPrefix("-") }), Int(file) == nil,
            let path = process.directory.resolving(file), !path.parent.isRoot, try tree.lookUp(path.parent) == nil
        else { return nil }
        return path.parent.description
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
