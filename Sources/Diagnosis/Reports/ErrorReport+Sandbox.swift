import Containers
import Rendering
package import Sandbox

extension ErrorReport {
    package init(_ error: SandboxError) {
        switch error {
        case .noRuntime:
            self.init(
                "no OCI runtime is installed: none of \(OCIRuntime.names.joined(separator: ", ")) is on PATH",
                hint: "apt-get install crun")
        case .runtimeVanished(let path): self.init("the OCI runtime '\(path)' cannot be executed any more")
        case .runtimeFailed(let runtime, let words):
            self.init("\(runtime) could not run the container: \(words.isEmpty ? "it says nothing" : words)")
        case .limitUnavailable(let controller, let reason):
            self.init(
                "the limit cannot be set: the kernel's control group '\(controller)' cannot be used here (\(reason))",
                hint: "without root a group must be delegated: systemd-run --user --scope -p Delegate=yes distill …")
        case .programMissing(let name): self.init(ContainerError.missingProgram(name))
        case .programNotExecutable(let name): self.init(ContainerError.notExecutable(name))
        }
    }

    /// Processes that the kernel has ended for want of memory.
    ///
    /// - Parameter limit: bytes.
    init(outOfMemory limit: Int64?) {
        self.init(
            "exit code 137: its memory was used up" + (limit.map { " (--memory \(HumanSize.text($0)))" } ?? "")
                + ", and the kernel ended it",
            hint: "give it more with --memory", status: 137)
    }

    /// A RUN step whose program was not executed, with the exit code that a shell gives for that.
    package init(notExecuted name: String, isMissing: Bool, isShell: Bool) {
        guard isMissing else {
            self.init(
                "exit code 126: '\(name)' cannot be executed",
                hint:
                    "it needs the right to be executed (chmod +x, COPY --chmod=755), and to be a program for this machine or a script that begins with #!"
            )
            return
        }
        if isShell {
            self.init(
                "exit code 127: this base has no shell: '\(name)' is not there, or what it is loaded with is not",
                hint:
                    "do it in an earlier stage and COPY --from it, or take the base's variant with a shell, whose tag ends in 'debug', and write SHELL [\"/busybox/sh\", \"-c\"] above"
            )
        } else {
            self.init(
                "exit code 127: the program '\(name)' is not there, or what it is loaded with is not",
                hint: "a script needs the interpreter of its first line, a dynamic program its loader and libraries")
        }
    }
}
