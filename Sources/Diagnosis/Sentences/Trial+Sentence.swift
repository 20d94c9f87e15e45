import LinuxSystem
package import Machine
import Networking
package import OCI
package import Rendering
import Sandbox

/// What came of trying a machine, for people and as a document.
package struct MachineReport {
    let trials: [Trial]
    let installer: PackageInstaller

    package init(_ trials: [Trial], _ installer: PackageInstaller) {
        (self.trials, self.installer) = (trials, installer)
    }

    /// Whether what every build needs is there.
    package var isUsable: Bool { !trials.contains { $0.status == .missing } }

    package var json: JSON {
        .object([
            "version": .string(ToolVersion.text), "ok": .bool(isUsable),
            "checks": .array(
                trials.map { trial in
                    .object([
                        "name": .string(trial.subject.rawValue), "status": .string(trial.status.rawValue),
                        "detail": .string(trial.sentence), "commands": .strings(trial.commands),
                        "remedy": trial.remedy(installer).map(JSON.string) ?? .null,
                    ])
                }),
        ])
    }

    /// One line each, below it for what commands it lacks and the line that mends it.
    package func text(_ style: Style) -> ShownText {
        var text: ShownText = ""
        for trial in trials {
            let role: Style.Role = trial.status == .missing ? .error : .heading
            let word = TerminalText.padded(ShownText(line: trial.status.rawValue), columns: 9)
            let subject = TerminalText.padded(ShownText(line: trial.subject.rawValue), columns: 11)
            text += "\(style.paint(word, role))\(subject)\(trial.sentence)\n"
            guard trial.status != .works else { continue }
            text += "                    for: \(trial.commands.joined(separator: ", "))\n"
            if let remedy = trial.remedy(installer) { text += "                    mend: \(remedy)\n" }
        }
        let missing = trials.filter { $0.status == .missing }
        text += "\n"
        guard let first = missing.first else { return text + "This machine can build and run images.\n" }
        let names = missing.map(\.subject.rawValue).joined(separator: ", ")
        return text
            + "\(missing.count == 1 ? "One thing is" : "\(missing.count) things are") missing: \(names). Begin with \(first.subject.rawValue).\n"
    }
}

extension Trial {
    /// What was found, without a full stop.
    var sentence: String {
        switch finding {
        case .kernel(let release):
            status == .works ? "Linux \(release)" : "Linux \(release), older than 5.10, with which nobody tests"
        case .root: "root"
        case .namespace(let count): "an ordinary user, with \(count) IDs in a namespace of their own"
        case .restricted(let obstacle, let hasOne):
            Self.sentence(obstacle) + (hasOne ? "; images whose files have one owner can be made" : "")
        case .store(let path, let kind): "\(path)" + (kind.map { " on \($0.rawValue)" } ?? "")
        case .space(let bytes, let path): "\(HumanSize.text(bytes)) free for \(path)"
        case .overlay(let byProgram, let kind):
            (byProgram ? "fuse-overlayfs shows layers as one; the kernel does not" : "overlayfs")
                + (kind.map { " on \($0.rawValue)" } ?? "")
        case .noOverlay(let error as SystemCallError):
            "overlayfs cannot be mounted: \(ErrorReport.reason(error.errno))"
        case .noStore(let error), .noOverlay(let error), .noRuntime(let error), .noOutside(let error):
            Self.sentence(error)
        case .runtime(let name, let version): version.contains(name) ? version : "\(name) \(version)"
        case .runtimeEnded(let name, let status, let words):
            "\(name) ran a program, which ended with \(status)" + Self.words(words)
        case .limits(let there, let missing): Self.sentence(there, missing)
        case .programs(let there, let missing):
            (there.map { $0.version.contains($0.name) ? $0.version : $0.name }
                + missing.map { "\($0) is not installed" })
                .joined(separator: "; ")
        case .mirror(let url): "\(url) answers"
        case .noMirror: "no Debian mirror is known: neither DISTILL_DEBIAN_MIRROR nor apt's sources name one"
        case .silentMirror(let url, let error): "\(url): \(Self.sentence(error))"
        case .emulation(let all):
            all.isEmpty
                ? "programs of \(Platform.host.architecture) only" : "also programs of \(all.joined(separator: ", "))"
        case .untried(let subject): "not tried: there is no \(subject.rawValue)"
        }
    }

