import OCI

extension ContainerConfig {
    /// The variables of a process of this image: the config's, and those that docker gives every container where it has none.
    ///
    /// - Parameter hasTerminal: whether the process has a terminal, and so a kind of it.
    func variables(_ identity: Accounts.Identity, hostname: String, hasTerminal: Bool = false) -> ContainerConfig {
        var result = self
        var usual = [
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOSTNAME", hostname),
            ("HOME", identity.home),
        ]
        if hasTerminal { usual.append(("TERM", "xterm")) }
        for (name, value) in usual where result.environmentValue(name) == nil { result.setEnvironment(name, value) }
        return result
    }

    /// What is started: the config's program and arguments, with others in their place.
    ///
    /// An entrypoint of one's own drops the image's arguments, as in docker.
    package func arguments(entrypoint: [String]?, command: [String]?) -> [String] {
        (entrypoint ?? self.entrypoint ?? []) + (command ?? (entrypoint == nil ? self.command ?? [] : []))
    }
}
