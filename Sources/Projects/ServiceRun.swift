import Compose
import LinuxSystem
import Rendering
import Sandbox
import Synchronization
import SystemPackage

/// One start of a service: its process from the beginning to the end, examined meanwhile.
struct ServiceRun: Sendable {
    let service: PreparedService
    /// Counts the starts.
    let number: Int
    let shared: ProjectRun.Shared
    let log: ProjectLog
    let runtime: any ContainerRuntime

    private var name: String { service.service.name }

    func run() async {
        let (containers, found) = AsyncStream<any RuntimeContainer>.makeStream()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await attend(found)
                return true
            }
            if let probe = service.probe {
                group.addTask {
                    for await container in containers { await examine(container, probe) }
                    return false
                }
            }
            while let isOver = await group.next() {
                if isOver { group.cancelAll() }
            }
        }
    }

    private func attend(_ found: AsyncStream<any RuntimeContainer>.Continuation) async {
        let clock = ContinuousClock()
        let start = clock.now
        let event: Supervision.Event
        do {
            let bundle = try service.makeBundle(number)
            let streams = ProcessStreams.together { bytes in
                log.write(bytes, of: name)
                return true
            }
            let moments = ProcessMoments(started: { container in
                shared.running.withLock { $0[name] = container }
                shared.post.yield(.started(name))
                found.yield(container)
            })
            let exit = try await runtime.run(service.process, bundle: bundle, streams: streams, at: moments)
            event = .exited(name, code: exit.status, ran: clock.now - start)
        } catch {
            shared.errors.withLock { $0[name] = error }
            event = .failed(name)
        }
        log.finish(name)
        // Its number may be another process's from now on.
        shared.running.withLock { _ = $0.removeValue(forKey: name) }
        found.finish()
        shared.post.yield(event)
    }

    /// Examines the service until it ends (Compose specification, "healthcheck"; Dockerfile reference, HEALTHCHECK).
    private func examine(_ container: any RuntimeContainer, _ probe: PreparedService.Probe) async {
        let clock = ContinuousClock()
        let start = clock.now
        var failures = 0
        var isStarting = true
        var told: Supervision.Health?
        func tell(_ health: Supervision.Health) {
            if told != health { shared.post.yield(.examined(name, health)) }
            told = health
        }
        while true {
            let isEarly = isStarting && clock.now - start < probe.startPeriod
            do {
                try await Task.sleep(for: isEarly ? min(probe.startInterval, probe.interval) : probe.interval)
                let execution = try await container.examine(
                    service.process, with: probe.arguments, timeout: probe.timeout)
                if execution.exit == .code(0) {
                    (failures, isStarting) = (0, false)
                    tell(.healthy)
                    continue
                }
                // What made it unhealthy is what counts: later tests may find a service that is being stopped.
                if told != .unhealthy { remember(execution, probe) }
            } catch is CancellationError { return } catch {
                // The runtime itself could not be started: as if the test had failed.
                if told != .unhealthy { shared.probes.withLock { $0[name] = .fault(error) } }
            }
            if Task.isCancelled { return }
            if isStarting, clock.now - start < probe.startPeriod { continue }
            failures += 1
            if failures >= probe.retries {
                isStarting = false
                tell(.unhealthy)
            }
        }
    }

    private func remember(_ execution: ProcessExamination, _ probe: PreparedService.Probe) {
        var splitter = LineSplitter()
        var lines = splitter.take(execution.output)
        if let rest = splitter.finish() { lines.append(rest) }
        let end =
            execution.exit.map { "the test ended with exit code \($0.status)" }
            ?? "the test took longer than \(probe.timeout)"
        shared.probes.withLock { $0[name] = .lines(lines.suffix(5) + [end]) }
    }
}
