import LinuxSystem
import Testing

@testable import Sandbox

/// What limits come to in the files of control groups, of the first version and of the second.
@Suite struct GroupLimitsTests {
    private static let cases: [(@Sendable (inout GroupLimits) -> Void, String)] = [
        ({ _ in }, ""),
        (
            { $0.memory = 100 },
            "memory memory.limit_in_bytes=100 memory.memsw.limit_in_bytes=200 | memory.max=100 memory.swap.max=100"
        ),
        (
            { ($0.memory, $0.memoryAndSwap) = (100, -1) },
            "memory memory.limit_in_bytes=100 memory.memsw.limit_in_bytes=-1 | memory.max=100 memory.swap.max=max"
        ),
        (
            { ($0.memory, $0.memoryAndSwap) = (100, 100) },
            "memory memory.limit_in_bytes=100 memory.memsw.limit_in_bytes=100 | memory.max=100 memory.swap.max=0"
        ),
        (
            { ($0.processorShare, $0.processorWeight) = (1500, 262_144) },
            "cpu cpu.cfs_period_us=100000 cpu.cfs_quota_us=150000 cpu.shares=262144 | cpu.max=150000 100000 cpu.weight=10000"
        ),
        ({ $0.processorWeight = 2 }, "cpu cpu.shares=2 | cpu.weight=1"),
        ({ $0.processors = "0-2,7" }, "cpuset cpuset.cpus=0-2,7 | cpuset.cpus=0-2,7"),
        ({ $0.processes = 5 }, "pids pids.max=5 | pids.max=5"),
    ]

    @Test(arguments: cases.indices) func comesTo(index: Int) {
        var limits = GroupLimits()
        Self.cases[index].0(&limits)
        func line(_ values: [ControlGroup.FileValue]) -> String {
            values.map { "\($0.file)=\($0.value)" }.joined(separator: " ")
        }
        let lines = limits.settings.map { "\($0.controller) \(line($0.first)) | \(line($0.second))" }
        #expect(lines.joined(separator: "; ") == Self.cases[index].1 && limits.isEmpty == lines.isEmpty)
    }

    @Test func noLimitNeedsNoGroup() throws { #expect(try GroupLimits().makeGroup(named: "none") == nil) }
}
