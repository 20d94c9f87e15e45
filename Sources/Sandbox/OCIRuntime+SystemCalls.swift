internal import LinuxSystem
internal import OCI
internal import SystemPackage

extension OCIRuntime {
    /// How this runtime is told which system calls a process may make.
    ///
    /// - Throws: ``SystemCallError`` when the rules cannot be made into a program.
    func filter(_ spec: ProcessSpec, on machine: ProcessSpec.Machine) throws -> ProcessSpec.SystemCallFilter {
        guard let rules = spec.systemCallRules(on: machine) else { return .none }
        // A kernel without filters runs what nobody asked to have filtered.
        if spec.systemCalls == .standard, !SyscallFilter.isSupported { return .none }
        // Flags have no place in a program.
        guard rules.flags.isEmpty, takesPrograms() else { return .rules(rules) }
        let name = Digest(sha256: Array("filter \(Self.programVersion)\n".utf8) + rules.json.bytes).hex
        if let kept = filters.load(name) { return .program(kept) }
        let text = Base64.encode(try SyscallFilter(rules).program())
        filters.keep(name, text)
        return .program(text)
    }

    /// Of how rules become a program: another one is another program.
    private static let programVersion = 1

    /// Whether this is a crun that takes finished programs (1.5 and later), built with seccomp.
    private func takesPrograms() -> Bool {
        isCrun && binaryHas(ProcessSpec.programAnnotation) && binaryHas("+SECCOMP")
    }

    /// Whether the runtime's binary has a text, by which its releases differ; asked once for each binary.
    func binaryHas(_ text: String) -> Bool {
        guard let facts = ProcessFacts.file(path) else { return false }
        let name = Digest(sha256: "runtime\n\(facts.path)\n\(facts.size)\n\(facts.modified)\n\(text)".utf8).hex
        if let kept = filters.load(name) { return kept == "has" }
        let has = ProcessFacts.file(path, contains: text)
        filters.keep(name, has ? "has" : "has not")
        return has
    }
}

extension SyscallFilter {
    init(_ rules: SeccompProfile.Resolved) {
        let prefix = "SCMP_ARCH_"
        self.init(
            defaultAction: Action(rules.defaultAction),
            architectures: rules.architectures.map {
                ($0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0).lowercased()
            })
        self.rules = rules.rules.map { Rule($0.names, Action($0.action), $0.conditions.map(Condition.init)) }
    }
}

extension SyscallFilter.Action {
    fileprivate init(_ action: SeccompProfile.Action) {
        switch action {
        case .allow: self = .allow
        case .log: self = .log
        case .trap: self = .trap
        case .killThread: self = .killThread
        case .killProcess: self = .killProcess
        case .fail(let number): self = .fail(number)
        case .trace(let number): self = .trace(number)
        }
    }
}

extension SyscallFilter.Condition {
    fileprivate init(_ condition: SeccompProfile.Condition) {
        let comparison: Comparison =
            switch condition.comparison {
            case .notEqual: .notEqual
            case .less: .less
            case .lessOrEqual: .lessOrEqual
            case .equal: .equal
            case .greaterOrEqual: .greaterOrEqual
            case .greater: .greater
            case .masked: .masked
            }
        self.init(argument: condition.index, comparison, condition.value, second: condition.second)
    }
}
