import Dockerfile
package import Sandbox

/// What options, or keys of a Compose file, say about limits, as it was written.
package struct LimitWords {
    package var memory: String?
    package var memorySwap: String?
    package var cpus: String?
    package var cpuShares: String?
    package var cpusetCpus: String?
    package var pidsLimit: String?

    package init() {}

    /// The least that docker takes.
    private static let leastMemory: Int64 = 6 << 20

    package func limits() throws(InvalidOption) -> GroupLimits {
        var result = GroupLimits()
        if let memory {
            guard let bytes = ByteCount.parse(memory), bytes == 0 || bytes >= Self.leastMemory else {
                throw InvalidOption(
                    name: "--memory", value: memory, reason: "it is a number with k, m or g behind it, of at least 6m")
            }
            result.memory = bytes == 0 ? nil : bytes
        }
        if let memorySwap { result.memoryAndSwap = try Self.swap(memorySwap, result.memory) }
        if let cpus {
            guard let number = Double(cpus), number.isFinite, number >= 0, number <= 100_000 else {
                throw InvalidOption(
                    name: "--cpus", value: cpus, reason: "it is a number of processors, 1.5 for example")
            }
            // The kernel's least quota is a hundredth of a processor.
            result.processorShare = number == 0 ? nil : max(10, Int64(number * 1000))
        }
        if let cpuShares {
            guard let weight = Int64(cpuShares), weight == 0 || (2...262_144).contains(weight) else {
                throw InvalidOption(name: "--cpu-shares", value: cpuShares, reason: "it is a number from 2 to 262144")
            }
            result.processorWeight = weight == 0 ? nil : weight
        }
        if let cpusetCpus {
            guard !cpusetCpus.isEmpty, cpusetCpus.utf8.count <= 1000,
                cpusetCpus.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2C || $0 == 0x2D })
            else {
                throw InvalidOption(
                    name: "--cpuset-cpus", value: cpusetCpus, reason: "it is a list of processors, 0-2,7 for example")
            }
            result.processors = cpusetCpus
        }
        if let pidsLimit {
            guard let number = Int64(pidsLimit), number >= -1, number <= 4_194_304 else {
                throw InvalidOption(
                    name: "--pids-limit", value: pidsLimit, reason: "it is a number of processes; -1 is any number")
            }
            result.processes = number <= 0 ? nil : number
        }
        return result
    }

    private static func swap(_ text: String, _ memory: Int64?) throws(InvalidOption) -> Int64? {
        guard let memory else {
            throw InvalidOption(
                name: "--memory-swap", value: text, reason: "it is memory and swap together, and needs --memory")
        }
        if text == "-1" { return -1 }
        guard let bytes = ByteCount.parse(text), bytes == 0 || bytes >= memory else {
            throw InvalidOption(
                name: "--memory-swap", value: text,
                reason: "it is memory and swap together, and so no less than --memory")
        }
        return bytes == 0 ? nil : bytes
    }
}
