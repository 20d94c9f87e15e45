public import OCI

/// An application: the services of one or several Compose files.
public struct Project: Hashable, Sendable {
    public var name: String
    public var services: [Service]
    public var volumes: [NamedVolume]
    public var networks: [Network]
    public var secrets: [Secret]

    public func service(_ name: String) -> Service? { services.first { $0.name == name } }
}

/// A name for the project's one network.
public struct Network: Hashable, Sendable {
    public let name: String
    /// Whether it leads nowhere but to the services that are on it.
    public let isInternal: Bool
}

/// A directory that outlives the containers that use it.
public struct NamedVolume: Hashable, Sendable {
    /// What services call it.
    public let key: String
    /// Its name in the store; nil for one made of the project's name and the key.
    public let name: String?
    /// Whether somebody else makes and removes it.
    public let isExternal: Bool
    public let place: Place

    public func storedName(in project: String) -> String { name ?? (isExternal ? key : "\(project)_\(key)") }
}

/// Bytes that a build or a service sees in a file and that no image holds.
public struct Secret: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        /// A path below the project's directory.
        case file(String)
        case environment(String)
    }

    public let name: String
    public let source: Source
    public let place: Place
}

/// A program of an application, and how it runs.
public struct Service: Hashable, Sendable {
    public let name: String
    public let place: Place
    public var image: Located<String>?
    public var build: BuildSection?
    public var containerName: Located<String>?
    public var hostname: String?
    public var command: [String]?
    public var entrypoint: [String]?
    /// A nil value is the caller's own.
    public var environment: [Variable] = []
    public var environmentFiles: [EnvironmentFile] = []
    public var ports: [PublishedPort] = []
    public var volumes: [VolumeUse] = []
    public var temporaryFileSystems: [TemporaryFileSystem] = []
    public var secrets: [SecretUse] = []
    public var dependencies: [Dependency] = []
    public var healthcheck: HealthProbe?
    public var restart = RestartPolicy.never
    /// As in `SIGTERM` or `15`; nil for the image's.
    public var stopSignal: Int32?
    public var stopGracePeriod = Duration.seconds(10)
    public var profiles: [String] = []
    public var user: String?
    public var workingDirectory: ImagePath?
    public var isReadOnly = false
    public var addedCapabilities: Set<Capability> = []
    public var droppedCapabilities: Set<Capability> = []
    public var forbidsNewPrivileges = false
    public var systemCalls = SystemCallChoice.standard
    /// Further names by which other services reach this one.
    public var aliases: [String] = []
    /// Whether one of its networks leads to the outside.
    public var reachesOutside = true
    public var extraHosts: [HostEntry] = []
    public var labels: [Variable] = []
    public var platform: Platform?
    public var pullPolicy = PullPolicy.missing
    public var sharedMemorySize: Int64?
    /// `nofile=1024:2048`
    public var resourceLimits: [String] = []

    init(name: String, place: Place) { (self.name, self.place) = (name, place) }

    /// The name of the image that a service has or is built into.
    public func imageName(in project: String) -> String { image?.value ?? "\(project)-\(name)" }

    public func containerName(in project: String) -> String { containerName?.value ?? "\(project)-\(name)-1" }

    /// Whether a service belongs to the application that some profiles make.
    public func isEnabled(by active: Set<String>) -> Bool {
        profiles.isEmpty || active.contains("*") || !active.isDisjoint(with: profiles)
    }
}

/// Which system calls a service may make.
public enum SystemCallChoice: Hashable, Sendable {
    case standard
    case unrestricted
    /// The path of a profile, below the project's directory if it does not begin with a slash.
    case profile(Located<String>)
}

/// A value, and where it stands.
public struct Located<Value: Hashable & Sendable>: Hashable, Sendable {
    public let value: Value
    public let place: Place

    init(_ value: Value, at place: Place) { (self.value, self.place) = (value, place) }
}

public struct Variable: Hashable, Sendable {
    public let name: String
    public let value: String?

    public init(name: String, value: String?) { (self.name, self.value) = (name, value) }
}

public struct HostEntry: Hashable, Sendable {
    public let name: String
    public let address: String
}

public struct EnvironmentFile: Hashable, Sendable {
    public let path: String
    public let isRequired: Bool
    /// Whether values are taken as they stand.
    public let isRaw: Bool
    public let place: Place
}

/// A service that another one waits for.
public struct Dependency: Hashable, Sendable {
    public enum Condition: String, Hashable, Sendable, CaseIterable {
        case started = "service_started"
        case healthy = "service_healthy"
        case completed = "service_completed_successfully"
    }

