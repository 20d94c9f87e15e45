internal import OCI

extension Project {
    static let keys = ["version", "name", "services", "volumes", "networks", "secrets"]
    static let unsupportedKeys = ["configs", "include", "models"]

    /// Reads a merged file whose variables are in place.
    ///
    /// - Parameter usualName: the project's name where neither the caller nor the file has one.
    package init(_ root: ComposeNode, name given: String?, usualName: String) throws(ComposeError) {
        let fields = try root.fields("a Compose file", "services", known: Self.keys, unsupported: Self.unsupportedKeys)
        name = try Self.name(given, fields["name"], usualName, root)
        volumes = try fields["volumes"]?.members("volumes").map(volume) ?? []
        networks = try fields["networks"].map(networkList) ?? []
        secrets = try fields["secrets"]?.members("secrets").map(secret) ?? []
        services = []
        guard let list = fields["services"] else { throw root.error(.noServices) }
        for member in try list.members("services") where !member.key.hasPrefix("x-") {
            guard isName(member.key) else {
                throw ComposeError(member.place, .invalidValue(key: "services", value: member.key, expected: .name))
            }
            var reader = ServiceReader(member)
            var service = try reader.service()
            let names = try reader.networkNames()
            for name in names where name.value != "default" && !networks.contains(where: { $0.name == name.value }) {
                throw ComposeError(name.place, .undefinedNetwork(name.value, known: networks.map(\.name)))
            }
            let used = names.isEmpty ? ["default"] : names.map(\.value)
            service.reachesOutside = used.contains { name in !networks.contains { $0.name == name && $0.isInternal } }
            services.append(service)
        }
        guard !services.isEmpty else { throw list.error(.noServices) }
        try check()
    }

    private static func name(
        _ given: String?, _ node: ComposeNode?, _ usual: String, _ root: ComposeNode
    ) throws(ComposeError) -> String {
        let own = try node?.text("name")
        let text = given ?? own ?? projectName(from: usual)
        guard !text.isEmpty, text == projectName(from: text) else {
            throw (node ?? root).error(.invalidValue(key: "name", value: text, expected: .projectName))
        }
        return text
    }

    /// The name that a directory gives to its project: lower case, letters, digits, dashes and underscores.
    package static func projectName(from text: String) -> String {
        let kept = text.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        return String(kept.drop { $0 == "-" || $0 == "_" }.prefix(63))
    }
}

/// The names of services, volumes and networks (compose-spec.json, `^[a-zA-Z0-9._-]+$`).
func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 63 && text != "." && text != ".."
        && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
}

private func volume(_ member: ComposeNode.Member) throws(ComposeError) -> NamedVolume {
    let key = member.key
    guard isName(key) else {
        throw ComposeError(member.place, .invalidValue(key: "volumes", value: key, expected: .name))
    }
    let fields = try member.value.fields(
        "a volume", key, known: ["name", "external", "driver", "labels"], unsupported: ["driver_opts"])
    if let driver = fields["driver"], try driver.text("driver") != "local" {
        throw driver.error(.unsupportedValue(key: "driver", value: try driver.text("driver")))
    }
    let name = try fields["name"].map { node throws(ComposeError) in
        let text = try node.text("name")
        guard isName(text) else { throw node.error(.invalidValue(key: "name", value: text, expected: .name)) }
        return text
    }
    return NamedVolume(
        key: key, name: name, isExternal: try fields["external"]?.boolean("external") ?? false, place: member.place)
}

private func networkList(_ node: ComposeNode) throws(ComposeError) -> [Network] {
    var networks: [Network] = []
    for member in try node.members("networks") {
        guard isName(member.key) else {
            throw ComposeError(member.place, .invalidValue(key: "networks", value: member.key, expected: .name))
        }
        let fields = try member.value.fields(
            "a network", member.key, known: ["name", "driver", "internal", "labels", "attachable"],
            unsupported: ["driver_opts", "enable_ipv4", "enable_ipv6", "external", "ipam"])
        if let driver = fields["driver"], try driver.text("driver") != "bridge" {
            throw driver.error(.unsupportedValue(key: "driver", value: try driver.text("driver")))
        }
        networks.append(Network(name: member.key, isInternal: try fields["internal"]?.boolean("internal") ?? false))
    }
    return networks
}

