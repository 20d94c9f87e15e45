/// One instruction of a Dockerfile, its words not yet expanded.
public struct Instruction: Hashable, Sendable {
    /// The instruction's word as it was written.
    public let keyword: Word
    /// From the first character to the last line of the last here-document.
    public var range: SourceRange
    /// The instruction with its lines joined, as the image's history shows it.
    public let text: String
    public let heredocs: [Heredoc]
    /// The comment lines directly above, without `#`.
    public let comments: [String]
    /// Blank lines inside the instruction, which the reference accepts with a warning.
    public let emptyContinuations: [SourceRange]
    public let kind: Kind

    public indirect enum Kind: Hashable, Sendable {
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

    public var name: InstructionName {
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
public enum CommandForm: Hashable, Sendable {
    case shell(String)
    case exec([String])
}

/// `name=value` pairs of ENV and LABEL.
public struct KeyValues: Hashable, Sendable {
    public enum Form: Hashable, Sendable {
        /// `name=value …`
        case assignments
        /// `name value`, one pair, deprecated.
        case legacy
    }

    public struct Pair: Hashable, Sendable {
        public let key: Word
        public let value: Word
    }

    public let pairs: [Pair]
    public let form: Form
}

/// One `name[=default]` of ARG.
public struct ArgDefinition: Hashable, Sendable {
    public let name: Word
    public let value: Word?
    /// What a comment `# name description` above says.
    public let description: String?
}

/// FROM, which begins a stage.
public struct FromInstruction: Hashable, Sendable {
    public let platform: Word?
    public let base: Word
    /// The word `AS` as it was written.
    public let asKeyword: Word?
    /// The stage's name as it was written.
    public let alias: Word?
    /// What a comment `# name description` above says.
    public let description: String?

    /// The stage's name in lower case: names do not tell case apart.
    public var name: String? { alias?.text.lowercased() }
}

/// ONBUILD, whose instruction runs in builds that start from the image.
public struct OnBuildInstruction: Hashable, Sendable {
    /// The instruction with its here-documents, as the image's config keeps it.
    public let trigger: String
    /// The instruction as it would run; nil if it is faulty, which is the business of the build that runs it.
    public let instruction: Instruction?
    /// Why it is faulty.
    public let fault: Diagnostic?
}
