/// One instruction of a Dockerfile, its words not yet expanded.
package struct Instruction: Hashable, Sendable {
    /// The instruction's word as it was written.
    package let keyword: Word
    /// From the first character to the last line of the last here-document.
    package var range: SourceRange
    /// The instruction with its lines joined, as the image's history shows it.
    package let text: String
    package let heredocs: [Heredoc]
    /// The comment lines directly above, without `#`.
    package let comments: [String]
    /// Blank lines inside the instruction, which the reference accepts with a warning.
    package let emptyContinuations: [SourceRange]
    package let kind: Kind

    package indirect enum Kind: Hashable, Sendable {
        case add(AddInstruction)
        case arg([ArgDefinition])
        case cmd(CommandForm)
        case copy(CopyInstruction)
        case entrypoint(CommandForm)
        case env(KeyValues)
        /// `port[-port][/protocol]` each.
        case expose([Word])
        case from(FromInstruction)
        case healthcheck(HealthcheckInstruction)
        case label(KeyValues)
        case maintainer(Word)
        case onbuild(OnBuildInstruction)
        case run(RunInstruction)
        case shell([String])
        case stopsignal(Word)
        case user(Word)
        case volume([Word])
        case workdir(Word)
    }

    package var name: InstructionName {
        switch kind {
        case .add: .add
        case .arg: .arg
        case .cmd: .cmd
        case .copy: .copy
        case .entrypoint: .entrypoint
        case .env: .env
        case .expose: .expose
        case .from: .from
        case .healthcheck: .healthcheck
        case .label: .label
        case .maintainer: .maintainer
        case .onbuild: .onbuild
        case .run: .run
        case .shell: .shell
        case .stopsignal: .stopsignal
        case .user: .user
        case .volume: .volume
        case .workdir: .workdir
        }
    }
}

/// A command as the shell reads it, or as the words of one process.
package enum CommandForm: Hashable, Sendable {
    case shell(String)
    case exec([String])
}

/// `name=value` pairs of ENV and LABEL.
package struct KeyValues: Hashable, Sendable {
    package enum Form: Hashable, Sendable {
        /// `name=value …`
        case assignments
        /// `name value`, one pair, deprecated.
        case legacy
    }

    package struct Pair: Hashable, Sendable {
        package let key: Word
        package let value: Word
    }

    package let pairs: [Pair]
    package let form: Form
}

/// One `name[=default]` of ARG.
package struct ArgDefinition: Hashable, Sendable {
    package let name: Word
    package let value: Word?
    /// What a comment `# name description` above says.
    package let description: String?
}

/// FROM, which begins a stage.
package struct FromInstruction: Hashable, Sendable {
    package let platform: Word?
    package let base: Word
    /// The word `AS` as it was written.
    package let asKeyword: Word?
    /// The stage's name as it was written.
    package let alias: Word?
    /// What a comment `# name description` above says.
    package let description: String?

    /// The stage's name in lower case: names do not tell case apart.
    package var name: String? { alias?.text.lowercased() }
}

/// ONBUILD, whose instruction runs in builds that start from the image.
package struct OnBuildInstruction: Hashable, Sendable {
    /// The instruction with its here-documents, as the image's config keeps it.
    package let trigger: String
    /// The instruction as it would run; nil if it is faulty, which is the business of the build that runs it.
    package let instruction: Instruction?
    /// Why it is faulty.
    package let fault: Diagnostic?
}
