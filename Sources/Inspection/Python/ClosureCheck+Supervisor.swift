internal import OCI

/// The directories that supervisord must find, by its configuration (supervisord.conf).
extension ClosureCheck {
    /// Settings that name a file whose directory must be there.
    private static let files: Set = ["logfile", "pidfile", "stdout_logfile", "stderr_logfile"]

    /// A directory that is not there.
    func supervisorLack(_ configuration: String?) throws -> Finding.Kind? {
        guard !process.isChanged, let path = configuration.flatMap({ process.directory.resolving($0) }),
            let node = try tree.lookUp(path), node.size ?? .max < 1 << 20
        else { return nil }
        var isRead = false
        for line in String(decoding: try tree.read(node, limit: 1 << 20), as: UTF8.self).split(
            whereSeparator: \.isNewline)
        {
            if line.hasPrefix("[") {
                isRead = line.hasPrefix("[supervisord]") || line.hasPrefix("[program:")
                continue
            }
            guard isRead, let first = line.first, !first.isWhitespace, first != ";", first != "#",
                let equals = line.firstIndex(of: "=")
            else { continue }
            let name = line[..<equals].filter { !$0.isWhitespace }
            let value = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
            let text = value.prefix { $0 != ";" && !$0.isWhitespace }
            guard Self.files.contains(name), text.hasPrefix("/"), !text.contains("%"),
                let folder = ImagePath(String(text))?.parent, !isMounted(folder), try tree.lookUp(folder) == nil
            else { continue }
            return .missingInput(program: "supervisord", path: folder.description)
        }
        return nil
    }

    /// Whether a runtime makes what is there, or somebody mounts it.
    private func isMounted(_ path: ImagePath) -> Bool {
        (["/dev", "/proc", "/sys", "/run", "/var/run", "/tmp"] + volumes).contains { mount in
            ImagePath(mount).map { path.hasPrefix($0) || $0.hasPrefix(path) } ?? false
        }
    }
}
