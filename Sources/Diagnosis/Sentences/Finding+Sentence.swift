package import Inspection
import OCI
package import Rendering

extension Finding {
    /// What is missing and who led to it, and behind a colon what to do about it.
    package var sentence: String { fix.map { "\(told): \($0)" } ?? told }

    private var told: String {
        let way = chain.filter { !fact.contains("`\($0)`") }
        return way.isEmpty ? fact : "\(fact) (by way of \(way.map { "`\($0)`" }.joined(separator: ", ")))"
    }

    /// The sentence as a line of its own.
    ///
    /// - Parameter severity: nil for the finding's own.
    package func line(_ severity: Severity?, _ style: Style) -> ShownText {
        let severity = severity ?? self.severity
        return "\(style.paint("\(severity.rawValue): \(name)", severity == .error ? .error : .warning)): \(sentence)\n"
    }

    package var fact: String {
        switch kind {
        case .missingProgram(let subject, let program, let target):
            (subject == "ENTRYPOINT"
                ? "the image starts `\(program)`, which it does not have"
                : "`\(subject)` needs `\(program)`, which this image does not have")
                + (target.map { " (it is a link to `\($0)`)" } ?? "")
        case .missingFile(let program, let path): "`\(program)` is to start `\(path)`, which this image does not have"
        case .missingInput(let program, let path):
            "`\(program)` needs `\(path)` when it starts, which this image does not have"
        case .failedScript(let script, let status):
            "`\(script)` ends with status \(status), by what the image has, its arguments and its variables"
        case .refusesRoot(let program): "`\(program)` does not run for root, and the image names no other user"
        case .missingEnv(let script, _): "`\(script)` starts through `/usr/bin/env`, which this image does not have"
        case .missingShell(let shell, let command):
            "ENTRYPOINT or CMD needs `\(shell)` for `\(command)`, which this image does not have"
        case .notExecutable(let path): "`\(path)` is no file that may be executed"
        case .notPermitted(let path, let obstacle, let user):
            path == obstacle
                ? "USER `\(user)` may not use `\(path)`"
                : "USER `\(user)` cannot get to `\(path)`: `\(obstacle)` is closed to it"
        case .noDirectory(let path): "the image starts in `\(path)`, which is no directory"
        case .carriageReturn(let script, let interpreter):
            "a line of `\(script)` ends as on Windows, with CR: `\(interpreter)` with a CR behind it is nowhere"
        case .badSyntax(let path, let program, let text):
            text.isEmpty
                ? "`\(path)` is nothing that `\(program)` reads: a quote or a command in it has no end, or an end too many"
                : "`\(path)` has a `\(text)` where `\(program)` does not read one"
        case .bashOnly(let script, let text):
            "`\(script)` has `\(text)`, which bash reads and `/bin/sh` of this image, dash, does not"
        case .missingVariable(let script, let name): "`\(script)` ends where the variable `\(name)` is not set"
        case .noProgram(let path): "`\(path)` is neither a program for Linux nor a script with `#!`"
        case .otherArchitecture(let path, let has, let wanted): "`\(path)` is for \(has), and the image for \(wanted)"
        case .missingLibraries(let path, let libraries, let loader):
            "`\(path)` needs \(Self.list(libraries, loader)), which this image does not have"
        case .missingVersion(let path, let library, let version, let newest):
            "`\(path)` needs the symbol version `\(version)`, which `\(library)` in this image does not have"
                + (newest.map { " (it ends at `\($0)`)" } ?? "")
        case .missingModule("ENTRYPOINT", let module):
            "the image starts the Python module `\(module)`, which it does not have"
        case .missingModule(let script, let module): "`\(script)` imports `\(module)`, which this image does not have"
        case .unfitModule(let script, let module, let path):
            "`\(script)` needs `\(module)`, and `\(path)` is made for another interpreter or another machine"
        case .missingName(let script, let module, let name):
            "`\(script)` takes `\(name)` from `\(module)`, which does not have it"
        case .damagedRuntime(let program, let path):
            "`\(program)` does not start without `\(path)`, which this image does not have"
        case .damagedFile(let path): "`\(path)` is not what its name says"
        case .noMain(let path, let name): "`\(path)` is to be started, and has no `\(name)`"
        case .oldJava(let path, let needed, let has):
            "`\(path)` is made for Java \(needed), and this image has Java \(has)"
        case .noCertificates(let path): "`\(path)` speaks TLS, and this image has no CA certificates"
        case .noTimeZones(let path): "`\(path)` uses time zones, and this image has none"
        case .noTimeZone(let name): "TZ is `\(name)`, and this image has no such time zone"
        case .unknownUser(let name): "USER is `\(name)`, and /etc/passwd and /etc/group of this image do not have it"
        case .noNameServiceSwitch(let path):
            "`\(path)` looks up host names, and without /etc/nsswitch.conf it asks name servers before /etc/hosts"
        case .failedStart(let program, let end, let words):
            "`\(program)` was started, and \(end.clause)" + (words.isEmpty ? "" : ": it wrote `\(words)`")
        }
    }

    /// What to do.
    package var fix: String? {
        switch remedy {
        case .base(let name): "`FROM \(name)`"
        case .packages(let packages, let base):
            "a base with \(packages.map { "`\($0)`" }.joined(separator: ", ")), composed from a recipe with `from: \(base)`"
        case .firstLine(let line): "write `\(line)` in its first line"
        case .execForm(let words): "write the exec form, `\(JSON.strings(words).text)`"
        case .olderBuild(let suite): "build it on \(suite) or an older system"
        case .mode: "give it the right with `COPY --chmod=0755`"
        case .permission: "give the right with `COPY --chown` or `--chmod`"
        case .lineEnds: "save it with the line ends of Linux (LF)"
        case .interpreterPath: "make it where it is used, or name the interpreter of this image"
        case .searchPath(let variable, let directory):
            "it is in `\(directory)`, which `ENV \(variable)=\(directory)` makes known"
        case .variable(let name): "define it with `ENV \(name)=`"
        case .platform: "build it for the image's platform"
        case .numericUser: "use a number, or add the name to /etc/passwd"
        case .account(let name): "add `\(name)` to /etc/passwd"
        case nil: nil
        }
    }

    private static func list(_ libraries: [String], _ loader: String?) -> String {
        var words = libraries.map { "`\($0)`" }
        if let loader { words.append("the loader `\(loader)`") }
        guard let last = words.popLast() else { return "something" }
        return words.isEmpty ? last : words.joined(separator: ", ") + " and " + last
    }
}