    public let service: String
    public let condition: Condition
    public let isRequired: Bool
    public let place: Place

    public init(service: String, condition: Condition, isRequired: Bool, place: Place) {
        (self.service, self.condition, self.isRequired, self.place) = (service, condition, isRequired, place)
    }
}

public enum RestartPolicy: Hashable, Sendable {
    case never
    case always
    case unlessStopped
    /// - Parameter limit: how often; nil without end.
    case onFailure(limit: Int?)
}

public enum PullPolicy: String, Hashable, Sendable, CaseIterable {
    case always, never, missing, build
    case ifNotPresent = "if_not_present"
}

/// A TCP port of this machine that leads to one of a service.
public struct PublishedPort: Hashable, Sendable {
    public enum Transport: String, Hashable, Sendable { case tcp, udp }

    /// An address; nil for all of the machine's IPv4 addresses.
    public let host: String?
    /// Zero for one that the kernel chooses.
    public let published: Int
    public let target: Int
    public let transport: Transport
    public let place: Place

    /// `127.0.0.1:8080`, `0.0.0.0:53/udp`
    public var address: String {
        let host = host ?? "0.0.0.0"
        return (host.contains(":") ? "[\(host)]" : host) + ":\(published)" + (transport == .tcp ? "" : "/\(transport.rawValue)")
    }

    /// What two ports share that are one.
    var key: String { "\(host ?? "")/\(published)/\(target)/\(transport.rawValue)" }

    /// `127.0.0.1:8080->80/tcp`
    public func text(bound: Int) -> String {
        let host = host ?? "0.0.0.0"
        return (host.contains(":") ? "[\(host)]" : host) + ":\(bound)->\(target)/\(transport.rawValue)"
    }
}

/// Something that a service sees at a path.
public struct VolumeUse: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        /// A key of the project's volumes.
        case named(String)
        /// A path of this machine, below the project's directory if it does not begin with a slash.
        case bind(String, createsMissing: Bool)
        /// A directory that goes with the container.
        case anonymous
    }

    public let source: Source
    public let target: ImagePath
    public let isReadOnly: Bool
    /// Whether a new volume begins with what the image has at its place.
    public let copiesImage: Bool
    public let place: Place
}

public struct TemporaryFileSystem: Hashable, Sendable {
    public let target: ImagePath
    /// Bytes; nil for the kernel's default.
    public var size: Int64?
    public var mode: UInt32?
    public var user: UInt32?
    public var group: UInt32?
}

public struct SecretUse: Hashable, Sendable {
    public let secret: String
    public let target: ImagePath
    public var user: UInt32 = 0
    public var group: UInt32 = 0
    public var mode: UInt32 = 0o444
    public let place: Place
}

/// How it is found out whether a service does its work (Compose specification, "healthcheck").
public struct HealthProbe: Hashable, Sendable {
    public enum Test: Hashable, Sendable {
        case command([String])
        /// For the container's shell.
        case shell(String)
    }

    /// Nil for the image's.
    public var test: Test?
    public var isDisabled = false
    /// Nil for the image's, else docker's usual value.
    public var interval: Duration?
    public var timeout: Duration?
    public var retries: Int?
    public var startPeriod: Duration?
    public var startInterval: Duration?
}

/// How a service's image is built.
public struct BuildSection: Hashable, Sendable {
    public let place: Place
    /// A path below the project's directory, or a URL.
    public var context = "."
    public var dockerfile: String?
    public var inlineDockerfile: String?
    public var additionalContexts: [Variable] = []
    /// A nil value is the caller's own.
    public var arguments: [Variable] = []
    public var cacheFrom: [String] = []
    public var cacheTo: [String] = []
    public var extraHosts: [HostEntry] = []
    public var labels: [Variable] = []
    public var network: String?
    public var noCache = false
    public var noCacheFilter: [String] = []
    public var platforms: [String] = []
    public var provenance: String?
    public var pull = false
    public var sbom: String?
    /// The name that the build knows, and the project's secret.
    public var secrets: [Variable] = []
    public var sharedMemorySize: String?
    public var agents: [String] = []
    public var tags: [String] = []
    public var target: String?
    /// What steps may ask for beyond what every step has: `network.host`, `security.insecure`.
    public var entitlements: [String] = []
    public var resourceLimits: [String] = []

    init(place: Place) { self.place = place }

    /// Services whose images are contexts of this build.
    public var contextServices: [String] {
        additionalContexts.compactMap { $0.value }.filter { $0.hasPrefix("service:") }.map { String($0.dropFirst("service:".count)) }
    }
}
