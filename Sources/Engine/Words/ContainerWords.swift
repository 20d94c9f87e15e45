import Dockerfile
import LinuxSystem
import OCI
package import Sandbox
package import Storage

/// What options, or keys of a Compose file, say about the surroundings of processes, as it was written.
package struct ContainerWords {
    package var addHost: [String] = []
    package var shmSize: String?
    package var ulimit: [String] = []
    package var securityOpt: [String] = []
    package var limits = LimitWords()

    package init(addHost: [String] = [], shmSize: String? = nil, ulimit: [String] = [], securityOpt: [String] = []) {
        (self.addHost, self.shmSize, self.ulimit, self.securityOpt) = (addHost, shmSize, ulimit, securityOpt)
    }

    /// What the processes of a build find around them.
    package func processes() throws -> ProcessSurroundings {
        var result = ProcessSurroundings()
        result.hosts = try hosts()
        result.sharedMemorySize = try sharedMemorySize()
        result.resourceLimits = try resourceLimits()
        result.groupLimits = try limits.limits()
        let security = try security()
        (result.systemCalls, result.forbidsNewPrivileges) = (security.systemCalls, security.forbidsNewPrivileges)
        return result
    }

    /// The options as they were given: a RUN step with other ones is another step.
    package func surroundings() throws -> [String] {
        try addHost.map { "--add-host \($0)" } + (shmSize.map { ["--shm-size \($0)"] } ?? [])
            + ulimit.map { "--ulimit \($0)" }
            + security().surroundings
    }

    package func security() throws -> SecurityOptions { try SecurityOptions(securityOpt) }

    package func sharedMemorySize() throws -> Int64? {
        guard let shmSize else { return nil }
        guard let bytes = ByteCount.parse(shmSize), bytes >= 0 else {
            throw InvalidOption(
                name: "--shm-size", value: shmSize, reason: "the form is a number with k, m or g behind it")
        }
        // As in docker, nothing is what is usual.
        return bytes == 0 ? nil : bytes
    }

    /// The names that every process finds in /etc/hosts beside the usual ones.
    package func hosts() throws -> [RootFileSystem.HostEntry] {
        try addHost.map { option in
            let separator = option.firstIndex { $0 == ":" || $0 == "=" }
            guard let separator, separator != option.startIndex else {
                throw InvalidOption(name: "--add-host", value: option, reason: "the form is NAME:ADDRESS")
            }
            var address = String(option[option.index(after: separator)...])
            if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
            let isAddress = !address.isEmpty && address.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" }
            guard isAddress || address == RootFileSystem.HostEntry.gateway else {
                throw InvalidOption(name: "--add-host", value: option, reason: "'\(address)' is no address")
            }
            return .init(address: address, name: String(option[..<separator]))
        }
    }

    /// Limits as they can be given to a process: nothing above what this process has.
    package func resourceLimits() throws -> [ProcessSpec.ResourceLimit] { try Self.resourceLimits(ulimit) }

    /// Reads `nofile=1024:2048`.
    package static func resourceLimits(_ options: [String]) throws -> [ProcessSpec.ResourceLimit] {
        try options.map { option in
            func fail(_ reason: String) -> InvalidOption { .init(name: "--ulimit", value: option, reason: reason) }
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw fail("the form is NAME=SOFT[:HARD]") }
            guard let own = ProcessFacts.resourceLimit(parts[0]) else {
                throw fail("known are \(ProcessFacts.resourceLimitNames.joined(separator: ", "))")
            }
            let values = try parts[1].split(separator: ":", omittingEmptySubsequences: false).map { text -> UInt64 in
                if text == "-1" || text == "unlimited" { return .max }
                guard let value = UInt64(text) else { throw fail("'\(text)' is no number") }
                return value
            }
            guard let soft = values.first, let hard = values.last, values.count <= 2 else {
                throw fail("the form is NAME=SOFT[:HARD]")
            }
            guard soft <= hard else { throw fail("the soft limit is above the hard one") }
            return ProcessSpec.ResourceLimit(name: parts[0], soft: min(soft, own.hard), hard: min(hard, own.hard))
        }
    }
}
