internal import Dockerfile
internal import OCI

/// Applies the instructions of one stage, one after the other.
struct StageLowering {
    var state: StageState
    var vertices: VertexList
    /// What each `from` of the stage's instructions means.
    let froms: [Word: RunOperation.Mount.Source]
    let request: BuildRequest
    let globals: GlobalArguments
    let escape: EscapeCharacter
    /// How many ssh mounts the instruction has had, for the names of their sockets.
    var sshCount = 0

    init(
        state: StageState, vertices: VertexList, froms: [Word: RunOperation.Mount.Source], request: BuildRequest,
        globals: GlobalArguments, escape: EscapeCharacter
    ) {
        (self.state, self.vertices, self.froms) = (state, vertices, froms)
        (self.request, self.globals, self.escape) = (request, globals, escape)
    }

    mutating func apply(_ instruction: Instruction) throws(Diagnostic) {
        switch instruction.kind {
        case .add(let add): try self.add(add, instruction)
        case .copy(let copy): try self.copy(copy, instruction)
        case .run(let run): try self.run(run, instruction)
        case .workdir(let word): try workdir(word, instruction)
        case .arg(let definitions): try declare(definitions)
        case .env(let values): try setEnvironment(values)
        case .label(let values): try setLabels(values)
        case .cmd(let form): setCommand(form)
        case .entrypoint(let form): setEntrypoint(form)
        case .expose(let words): try expose(words)
        case .healthcheck(let check): setHealthcheck(check)
        case .maintainer(let word): setMaintainer(word)
        case .shell(let words): setShell(words)
        case .stopsignal(let word): try setStopSignal(word)
        case .user(let word): try setUser(word)
        case .volume(let words): try setVolumes(words)
        case .onbuild(let onBuild): state.config.container.onBuild.append(onBuild.trigger)
        case .from: break
        }
    }

    /// Expands a word with what the stage's variables are before the instruction.
    func expand(_ word: Word) throws(Diagnostic) -> String { try state.scope.expander(escape).expand(word) }

    func expand(_ words: [Word]) throws(Diagnostic) -> [String] {
        let expander = state.scope.expander(escape)
        var result: [String] = []
        for word in words { result.append(try expander.expand(word)) }
        return result
    }

    /// The words of a command, the shell in front of those that are for it.
    func arguments(_ form: CommandForm) -> [String] {
        switch form {
        case .exec(let words): words
        case .shell(let text): shell + [text]
        }
    }

    private var shell: [String] {
        let own = state.config.container.shell ?? []
        return own.isEmpty ? ["/bin/sh", "-c"] : own
    }

    /// Puts a vertex on top of the stage.
    mutating func append(_ operation: Operation, _ instruction: Instruction, note: String? = nil) -> Vertex.ID {
        state.step += 1
        let origin = Origin(
            range: instruction.range, stage: state.name, step: state.step,
            stepCount: max(state.step, state.stepCount), text: display(instruction) + (note ?? ""))
        let vertex = vertices.append(operation, on: state.vertex, origin)
        state.vertex = vertex
        return vertex
    }

    /// The instruction as people know it, with its variables expanded; those of RUN that have a value, for the rest is
    /// the shell's.
    func display(_ instruction: Instruction) -> String {
        let head = instruction.keyword.text
        let rest = String(instruction.text.dropFirst(head.count))
        let options: WordExpander.Options = instruction.name == .run ? [.keepUndefined] : []
        let expander = state.scope.displayExpander(escape, options.union([.keepQuotes, .keepEscapes]))
        // Text for people only: what cannot be expanded is shown as it stands.
        let text = (try? expander.expand(rest).text) ?? rest
        return PublicURL.text(within: head.uppercased() + text)
    }
}
