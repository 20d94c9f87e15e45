package import Inspection
package import OCI
package import Rendering

extension Finding {
    /// What is missing, and behind a colon what to do about it.
    package var sentence: String { fix.map { "\(fact): \($0)" } ?? fact }

    /// The sentence as a line of its own.
    ///
    /// - Parameter severity: nil for the finding's own.
    package func line(_ severity: Severity?, _ style: Style) -> ShownText {
        let severity = severity ?? self.severity
        return "\(style.paint("\(severity.rawValue): \(name)", severity == .error ? .error : .warning)): \(sentence)\n"
    }

    package var fact: String {
        switch kind {
        case .missingProgram("ENTRYPOINT", let program): "the image starts `\(program)`, which it does not have"
        case .missingProgram(let subject, let program): "`\(subject)` needs `\(program)`, which this image does not have"
        case .missingFile(let program, let path): "`\(program)` is to start `\(path)`, which this image does not have"
        case .missingEnv(let script, _): "`\(script)` starts through `/usr/bin/env`, which this image does not have"
        case .missingShell(let shell, let command):
            "ENTRYPOINT or CMD needs `\(shell)` for `\(command)`, which this image does not have"
        case .notExecutable(let path): "`\(path)` is no file that may be executed"
        case .noProgram(let path): "`\(path)` is neither a program for Linux nor a script with `#!`"
        case .otherArchitecture(let path, let has, let wanted): "`\(path)` is for \(has), and the image for \(wanted)"
        case .missingLibraries(let path, let libraries, let loader):
            "`\(path)` needs \(Self.list(libraries, loader)), which this image does not have"
        case .missingVersion(let path, let library, let version, let newest):
            "`\(path)` needs the symbol version `\(version)`, which `\(library)` in this image does not have"
                + (newest.map { " (it ends at `\($0)`)" } ?? "")
        case .missingModule("ENTRYPOINT", let module): "the image starts the Python module `\(module)`, which it does not have"
        case .missingModule(let script, let module): "`\(script)` imports `\(module)`, which this image does not have"
        case .oldJava(let path, let needed, let has): "`\(path)` is made for Java \(needed), and this image has Java \(has)"
        case .noCertificates(let path): "`\(path)` speaks TLS, and this image has no CA certificates"
        case .noTimeZones(let path): "`\(path)` uses time zones, and this image has none"
        case .noTimeZone(let name): "TZ is `\(name)`, and this image has no such time zone"
        case .unknownUser(let name): "USER is `\(name)`, and /etc/passwd and /etc/group of this image do not have it"
        case .noNameServiceSwitch(let path):
            "`\(path)` looks up host names, and without /etc/nsswitch.conf it asks name servers before /etc/hosts"
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

extension ClosureCheck.Report {
    /// What to say when nothing is missing.
    package func summary(_ image: String) -> String {
        guard let program else { return "\(image): it has neither ENTRYPOINT nor CMD, so there is nothing to check" }
        return "\(image): \(program) has what it needs"
    }

    package func json(_ image: String) -> JSON {
        var object: JSONObject = ["image": .string(image)]
        if let program { object["program"] = .string(program.description) }
        object["findings"] = .array(
            findings.map { finding in
                var item: JSONObject = [
                    "name": .string(finding.name), "severity": .string(finding.severity.rawValue), "message": .string(finding.fact),
                ]
                if let fix = finding.fix { item["fix"] = .string(fix) }
                return .object(item)
            })
        return .object(object)
    }
}
