internal import OCI

/// Checks of FROM.
enum FromChecks {
    static func undefinedArguments(_ input: CheckInput) -> [Finding] {
        let declared = input.declaredGlobals
        var findings: [Finding] = []
        for from in input.syntax.stages.map(\.from) {
            for word in [from.base, from.platform].compactMap({ $0 }) {
                for name in input.expandGlobal(word, input.globals)?.undefined ?? [] where !declared.contains(name) {
                    findings.append(
                        Finding(
                            range: word.range, message: "FROM uses '\(name)', which no ARG declares",
                            hint: Suggestion.hint(for: name, among: declared.sorted())))
                }
            }
        }
        return findings
    }

    static func invalidDefaults(_ input: CheckInput) -> [Finding] {
        input.syntax.stages.compactMap { stage in
            let base = stage.from.base
            guard let name = input.expandGlobal(base, input.defaults)?.text else { return nil }
            if (try? ImageReference(name)) != nil { return nil }  // A valid name is all that is asked for.
            let isStage = input.syntax.stages.contains { $0.name == name.lowercased() }
            guard !isStage else { return nil }
            return Finding(
                range: base.range, message: "without --build-arg, '\(base)' is no valid name of an image",
                hint: "give the ARG a default")
        }
    }

    static func redundantPlatforms(_ input: CheckInput) -> [Finding] {
        input.syntax.stages.compactMap { stage in
            guard let word = stage.from.platform, let expansion = input.expandGlobal(word, input.globals),
                expansion.used == ["TARGETPLATFORM"], expansion.undefined.isEmpty,
                expansion.text == input.globals["TARGETPLATFORM"]
            else { return nil }
            return Finding(
                range: word.range, message: "--platform=\(word) is what FROM does anyway", hint: "leave it out")
        }
    }

    /// A stage whose name says the platform is meant that way.
    static func constantPlatforms(_ input: CheckInput) -> [Finding] {
        input.syntax.stages.compactMap { stage in
            guard let word = stage.from.platform, let expansion = input.expandGlobal(word, input.globals),
                expansion.used.isEmpty, expansion.undefined.isEmpty
            else { return nil }
            // What is no platform is an error of the build.
            guard let platform = try? Platform(parsing: expansion.text) else { return nil }
            let name = stage.name ?? ""
            guard !name.contains(platform.os), !name.contains(platform.architecture) else { return nil }
            return Finding(
                range: word.range, message: "the platform '\(expansion.text)' is constant",
                hint: "leave it out, or write $BUILDPLATFORM")
        }
    }

    static func basePlatforms(_ input: CheckInput) -> [Finding] {
        input.stages.compactMap { stage in
            guard stage.base == nil, let actual = input.bases[stage.syntax.index]?.platform else { return nil }
            let asked = stage.syntax.from.platform.flatMap { input.expandGlobal($0, input.globals)?.text }
            // What is no platform is an error of the build.
            let wanted = asked.flatMap { try? Platform(parsing: $0) } ?? input.platform
            guard actual.os != wanted.os || actual.architecture != wanted.architecture else { return nil }
            return Finding(
                range: stage.syntax.from.base.range,
                message: "the base '\(stage.baseName)' is for \(actual), and \(wanted) is built for")
        }
    }
}
