import Dockerfile

/// A Dockerfile's syntax as text, one instruction a line: `3:1-3:9 RUN shell "echo hi"`.
func dump(_ text: String) -> String {
    do {
        let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: text))
        var lines = syntax.directives.map { "# \($0.name)=\($0.value)" }
        lines += syntax.globalArguments.map(dump)
        for stage in syntax.stages {
            lines.append(dump(stage.opening))
            lines += stage.instructions.map(dump)
        }
        lines += syntax.warnings.map { "warning " + dump($0) }
        return lines.joined(separator: "\n")
    } catch {
        return error.diagnostics.map { "error " + dump($0) }.joined(separator: "\n")
    }
}

func dump(_ diagnostic: Diagnostic) -> String {
    "\(diagnostic.range) \(diagnostic.code): \(diagnostic.message)" + (diagnostic.hint.map { " (\($0))" } ?? "")
}

func dump(_ instruction: Instruction) -> String {
    "\(instruction.range) \(instruction.name.rawValue) " + dump(instruction.kind)
}

private func dump(_ kind: Instruction.Kind) -> String {
    switch kind {
    case .add(let add):
        var parts = dump(add.files)
        if let checksum = add.checksum { parts.append("checksum=\(quote(checksum))") }
        switch add.gitDirectory {
        case .asURLSays: break
        case .dropped: parts.append("git-dir=dropped")
        case .kept: parts.append("git-dir=kept")
        }
        switch add.unpacking {
        case .localOnly: break
        case .always: parts.append("unpack=always")
        case .never: parts.append("unpack=never")
        }
        if add.linking == .linked { parts.append("linked") }
        return parts.joined(separator: " ")
    case .arg(let arguments):
        return arguments.map {
            quote($0.name) + ($0.value.map { "=" + quote($0) } ?? "") + ($0.description.map { " — \($0)" } ?? "")
        }.joined(separator: " ")
    case .cmd(let form), .entrypoint(let form): return dump(form)
    case .copy(let copy):
        var parts = dump(copy.files)
        if let from = copy.from { parts.append("from=\(quote(from))") }
        if copy.layout.linking == .linked { parts.append("linked") }
        if copy.layout.parents == .kept { parts.append("parents") }
        return parts.joined(separator: " ")
    case .env(let values), .label(let values):
        return (values.form == .legacy ? "legacy " : "")
            + values.pairs.map { "\(quote($0.key))=\(quote($0.value))" }.joined(separator: " ")
    case .expose(let words), .volume(let words): return words.map(quote).joined(separator: " ")
    case .from(let from):
        return quote(from.base) + (from.platform.map { " platform=\(quote($0))" } ?? "")
            + (from.name.map { " as \($0)" } ?? "") + (from.description.map { " — \($0)" } ?? "")
    case .healthcheck(let check):
        guard case .command(let form) = check.test else { return "none" }
        let times = [
            ("interval", check.interval), ("timeout", check.timeout), ("start-period", check.startPeriod),
            ("start-interval", check.startInterval), ("retries", check.retries),
        ]
        return dump(form) + times.compactMap { name, value in value.map { " \(name)=\($0)" } }.joined()
    case .maintainer(let word), .stopsignal(let word), .user(let word), .workdir(let word): return quote(word)
    case .onbuild(let onBuild): return quote(onBuild.trigger)
    case .run(let run):
        var parts = [dump(run.command)]
        for mount in run.mounts {
            parts.append(
                "mount(" + mount.options.map { "\($0.key)" + ($0.value.map { "=\($0)" } ?? "") }.joined(separator: ",")
                    + ")")
        }
        if run.network != .default { parts.append("network=\(run.network.rawValue)") }
        if run.security != .sandbox { parts.append("security=\(run.security.rawValue)") }
        return parts.joined(separator: " ")
    case .shell(let words): return "\(words)"
    }
}

private func dump(_ files: CopiedFiles) -> [String] {
    var parts = files.sources.map(quote)
    parts += files.heredocs.map {
        "<<\($0.name)\($0.expansion == .literal ? " literal" : "") \(quote($0.content))>>"
    }
    parts += ["->", quote(files.destination)]
    if let chown = files.chown { parts.append("chown=\(quote(chown))") }
    if let chmod = files.chmod { parts.append("chmod=\(quote(chmod))") }
    parts += files.exclude.map { "exclude=\(quote($0))" }
    return parts
}

private func dump(_ form: CommandForm) -> String {
    switch form {
    case .shell(let text): "shell \(quote(text))"
    case .exec(let words): "exec \(words)"
    }
}

private func dump(_ command: RunInstruction.Command) -> String {
    switch command {
    case .exec(let words): "exec \(words)"
    case .shell(let text): "shell \(quote(text))"
    case .script(let heredoc): "script \(heredoc.name) \(quote(heredoc.text))"
    }
}

private func quote(_ word: Word) -> String { quote(word.text) }

private func quote(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\", "\"": result += "\\\(scalar)"
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return "\"\(result)\""
}
