import LinuxSystem
import Subprocess
import Synchronization
import SystemPackage

/// A network's way to the outside: slirp4netns at its bridge, which carries on as connections of this machine what
/// services send to other addresses. No packet filter and no route of this machine is touched, and no right is needed.
package struct OutsideAccess {
    package let network: PrivateNetwork
    /// Those that may go there.
    package let members: [String]
    /// Whether services may reach what listens on this machine's loopback address alone.
    package let reachesHost: Bool

    /// Bytes: as much as slirp4netns takes. Nothing but memory lies between it and the services.
    package static let packetSize = 65520
    package static let program = "slirp4netns"
    private static let device = "outside"

    /// Why members do not reach the outside.
    package enum Obstacle: Sendable {
        case noProgram(String)
        case notStarted(String, messages: String)
        /// It did, and does no more.
        case ended(String, messages: String)
    }

    private enum Phase { case starting, connected, over }

    private final class State: Sendable {
        let phase = Mutex(Phase.starting)
    }

    /// - Parameter members: those that may go there.
    package init(of members: [String], on network: PrivateNetwork, reachesHost: Bool) {
        (self.network, self.members, self.reachesHost) = (network, members, reachesHost)
    }

    /// Runs `body` while members reach the outside, and hands it the names of those that do.
    ///
    /// - Parameter tell: is told why they do not, where they do not: an application may need nothing from there.
    package func around<Result: Sendable>(
        tell: @escaping @Sendable (Obstacle) -> Void, _ body: @escaping @Sendable (Set<String>) async throws -> Result
    ) async throws -> Result {
        guard !members.isEmpty else { return try await body([]) }
        guard let program = network.environment.program(Self.program), let shell = network.environment.program("sh")
        else {
            tell(.noProgram(Self.program))
            return try await body([])
        }
        let state = State()
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                // What it says is in its file; the services go on without it.
                try? await serve(program, shell)
                let last = state.phase.withLock { phase in
                    defer { phase = .over }
                    return phase
                }
                if last == .connected, !Task.isCancelled { tell(.ended(Self.program, messages: messages)) }
                return nil
            }
            group.addTask {
                guard try await isReady(state) else {
                    tell(.notStarted(Self.program, messages: messages))
                    return try await body([])
                }
                try await connect()
                state.phase.withLock { if $0 == .starting { $0 = .connected } }
                return try await body(Set(members))
            }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    /// Runs the program until it ends, the task is cancelled or this process ends, and with it the program's input.
    private func serve(_ program: FilePath, _ shell: FilePath) async throws {
        let script = "cd \"$1\" && shift && exec \"$@\" 3> ready 2> messages"
        var arguments = [
            "-c", script, "sh", network.directory.string, program.string, "--configure", "--exit-fd=0", "--ready-fd=3",
        ]
        // It needs no right and few calls: what services send is a stranger's.
        arguments += ["--enable-sandbox", "--enable-seccomp"]
        arguments += ["--mtu=\(Self.packetSize)", "--cidr=\(network.range)", "--netns-type=path"]
        if !reachesHost { arguments.append("--disable-host-loopback") }
        arguments += [network.namespace.string, Self.device]
        var options = PlatformOptions()
        // What a terminal's keys send does not reach it.
        options.createSession = true
        _ = try await Subprocess.run(
            .path(shell), arguments: Arguments(arguments), platformOptions: options, input: .inputWriter,
            output: .sequence, error: .discarded
        ) { execution in
            // It tells nothing of use there; the end of it is the program's.
            for try await _ in execution.standardOutput {}
            try await execution.standardInputWriter.finish()
        }
    }

    /// Joins the program's device to the bridge, and shows services the way.
    private func connect() async throws {
        try await network.configure(
            network.namespace,
            ["addr flush dev \(Self.device)", "link set \(Self.device) master \(PrivateNetwork.bridge) up"])
        for member in members {
            try await network.configure(network.namespace(of: member), ["route add default via \(network.router)"])
        }
    }

    /// Waits until the program is there, ten seconds at most.
    private func isReady(_ state: State) async throws -> Bool {
        let clock = ContinuousClock()
        let start = clock.now
        while state.phase.withLock({ $0 == .starting }), clock.now - start < .seconds(10) {
            if let text = read("ready"), !text.isEmpty { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    private func read(_ name: String) -> [UInt8]? {
        // Not there yet.
        try? Directory(opening: network.directory).read(Array(name.utf8))
    }

    /// What the program wrote, bytes of a stranger's.
    private var messages: String { String(decoding: read("messages")?.prefix(1000) ?? [], as: UTF8.self) }
}
