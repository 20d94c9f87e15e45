internal import Dockerfile
internal import OCI

/// The instructions that change the config alone.
extension StageLowering {
    /// The values of one ARG see those in front of them in the same instruction.
    mutating func declare(_ definitions: [ArgDefinition]) throws(Diagnostic) {
        var texts: [String] = []
        for definition in definitions {
            let name = definition.name.text
            var value = request.buildArguments[name]
            if value == nil, let word = definition.value { value = try expand(word) }
            if value == nil, definition.value == nil { value = globals.values[name] }
            state.scope.declare(name, value)
            texts.append(name + (value.map { "=" + SecretName.shown($0, of: name) } ?? ""))
        }
        state.note("ARG " + texts.joined(separator: " "))
    }

    /// Keys and values see what was before the instruction.
    private func pairs(_ values: KeyValues) throws(Diagnostic) -> [(String, String)] {
        let expander = state.scope.expander(escape)
        var pairs: [(String, String)] = []
        for pair in values.pairs { pairs.append((try expander.expand(pair.key), try expander.expand(pair.value))) }
        return pairs
    }

    mutating func setEnvironment(_ values: KeyValues) throws(Diagnostic) {
        let pairs = try pairs(values)
        for (name, value) in pairs { state.setEnvironment(name, value) }
        state.note("ENV" + pairs.map { " \($0)=\($1)" }.joined())
    }

    mutating func setLabels(_ values: KeyValues) throws(Diagnostic) {
        let pairs = try pairs(values)
        for (name, value) in pairs { state.config.container.labels[name] = value }
        state.note("LABEL" + pairs.map { " \($0)=\($1)" }.joined())
    }

    mutating func setCommand(_ form: CommandForm) {
        let words = arguments(form)
        state.config.container.command = words.isEmpty ? nil : words
        state.setsCommand = true
        state.note("CMD \(GoFormat.quotedList(words))")
    }

    /// An ENTRYPOINT drops the CMD of the base, which was meant for another program.
    mutating func setEntrypoint(_ form: CommandForm) {
        let words = arguments(form)
        state.config.container.entrypoint = words.isEmpty ? nil : words
        if !state.setsCommand { state.config.container.command = nil }
        state.note("ENTRYPOINT \(GoFormat.quotedList(words))")
    }

    mutating func setShell(_ words: [String]) {
        state.config.container.shell = words
        state.note("SHELL \(GoFormat.list(words))")
    }

    mutating func setMaintainer(_ word: Word) {
        state.config.author = word.text
        state.note("MAINTAINER \(word)")
    }

    mutating func setUser(_ word: Word) throws(Diagnostic) {
        let user = try expand(word)
        state.config.container.user = user
        state.note("USER \(user)")
    }

    mutating func setStopSignal(_ word: Word) throws(Diagnostic) {
        let signal = try expand(word)
        guard StopSignal.isKnown(signal) else {
            throw Diagnostic(
                .error(.invalidArguments), at: word.range, "'\(signal)' is no signal",
                hint: StopSignal.suggestion(for: signal))
        }
        state.config.container.stopSignal = signal
        state.note("STOPSIGNAL \(signal)")
    }

    mutating func setVolumes(_ words: [Word]) throws(Diagnostic) {
        let paths = try expand(words)
        for (path, word) in zip(paths, words) where path.isEmpty {
            throw Diagnostic(.error(.invalidArguments), at: word.range, "VOLUME may not name an empty path")
        }
        state.config.container.volumes.formUnion(paths)
        state.note("VOLUME \(GoFormat.list(paths))")
    }

    /// A word may expand to several ports.
    mutating func expose(_ words: [Word]) throws(Diagnostic) {
        let expander = state.scope.expander(escape)
        var ports: [String] = []
        for word in words.sorted(by: { $0.text < $1.text }) {
            for text in try expander.expansion(of: word).words {
                do { ports += try PortSpec(text).ports } catch {
                    throw Diagnostic(.error(.invalidPort), at: word.range, "EXPOSE \(text): \(error.message)")
                }
            }
        }
        state.config.container.exposedPorts.formUnion(ports)
        state.note("EXPOSE \(GoFormat.list(ports))")
    }

    mutating func setHealthcheck(_ instruction: HealthcheckInstruction) {
        var check: ContainerConfig.Healthcheck
        switch instruction.test {
        case .none: check = ContainerConfig.Healthcheck(test: ["NONE"])
        case .command(.exec(let words)): check = ContainerConfig.Healthcheck(test: ["CMD"] + words)
        case .command(.shell(let text)): check = ContainerConfig.Healthcheck(test: ["CMD-SHELL", text])
        }
        (check.interval, check.timeout) = (instruction.interval, instruction.timeout)
        (check.startPeriod, check.startInterval) = (instruction.startPeriod, instruction.startInterval)
        check.retries = instruction.retries
        state.config.container.healthcheck = check
        let times = [
            ("Interval", check.interval), ("Timeout", check.timeout), ("StartPeriod", check.startPeriod),
            ("StartInterval", check.startInterval),
        ].map { "\($0):\(GoFormat.duration($1 ?? 0)) " }.joined()
        state.note("HEALTHCHECK {Test:\(GoFormat.list(check.test)) \(times)Retries:\(check.retries ?? 0)}")
    }
}
