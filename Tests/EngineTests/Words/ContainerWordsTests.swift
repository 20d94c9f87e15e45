import Engine
import LinuxSystem
import OCI
import Sandbox
import Storage
import TestSupport
import Testing

/// From the words about processes and their limits to values and errors.
@Suite struct ContainerWordsTests {
    @Test(arguments: [
        ("db:10.0.0.1", "db=10.0.0.1"), ("db=10.0.0.1", "db=10.0.0.1"), ("six:[::1]", "six=::1"),
        ("six:fe80::1", "six=fe80::1"),
        ("me:host-gateway", "me=host-gateway"), ("db", "--add-host: the form is NAME:ADDRESS"),
        (":1.2.3.4", "--add-host: the form is NAME:ADDRESS"), ("db:", "--add-host: '' is no address"),
        ("db:there", "--add-host: 'there' is no address"),
    ])
    func hosts(text: String, expected: String) {
        #expect(
            told { try ContainerWords(addHost: [text]).hosts().map { "\($0.name)=\($0.address)" }.joined() } == expected
        )
    }

    @Test(
        arguments: [
            (nil, "usual"), ("64m", "67108864"), ("1", "1"),
            ("0", "usual"),
            ("-1", "--shm-size: the form is a number with k, m or g behind it"),
            ("much", "--shm-size: the form is a number with k, m or g behind it"),
        ] as [(String?, String)])
    func sharedMemory(text: String?, expected: String) {
        #expect(told { try ContainerWords(shmSize: text).sharedMemorySize().map(String.init) ?? "usual" } == expected)
    }

    @Test(arguments: [
        ("core=0", "core 0 0"), ("nofile=5:6", "nofile 5 6"), ("nofile", "--ulimit: the form is NAME=SOFT[:HARD]"),
        ("nofile=1:2:3", "--ulimit: the form is NAME=SOFT[:HARD]"), ("nofile=many", "--ulimit: 'many' is no number"),
        ("nofile=6:5", "--ulimit: the soft limit is above the hard one"),
        ("nofile=-1:5", "--ulimit: the soft limit is above the hard one"), ("nofile=:5", "--ulimit: '' is no number"),
    ])
    func limitsOfProcesses(text: String, expected: String) {
        let line = told {
            try ContainerWords(ulimit: [text]).resourceLimits().map { "\($0.name) \($0.soft) \($0.hard)" }.joined()
        }
        #expect(line == expected)
    }

    /// Nothing can be given that this process does not have.
    @Test func limitsStayBelowOurs() throws {
        let own = try #require(ProcessFacts.resourceLimit("nofile"))
        for text in ["nofile=unlimited", "nofile=-1"] {
            let limit = try #require(try ContainerWords.resourceLimits([text]).first)
            #expect(limit.soft == own.hard && limit.hard == own.hard)
        }
        let unknown = told { try "\(ContainerWords.resourceLimits(["files=1"]))" }
        #expect(unknown.hasPrefix("--ulimit: known are as, core, cpu, "))
    }

    private static let profile = #"{"defaultAction": "SCMP_ACT_ALLOW"}"#
    private static let forms =
        "--security-opt: known are seccomp=FILE, seccomp=unconfined, seccomp=builtin and no-new-privileges"

    /// Options, what they come to, and what makes a step another one. DIR has a profile.
    @Test(
        arguments: [
            ([], "standard"), (["no-new-privileges"], "standard locked --security-opt no-new-privileges"),
            (["no-new-privileges:true", "no-new-privileges=false"], "standard"),
            (["apparmor=unconfined", "label:disable"], "standard"),
            (["seccomp=unconfined"], "unrestricted --security-opt seccomp=unconfined"),
            (["seccomp=builtin"], "standard"),
            (["seccomp=DIR/profile"], "profile --security-opt seccomp=\(Digest(sha256: Array(profile.utf8)))"),
            (["seccomp=DIR/none"], "--security-opt: the file cannot be read"),
            (["seccomp=DIR/text"], "--security-opt: the file is no JSON object"),
            (["seccomp=DIR/empty"], "--security-opt: the profile has no 'defaultAction' where it must have one"),
            (["seccomp="], forms), (["apparmor=mine"], forms), (["privileged"], forms),
        ] as [([String], String)])
    func security(options: [String], expected: String) async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.write(Self.profile, to: "\(directory)/profile")
            try Files.write("no", to: "\(directory)/text")
            try Files.write("{}", to: "\(directory)/empty")
            let words = ContainerWords(securityOpt: options.map { $0.replacing("DIR", with: directory) })
            let line = told {
                let security = try words.security()
                let calls =
                    switch security.systemCalls {
                    case .standard: "standard"
                    case .unrestricted: "unrestricted"
                    case .profile: "profile"
                    }
                #expect(try words.processes().forbidsNewPrivileges == security.forbidsNewPrivileges)
                return ([calls] + (security.forbidsNewPrivileges ? ["locked"] : []) + (try words.surroundings()))
                    .joined(separator: " ")
            }
            #expect(line == expected)
        }
    }

    /// The other surroundings are told as they were written.
    @Test func surroundings() throws {
        var words = ContainerWords(addHost: ["a:1.1.1.1"], shmSize: "1m", ulimit: ["core=0"])
        #expect(try words.surroundings() == ["--add-host a:1.1.1.1", "--shm-size 1m", "--ulimit core=0"])
        words.limits.memory = "6m"
        let processes = try words.processes()
        #expect(processes.hosts == [.init(address: "1.1.1.1", name: "a")] && processes.sharedMemorySize == 1 << 20)
        #expect(processes.resourceLimits.map(\.name) == ["core"] && processes.groupLimits.memory == 6 << 20)
    }

    /// The values of an option, by its place among the six, and the limit or the error.
    private static let limits: [(any WritableKeyPath<LimitWords, String?> & Sendable, String, String)] = [
        (\.memory, "6m", "memory 6291456"), (\.memory, "1g", "memory 1073741824"), (\.memory, "0", ""),
        (\.memory, "5m", "--memory: it is a number with k, m or g behind it, of at least 6m"),
        (\.memory, "all", "--memory: it is a number with k, m or g behind it, of at least 6m"),
        (\.memorySwap, "1g", "--memory-swap: it is memory and swap together, and needs --memory"),
        (\.cpus, "1.5", "share 1500"), (\.cpus, "0.001", "share 10"), (\.cpus, "0", ""),
        (\.cpus, "inf", "--cpus: it is a number of processors, 1.5 for example"),
        (\.cpus, "-1", "--cpus: it is a number of processors, 1.5 for example"),
        (\.cpuShares, "512", "weight 512"), (\.cpuShares, "0", ""),
        (\.cpuShares, "1", "--cpu-shares: it is a number from 2 to 262144"),
        (\.cpuShares, "262145", "--cpu-shares: it is a number from 2 to 262144"),
        (\.cpusetCpus, "0-2,7", "processors 0-2,7"),
        (\.cpusetCpus, "", "--cpuset-cpus: it is a list of processors, 0-2,7 for example"),
        (\.cpusetCpus, "a", "--cpuset-cpus: it is a list of processors, 0-2,7 for example"),
        (\.pidsLimit, "100", "processes 100"), (\.pidsLimit, "-1", ""), (\.pidsLimit, "0", ""),
        (\.pidsLimit, "-2", "--pids-limit: it is a number of processes; -1 is any number"),
        (\.pidsLimit, "4194305", "--pids-limit: it is a number of processes; -1 is any number"),
    ]

    @Test(arguments: limits.indices) func limitsOfGroups(index: Int) {
        let (option, text, expected) = Self.limits[index]
        var words = LimitWords()
        words[keyPath: option] = text
        #expect(line(words) == expected)
    }

    @Test(arguments: [
        ("-1", "memory 8388608 both -1"), ("8m", "memory 8388608 both 8388608"),
        ("1g", "memory 8388608 both 1073741824"),
        ("0", "memory 8388608"), ("7m", "--memory-swap: it is memory and swap together, and so no less than --memory"),
        ("x", "--memory-swap: it is memory and swap together, and so no less than --memory"),
    ])
    func swap(text: String, expected: String) {
        var words = LimitWords()
        (words.memory, words.memorySwap) = ("8m", text)
        #expect(line(words) == expected)
    }

    private func line(_ words: LimitWords) -> String {
        told {
            let limits = try words.limits()
            var result = [String]()
            if let memory = limits.memory { result.append("memory \(memory)") }
            if let both = limits.memoryAndSwap { result.append("both \(both)") }
            if let share = limits.processorShare { result.append("share \(share)") }
            if let weight = limits.processorWeight { result.append("weight \(weight)") }
            if let processors = limits.processors { result.append("processors \(processors)") }
            if let processes = limits.processes { result.append("processes \(processes)") }
            return result.joined(separator: " ")
        }
    }
}
