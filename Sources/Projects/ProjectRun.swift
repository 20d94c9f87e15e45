import BuildGraph
package import Compose
import Engine
import LinuxSystem
import Networking
import OCI
import Sandbox
import Solver
package import Storage
import Synchronization
import SystemPackage

/// Looks after a project's services from the first to the last: the process that `up` is, or leaves behind.
package struct ProjectRun {
    private let files: ProjectFiles
    private let project: Project
    private let store: Store
    private let directory: ProjectDirectory
    private let log: ProjectLog
    /// Of what was asked for.
    private let digest: String
    package var ending = Supervision.Ending.whenAllHaveEnded
    package var waitsForHealth = false
    /// The service whose exit code is the project's.
    package var exitCodeFrom: String?
    /// Called when everything that was asked for is there.
    package var ready: @Sendable () -> Void = {}
    /// Is told what happens to services.
    private let observer: @Sendable (ProjectEvent) -> Void

    package init(
        _ project: Project, of files: ProjectFiles, kept: Kept, observer: @escaping @Sendable (ProjectEvent) -> Void
    ) {
        (self.project, self.files, self.observer) = (project, files, observer)
        (store, directory, log, digest) = (kept.store, kept.directory, kept.log, kept.digest)
    }

    /// What is kept of the project, and where.
    package struct Kept {
        let store: Store
        let directory: ProjectDirectory
        let log: ProjectLog
        let digest: String

        /// - Parameter digest: of what was asked for.
        package init(store: Store, directory: ProjectDirectory, log: ProjectLog, digest: String) {
            (self.store, self.directory, self.log, self.digest) = (store, directory, log, digest)
        }
    }

    /// - Returns: the exit status.
    package func run() async throws -> Int32 {
        // Heard from here on, and acted on when there is something to stop.
        let signals = ProcessSignal.received()
        let runtime = try OCIRuntime.installed(searchPath: files.host.searchPath, store: store)
        // So that `down` finds this process from here on.
        try directory.write(ProjectState(project: project.name, process: ProcessFacts.identifier, digest: digest))
        let network = try PrivateNetwork(of: project.services.map(\.name), environment: files.host)
        let leavers = project.services.filter(\.reachesOutside).map(\.name)
        let reachesHost = project.services.contains { service in
            service.extraHosts.contains { $0.address == "host-gateway" }
        }
        let observer = observer
        return try await network.outside(
            for: leavers, reachesHost: reachesHost, tell: { observer(.noOutside($0)) }
        ) { leaving in
            let around = PreparedService.Surroundings(
                files: files, project: project, store: store, network: network, reachingOutside: leaving)
            return try await onNetwork(around, runtime, signals)
        }
    }

    private func onNetwork(
        _ around: PreparedService.Surroundings, _ runtime: any ContainerRuntime, _ signals: AsyncStream<Int32>
    ) async throws -> Int32 {
        let ports = PublishedPorts()
        var services: [PreparedService] = []
        let result: Result<Int32, any Error>
        do {
            // Everything that can be wrong is found before the first program starts.
            let proxies = try await publish(ports, on: around.network)
            for service in project.services { services.append(try prepare(service, around)) }
            try checkHealth(services)
            result = .success(try await supervise(services, proxies, runtime, signals))
        } catch { result = .failure(error) }
        await ports.close()
        for service in services.reversed() { service.discard() }
        return try result.get()
    }

    /// Opens the services' ports, each told with the line of the file that wants it if it cannot be had.
    private func publish(_ ports: PublishedPorts, on network: PrivateNetwork) async throws -> [PublishedService] {
        let wanted = project.services.flatMap { service in service.ports.map { (service: service.name, port: $0) } }
        let publications = wanted.map { $0.port.publication(of: $0.service) }
        do {
            return zip(wanted, try await ports.open(publications, on: network)).map {
                .init(name: $0.service, port: $0.port, bound: $1.bound)
            }
        } catch NetworkError.cannotListen(let publication, let errno) {
            let place = zip(wanted, publications).first { $1 == publication }?.0.port
            throw place.map { ProjectError.cannotListen($0.address, errno, $0.place) }
                ?? NetworkError.cannotListen(publication, errno)
        }
    }

    /// A port of a service that leads to it, and the one that is listened on.
    struct PublishedService {
        let name: String
        let port: PublishedPort
        let bound: Int
    }

    private func prepare(_ service: Service, _ around: PreparedService.Surroundings) throws -> PreparedService {
        let place = service.image?.place ?? service.place
        let name = service.imageName(in: project.name)
        guard let image = try service.storedImage(in: project, store) else {
            throw ProjectError.noImage(name, service: service.name, cause: nil, place)
        }
        guard image.config.platform.serves(.host) else {
            throw ProjectError.service(
                service.name,
                cause: EngineError.otherPlatform(try ImageReference(name), has: image.config.platform, wanted: .host),
                place)
        }
        do { return try PreparedService(service, image, around) } catch let error as ProjectError {
            throw error
        } catch let error as ComposeError {
            throw error
        } catch { throw ProjectError.service(service.name, cause: error, service.place) }
    }

    private func checkHealth(_ services: [PreparedService]) throws {
        for service in project.services {
            for dependency in service.dependencies where dependency.condition == .healthy {
                if services.contains(where: { $0.service.name == dependency.service && $0.probe == nil }) {
                    throw ComposeError(dependency.place, .noHealthcheck(service: dependency.service))
                }
            }
        }
    }

    /// What the tasks of a supervision share.
    final class Shared: Sendable {
        let events: AsyncStream<Supervision.Event>
        let post: AsyncStream<Supervision.Event>.Continuation
        let running = Mutex<[String: any RuntimeContainer]>([:])
        let errors = Mutex<[String: any Error]>([:])
        let probes = Mutex<[String: ProjectError.Evidence]>([:])

        init() { (events, post) = AsyncStream.makeStream() }
    }

    private func supervise(
        _ services: [PreparedService], _ proxies: [PublishedService], _ runtime: any ContainerRuntime,
        _ signals: AsyncStream<Int32>
    ) async throws -> Int32 {
        let probed = Set(services.filter { $0.probe != nil }.map(\.service.name))
        var supervision = try Supervision(project, probed: probed, ending: ending, waitsForHealth: waitsForHealth)
        let byName = Dictionary(services.map { ($0.service.name, $0) }) { first, _ in first }
        let shared = Shared()
        shared.post.yield(.began)
        var starts: [String: Int] = [:]
        await withDiscardingTaskGroup { group in
            group.addTask {
                var isAsked = false
                for await _ in signals {
                    shared.post.yield(isAsked ? .killAsked : .stopAsked)
                    isAsked = true
                }
            }
            for await event in shared.events {
                report(event, services)
                let actions = supervision.handle(event)
                record(supervision, services, proxies, shared)
                for action in actions {
                    switch action {
                    case .start(let name):
                        guard let service = byName[name] else { continue }
                        starts[name, default: 0] += 1
                        let container = ServiceRun(
                            service: service, number: starts[name, default: 0], shared: shared, log: log,
                            runtime: runtime)
                        group.addTask { await container.run() }
                    case .stop(let name):
                        guard let service = byName[name] else { continue }
                        observer(.stopping(name))
                        shared.running.withLock { $0[name] }?.send(service.stopSignal)
                        let grace = directory.stopTimeout ?? service.service.stopGracePeriod
                        group.addTask { await Self.post(.graceEnded(name), after: grace, shared) }
                    case .kill(let name): shared.running.withLock { $0[name] }?.kill()
                    case .restart(let name, let pause):
                        group.addTask { await Self.post(.restartDue(name), after: pause, shared) }
                    case .ready: ready()
                    case .end: shared.post.finish()
                    }
                }
            }
            group.cancelAll()
        }
        return try outcome(supervision, shared)
    }

    private static func post(_ event: Supervision.Event, after pause: Duration, _ shared: Shared) async {
        // Cancelled: the project has ended.
        guard (try? await Task.sleep(for: pause)) != nil else { return }
        shared.post.yield(event)
    }

    private func report(_ event: Supervision.Event, _ services: [PreparedService]) {
        switch event {
        case .started(let name): observer(.started(name))
        case .exited(let name, let code, _): observer(.exited(name, code: code))
        case .examined(let name, let health) where health != .starting: observer(.examined(name, health))
        case .stopAsked: observer(.endAsked)
        case .began, .failed, .examined, .restartDue, .graceEnded, .killAsked: break
        }
    }

    private func outcome(_ supervision: Supervision, _ shared: Shared) throws -> Int32 {
        if let failure = supervision.failure {
            func place(_ name: String) -> Place? { project.service(name)?.place }
            switch failure {
            case .cannotStart(let name):
                if let error = shared.errors.withLock({ $0[name] }), let place = place(name) {
                    throw ProjectError.service(name, cause: error, place)
                }
                throw ProjectError.failure(failure, .lines(log.lastLines(of: name)), place(name))
            case .unhealthy(let name, let dependent):
                let seen = shared.probes.withLock { $0[name] } ?? .lines(log.lastLines(of: name))
                let dependency = dependent.flatMap {
                    project.service($0)?.dependencies.first { $0.service == name }?.place
                }
                throw ProjectError.failure(failure, seen, dependency ?? place(name))
            case .ended(let name, _, let dependent):
                let dependency = project.service(dependent)?.dependencies.first { $0.service == name }?.place
                throw ProjectError.failure(failure, .lines(log.lastLines(of: name)), dependency ?? place(name))
            }
        }
        if let exitCodeFrom, case .exited(let code) = supervision.states[exitCodeFrom]?.status { return code }
        return supervision.firstEnded?.code ?? 0
    }

    private func record(
        _ supervision: Supervision, _ services: [PreparedService], _ proxies: [PublishedService], _ shared: Shared
    ) {
        var state = ProjectState(project: project.name, process: ProcessFacts.identifier, digest: digest)
        for service in services {
            let name = service.service.name
            guard let known = supervision.states[name] else { continue }
            let ports = proxies.filter { $0.name == name }.map { $0.port.text(bound: $0.bound) }
            state.services.append(
                .init(
                    service: name, container: service.service.containerName(in: project.name), image: service.image,
                    state: known.status.word, exitCode: known.status.exitCode,
                    health: known.status == .running ? known.health.rawValue : "",
                    process: known.status == .running ? shared.running.withLock { $0[name]?.process } : nil,
                    ports: ports))
        }
        // `ps` shows what was written last.
        try? directory.write(state)
    }
}

extension Supervision.Status {
    /// docker's words.
    fileprivate var word: String {
        switch self {
        case .waiting, .starting: "created"
        case .running, .stopping: "running"
        case .restarting: "restarting"
        case .exited: "exited"
        }
    }

    fileprivate var exitCode: Int32? {
        switch self {
        case .exited(let code), .restarting(let code): code
        case .waiting, .starting, .running, .stopping: nil
        }
    }
}

extension PublishedPort {
    fileprivate func publication(of service: String) -> Publication {
        Publication(
            member: service, host: host ?? "0.0.0.0", published: published, target: target,
            transport: transport == .tcp ? .tcp : .udp)
    }
}
