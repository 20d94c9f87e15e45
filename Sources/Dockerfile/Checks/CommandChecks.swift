/// Checks of CMD, ENTRYPOINT and HEALTHCHECK.
enum CommandChecks {
    /// With a SHELL of its own, a stage was written with the shell in mind.
    static func shellForms(_ input: CheckInput) -> [Finding] {
        var findings: [Finding] = []
        var hasShell: [Bool] = []
        for stage in input.stages {
            var shell = stage.base.map { hasShell[$0] } ?? !(input.bases[stage.syntax.index]?.shell ?? []).isEmpty
            for instruction in stage.syntax.instructions {
                switch instruction.kind {
                case .shell: shell = true
                case .cmd(.shell) where !shell, .entrypoint(.shell) where !shell:
                    findings.append(
                        Finding(
                            range: instruction.range,
                            message: "\(instruction.name.rawValue) in shell form keeps signals from the program",
                            hint: "write \(instruction.name.rawValue) [\"program\", \"argument\"]"))
                default: break
                }
            }
            hasShell.append(shell)
        }
        return findings
    }

    /// The earlier ones are pointed at, for those have no effect.
    static func repeated(_ input: CheckInput) -> [Finding] {
        var findings: [Finding] = []
        for stage in input.syntax.stages {
            for name in [InstructionName.cmd, .entrypoint, .healthcheck] {
                for instruction in stage.instructions.filter({ $0.name == name }).dropLast() {
                    findings.append(
                        Finding(
                            range: instruction.range,
                            message: "this \(name.rawValue) has no effect: a later one of the stage takes its place"))
                }
            }
        }
        return findings
    }
}
