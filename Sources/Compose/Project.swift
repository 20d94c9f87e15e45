package import OCI

/// An application: the services of one or several Compose files.
package struct Project: Hashable, Sendable {
    package var name: String
    package var services: [Service]
    package var volumes: [NamedVolume]
    package var networks: [Network]
    package var secrets: [Secret]

    package func service(_ name: String) -> Service? { services.first { $0.name == name } }
}

/// A name for the project's one network.
package struct Network: Hashable, Sendable {
    package let name: String
    /// Whether it leads nowhere but to the services that are on it.
    package let isInternal: Bool
}

/// A directory that outlives the containers that use it.
package struct NamedVolume: Hashable, Sendable {
    /// What services call it.
    package let key: String
    /// Its name in the store; nil for one made of the project's name and the key.
    package let name: String?
    /// Whether somebody else makes and removes it.
    package let isExternal: Bool
    package let place: Place

    package func storedName(in project: String) -> String { name ?? (isExternal ? key : "\(project)_\(key)") }
}

/// Bytes that a build or a service sees in a file and that no image holds.
package struct Secret: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        /// A path below the project's directory.
        case file(String)
        case environment(String)
    }

    package let name: String
    package let source: Source
    package let place: Place
}

/// A program of an application, and how it runs.
package struct Service: Hashable, Sendable {
    package let name: String
    package let place: Place
    package var image: Located<String>?
    package var build: BuildSection?
    package var containerName: Located<String>?
    package var hostname: String?
    package var command: [String]?
    package var entrypoint: [String]?
    /// A nil value is the caller's own.
    package var environment: [Variable] = []
    package var environmentFiles: [EnvironmentFile] = []
    package var ports: [PublishedPort] = []
    package var volumes: [VolumeUse] = []
    package var temporaryFileSystems: [TemporaryFileSystem] = []
    package var secrets: [SecretUse] = []
    package var dependencies: [Dependency] = []
    package var healthcheck: HealthProbe?
    package var restart = RestartPolicy.never
    /// As in `SIGTERM` or `15`; nil for the image's.
    package var stopSignal: Int32?
    package var stopGracePeriod = Duration.seconds(10)
    package var profiles: [String] = []
    package var user: String?
    package var workingDirectory: ImagePath?
    package var isReadOnly = false
    /// Whether a small program is the first process, and not the service's own.
    package var hasInit = false
    package var addedCapabilities: Set<Capability> = []
    package var droppedCapabilities: Set<Capability> = []
    package var forbidsNewPrivileges = false
    package var systemCalls = SystemCallChoice.standard
    /// Further names by which other services reach this one.
    package var aliases: [String] = []
    /// Whether one of its networks leads to the outside.
    package var reachesOutside = true
    package var extraHosts: [HostEntry] = []
    package var labels: [Variable] = []
    package var platform: Platform?
    package var pullPolicy = PullPolicy.missing
    package var sharedMemorySize: Int64?
    /// `nofile=1024:2048`
    package var resourceLimits: [String] = []
    package var limits = ServiceLimits()

    init(name: String, place: Place) { (self.name, self.place) = (name, place) }

    /// The name of the image that a service has or is built into.
    package func imageName(in project: String) -> String { image?.value ?? "\(project)-\(name)" }

    package func containerName(in project: String) -> String { containerName?.value ?? "\(project)-\(name)-1" }

    /// Whether a service belongs to the application that some profiles make.
    package func isEnabled(by active: Set<String>) -> Bool {
        profiles.isEmpty || active.contains("*") || !active.isDisjoint(with: profiles)
    }
}

/// Which system calls a service may make.
package enum SystemCallChoice: Hashable, Sendable {
    case standard
    case unrestricted
    /// The path of a profile, below the project's directory if it does not begin with a slash.
    case profile(Located<String>)
}

/// A value, and where it stands.
package struct Located<Value: Hashable & Sendable>: Hashable, Sendable {
    package let value: Value
    package let place: Place

    init(_ value: Value, at place: Place) { (self.value, self.place) = (value, place) }
}

package struct Variable: Hashable, Sendable {
    package let name: String
    package let value: String?

    package init(name: String, value: String?) { (self.name, self.value) = (name, value) }
}

package struct HostEntry: Hashable, Sendable {
    package let name: String
    package let address: String
}

package struct EnvironmentFile: Hashable, Sendable {
    package let path: String
    package let isRequired: Bool
    /// Whether values are taken as they stand.
    package let isRaw: Bool
    package let place: Place
}

