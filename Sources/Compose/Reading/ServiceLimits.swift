internal import Dockerfile

/// What the processes of a service may use together, as the file says it (Compose specification, "cpus", "mem_limit" and "deploy.resources").
package struct ServiceLimits: Hashable, Sendable {
    package var memory: Located<String>?
    /// Memory and swap together.
    package var memoryAndSwap: Located<String>?
    package var processors: Located<String>?
    package var processorWeight: Located<String>?
    package var processorSet: Located<String>?
    package var processes: Located<String>?

    package init() {}

    /// The keys of a service beside `deploy`, each with what it sets.
    static let fields: [(key: String, path: any WritableKeyPath<ServiceLimits, Located<String>?> & Sendable)] = [
        ("mem_limit", \.memory), ("memswap_limit", \.memoryAndSwap), ("cpus", \.processors),
        ("cpu_shares", \.processorWeight), ("cpuset", \.processorSet), ("pids_limit", \.processes),
    ]

    /// The keys of `deploy.resources.limits`.
    private static let deployed:
        [(key: String, path: any WritableKeyPath<ServiceLimits, Located<String>?> & Sendable)] = [
            ("memory", \.memory), ("cpus", \.processors), ("pids", \.processes),
        ]

    /// - Parameter fields: the service's.
    init(_ fields: [String: ComposeNode]) throws(ComposeError) {
        for (key, path) in Self.fields {
            guard let node = fields[key] else { continue }
            self[keyPath: path] = Located(try node.text(key), at: node.place)
        }
        if let deploy = fields["deploy"] { try read(deploy) }
    }

    private mutating func read(_ deploy: ComposeNode) throws(ComposeError) {
        let fields = try deploy.fields(
            "'deploy'", "deploy", known: ["resources", "replicas", "mode"],
            unsupported: [
                "endpoint_mode", "labels", "placement", "restart_policy", "rollback_config", "update_config",
            ])
        if let node = fields["replicas"], try node.number("replicas") != 1 {
            throw node.error(.unsupportedValue(key: "replicas", value: try node.text("replicas")))
        }
        if let node = fields["mode"] { _ = try node.choice("mode", ["replicated"]) }
        guard let resources = fields["resources"] else { return }
        let kinds = try resources.fields(
            "'resources'", "resources", known: ["limits"], unsupported: ["reservations"])
        let limits =
            try kinds["limits"]?.fields(
                "'limits'", "limits", known: Self.deployed.map(\.key)) ?? [:]
        for (key, path) in Self.deployed {
            guard let node = limits[key] else { continue }
            let text = try node.text(key)
            if let other = self[keyPath: path], other.value != text {
                throw node.error(.unsupportedValue(key: key, value: "\(text), and \(other.value) elsewhere"))
            }
            self[keyPath: path] = Located(text, at: node.place)
        }
    }
}