    private static func sentence(_ error: any Error) -> String { ErrorReport(error)?.sentence ?? "it failed" }

    private static func words(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).last.map { String($0.prefix(200)) }
        return line.map { ": \($0)" } ?? ""
    }

    private static func sentence(_ obstacle: UserNamespace.Obstacle) -> String {
        switch obstacle {
        case .noProgram(let name): "an ordinary user, and \(name) is not installed"
        case .noSubordinates(let user, let file): "an ordinary user: \(file) has no IDs for '\(user)'"
        case .refused: "an ordinary user, and the kernel allows no user namespaces"
        case .notMapped: "an ordinary user, whose IDs could not be mapped"
        }
    }

    private static func sentence(_ there: [String], _ missing: [String]) -> String {
        if missing.isEmpty { return "limits of \(there.joined(separator: ", ")) can be set" }
        let none = "limits of \(missing.joined(separator: ", ")) cannot be set"
        return there.isEmpty ? none : none + "; those of \(there.joined(separator: ", ")) can"
    }

    /// The line that mends it; nil where nothing has to be mended, or nobody knows how.
    func remedy(_ installer: PackageInstaller) -> String? {
        guard status != .works else { return nil }
        switch finding {
        case .restricted(.noProgram(let name), _): return installer.line(for: [name])
        case .restricted(.noSubordinates(let user, _), _):
            return "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)"
        case .restricted(let obstacle, _): return ErrorReport.needOfRoot(obstacle)
        case .programs(_, let missing): return installer.line(for: missing)
        case .noRuntime(SandboxError.noRuntime): return installer.line(for: ["crun"])
        case .noRuntime(SandboxError.runtimeFailed(let name, _)), .runtimeEnded(let name, _, _):
            return
                "install \(name) anew, or another one in its place: \(installer.line(for: [name == "crun" ? "runc" : "crun"]))"
        case .noRuntime(let error): return Self.hint(error) ?? installer.line(for: ["crun"])
        case .noStore(let error), .noOverlay(let error):
            return Self.hint(error)
                ?? "export DISTILL_ROOT=DIRECTORY, a directory of yours on a file system of this machine"
        case .noOutside(NetworkError.noOutside(.refused)):
            return "sudo modprobe tun; in a container, start that with --device /dev/net/tun"
        case .noOutside(let error): return Self.hint(error) ?? "use --network host, or none, until it does"
        case .space: return "distill system prune --all --force"
        case .noMirror, .silentMirror:
            return "export DISTILL_DEBIAN_MIRROR=URL, the address of a mirror that this machine reaches"
        case .emulation: return installer.line(for: ["qemu"])
        case .limits(let there, let missing): return Self.remedy(there, missing)
        case .kernel: return "start a newer kernel of your distribution: docs/kernels.md says what works from which on"
        case .overlay: return "nothing has to be: it is slower than a kernel of 5.11 or later, which shows them itself"
        case .untried(let subject): return "mend the \(subject.rawValue) first"
        case .root, .namespace, .store, .runtime, .mirror: return nil
        }
    }

    /// What is advised for an error, unless it is to run what tells this.
    private static func hint(_ error: any Error) -> String? {
        ErrorReport(error)?.hint.flatMap { $0.contains("distill doctor") ? nil : $0 }
    }

    private static func remedy(_ there: [String], _ missing: [String]) -> String {
        guard UserNamespace.isInitial else { return "run it as root: control groups of ordinary users are not used" }
        guard there.isEmpty else {
            return
                "start the kernel with \(missing.map { "cgroup_enable=\($0)" }.joined(separator: " ")), or do without these limits"
        }
        return "sudo mount -t cgroup2 none /sys/fs/cgroup; in a container, start that with --privileged"
    }
}
