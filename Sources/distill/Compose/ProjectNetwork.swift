import LinuxSystem
import OCI
import Subprocess
import SystemPackage

/// The private network of a project: a bridge of this machine, and for each service a network namespace that is at it.
///
/// Namespaces have their names in this process's mount namespace alone, so that they vanish with it however it ends. The
/// bridge stays then, and is removed by its name when the project is started or taken down the next time.
struct ProjectNetwork {
    let bridge: String
    private let program: FilePath
    /// The third and second number of the addresses.
    private var prefix = ""
    private(set) var services: [String] = []

    private static let directory: FilePath = "/run/netns"

    init(project: String, store: FilePath) throws {
        let path = ProcessFacts.environment["PATH"] ?? ""
        let places = (path + ":/usr/sbin:/sbin").split(separator: ":").map { FilePath(String($0)).appending("ip") }
        guard let program = places.first(where: ProcessFacts.isExecutable) else { throw ProjectError.noNetworkProgram }
        self.program = program
        // Fifteen bytes are what the kernel takes for a name; those of links have a number behind it.
        bridge = "dl" + Digest(sha256: "\(store)\n\(project)".utf8).hex.prefix(8)
    }

    /// The host's own address in the network.
    var gateway: String { "\(prefix).1" }

    func address(of service: String) -> String { "\(prefix).\((services.firstIndex(of: service) ?? 0) + 2)" }

    /// The host path of a service's namespace.
    func namespace(of service: String) -> FilePath { Self.directory.appending(name(service)) }

    private func name(_ service: String) -> String { "s\(services.firstIndex(of: service) ?? 0)" }

    /// Makes the network.
    mutating func setUp(_ services: [String]) async throws {
        guard services.count < 250 else { throw ProjectError.network("a project has at most 250 services") }
        self.services = services
        let run = try Directory(opening: "/run")
        try run.ensureDirectory(Array("netns".utf8))
        try Mount.memory(at: Self.directory)
        // Other projects, of whatever store, look for a free network too.
        let lock = try await locked(run)
        defer { withExtendedLifetime(lock) {} }
        try await remove()
        prefix = try await freePrefix()
        do { try await make(services) } catch {
            // The first error is the one to tell.
            try? await remove()
            throw error
        }
    }

    private func make(_ services: [String]) async throws {
        var batch = ["link add \(bridge) type bridge", "addr add \(gateway)/24 dev \(bridge)", "link set \(bridge) up"]
        for (index, service) in services.enumerated() {
            batch += [
                "netns add \(name(service))",
                "link add \(bridge).\(index) type veth peer name eth0 netns \(name(service))",
                "link set \(bridge).\(index) master \(bridge) up",
            ]
        }
        try await ip(["-batch", "-"], batch)
        for service in services {
            try await ip(
                ["-netns", name(service), "-batch", "-"],
                ["link set lo up", "addr add \(address(of: service))/24 dev eth0", "link set eth0 up"])
        }
    }

    private func locked(_ run: Directory) async throws -> FileLock {
        while true {
            if let lock = try FileLock.attempt(Array("distill-network.lock".utf8), in: run, mode: .exclusive) { return lock }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Removes what is left of the network, of an earlier process too.
    func remove() async throws {
        let links = try JSON.parse(await ip(["-json", "link", "show"])).array ?? []
        let own = links.compactMap { $0["ifname"]?.string }.filter { $0 == bridge || $0.hasPrefix(bridge + ".") }
        for link in own {
            // A pair that goes with its namespace may be gone by now.
            _ = try? await ip(["link", "delete", link])
        }
    }

    /// Gives up the namespaces: the processes in them are gone.
    func leave() {
        // What stays goes with the mount namespace.
        for service in services { try? Mount.detach(namespace(of: service)) }
        try? Mount.detach(Self.directory)
    }

    /// The beginning of the addresses of a network that overlaps with none that this machine knows.
    private func freePrefix() async throws -> String {
        let routes = try JSON.parse(await ip(["-json", "-4", "route", "show", "table", "all"])).array ?? []
        let taken = routes.compactMap { $0["dst"]?.string }.compactMap(Self.range)
        // Begun at a place of the project's own, so that its addresses stay mostly the same.
        let start = Int(bridge.suffix(4), radix: 16) ?? 0
        for step in 0..<(50 * 256) {
            let number = (start + step) % (50 * 256)
            let first = UInt32(10) << 24 | UInt32(200 + number / 256) << 16 | UInt32(number % 256) << 8
            if !taken.contains(where: { $0.overlaps(first...(first + 255)) }) { return "10.\(200 + number / 256).\(number % 256)" }
        }
        throw ProjectError.noFreeNetwork
    }

    /// `10.1.0.0/16` as numbers; nil for `default`.
    private static func range(_ text: String) -> ClosedRange<UInt32>? {
        let parts = text.split(separator: "/")
        let numbers = (parts.first ?? "").split(separator: ".").compactMap { UInt8($0) }
        guard numbers.count == 4, let length = parts.count == 2 ? UInt32(parts[1]) : 32, length > 0, length <= 32 else { return nil }
        let address = numbers.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let mask = UInt32.max << (32 - length)
        return (address & mask)...(address & mask | ~mask)
    }

    @discardableResult
    private func ip(_ arguments: [String], _ lines: [String] = []) async throws -> [UInt8] {
        var options = PlatformOptions()
        // What a terminal's keys send does not reach it.
        options.createSession = true
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), platformOptions: options, input: .inputWriter,
            output: .bytes(limit: 4 << 20), error: .bytes(limit: 64 << 10)
        ) { execution in
            // It may have ended at a mistake in its first lines: its exit code tells.
            _ = try? await execution.standardInputWriter.write(Array(lines.map { $0 + "\n" }.joined().utf8))
            try? await execution.standardInputWriter.finish()
        }
        guard case .exited(0) = result.terminationStatus else {
            throw ProjectError.network(String(decoding: result.standardError, as: UTF8.self))
        }
        return result.standardOutput
    }
}
