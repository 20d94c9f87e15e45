import ArgumentParser
import Dockerfile
import Sandbox

/// The options about what the processes of a container, or of a step, may use together.
struct LimitOptions: ParsableArguments {
    @Option(name: [.customShort("m"), .long], help: ArgumentHelp("How much memory the processes may use.", valueName: "bytes"))
    var memory: String?
    @Option(help: ArgumentHelp("How much memory and swap together; -1 is any amount of swap.", valueName: "bytes"))
    var memorySwap: String?
    @Option(help: ArgumentHelp("How many processors' time they may use, 1.5 for example.", valueName: "number"))
    var cpus: String?
    @Option(name: [.customShort("c"), .long], help: ArgumentHelp("Their weight for processors' time; 1024 is usual.", valueName: "weight"))
    var cpuShares: String?
    @Option(help: ArgumentHelp("The processors that they may run on, 0-2,7 for example.", valueName: "list"))
    var cpusetCpus: String?
    @Option(help: ArgumentHelp("How many processes and threads there may be; -1 is any number.", valueName: "number"))
    var pidsLimit: String?

    var words: LimitWords {
        LimitWords(memory: memory, memorySwap: memorySwap, cpus: cpus, cpuShares: cpuShares, cpusetCpus: cpusetCpus, pidsLimit: pidsLimit)
    }
}

/// What options, or keys of a Compose file, say about limits, as it was written.
struct LimitWords {
    var memory: String?
    var memorySwap: String?
    var cpus: String?
    var cpuShares: String?
    var cpusetCpus: String?
    var pidsLimit: String?

    /// The least that docker takes.
    private static let leastMemory: Int64 = 6 << 20

    func limits() throws -> GroupLimits {
        var result = GroupLimits()
        if let memory {
            guard let bytes = ByteCount.parse(memory), bytes == 0 || bytes >= Self.leastMemory else {
                throw UsageError.invalidOption(name: "--memory", value: memory, reason: "it is a number with k, m or g behind it, of at least 6m")
            }
            result.memory = bytes == 0 ? nil : bytes
        }
        if let memorySwap { result.memoryAndSwap = try Self.swap(memorySwap, result.memory) }
        if let cpus {
            guard let number = Double(cpus), number.isFinite, number >= 0, number <= 100_000 else {
                throw UsageError.invalidOption(name: "--cpus", value: cpus, reason: "it is a number of processors, 1.5 for example")
            }
            // The kernel's least quota is a hundredth of a processor.
            result.processorShare = number == 0 ? nil : max(10, Int64(number * 1000))
        }
        if let cpuShares {
            guard let weight = Int64(cpuShares), weight == 0 || (2...262_144).contains(weight) else {
                throw UsageError.invalidOption(name: "--cpu-shares", value: cpuShares, reason: "it is a number from 2 to 262144")
            }
            result.processorWeight = weight == 0 ? nil : weight
        }
        if let cpusetCpus {
            guard !cpusetCpus.isEmpty, cpusetCpus.utf8.count <= 1000, cpusetCpus.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2C || $0 == 0x2D }) else {
                throw UsageError.invalidOption(name: "--cpuset-cpus", value: cpusetCpus, reason: "it is a list of processors, 0-2,7 for example")
            }
            result.processors = cpusetCpus
        }
        if let pidsLimit {
            guard let number = Int64(pidsLimit), number >= -1, number <= 4_194_304 else {
                throw UsageError.invalidOption(name: "--pids-limit", value: pidsLimit, reason: "it is a number of processes; -1 is any number")
            }
            result.processes = number <= 0 ? nil : number
        }
        return result
    }

    private static func swap(_ text: String, _ memory: Int64?) throws -> Int64? {
        guard let memory else {
            throw UsageError.invalidOption(name: "--memory-swap", value: text, reason: "it is memory and swap together, and needs --memory")
        }
        if text == "-1" { return -1 }
        guard let bytes = ByteCount.parse(text), bytes == 0 || bytes >= memory else {
            throw UsageError.invalidOption(name: "--memory-swap", value: text, reason: "it is memory and swap together, and so no less than --memory")
        }
        return bytes == 0 ? nil : bytes
    }
}
