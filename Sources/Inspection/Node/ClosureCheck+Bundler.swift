internal import OCI

extension ClosureCheck {
    /// The command of `bundle exec`; nil for any other script.
    static func bundled(_ node: ImageTree.Node, _ script: String, _ arguments: [String]) -> [String]? {
        let name = node.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard name.hasPrefix("bundle"), let place = arguments.firstIndex(of: script) else { return nil }
        let rest = arguments[(place + 1)...]
        guard rest.first == "exec" else { return nil }
        let command = Array(rest.dropFirst().drop { $0.hasPrefix("-") })
        return command.isEmpty ? nil : command
    }

    /// A command in the surroundings that a Gemfile makes: one that is in the working directory or above it (bundle-exec(1)).
    mutating func followBundled(_ command: [String]) throws {
        if let named = process.environment["BUNDLE_GEMFILE"] {
            if let path = process.directory.resolving(named), try tree.lookUp(path) == nil {
                return add(.missingInput(program: "bundle", path: named))
            }
            return try followInBundle(command)
        }
        var directory = process.directory
        while true {
            for name in ["Gemfile", "gems.rb"] {
                if let path = directory.resolving(name), try tree.lookUp(path) != nil {
                    return try followInBundle(command)
                }
            }
            guard !directory.isRoot else { break }
            directory = directory.parent
        }
        add(.missingInput(program: "bundle", path: "Gemfile"))
    }

    /// A gem's program need not be on PATH: what is not found is not told.
    private mutating func followInBundle(_ command: [String]) throws {
        guard case .found = try find(command[0]) else {
            return report.add(.computedCommand(script: "bundle", text: command[0]))
        }
        try follow(command)
    }
}
