internal import OCI

/// Turns a service's part of a Compose file into its value (Compose specification, "Services").
struct ServiceReader {
    static let keys =
        [
            "image", "build", "container_name", "hostname", "command", "entrypoint", "environment", "env_file", "ports",
            "expose",
            "volumes", "tmpfs", "secrets", "depends_on", "healthcheck", "restart", "stop_signal", "stop_grace_period",
            "profiles",
            "user", "working_dir", "read_only", "networks", "extra_hosts", "labels", "annotations", "platform",
            "pull_policy",
            "shm_size", "ulimits", "cap_add", "cap_drop", "security_opt", "init", "tty", "stdin_open", "privileged",
            "scale", "attach", "deploy",
        ] + ServiceLimits.fields.map(\.key)

    /// Keys of the specification that are not acted on: better refused than passed over.
    static let unsupportedKeys = [
        "blkio_config", "cgroup", "cgroup_parent", "configs", "cpu_count", "cpu_percent", "cpu_period",
        "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "credential_spec", "develop",
        "device_cgroup_rules", "devices", "dns", "dns_opt", "dns_search", "domainname", "driver_opts", "extends",
        "external_links", "gpus", "group_add", "ipc", "isolation", "label_file", "links", "logging", "mac_address",
        "mem_reservation", "mem_swappiness", "models", "network_mode", "oom_kill_disable",
        "oom_score_adj", "pid", "post_start", "pre_stop", "provider", "runtime", "storage_opt",
        "sysctls", "userns_mode", "use_api_socket", "uts", "volumes_from",
    ]

    private let name: String
    private let place: Place
    private let node: ComposeNode
    private var fields: [String: ComposeNode] = [:]

    init(_ member: ComposeNode.Member) { (name, place, node) = (member.key, member.place, member.value) }

    mutating func service() throws(ComposeError) -> Service {
        fields = try node.fields("a service", name, known: Self.keys, unsupported: Self.unsupportedKeys)
        var service = Service(name: name, place: place)
        try readImage(into: &service)
        try readProcess(into: &service)
        try readFiles(into: &service)
        try readNetwork(into: &service)
        try readLife(into: &service)
        try refuseWhatIsNotThere()
        return service
    }

    /// Reads a key where it is given.
    private func read<Value>(
        _ key: String, _ body: (ComposeNode) throws(ComposeError) -> Value
    ) throws(ComposeError) -> Value? {
        guard let node = fields[key] else { return nil }
        return try body(node)
    }

    private func readImage(into service: inout Service) throws(ComposeError) {
        service.image = try read("image") { node throws(ComposeError) in
            let text = try node.text("image")
            do { _ = try ImageReference(text) } catch {
                throw node.error(.invalidValue(key: "image", value: text, expected: .imageName))
            }
            return Located(text, at: node.place)
        }
        service.build = try read("build") { node throws(ComposeError) in try BuildSection(node) }
        service.platform = try read("platform") { node throws(ComposeError) in try node.platform("platform") }
        service.pullPolicy =
            try read("pull_policy") { node throws(ComposeError) in
                PullPolicy(rawValue: try node.choice("pull_policy", PullPolicy.allCases.map(\.rawValue))) ?? .missing
            } ?? .missing
    }

    private func readProcess(into service: inout Service) throws(ComposeError) {
        service.command = try read("command") { node throws(ComposeError) in try node.command("command") }
        service.entrypoint = try read("entrypoint") { node throws(ComposeError) in try node.command("entrypoint") }
        service.environment =
            try read("environment") { node throws(ComposeError) in try node.variables("environment") } ?? []
        service.environmentFiles = try read("env_file", environmentFiles) ?? []
        service.user = try read("user") { node throws(ComposeError) in try node.text("user") }
        service.workingDirectory = try read("working_dir") { node throws(ComposeError) in
            try node.imagePath("working_dir")
        }
        service.labels = try read("labels") { node throws(ComposeError) in try node.variables("labels") } ?? []
        _ = try read("annotations") { node throws(ComposeError) in try node.variables("annotations") }
        service.sharedMemorySize = try read("shm_size") { node throws(ComposeError) in try node.bytes("shm_size") }
        service.resourceLimits = try read("ulimits") { node throws(ComposeError) in try node.limits("ulimits") } ?? []
        service.limits = try ServiceLimits(fields)
        service.addedCapabilities = try capabilities("cap_add")
        service.droppedCapabilities = try capabilities("cap_drop")
        for item in try fields["security_opt"]?.items("security_opt") ?? [] {
            let text = try item.text("security_opt")
            switch text.replacing("=", with: ":") {
            case "no-new-privileges", "no-new-privileges:true": service.forbidsNewPrivileges = true
            case "no-new-privileges:false": service.forbidsNewPrivileges = false
            // Nothing here confines by these.
            case "apparmor:unconfined", "label:disable": break
            case "seccomp:unconfined": service.systemCalls = .unrestricted
            case "seccomp:builtin": service.systemCalls = .standard
            case let option where option.hasPrefix("seccomp:") && option.utf8.count > 8:
                service.systemCalls = .profile(Located(String(text.dropFirst("seccomp:".count)), at: item.place))
            default: throw item.error(.unsupportedValue(key: "security_opt", value: text))
            }
        }
    }

