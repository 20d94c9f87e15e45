package import LinuxSystem
import Synchronization
package import SystemPackage

/// A router's way to the outside: slirp4netns at its device, which carries on as connections of this machine what members
/// send to other addresses. No packet filter and no route of this machine is touched, and no right is needed.
package final class OutsideAccess: Sendable {
    package static let program = "slirp4netns"

    /// Why members do not reach the outside.
    package enum Obstacle: Hashable, Sendable {
        case noProgram(String)
        /// The device that it needs cannot be had, or it cannot be executed.
        case refused(String, Errno)
        case notStarted(String, messages: String)
        /// It did, and does no more.
        case ended(String, messages: String)
    }

    private let child: ChildProcess
    /// When it ends, with this process for one, so does the program.
    private let life: Mutex<DescriptorBox?>
    private let told: Told

    /// What the program has said.
    private final class Told: Sendable {
        let isReady = Atomic(false)
        let messages = Mutex<[UInt8]>([])
    }

    /// Starts the program.
    ///
    /// - Parameter reachesHost: whether the next router's address is this machine's loopback.
    /// - Throws: ``NetworkError/noOutside(_:)``, and what ``Router/openOutside(reachesHost:)`` throws.
    package init(of router: Router, environment: HostEnvironment, reachesHost: Bool) throws(NetworkError) {
        guard let path = environment.program(Self.program) else { throw .noOutside(.noProgram(Self.program)) }
        do { try router.openOutside(reachesHost: reachesHost) } catch NetworkError.refused(.tap, let errno) {
            throw .noOutside(.refused("/dev/net/tun", errno))
        }
        do {
            let (life, ready, errors) = (
                try DescriptorBox.pipe(), try DescriptorBox.pipe(), try DescriptorBox.pipe()
            )
            var program = ChildProcess.Program(
                arguments: [path.string] + Self.arguments(router, reachesHost: reachesHost), directory: "/")
            (program.streams, program.further) = ([life.reading, nil, errors.writing], ready.writing)
            let told = Told()
            self.told = told
            self.life = Mutex(life.writing)
            child = try ChildProcess(
                starting: program,
                observing: ChildStreams(outputs: [
                    .init(ready.reading) { _ in
                        told.isReady.store(true, ordering: .releasing)
                        return false
                    },
                    .init(errors.reading) { bytes in
                        told.messages.withLock { $0 = Array(($0 + bytes).prefix(1000)) }
                        return true
                    },
                ]))
        } catch {
            throw .noOutside(.refused(path.string, error.errno))
        }
        ProcessGuard.watch(child)
    }

    private static func arguments(_ router: Router, reachesHost: Bool) -> [String] {
        // It needs no right and few calls: what members send is a stranger's.
        var result = ["--exit-fd=0", "--ready-fd=3", "--enable-sandbox", "--enable-seccomp"]
        result += ["--mtu=\(Router.packetSize)", "--cidr=\(router.plan.outside)", "--netns-type=path"]
        if !reachesHost { result.append("--disable-host-loopback") }
        return result + [router.namespace.path.string, Router.outside]
    }

    private static let patience = Duration.seconds(60)

    /// Waits until it carries packets, a minute at most.
    ///
    /// - Throws: ``NetworkError/noOutside(_:)``.
    package func ready() async throws {
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(1)
        while !told.isReady.load(ordering: .acquiring) {
            guard !child.hasEnded, ContinuousClock.now - start < Self.patience else {
                throw NetworkError.noOutside(.notStarted(Self.program, messages: messages))
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(16))
        }
        if child.hasEnded { throw NetworkError.noOutside(.ended(Self.program, messages: messages)) }
    }

    /// Waits until the program has ended.
    package func end() async -> Obstacle {
        _ = await child.end()
        ProcessGuard.forget(child)
        return .ended(Self.program, messages: messages)
    }

    /// Ends the program, and waits for that.
    package func close() async {
        life.withLock { $0 = nil }
        child.kill()
        _ = await child.end()
        ProcessGuard.forget(child)
    }

    /// What the program wrote, bytes of a stranger's.
    private var messages: String { told.messages.withLock { String(decoding: $0, as: UTF8.self) } }
}
