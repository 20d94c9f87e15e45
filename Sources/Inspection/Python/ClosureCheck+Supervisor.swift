internal import OCI

/// What supervisord must find by its configuration (supervisord.conf): directories, accounts, variables.
extension ClosureCheck {
    /// Settings that name a file whose directory must be there.
    private static let files: Set = ["logfile", "pidfile", "stdout_logfile", "stderr_logfile"]
    /// Settings in which variables of its environment are put.
    private static let expanded: Set = ["command", "directory", "environment", "stdout_logfile", "stderr_logfile"]
    /// Files that a pattern names, at most.
    private static let partLimit = 100

    /// A directory, an account or a variable that is not there.
    func supervisorLack(_ configuration: String?) throws -> Finding.Kind? {
        guard !process.isChanged, let path = configuration.flatMap({ process.directory.resolving($0) }),
            let node = try tree.lookUp(path), node.size ?? .max < 1 << 20
        else { return nil }
        let settings = try supervisorSettings(node)
        for part in settings where part.section == "include" && part.name == "files" {
            for pattern in part.value.split(separator: " ") where !pattern.contains("%") {
                for file in try supervisorParts(String(pattern), from: path.parent) {
                    for setting in try supervisorSettings(file) where setting.section.hasPrefix("program:") {
                        if let kind = try lack(setting, in: file.path) { return kind }
                    }
                }
            }
        }
        for setting in settings where setting.section == "supervisord" || setting.section.hasPrefix("program:") {
            if let kind = try lack(setting, in: path) { return kind }
        }
        return nil
    }

    private struct SupervisorSetting {
        let section: String
        let name: String
        let value: String
    }

    private func supervisorSettings(_ node: ImageTree.Node) throws -> [SupervisorSetting] {
        var (section, result): (String, [SupervisorSetting]) = ("", [])
        for line in String(decoding: try tree.read(node, limit: 1 << 20), as: UTF8.self).split(
            whereSeparator: \.isNewline)
        {
            if line.hasPrefix("[") {
                section = String(line.dropFirst().prefix { $0 != "]" })
                continue
            }
            guard let first = line.first, !first.isWhitespace, first != ";", first != "#",
                let equals = line.firstIndex(of: "=")
            else { continue }
            var value = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
            // A remark behind a value has a blank in front.
            if let remark = value.firstRange(of: " ;") { value = value[..<remark.lowerBound] }
            while value.last?.isWhitespace ?? false { value.removeLast() }
            result.append(
                SupervisorSetting(
                    section: section, name: line[..<equals].filter { !$0.isWhitespace }, value: String(value)))
        }
        return result
    }

    /// The files that a pattern in the last part of a path names.
    private func supervisorParts(_ pattern: String, from directory: ImagePath) throws -> [ImageTree.Node] {
        guard let path = directory.resolving(pattern), let name = path.name,
            !path.parent.description.contains(where: { "*?[".contains($0) }),
            let folder = try tree.lookUp(path.parent), folder.isDirectory
        else { return [] }
        let elements = ShellPattern.elements(String(decoding: name, as: UTF8.self))
        return try tree.children(of: folder).filter {
            ShellPattern.matches(String(decoding: $0.path.name ?? [], as: UTF8.self), elements)
        }.prefix(Self.partLimit).compactMap { try tree.lookUp($0.path) }.filter { $0.size ?? .max < 1 << 20 }
    }

    private func lack(_ setting: SupervisorSetting, in path: ImagePath) throws -> Finding.Kind? {
        let text = setting.value.prefix { $0 != ";" && !$0.isWhitespace }
        if Self.files.contains(setting.name), text.hasPrefix("/"), !text.contains("%"),
            let folder = ImagePath(String(text))?.parent, !isMounted(folder), try tree.lookUp(folder) == nil
        {
            return .missingInput(program: "supervisord", path: folder.description)
        }
        // What a script did before may have made others.
        guard chain.isEmpty, setting.section.hasPrefix("program:") else { return nil }
        if setting.name == "user", !text.isEmpty, !text.contains("%"), Int(text) == nil {
            let accounts = Accounts(
                passwd: try tree.contents(of: "/etc/passwd") ?? [], group: try tree.contents(of: "/etc/group") ?? [])
            do { _ = try accounts.identity(of: String(text)) } catch { return .unknownUser(String(text)) }
        }
        guard Self.expanded.contains(setting.name), let place = setting.value.firstRange(of: "%(ENV_") else {
            return nil
        }
        let name = String(setting.value[place.upperBound...].prefix { $0 != ")" })
        // A runtime sets some itself.
        guard !name.isEmpty, process.environment[name] == nil,
            !["HOME", "HOSTNAME", "PATH", "TERM", "PWD", "USER", "LOGNAME", "SHELL"].contains(name)
        else { return nil }
        return .missingVariable(script: path.description, name: name)
    }

    /// Whether a runtime makes what is there, or somebody mounts it.
    private func isMounted(_ path: ImagePath) -> Bool {
        (["/dev", "/proc", "/sys", "/run", "/var/run", "/tmp"] + volumes).contains { mount in
            ImagePath(mount).map { path.hasPrefix($0) || $0.hasPrefix(path) } ?? false
        }
    }
}
