extension SeccompProfile {
    /// Where a process runs.
    package struct Place: Hashable, Sendable {
        /// As in `amd64`.
        package var architecture: String
        package var capabilities: Set<Capability>
        package var kernel: KernelVersion

        package init(architecture: String, capabilities: Set<Capability>, kernel: KernelVersion) {
            (self.architecture, self.capabilities, self.kernel) = (architecture, capabilities, kernel)
        }
    }

    /// The rules that count for one process.
    package struct Resolved: Hashable, Sendable {
        package let defaultAction: Action
        /// The machine's own and those beside it; empty for one that has no name here.
        package let architectures: [String]
        package let flags: [String]
        /// Without ``Rule/includes`` and ``Rule/excludes``.
        package let rules: [Rule]
    }

    package func resolved(for place: Place) -> Resolved {
        let own = Self.libseccompNames[place.architecture]
        let names: [String] =
            switch architectures {
            case .list(let names): names
            case .families(let families):
                families.first { $0.architecture == own }.map { [$0.architecture] + $0.others } ?? []
            }
        let named = names.isEmpty ? own.map { [$0] } ?? [] : names
        let counting = rules.filter { !$0.excludes.hasOne(of: place) && $0.includes.isAll(of: place) }
        return Resolved(
            defaultAction: defaultAction, architectures: named, flags: flags,
            rules: counting.map { rule in
                var rule = rule
                (rule.includes, rule.excludes) = (Surroundings(), Surroundings())
                return rule
            })
    }

    /// OCI's names of processors, and libseccomp's.
    private static let libseccompNames = [
        "amd64": "SCMP_ARCH_X86_64", "386": "SCMP_ARCH_X86", "arm64": "SCMP_ARCH_AARCH64", "arm": "SCMP_ARCH_ARM",
        "ppc64le": "SCMP_ARCH_PPC64LE", "s390x": "SCMP_ARCH_S390X", "riscv64": "SCMP_ARCH_RISCV64",
        "mips64le": "SCMP_ARCH_MIPSEL64", "mips64": "SCMP_ARCH_MIPS64", "mipsle": "SCMP_ARCH_MIPSEL",
        "mips": "SCMP_ARCH_MIPS",
    ]
}

extension SeccompProfile.Surroundings {
    fileprivate func isAll(of place: SeccompProfile.Place) -> Bool {
        if !architectures.isEmpty, !architectures.contains(place.profileName) { return false }
        if let minimumKernel, place.kernel < minimumKernel { return false }
        return capabilities.allSatisfy(place.has)
    }

    fileprivate func hasOne(of place: SeccompProfile.Place) -> Bool {
        if architectures.contains(place.profileName) { return true }
        if let minimumKernel, place.kernel >= minimumKernel { return true }
        return capabilities.contains(where: place.has)
    }
}

extension SeccompProfile.Place {
    /// The processor's name in a profile's conditions.
    fileprivate var profileName: String {
        switch architecture {
        case "386": "x86"
        case "mips64le": "mipsel64"
        case "mipsle": "mipsel"
        default: architecture
        }
    }

    fileprivate func has(_ capability: String) -> Bool {
        Capability(name: capability).map(capabilities.contains) ?? false
    }
}

extension SeccompProfile.Resolved {
    /// The value of `linux.seccomp` (OCI runtime specification 1.0, config-linux.md, "Seccomp").
    package var json: JSON {
        var object: JSONObject = ["defaultAction": .string(defaultAction.name)]
        if let number = defaultAction.number { object["defaultErrnoRet"] = number }
        if !architectures.isEmpty { object["architectures"] = .strings(architectures) }
        if !flags.isEmpty { object["flags"] = .strings(flags) }
        object["syscalls"] = .array(
            rules.map { rule in
                var object: JSONObject = ["names": .strings(rule.names), "action": .string(rule.action.name)]
                if let number = rule.action.number { object["errnoRet"] = number }
                if !rule.conditions.isEmpty { object["args"] = .array(rule.conditions.map(\.json)) }
                return .object(object)
            })
        return .object(object)
    }
}

extension SeccompProfile.Condition {
    fileprivate var json: JSON {
        .object([
            "index": .integer(Int64(index)), "value": .number(String(value)), "valueTwo": .number(String(second)),
            "op": .string(comparison.rawValue),
        ])
    }
}

extension SeccompProfile.Action {
    fileprivate var name: String {
        switch self {
        case .allow: "SCMP_ACT_ALLOW"
        case .log: "SCMP_ACT_LOG"
        case .trap: "SCMP_ACT_TRAP"
        case .killThread: "SCMP_ACT_KILL_THREAD"
        case .killProcess: "SCMP_ACT_KILL_PROCESS"
        case .fail: "SCMP_ACT_ERRNO"
        case .trace: "SCMP_ACT_TRACE"
        }
    }

    fileprivate var number: JSON? {
        switch self {
        case .fail(let number), .trace(let number): .integer(Int64(number))
        case .allow, .log, .trap, .killThread, .killProcess: nil
        }
    }
}
