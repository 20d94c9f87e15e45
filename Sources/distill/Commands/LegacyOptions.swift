import ArgumentParser
import LinuxSystem
import Rendering

/// Options of `docker build` that mean nothing to a builder without a daemon and without containers of its own. BuildKit takes
/// them for the sake of old scripts, and so does Distill; those that would change what a step may use are told of.
struct LegacyOptions: ParsableArguments {
    @Flag(help: "Accepted as in docker: there are no intermediate containers.")
    var rm = false
    @Flag(help: "Accepted as in docker: there are no intermediate containers.")
    var forceRm = false
    @Flag(help: .hidden) var compress = false
    @Flag(help: .hidden) var squash = false
    @Flag(help: .hidden) var disableContentTrust = false
    @Option(help: .hidden) var isolation: String?
    @Option(help: .hidden) var builder: String?
    @Option(help: .hidden) var cgroupParent: String?
    @Option(help: .hidden) var cpuPeriod: String?
    @Option(help: .hidden) var cpuQuota: String?
    @Option(help: .hidden) var cpusetMems: String?

    /// The options that were given and have no effect though one could be expected.
    var ignored: [String] {
        let values = [
            ("--isolation", isolation), ("--builder", builder), ("--cgroup-parent", cgroupParent),
            ("--cpu-period", cpuPeriod), ("--cpu-quota", cpuQuota), ("--cpuset-mems", cpusetMems),
        ]
        return values.filter { $0.1 != nil }.map(\.0) + (squash ? ["--squash"] : [])
    }

    func tell() {
        for option in ignored { StandardStream.error.show("warning: \(option) has no effect here\n") }
    }
}
