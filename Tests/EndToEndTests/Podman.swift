import TestSupport
import Testing

/// Podman with a store of its own, set up so that it also runs inside of containers and on hosts that mix the two
/// versions of control groups: those are hidden from it, and no limit is raised.
struct Podman {
    let directory: String

    private func command(_ arguments: [String], input: String = "") -> Command {
        let script = """
            mount -t tmpfs none /sys/fs/cgroup 2>/dev/null
            exec podman --root "$0/root" --runroot "$0/run" --storage-driver vfs --cgroup-manager cgroupfs \
            --log-level error "$@"
            """
        return Command("unshare", ["--mount", "sh", "-c", script, directory] + arguments, input: input)
    }

    /// Loads an archive.
    ///
    /// - Returns: the name under which podman knows the image.
    func load(_ archive: String) async throws -> String {
        let outcome = try await command(["load", "-i", archive]).run()
        try outcome.mustSucceed()
        let line = try #require(
            outcome.output.split(separator: "\n").last { $0.contains("Loaded image") }, "\(outcome)")
        return String(try #require(line.split(separator: " ").last))
    }

    /// Runs a command that must succeed.
    func succeed(_ arguments: String...) async throws { try await command(arguments).run().mustSucceed() }

    func run(_ image: String, _ arguments: [String], input: String = "") async throws -> Command.Outcome {
        let limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
        return try await command(
            ["run", "--rm", "-i", "--cgroups=disabled", "--network=none"] + limits + [image] + arguments, input: input
        ).run()
    }
}