/// A service that another one waits for.
package struct Dependency: Hashable, Sendable {
    package enum Condition: String, Hashable, Sendable, CaseIterable {
        case started = "service_started"
        case healthy = "service_healthy"
        case completed = "service_completed_successfully"
    }

    package let service: String
    package let condition: Condition
    package let isRequired: Bool
    package let place: Place

    package init(service: String, condition: Condition, isRequired: Bool, place: Place) {
        (self.service, self.condition, self.isRequired, self.place) = (service, condition, isRequired, place)
    }
}

package enum RestartPolicy: Hashable, Sendable {
    case never
    case always
    case unlessStopped
    /// - Parameter limit: how often; nil without end.
    case onFailure(limit: Int?)
}

package enum PullPolicy: String, Hashable, Sendable, CaseIterable {
    case always, never, missing, build
    case ifNotPresent = "if_not_present"
}

/// A TCP port of this machine that leads to one of a service.
package struct PublishedPort: Hashable, Sendable {
    package enum Transport: String, Hashable, Sendable { case tcp, udp }

    /// An address; nil for all of the machine's IPv4 addresses.
    package let host: String?
    /// Zero for one that the kernel chooses.
    package let published: Int
    package let target: Int
    package let transport: Transport
    package let place: Place

    /// `127.0.0.1:8080`, `0.0.0.0:53/udp`
    package var address: String {
        let host = host ?? "0.0.0.0"
        return (host.contains(":") ? "[\(host)]" : host) + ":\(published)"
            + (transport == .tcp ? "" : "/\(transport.rawValue)")
    }

    /// What two ports share that are one.
    var key: String { "\(host ?? "")/\(published)/\(target)/\(transport.rawValue)" }

    /// `127.0.0.1:8080->80/tcp`
    package func text(bound: Int) -> String {
        let host = host ?? "0.0.0.0"
        return (host.contains(":") ? "[\(host)]" : host) + ":\(bound)->\(target)/\(transport.rawValue)"
    }
}

/// Something that a service sees at a path.
package struct VolumeUse: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        /// A key of the project's volumes.
        case named(String)
        /// A path of this machine, below the project's directory if it does not begin with a slash.
        case bind(String, createsMissing: Bool)
        /// A directory that goes with the container.
        case anonymous
    }

    package let source: Source
    package let target: ImagePath
    package let isReadOnly: Bool
    /// Whether a new volume begins with what the image has at its place.
    package let copiesImage: Bool
    package let place: Place
}

package struct TemporaryFileSystem: Hashable, Sendable {
    package let target: ImagePath
    /// Bytes; nil for the kernel's default.
    package var size: Int64?
    package var mode: UInt32?
    package var user: UInt32?
    package var group: UInt32?
}

package struct SecretUse: Hashable, Sendable {
    package let secret: String
    package let target: ImagePath
    package var user: UInt32 = 0
    package var group: UInt32 = 0
    package var mode: UInt32 = 0o444
    package let place: Place
}

/// How it is found out whether a service does its work (Compose specification, "healthcheck").
package struct HealthProbe: Hashable, Sendable {
    package enum Test: Hashable, Sendable {
        case command([String])
        /// For the container's shell.
        case shell(String)
    }

    /// Nil for the image's.
    package var test: Test?
    package var isDisabled = false
    /// Nil for the image's, else docker's usual value.
    package var interval: Duration?
    package var timeout: Duration?
    package var retries: Int?
    package var startPeriod: Duration?
    package var startInterval: Duration?
}

/// How a service's image is built.
package struct BuildSection: Hashable, Sendable {
    package let place: Place
    /// A path below the project's directory, or a URL.
    package var context = "."
    package var dockerfile: String?
    package var inlineDockerfile: String?
    package var additionalContexts: [Variable] = []
    /// A nil value is the caller's own.
    package var arguments: [Variable] = []
    package var cacheFrom: [String] = []
    package var cacheTo: [String] = []
    package var extraHosts: [HostEntry] = []
    package var labels: [Variable] = []
    package var network: String?
    package var noCache = false
    package var noCacheFilter: [String] = []
    package var platforms: [String] = []
    package var provenance: String?
    package var pull = false
    package var sbom: String?
    /// The name that the build knows, and the project's secret.
    package var secrets: [Variable] = []
    package var sharedMemorySize: String?
    package var agents: [String] = []
    package var tags: [String] = []
    package var target: String?
    /// What steps may ask for beyond what every step has: `network.host`, `security.insecure`.
    package var entitlements: [String] = []
    package var resourceLimits: [String] = []

    init(place: Place) { self.place = place }

    /// Services whose images are contexts of this build.
    package var contextServices: [String] {
        additionalContexts.compactMap { $0.value }.filter { $0.hasPrefix("service:") }.map {
            String($0.dropFirst("service:".count))
        }
    }
}
