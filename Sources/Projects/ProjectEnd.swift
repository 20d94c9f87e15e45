import LinuxSystem
package import Storage

/// The end of a project that runs, or the cleaning up after one that did not end well.
package struct ProjectEnd {
    package let name: String
    package let store: Store
    /// Seconds that services have to end; nil for their own times.
    package let timeout: Int?
    /// Is told which services are asked to end.
    package let observer: @Sendable (ProjectEvent) -> Void

    package init(name: String, store: Store, timeout: Int? = nil, observer: @escaping @Sendable (ProjectEvent) -> Void)
    {
        (self.name, self.store, self.timeout, self.observer) = (name, store, timeout, observer)
    }

    package func run() async throws {
        let directory = try ProjectDirectory(name, in: store)
        let lock = try await stopped(directory)
        defer { withExtendedLifetime(lock) {} }
        try directory.clear()
    }

    /// Asks whoever looks after the project to end its services, and waits for that.
    private func stopped(_ directory: ProjectDirectory) async throws -> ProjectDirectory.Lock {
        var isAsked = false
        while true {
            if let lock = try directory.lock() { return lock }
            if !isAsked, let state = directory.state {
                let names = state.services.filter { $0.state != "exited" }.map(\.service)
                observer(.ending(names.isEmpty ? [name] : names))
                try directory.write(stopTimeout: timeout)
                ProcessSignal.send(15, to: state.process)
                isAsked = true
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
