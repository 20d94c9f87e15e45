internal import LinuxSystem

/// What the processes of a container may use together (cgroups(7)). Nil is no limit of its own.
package struct GroupLimits: Hashable, Sendable {
    /// Bytes.
    package var memory: Int64?
    /// Bytes of memory and swap together; -1 for any amount of swap. Without it there is as much swap as memory, as in docker.
    package var memoryAndSwap: Int64?
    /// How much of one processor, in thousandths: 1500 is one and a half.
    package var processorShare: Int64?
    /// A weight beside others', of which 1024 is the usual one.
    package var processorWeight: Int64?
    /// As in cpuset(7), "List format": `0-2,7`.
    package var processors: String?
    /// How many processes and threads.
    package var processes: Int64?

    package init() {}

    var isEmpty: Bool { self == GroupLimits() }

    /// What is written into the groups' files: of the first version (kernel, cgroup-v1/memory.rst and others), and of the second
    /// (cgroup-v2.rst).
    var settings: [ControlGroup.Setting] {
        var result: [ControlGroup.Setting] = []
        if let memory {
            let both = memoryAndSwap ?? (memory > .max / 2 ? .max : memory * 2)
            result.append(
                .init(
                    "memory",
                    first: [
                        .init("memory.limit_in_bytes", "\(memory)"), .init("memory.memsw.limit_in_bytes", "\(both)"),
                    ],
                    second: [
                        .init("memory.max", "\(memory)"),
                        .init("memory.swap.max", both < 0 ? "max" : "\(max(0, both - memory))"),
                    ]))
        }
        var first: [ControlGroup.FileValue] = []
        var second: [ControlGroup.FileValue] = []
        if let processorShare {
            first += [.init("cpu.cfs_period_us", "100000"), .init("cpu.cfs_quota_us", "\(processorShare * 100)")]
            second.append(.init("cpu.max", "\(processorShare * 100) 100000"))
        }
        if let processorWeight {
            first.append(.init("cpu.shares", "\(processorWeight)"))
            // As runtimes convert it: 2 to 262,144 become 1 to 10,000.
            second.append(.init("cpu.weight", "\(1 + (processorWeight - 2) * 9999 / 262_142)"))
        }
        if !first.isEmpty { result.append(.init("cpu", first: first, second: second)) }
        if let processors {
            result.append(
                .init("cpuset", first: [.init("cpuset.cpus", processors)], second: [.init("cpuset.cpus", processors)]))
        }
        if let processes {
            result.append(
                .init("pids", first: [.init("pids.max", "\(processes)")], second: [.init("pids.max", "\(processes)")]))
        }
        return result
    }

    /// The group; nil where there is nothing to limit.
    func makeGroup(named name: String) throws(SandboxError) -> ControlGroup? {
        if isEmpty { return nil }
        do { return try ControlGroup(named: name, settings) } catch {
            switch error {
            case .noController(let name): throw .limitUnavailable(controller: name, reason: "it is not there")
            case .refused(let name, let error):
                throw .limitUnavailable(controller: name, reason: "\(error.path): \(error.errno)")
            }
        }
    }
}
