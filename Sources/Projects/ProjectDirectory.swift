package import LinuxSystem
package import OCI
package import Storage
package import SystemPackage

/// What is kept of a project that runs or ran: `compose/NAME` in the store.
///
/// ```
/// lock        held by the process that looks after the services, as long as it does
/// state.json  what is known of them, always whole
/// timeout     how many seconds services have to end, where `down` says it
/// network     where the process that looks after the services mounts their network's namespaces
/// log, log.1  what they wrote: the service's name, a tab, and a line
/// ```
package struct ProjectDirectory {
    package let directory: Directory
    package let path: FilePath

    private static let lockName = Array("lock".utf8)
    private static let stateName = Array("state.json".utf8)
    private static let timeoutName = Array("timeout".utf8)

    package init(_ project: String, in store: Store) throws {
        let parent = Array("compose".utf8)
        let root = try Directory(opening: store.path)
        try root.ensureDirectory(parent, mode: 0o711)
        let projects = try root.openDirectory(parent)
        try projects.ensureDirectory(Array(project.utf8), mode: 0o700)
        directory = try projects.openDirectory(Array(project.utf8))
        path = store.path.appending("compose").appending(project)
    }

    /// The right to look after the project, for as long as this object lives.
    package final class Lock: Sendable {
        private let range: RangeLock
        /// What versions before this one look at, and hold while they look.
        private let file: FileLock

        package init(range: RangeLock, file: FileLock) { (self.range, self.file) = (range, file) }
    }

    /// The right to look after the project; nil while another process does.
    package func lock() throws -> Lock? {
        guard let range = try RangeLock.attempt(0, of: Self.lockName, in: directory),
            let file = try FileLock.attempt(Self.lockName, in: directory, mode: .exclusive)
        else { return nil }
        return Lock(range: range, file: file)
    }

    /// Whether a process looks after the project: asked, so that nobody who wants the lock meets us holding it.
    package func isLocked() throws -> Bool { try RangeLock.isHeld(0, of: Self.lockName, in: directory) }

    package var state: ProjectState? {
        // What is not whole is nothing.
        guard let bytes = try? directory.read(Self.stateName), let json = try? JSON.parse(bytes) else { return nil }
        return ProjectState(json)
    }

    package func write(_ state: ProjectState) throws { try replace(Self.stateName, with: state.json.text) }

    /// So that others see all of it or what was there before.
    private func replace(_ name: [UInt8], with text: String) throws {
        let temporary = ProcessFacts.temporaryName
        try directory.createFile(temporary, mode: 0o600).write(Array(text.utf8))
        try directory.rename(temporary, to: name, in: directory)
    }

    /// How long services have to end, as whoever asks for their end says; nil for their own times.
    package var stopTimeout: Duration? {
        // Nobody has said anything.
        guard let text = try? directory.read(Self.timeoutName), let seconds = Int(String(decoding: text, as: UTF8.self))
        else { return nil }
        return .seconds(seconds)
    }

    package func write(stopTimeout seconds: Int?) throws {
        try directory.removeFile(Self.timeoutName)
        if let seconds { try replace(Self.timeoutName, with: "\(seconds)") }
    }

    /// Forgets everything but the lock, which others may be waiting for.
    package func clear() throws {
        for name in try directory.names() where name != Self.lockName { try directory.removeTree(name) }
    }
}

/// What is known of a project's services, for `ps` and for whoever cleans up.
package struct ProjectState {
    package struct ServiceState {
        package let service: String
        package let container: String
        package let image: String
        /// `running`, `exited`: docker's words.
        package var state: String
        package var exitCode: Int32?
        package var health: String
        package var process: Int32?
        package var ports: [String]

        /// What became of it when nobody looks after it any more.
        package var abandoned: ServiceState {
            guard state != "exited" else { return self }
            var result = self
            (result.state, result.health, result.process) = ("dead", "", nil)
            return result
        }
    }

    package let project: String
    /// The process that looks after the services.
    package let process: Int32
    /// What was asked for, to see whether something else is now.
    package let digest: String
    package var services: [ServiceState] = []

    package init(project: String, process: Int32, digest: String) {
        (self.project, self.process, self.digest) = (project, process, digest)
    }

    package init?(_ json: JSON) {
        guard let project = json["project"]?.string, let process = json["pid"]?.integer,
            let digest = json["digest"]?.string
        else { return nil }
        self.init(project: project, process: Int32(clamping: process), digest: digest)
        services = (json["services"]?.array ?? []).compactMap(ServiceState.init)
    }

    package var json: JSON {
        .object([
            "project": .string(project), "pid": .integer(Int64(process)), "digest": .string(digest),
            "services": .array(services.map(\.json)),
        ])
    }
}

extension ProjectState.ServiceState {
    package init?(_ json: JSON) {
        guard let service = json["Service"]?.string, let container = json["Name"]?.string,
            let state = json["State"]?.string
        else { return nil }
        self.init(
            service: service, container: container, image: json["Image"]?.string ?? "", state: state,
            exitCode: json["ExitCode"]?.integer.map { Int32(clamping: $0) }, health: json["Health"]?.string ?? "",
            process: json["Pid"]?.integer.map { Int32(clamping: $0) }, ports: json["Ports"]?.strings ?? [])
    }

    package var json: JSON {
        var object: JSONObject = [
            "Name": .string(container), "Service": .string(service), "Image": .string(image), "State": .string(state),
            "Health": .string(health), "Ports": .strings(ports),
        ]
        if let exitCode { object["ExitCode"] = .integer(Int64(exitCode)) }
        if let process { object["Pid"] = .integer(Int64(process)) }
        return .object(object)
    }

    /// `running (healthy)`, `exited (1)`.
    package var status: String {
        if let exitCode, state == "exited" || state == "restarting" { return "\(state) (\(exitCode))" }
        return state
    }
}
