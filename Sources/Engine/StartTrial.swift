import Containers
import Inspection
import LinuxSystem
import OCI
import Sandbox
import Storage

/// Starts an image's program once: in a container of its own, without a network, and for a limited time.
struct StartTrial: Sendable {
    let engine: Engine
    /// In seconds.
    let limit: Int

    /// - Returns: nil for an image that starts nothing.
    /// - Throws: ``SandboxError`` where nothing can be executed at all, and the store's errors.
    func run(_ image: Image, _ change: StartChange) async throws -> StartOutcome? {
        guard !image.config.container.arguments(entrypoint: change.entrypoint, command: change.command).isEmpty else {
            return nil
        }
        let platform = image.config.platform
        guard
            platform.serves(.host) || (platform.os == Platform.host.os && Emulation.isRegistered(platform.architecture))
        else {
            return StartOutcome(.foreign, limit: limit)
        }
        let runtime = try engine.runtime()
        let (store, specification) = (engine.store, change.specification(of: image))
        let container: MountedContainer
        do {
            container = try await store.perform { try MountedContainer(specification, of: image, in: store) }
        } catch is ContainerError {
            return StartOutcome(.notExecuted, limit: limit)
        } catch is AccountError {
            return StartOutcome(.notExecuted, limit: limit)
        }
        defer { container.discard() }
        let tail = OutputTail()
        let end = try await watch(runtime, container, tail)
        return StartOutcome(end, limit: limit, output: tail.bytes)
    }

    /// Waits for its end or that of its time, whichever comes first; nothing of it is left then.
    private func watch(_ runtime: any ContainerRuntime, _ container: MountedContainer, _ tail: OutputTail) async throws
        -> StartOutcome.End
    {
        let streams = ProcessStreams.together { bytes in
            tail.append(bytes)
            return true
        }
        let limit = limit
        do {
            let exit = try await withThrowingTaskGroup(of: ProcessExit?.self) { group in
                group.addTask {
                    try await runtime.run(container.process, bundle: container.root.bundle, streams: streams)
                }
                group.addTask {
                    try await Task.sleep(for: .seconds(limit))
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            switch exit {
            case nil: return .running
            case .code(let status): return .exited(status)
            case .signal(let number): return .signal(number)
            case .outOfMemory: return .signal(9)
            }
        } catch SandboxError.programMissing, SandboxError.programNotExecutable {
            return .notExecuted
        }
    }
}
