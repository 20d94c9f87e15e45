/// How a container of an image starts (OCI image specification, config.md, `config`; Docker's image specification for
/// `Healthcheck`, `OnBuild` and `Shell`).
package struct ContainerConfig: Hashable, Sendable {
    package var user = ""
    /// `80/tcp`, sorted.
    package var exposedPorts: Set<String> = []
    /// `NAME=value` in the order of definition.
    package var environment: [String] = []
    package var entrypoint: [String]?
    package var command: [String]?
    package var volumes: Set<String> = []
    /// An absolute path, or empty for `/`.
    package var workingDirectory = ""
    package var labels: [String: String] = [:]
    package var stopSignal: String?
    package var shell: [String]?
    package var healthcheck: Healthcheck?
    package var onBuild: [String] = []
    /// Members that we do not know, in their order.
    package var unknown = JSONObject()

    package init() {}

    package struct Healthcheck: Hashable, Sendable {
        /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", …]`.
        package var test: [String]
        /// Nanoseconds, as in Docker's config; nil for the runtime's default.
        package var interval: Int64?
        package var timeout: Int64?
        package var startPeriod: Int64?
        package var startInterval: Int64?
        package var retries: Int64?

        package init(test: [String]) { self.test = test }
    }

    /// The value of an environment variable; the last definition counts.
    package func environmentValue(_ name: String) -> String? {
        environment.last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// Defines a variable in place of its earlier definition, or at the end.
    package mutating func setEnvironment(_ name: String, _ value: String) {
        let entry = "\(name)=\(value)"
        if let index = environment.firstIndex(where: { $0.hasPrefix(name + "=") }) {
            environment[index] = entry
        } else {
            environment.append(entry)
        }
    }

    package mutating func removeEnvironment(_ name: String) {
        environment.removeAll { $0.hasPrefix(name + "=") }
    }
}

extension ContainerConfig {
    private static let known: Set = [
        "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal", "Shell",
        "Healthcheck", "OnBuild",
    ]

    package init(_ json: JSON) {
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

    package var json: JSON {
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
    package var json: JSON {
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
