import ArgumentParser
import Engine

/// The options about what the processes of a container, or of a step, may use together.
struct LimitOptions: ParsableArguments {
    @Option(
        name: [.customShort("m"), .long],
        help: ArgumentHelp("How much memory the processes may use.", valueName: "bytes"))
    var memory: String?
    @Option(help: ArgumentHelp("How much memory and swap together; -1 is any amount of swap.", valueName: "bytes"))
    var memorySwap: String?
    @Option(help: ArgumentHelp("How many processors' time they may use, 1.5 for example.", valueName: "number"))
    var cpus: String?
    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp("Their weight for processors' time; 1024 is usual.", valueName: "weight"))
    var cpuShares: String?
    @Option(help: ArgumentHelp("The processors that they may run on, 0-2,7 for example.", valueName: "list"))
    var cpusetCpus: String?
    @Option(help: ArgumentHelp("How many processes and threads there may be; -1 is any number.", valueName: "number"))
    var pidsLimit: String?

    var words: LimitWords {
        var words = LimitWords()
        (words.memory, words.memorySwap, words.pidsLimit) = (memory, memorySwap, pidsLimit)
        (words.cpus, words.cpuShares, words.cpusetCpus) = (cpus, cpuShares, cpusetCpus)
        return words
    }
}
