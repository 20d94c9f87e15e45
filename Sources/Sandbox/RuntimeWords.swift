internal import OCI

/// What an OCI runtime says when it fails. There is no other way in which runtimes tell a missing program from other faults.
struct RuntimeWords {
    /// The last sentence, without a line's end.
    let text: String

    /// Reads a log in the runtimes' JSON form: a line is an object with `level` and `msg`.
    init(log: [UInt8]) {
        let lines = log.split(separator: 0x0A).map(Array.init)
        let errors = lines.compactMap { line -> String? in
            // Lines of other kinds are not told.
            guard let entry = try? JSON.parse(line), entry["level"]?.string != "warning",
                entry["level"]?.string != "debug"
            else { return nil }
            return entry["msg"]?.string
        }
        text = errors.last ?? String(decoding: lines.last ?? [], as: UTF8.self)
    }

    /// What stands behind them: of execve(2) in the end, for runtimes add words before those of strerror(3).
    func error(_ runtime: OCIRuntime, _ process: ProcessSpec) -> SandboxError {
        let program = process.arguments.first ?? ""
        let words = text.lowercased()
        guard words.contains("exec") else { return .runtimeFailed(runtime: runtime.name, words: text) }
        if words.contains("no such file") || words.contains("not found in $path") || words.contains("not a directory") {
            return .programMissing(program)
        }
        let refusals = [
            "permission denied", "operation not permitted", "exec format error", "is a directory", "text file busy",
            "too many levels of symbolic links", "invalid argument",
        ]
        if refusals.contains(where: words.contains) { return .programNotExecutable(program) }
        return .runtimeFailed(runtime: runtime.name, words: text)
    }

    /// What was meant by one that ended without having executed its program; the kernel refused that.
    func refusal(_ process: ProcessSpec) -> SandboxError {
        let program = process.arguments.first ?? ""
        let words = text.lowercased()
        return words.contains("no such file") || words.contains("not found")
            ? .programMissing(program) : .programNotExecutable(program)
    }
}
