package import Agents

extension ErrorReport {
    package init(_ error: KeyAgent.Fault) {
        switch error {
        case .notInstalled(let program):
            self.init(
                "--ssh with a key needs the program '\(program)', which is not installed",
                hint: "apt-get install openssh-client, or name the socket of an agent that has the key")
        case .notStarted:
            self.init(
                "ssh-agent does not start, so no step can use the keys of --ssh",
                hint: "name the socket of an agent that has the key")
        case .keyRefused(let path):
            self.init(
                "ssh-add does not take the key '\(path)'",
                hint: "see what 'ssh-add' says of it; old kinds of keys have no use any more")
        }
    }
}
