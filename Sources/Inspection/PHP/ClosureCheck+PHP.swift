internal import OCI

extension ClosureCheck {
    /// Follows what PHP is to execute.
    mutating func checkPHP(_ command: ScriptCommand, _ arguments: [String], interpreter: ImageTree.Node) throws {
        let builtin = try PHPBuiltins(self, interpreter, arguments)
        var run = PHPRun(
            self, interpreter, builtin,
            includes: ["/usr/share/php", "/usr/local/lib/php"].compactMap { ImagePath($0) })
        if let script = command.script {
            guard let path = process.directory.resolving(script) else { return }
            switch try open(path, .read) {
            case .missing:
                guard try tree.lookUp(path)?.isDirectory != true else { return }
                return add(.missingFile(program: interpreter.path.description, path: script))
            case .denied(let path, let obstacle):
                return add(
                    .notPermitted(path: path.description, obstacle: obstacle.description, user: process.user.name),
                    .permission)
            case .found(let node):
                let rest = arguments.firstIndex(of: script).map { arguments[($0 + 1)...] } ?? []
                run.arguments = [script] + rest
                try finish(&run, of: node.path.description) { run in _ = try run.execute(node) }
            }
            return
        }
        for text in command.texts {
            guard let tokens = PHPLexer.tokens(Array(text.utf8), isInside: true) else {
                return add(.badSyntax(path: "ENTRYPOINT", program: "php", text: ""))
            }
            let directory = process.directory.description
            try finish(&run, of: "ENTRYPOINT") { run in _ = try run.execute(tokens, in: "ENTRYPOINT", directory) }
        }
    }

    private mutating func finish(
        _ run: inout PHPRun, of script: String, _ body: (inout PHPRun) throws -> Void
    ) throws {
        do {
            try body(&run)
        } catch let stop as PHPRun.Stop {
            switch stop {
            case .fails(let findings, _):
                for finding in findings where !report.findings.contains(where: { $0.kind == finding.kind }) {
                    report.findings.append(finding)
                }
            case .thrown: add(run.cause ?? .failedScript(script: script, status: 255))
            case .returns, .leavesLoop, .ends: break
            case .unsure: break
            }
        }
        report.files.formUnion(run.check.report.files)
    }
}
