import ArgumentParser
import Engine

/// Options of containers that `build` and `run` share.
struct ContainerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A further line of /etc/hosts; repeatable.", valueName: "name:address"))
    var addHost: [String] = []
    @Option(help: ArgumentHelp("The size of /dev/shm.", valueName: "bytes"))
    var shmSize: String?
    @Option(
        help: ArgumentHelp(
            "A resource limit such as nofile=1024:2048; repeatable. Never above this process's own.",
            valueName: "name=soft[:hard]"))
    var ulimit: [String] = []
    @Option(
        help: ArgumentHelp(
            "seccomp=FILE or seccomp=unconfined: which system calls may be made; no-new-privileges; repeatable.",
            valueName: "option"))
    var securityOpt: [String] = []

    @OptionGroup var limits: LimitOptions

    var words: ContainerWords {
        var words = ContainerWords(addHost: addHost, shmSize: shmSize, ulimit: ulimit, securityOpt: securityOpt)
        words.limits = limits.words
        return words
    }
}
