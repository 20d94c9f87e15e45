/// What becomes of a project's services: takes what has happened, and tells what to do.
///
/// It knows no process, clock or file; whoever runs the services hands it events and carries out its actions.
package struct Supervision: Sendable {
    package enum Status: Hashable, Sendable {
        /// For the services that it depends on.
        case waiting
        case starting
        case running
        /// It has ended and starts again when its pause is over.
        case restarting(code: Int32)
        /// It has been asked to end.
        case stopping
        case exited(code: Int32)
    }

    package enum Health: String, Hashable, Sendable {
        /// Nothing examines it.
        case none = ""
        case starting, healthy, unhealthy
    }

    package struct State: Hashable, Sendable {
        package var status = Status.waiting
        package var health = Health.none
        /// Whether its process has ever been there.
        package var hasStarted = false
        package var restarts = 0
    }

    package enum Event: Hashable, Sendable {
        case began
        case started(String)
        /// - Parameter ran: how long its process was there.
        case exited(String, code: Int32, ran: Duration)
        /// Its process could not be made.
        case failed(String)
        case examined(String, Health)
        case restartDue(String)
        case graceEnded(String)
        case stopAsked
        case killAsked
    }

    package enum Action: Hashable, Sendable {
        case start(String)
        /// Send its stop signal, and tell when its time is over.
        case stop(String)
        case kill(String)
        case restart(String, after: Duration)
        /// Everything that was asked for is there.
        case ready
        case end
    }

    package enum Failure: Error, Hashable, Sendable {
        case unhealthy(String, dependent: String?)
        /// A service that another one waits for has ended.
        case ended(String, code: Int32, dependent: String)
        case cannotStart(String)
    }

    /// Which ends of services end the project.
    package enum Ending: Hashable, Sendable {
        case whenAllHaveEnded
        case whenOneHasEnded
    }

    private let services: [Service]
    private let order: [String]
    private let ending: Ending
    private let waitsForHealth: Bool
    private let probed: Set<String>
    package private(set) var states: [String: State] = [:]
    /// Why the project is being taken down, where that is nobody's wish.
    package private(set) var failure: Failure?
    /// The service whose end ended the project.
    package private(set) var firstEnded: (service: String, code: Int32)?
    package private(set) var isStopping = false
    private var isReady = false
    private var hasEnded = false

    /// - Parameters:
    ///   - project: whose services have no cycle.
    ///   - probed: the services that are examined.
    ///   - waitsForHealth: whether ``Action/ready`` means that all of them are healthy.
    package init(_ project: Project, probed: Set<String>, ending: Ending, waitsForHealth: Bool) throws(ComposeError) {
        order = try project.startOrder()
        services = project.services
        (self.ending, self.waitsForHealth, self.probed) = (ending, waitsForHealth, probed)
        for service in project.services { states[service.name] = State() }
    }

    package mutating func handle(_ event: Event) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .began: break
        case .started(let name):
            states[name]?.status = .running
            states[name]?.hasStarted = true
            if probed.contains(name) { states[name]?.health = .starting }
        case .exited(let name, let code, let ran): actions += ended(name, code, ran)
        case .failed(let name):
            states[name]?.status = .exited(code: 127)
            if !isStopping { fail(.cannotStart(name)) }
        case .examined(let name, let health):
            guard states[name]?.status == .running else { break }
            states[name]?.health = health
            if health == .unhealthy, waitsForHealth, !isReady, !isStopping { fail(.unhealthy(name, dependent: nil)) }
        case .restartDue(let name):
            guard case .restarting = states[name]?.status, !isStopping else { break }
            states[name]?.status = .starting
            actions.append(.start(name))
        case .graceEnded(let name):
            if states[name]?.status == .stopping { actions.append(.kill(name)) }
        case .stopAsked: isStopping = true
        case .killAsked:
            isStopping = true
            for name in order.reversed() where isActive(name) {
                states[name]?.status = .stopping
                actions.append(.kill(name))
            }
        }
        return actions + settle()
    }

    private mutating func fail(_ reason: Failure) {
        if failure == nil { failure = reason }
        isStopping = true
    }

    /// Whether it has a process, or is about to have one.
    private func isActive(_ name: String) -> Bool {
        switch states[name]?.status {
        case .starting, .running, .stopping: true
        case .waiting, .restarting, .exited, nil: false
        }
    }

    private mutating func ended(_ name: String, _ code: Int32, _ ran: Duration) -> [Action] {
        guard var state = states[name] else { return [] }
        defer { states[name] = state }
        // One that ends at once may be gone before anybody sees that it is there.
        state.hasStarted = true
        let policy = services.first { $0.name == name }?.restart ?? .never
        let isAgain =
            switch policy {
            case .never: false
            case .always, .unlessStopped: true
            case .onFailure(let limit): code != 0 && limit.map { state.restarts < $0 } ?? true
            }
        if isAgain, !isStopping, ending == .whenAllHaveEnded {
            // A program that has worked for a while begins with the shortest pause again.
            if ran >= .seconds(10) { state.restarts = 0 }
            let pause = Duration.milliseconds(100 << min(state.restarts, 9))
            state.restarts += 1
            state.status = .restarting(code: code)
            return [.restart(name, after: pause)]
        }
        state.status = .exited(code: code)
        if ending == .whenOneHasEnded, !isStopping {
            firstEnded = (name, code)
            isStopping = true
        }
        return []
    }

    /// What follows from the states.
    private mutating func settle() -> [Action] {
        var actions: [Action] = []
        if !isStopping { actions += startNext() }
        if isStopping { actions += stopNext() }
        if !isStopping, !isReady, order.allSatisfy(isThere) {
            isReady = true
            actions.append(.ready)
        }
        let isOver = states.values.allSatisfy { state in
            if case .exited = state.status { true } else { false }
        }
        if isOver, !hasEnded {
            hasEnded = true
            actions.append(.end)
        }
        return actions
    }

    private func isThere(_ name: String) -> Bool {
        guard let state = states[name] else { return false }
        switch state.status {
        case .waiting, .starting, .stopping: return false
        case .running: return !waitsForHealth || state.health == .none || state.health == .healthy
        case .restarting: return !waitsForHealth
        case .exited: return true
        }
    }

    private mutating func startNext() -> [Action] {
        var actions: [Action] = []
        for name in order where states[name]?.status == .waiting {
            guard let service = services.first(where: { $0.name == name }) else { continue }
            var isDue = true
            for dependency in service.dependencies {
                switch outcome(of: dependency, for: name) {
                case .met: continue
                case .open: isDue = false
                case .impossible(let reason):
                    if !dependency.isRequired { continue }
                    fail(reason)
                    return actions
                }
            }
            guard isDue else { continue }
            states[name]?.status = .starting
            actions.append(.start(name))
        }
        return actions
    }

    private enum Outcome {
        case met, open
        case impossible(Failure)
    }

    private func outcome(of dependency: Dependency, for dependent: String) -> Outcome {
        guard let state = states[dependency.service] else { return .met }
        switch (dependency.condition, state.status) {
        case (.started, _): return state.hasStarted ? .met : .open
        case (.completed, .exited(code: 0)): return .met
        case (.completed, .exited(let code)), (.healthy, .exited(let code)):
            return .impossible(.ended(dependency.service, code: code, dependent: dependent))
        case (.completed, _): return .open
        case (.healthy, _):
            switch state.health {
            case .healthy: return .met
            case .unhealthy: return .impossible(.unhealthy(dependency.service, dependent: dependent))
            case .none, .starting: return .open
            }
        }
    }

    /// Asks those to end that nobody needs any more.
    private mutating func stopNext() -> [Action] {
        var actions: [Action] = []
        for name in order.reversed() {
            guard let state = states[name] else { continue }
            switch state.status {
            case .waiting: states[name]?.status = .exited(code: 0)
            case .restarting(let code): states[name]?.status = .exited(code: code)
            case .running:
                let isNeeded = services.contains { service in
                    service.dependencies.contains { $0.service == name } && isActive(service.name)
                }
                guard !isNeeded else { continue }
                states[name]?.status = .stopping
                actions.append(.stop(name))
            // One that is starting is asked when it is there.
            case .starting, .stopping, .exited: continue
            }
        }
        return actions
    }
}
