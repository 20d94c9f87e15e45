/// How a container of an image starts (OCI image specification, config.md, `config`; Docker's image specification for
/// `Healthcheck`, `OnBuild` and `Shell`).
public struct ContainerConfig: Hashable, Sendable {
    public var user = ""
    /// `80/tcp`, sorted.
    public var exposedPorts: Set<String> = []
    /// `NAME=value` in the order of definition.
    public var environment: [String] = []
    public var entrypoint: [String]?
    public var command: [String]?
    public var volumes: Set<String> = []
    /// An absolute path, or empty for `/`.
    public var workingDirectory = ""
    public var labels: [String: String] = [:]
    public var stopSignal: String?
    public var shell: [String]?
    public var healthcheck: Healthcheck?
    public var onBuild: [String] = []
    /// Members that we do not know, in their order.
    public var unknown = JSONObject()

    public init() {}

    public struct Healthcheck: Hashable, Sendable {
        /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", …]`.
        public var test: [String]
        /// Nanoseconds, as in Docker's config; nil for the runtime's default.
        public var interval: Int64?
        public var timeout: Int64?
        public var startPeriod: Int64?
        public var startInterval: Int64?
        public var retries: Int64?

        public init(test: [String]) { self.test = test }
    }

    /// The value of an environment variable; the last definition counts.
    public func environmentValue(_ name: String) -> String? {
        environment.last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// Defines a variable in place of its earlier definition, or at the end.
    public mutating func setEnvironment(_ name: String, _ value: String) {
        let entry = "\(name)=\(value)"
        if let index = environment.firstIndex(where: { $0.hasPrefix(name + "=") }) {
            environment[index] = entry
        } else {
            environment.append(entry)
        }
    }
}

extension ContainerConfig {
    private static let known: Set = [
        "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal", "Shell",
        "Healthcheck", "OnBuild",
    ]

    public init(_ json: JSON) {
        user = json["User"]?.string ?? ""
        exposedPorts = Set(json["ExposedPorts"]?.object?.members.map(\.key) ?? [])
        environment = json["Env"]?.strings ?? []
        entrypoint = json["Entrypoint"]?.strings
        command = json["Cmd"]?.strings
        volumes = Set(json["Volumes"]?.object?.members.map(\.key) ?? [])
        workingDirectory = json["WorkingDir"]?.string ?? ""
        for member in json["Labels"]?.object?.members ?? [] { labels[member.key] = member.value.string }
        stopSignal = json["StopSignal"]?.string
        shell = json["Shell"]?.strings
        onBuild = json["OnBuild"]?.strings ?? []
        if let check = json["Healthcheck"], let test = check["Test"]?.strings {
            var healthcheck = Healthcheck(test: test)
            healthcheck.interval = check["Interval"]?.integer
            healthcheck.timeout = check["Timeout"]?.integer
            healthcheck.startPeriod = check["StartPeriod"]?.integer
            healthcheck.startInterval = check["StartInterval"]?.integer
            healthcheck.retries = check["Retries"]?.integer
            self.healthcheck = healthcheck
        }
        for member in json.object?.members ?? [] where !Self.known.contains(member.key) {
            unknown[member.key] = member.value
        }
    }

    public var json: JSON {
        var object = JSONObject()
        if !user.isEmpty { object["User"] = .string(user) }
        if !exposedPorts.isEmpty { object["ExposedPorts"] = Self.emptyObjects(exposedPorts) }
        if !environment.isEmpty { object["Env"] = .strings(environment) }
        if let entrypoint { object["Entrypoint"] = .strings(entrypoint) }
        if let command { object["Cmd"] = .strings(command) }
        if let healthcheck { object["Healthcheck"] = healthcheck.json }
        if !volumes.isEmpty { object["Volumes"] = Self.emptyObjects(volumes) }
        if !workingDirectory.isEmpty { object["WorkingDir"] = .string(workingDirectory) }
        if !onBuild.isEmpty { object["OnBuild"] = .strings(onBuild) }
        if !labels.isEmpty { object["Labels"] = .sorted(labels) }
        if let stopSignal { object["StopSignal"] = .string(stopSignal) }
        if let shell { object["Shell"] = .strings(shell) }
        for member in unknown.members { object[member.key] = member.value }
        return .object(object)
    }

    private static func emptyObjects(_ keys: Set<String>) -> JSON {
        var object = JSONObject()
        for key in keys.sorted() { object[key] = .object([:]) }
        return .object(object)
    }
}

extension ContainerConfig.Healthcheck {
    public var json: JSON {
        var object: JSONObject = ["Test": .strings(test)]
        for (name, value) in [
            ("Interval", interval), ("Timeout", timeout), ("StartPeriod", startPeriod),
            ("StartInterval", startInterval), ("Retries", retries),
        ] {
            if let value { object[name] = .integer(value) }
        }
        return .object(object)
    }
}
