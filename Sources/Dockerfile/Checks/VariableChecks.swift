/// Checks that look at what variables come to.
enum VariableChecks {
    static func undefined(_ input: CheckInput) -> [Finding] {
        var findings: [Finding] = []
        for stage in input.stages where stage.knowsBase {
            for step in stage.steps {
                var reported = step.arguments
                for word in step.words {
                    for name in word.expansion.undefined where reported.insert(name).inserted {
                        let nearest = Suggestion.nearest(to: name, among: step.variables.keys.sorted())
                        findings.append(
                            Finding(
                                range: word.word.range, message: "the variable '$\(name)' is not defined",
                                hint: nearest.map { "did you mean $\($0)?" }))
                    }
                }
            }
        }
        return findings
    }

    /// Only the first WORKDIR of a chain of stages: a later one is relative to it.
    static func relativeWorkdirs(_ input: CheckInput) -> [Finding] {
        var findings: [Finding] = []
        var hasWorkdir: [Bool] = []
        for stage in input.stages {
            var isSet = stage.base.map { hasWorkdir[$0] } ?? false
            for step in stage.steps where step.instruction.name == .workdir {
                defer { isSet = true }
                guard !isSet, let path = step.words.first, !path.expansion.text.hasPrefix("/") else { continue }
                findings.append(
                    Finding(
                        range: step.instruction.range,
                        message: "WORKDIR '\(path.expansion.text)' depends on the base image's working directory",
                        hint: "begin it with /"))
            }
            hasWorkdir.append(isSet)
        }
        return findings
    }

    /// A name of which one word, between underscores, says that it is a secret, and none that it is not.
    static func secretNames(_ input: CheckInput) -> [Finding] {
        var findings: [Finding] = []
        for instruction in input.syntax.stages.flatMap(\.instructions) {
            let names: [Word]
            switch instruction.kind {
            case .arg(let definitions): names = definitions.map(\.name)
            case .env(let values): names = values.pairs.map(\.key)
            default: continue
            }
            for name in names where SecretName.matches(name.text) {
                findings.append(
                    Finding(
                        range: name.range, message: "\(instruction.name.rawValue) '\(name)' looks like a secret",
                        hint: "use RUN --mount=type=secret,id=\(name.text.lowercased())"))
            }
        }
        return findings
    }

    /// Where the ignore file takes something back with `!`, nothing is said: a directory may be left out while a file in
    /// it is not.
    static func ignoredSources(_ input: CheckInput) -> [Finding] {
        guard let ignore = input.ignore, !ignore.patterns.contains(where: { $0.effect == .includes }) else { return [] }
        var findings: [Finding] = []
        for step in input.stages.flatMap(\.steps) {
            let sources: [Word]
            switch step.instruction.kind {
            case .copy(let copy) where copy.from == nil: sources = copy.files.sources
            case .add(let add): sources = add.files.sources.filter { !$0.text.contains("://") }
            default: continue
            }
            for word in step.words where sources.contains(word.word) {
                var path = CleanPath.clean(word.expansion.text)
                while path.hasPrefix("/") { path.removeFirst() }
                guard path != ".", !path.isEmpty else { continue }
                guard let pattern = ignore.decision(for: Array(path.utf8)).pattern, pattern.effect == .excludes else {
                    continue
                }
                findings.append(
                    Finding(
                        range: word.word.range,
                        message: "'\(path)' is left out by line \(pattern.line) of the ignore file, '\(pattern.text)'"))
            }
        }
        return findings
    }

    /// The ports as they come out of EXPOSE.
    private static func ports(_ input: CheckInput) -> [(word: Word, text: String)] {
        input.stages.flatMap(\.steps).filter { $0.instruction.name == .expose }.flatMap(\.words).flatMap { word in
            word.expansion.words.map { (word.word, $0) }
        }
    }

    static func portCasing(_ input: CheckInput) -> [Finding] {
        ports(input).compactMap { word, text in
            let pieces = text.split(separator: "/")
            guard pieces.count == 2, pieces[1] != pieces[1].lowercased() else { return nil }
            return Finding(
                range: word.range, message: "the protocol of '\(text)' should be lower case",
                hint: "write \(text.lowercased())")
        }
    }

    static func portMappings(_ input: CheckInput) -> [Finding] {
        ports(input).compactMap { word, text in
            // What is no port is an error of the build.
            guard let port = try? PortSpec(text), port.hasHostPart else { return nil }
            let container = text.split(separator: ":").last.map(String.init) ?? text
            return Finding(
                range: word.range, message: "EXPOSE '\(text)' names an address or a port of the host",
                hint: "write \(container)")
        }
    }
}