    /// Names, or `ALL`.
    private func capabilities(_ key: String) throws(ComposeError) -> Set<Capability> {
        var result: Set<Capability> = []
        for item in try fields[key]?.items(key) ?? [] {
            let text = try item.text(key)
            if text.uppercased() == "ALL" {
                result = Capability.all
            } else if let capability = Capability(name: text) {
                result.insert(capability)
            } else {
                throw item.error(.invalidValue(key: key, value: text, expected: .capability))
            }
        }
        return result
    }

    private func environmentFiles(_ node: ComposeNode) throws(ComposeError) -> [EnvironmentFile] {
        var result: [EnvironmentFile] = []
        for item in try node.textOrList("env_file") {
            guard case .mapping = item.content else {
                result.append(
                    EnvironmentFile(path: try item.text("env_file"), isRequired: true, isRaw: false, place: item.place))
                continue
            }
            let fields = try item.fields("'env_file'", "env_file", known: ["path", "required", "format"])
            guard let path = fields["path"] else { throw item.error(.missingKey("path", owner: "'env_file'")) }
            let format = try fields["format"].map { node throws(ComposeError) in try node.choice("format", ["raw"]) }
            result.append(
                EnvironmentFile(
                    path: try path.text("path"), isRequired: try fields["required"]?.boolean("required") ?? true,
                    isRaw: format != nil, place: path.place))
        }
        return result
    }

    private func readFiles(into service: inout Service) throws(ComposeError) {
        service.isReadOnly =
            try read("read_only") { node throws(ComposeError) in try node.boolean("read_only") } ?? false
        service.hasInit = try read("init") { node throws(ComposeError) in try node.boolean("init") } ?? false
        for item in try fields["volumes"]?.items("volumes") ?? [] {
            if let use = try VolumeUse(item) {
                service.volumes.removeAll { $0.target == use.target }
                service.volumes.append(use)
            } else {
                service.temporaryFileSystems.append(try TemporaryFileSystem(volume: item))
            }
        }
        for item in try fields["tmpfs"]?.textOrList("tmpfs") ?? [] {
            service.temporaryFileSystems.append(try TemporaryFileSystem(short: item))
        }
        for item in try fields["secrets"]?.items("secrets") ?? [] { service.secrets.append(try SecretUse(item)) }
    }

    private func readNetwork(into service: inout Service) throws(ComposeError) {
        service.hostname = try read("hostname", Self.hostname)
        service.containerName = try read("container_name") { node throws(ComposeError) in
            let text = try node.text("container_name")
            guard isName(text) else {
                throw node.error(.invalidValue(key: "container_name", value: text, expected: .name))
            }
            return Located(text, at: node.place)
        }
        for item in try fields["ports"]?.items("ports") ?? [] {
            for port in try PublishedPort.read(item) {
                service.ports.removeAll { $0.key == port.key }
                service.ports.append(port)
            }
        }
        for item in try fields["expose"]?.items("expose") ?? [] { _ = try item.text("expose") }
        service.extraHosts =
            try read("extra_hosts") { node throws(ComposeError) in try node.hostEntries("extra_hosts") } ?? []
        service.aliases = try read("networks", networkAliases) ?? []
    }

    private static func hostname(_ node: ComposeNode) throws(ComposeError) -> String {
        let text = try node.text("hostname")
        let isHostname =
            !text.isEmpty && text.utf8.count <= 63
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
        guard isHostname else { throw node.error(.invalidValue(key: "hostname", value: text, expected: .name)) }
        return text
    }