private func secret(_ member: ComposeNode.Member) throws(ComposeError) -> Secret {
    let fields = try member.value.fields(
        "a secret", member.key, known: ["file", "environment", "labels"],
        unsupported: ["external", "name", "template_driver"])
    if let file = fields["file"] {
        return Secret(name: member.key, source: .file(try file.text("file")), place: member.place)
    }
    guard let variable = fields["environment"] else {
        throw ComposeError(member.place, .missingKey("file", owner: "the secret '\(member.key)'"))
    }
    return Secret(name: member.key, source: .environment(try variable.text("environment")), place: member.place)
}

// MARK: - What holds between services

extension Project {
    private func check() throws(ComposeError) {
        let names = services.map(\.name)
        for service in services {
            guard service.image != nil || service.build != nil else {
                throw ComposeError(service.place, .neitherImageNorBuild(service: service.name))
            }
            for dependency in service.dependencies where !names.contains(dependency.service) && dependency.isRequired {
                throw ComposeError(dependency.place, .undefinedService(dependency.service, known: names))
            }
            for use in service.volumes {
                if case .named(let key) = use.source, !volumes.contains(where: { $0.key == key }) {
                    throw ComposeError(use.place, .undefinedVolume(key, known: volumes.map(\.key)))
                }
            }
            for use in service.secrets where !secrets.contains(where: { $0.name == use.secret }) {
                throw ComposeError(use.place, .undefinedSecret(use.secret, known: secrets.map(\.name)))
            }
            if let build = service.build {
                for name in build.secrets.compactMap(\.value) where !secrets.contains(where: { $0.name == name }) {
                    throw ComposeError(build.place, .undefinedSecret(name, known: secrets.map(\.name)))
                }
                for name in build.contextServices where !names.contains(name) {
                    throw ComposeError(build.place, .undefinedService(name, known: names))
                }
            }
        }
        try checkUniqueness()
        _ = try startOrder()
        _ = try buildOrder()
    }

    private func checkUniqueness() throws(ComposeError) {
        var owners: [String: String] = [:]
        for service in services {
            let name = containerName(of: service)
            if let other = owners[name] {
                throw ComposeError(
                    service.containerName?.place ?? service.place, .sameContainerName(name, other: other))
            }
            owners[name] = service.name
        }
    }

    private func containerName(of service: Service) -> String { service.containerName(in: name) }

    /// The services that run when some profiles are active and some services are asked for; all when none is.
    ///
    /// - Parameter wanted: names of services; their profiles are active with the others.
    /// - Returns: a project that holds these services and what they need, with the same order.
    package func selecting(_ wanted: [String], profiles: Set<String>) throws(ComposeError) -> Project {
        let profiles = profiles.union(wanted.compactMap { service($0) }.flatMap(\.profiles))
        var chosen: Set<String> = []
        func choose(_ service: Service) throws(ComposeError) {
            guard chosen.insert(service.name).inserted else { return }
            for dependency in service.dependencies {
                guard let other = self.service(dependency.service) else { continue }
                if other.isEnabled(by: profiles) {
                    try choose(other)
                } else if dependency.isRequired {
                    throw ComposeError(dependency.place, .disabledService(other.name, profiles: other.profiles))
                }
            }
        }
        for name in wanted {
            if let service = service(name) { try choose(service) }
        }
        if wanted.isEmpty { for service in services where service.isEnabled(by: profiles) { try choose(service) } }
        var result = self
        result.services = services.filter { chosen.contains($0.name) }
        for index in result.services.indices {
            result.services[index].dependencies.removeAll { !chosen.contains($0.service) }
        }
        try result.checkPorts()
        return result
    }

    private func checkPorts() throws(ComposeError) {
        var owners: [String: String] = [:]
        for service in services {
            for port in service.ports where port.published != 0 {
                let text = port.address
                if let other = owners[text] { throw ComposeError(port.place, .samePort(text, other: other)) }
                owners[text] = service.name
            }
        }
    }
}