    /// All networks of a project are one, so that a service's aliases are its aliases everywhere.
    private func networkAliases(_ node: ComposeNode) throws(ComposeError) -> [String] {
        var aliases: [String] = []
        switch node.content {
        case .list: _ = try node.list("networks")
        case .null, .scalar, .mapping:
            for member in try node.members("networks") {
                let fields = try member.value.fields(
                    "a service's network", member.key, known: ["aliases", "priority"],
                    unsupported: [
                        "driver_opts", "gw_priority", "interface_name", "ipv4_address", "ipv6_address",
                        "link_local_ips", "mac_address",
                    ])
                for item in try fields["aliases"]?.items("aliases") ?? [] { aliases.append(try Self.hostname(item)) }
            }
        }
        return aliases
    }

    /// The networks that a service names, with their places.
    func networkNames() throws(ComposeError) -> [Located<String>] {
        guard let node = fields["networks"] else { return [] }
        var result: [Located<String>] = []
        if case .list(let items) = node.content {
            for item in items { result.append(Located(try item.text("networks"), at: item.place)) }
        } else {
            for member in try node.members("networks") { result.append(Located(member.key, at: member.place)) }
        }
        return result
    }

    private func readLife(into service: inout Service) throws(ComposeError) {
        service.dependencies = try read("depends_on", dependencies) ?? []
        service.healthcheck = try read("healthcheck") { node throws(ComposeError) in try HealthProbe(node) }
        service.restart = try read("restart", Self.restart) ?? .never
        service.stopSignal = try read("stop_signal") { node throws(ComposeError) in
            let text = try node.text("stop_signal")
            guard let number = SignalName.number(text) else {
                throw node.error(.invalidValue(key: "stop_signal", value: text, expected: .signal))
            }
            return number
        }
        service.stopGracePeriod =
            try read("stop_grace_period") { node throws(ComposeError) in
                try node.duration("stop_grace_period")
            } ?? .seconds(10)
        service.profiles = try read("profiles") { node throws(ComposeError) in try node.list("profiles") } ?? []
    }

    private func dependencies(_ node: ComposeNode) throws(ComposeError) -> [Dependency] {
        var result: [Dependency] = []
        switch node.content {
        case .list(let items):
            for item in items {
                result.append(
                    Dependency(
                        service: try item.text("depends_on"), condition: .started, isRequired: true, place: item.place))
            }
        case .null, .scalar, .mapping:
            for member in try node.members("depends_on") {
                let fields = try member.value.fields(
                    "'depends_on'", member.key, known: ["condition", "required", "restart"])
                let names = Dependency.Condition.allCases.map(\.rawValue)
                let condition = try fields["condition"].map { node throws(ComposeError) in
                    try node.choice("condition", names)
                }
                result.append(
                    Dependency(
                        service: member.key, condition: condition.flatMap(Dependency.Condition.init) ?? .started,
                        isRequired: try fields["required"]?.boolean("required") ?? true, place: member.place))
                _ = try fields["restart"]?.boolean("restart")
            }
        }
        return result
    }

    private static func restart(_ node: ComposeNode) throws(ComposeError) -> RestartPolicy {
        let text = try node.text("restart")
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts.first ?? "", parts.count == 2 ? Int(parts[1]) : nil, parts.count) {
        case ("no", _, 1), ("false", _, 1): return .never
        case ("always", _, 1): return .always
        case ("unless-stopped", _, 1): return .unlessStopped
        case ("on-failure", _, 1): return .onFailure(limit: nil)
        case ("on-failure", .some(let limit), 2) where limit >= 0: return .onFailure(limit: limit)
        default: throw node.error(.invalidValue(key: "restart", value: text, expected: .restart))
        }
    }

    /// Keys that are accepted for the value that changes nothing.
    private func refuseWhatIsNotThere() throws(ComposeError) {
        for key in ["tty", "stdin_open", "privileged"] {
            if let node = fields[key], try node.boolean(key) {
                throw node.error(.unsupportedValue(key: key, value: "true"))
            }
        }
        if let node = fields["scale"], try node.number("scale") != 1 {
            throw node.error(.unsupportedValue(key: "scale", value: try node.text("scale")))
        }
        _ = try fields["attach"]?.boolean("attach")
    }
}
