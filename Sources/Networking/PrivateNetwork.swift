package import LinuxSystem
import OCI
import Subprocess
package import SystemPackage

/// A private network: a network namespace with a bridge, and for each member a namespace that is at it.
///
/// Nothing of it is in this machine's own network, so that an ordinary user who is root in a user namespace can make it,
/// too. Namespaces are kept by files in this process's mount namespace alone: all of it vanishes with this process, however
/// that ends.
package struct PrivateNetwork {
    /// A file system in memory with a file for each namespace.
    package let directory: FilePath
    package let environment: HostEnvironment
    private let ip: FilePath
    private let enterer: FilePath
    private let maker: FilePath
    /// The first three numbers of the addresses.
    private var prefix = ""
    private var members: [String] = []

    package static let bridge = "bridge"
    private static let memberLimit = 180

    /// - Parameters:
    ///   - directory: an empty one.
    ///   - environment: where the programs that make it are looked for.
    /// - Throws: ``NetworkError/noProgram(_:package:)``.
    package init(directory: FilePath, environment: HostEnvironment) throws {
        (self.directory, self.environment) = (directory, environment)
        func program(_ name: String, package: String) throws -> FilePath {
            guard let path = environment.program(name) else { throw NetworkError.noProgram(name, package: package) }
            return path
        }
        ip = try program("ip", package: "iproute2")
        enterer = try program("nsenter", package: "util-linux")
        maker = try program("unshare", package: "util-linux")
    }

    /// The namespace with the bridge.
    package var namespace: FilePath { directory.appending("project") }

    package func namespace(of member: String) -> FilePath { directory.appending("member-\(number(member))") }

    private func number(_ member: String) -> Int { members.firstIndex(of: member) ?? 0 }

    package func address(of member: String) -> String { "\(prefix).\(number(member) + 10)" }

    // The numbers that slirp4netns(1) gives its own, beside 100, which nobody has once it is at the bridge.

    package var range: String { "\(prefix).0/24" }

    /// The router to the outside, which is this machine's loopback address too where that is allowed.
    package var router: String { "\(prefix).2" }

    package var nameServer: String { "\(prefix).3" }

    /// Makes the network.
    package mutating func setUp(_ members: [String]) async throws {
        guard members.count <= Self.memberLimit else { throw NetworkError.tooManyMembers(limit: Self.memberLimit) }
        self.members = members
        prefix = try await freePrefix()
        try Mount.memory(at: directory)
        do { try await make() } catch {
            leave()
            throw error
        }
    }

    private func make() async throws {
        var lines = [
            "link set lo up", "link add \(Self.bridge) type bridge", "addr add \(prefix).1/24 dev \(Self.bridge)",
            "link set \(Self.bridge) up",
        ]
        try await makeNamespace(namespace)
        for member in members {
            let path = namespace(of: member)
            try await makeNamespace(path)
            let link = "member-\(number(member))"
            lines += [
                "link add \(link) mtu \(OutsideAccess.packetSize) type veth peer name eth0 mtu \(OutsideAccess.packetSize) netns \(path)",
                "link set \(link) master \(Self.bridge) up",
            ]
        }
        try await configure(namespace, lines)
        for member in members {
            try await configure(
                namespace(of: member),
                ["link set lo up", "addr add \(address(of: member))/24 dev eth0", "link set eth0 up"])
        }
    }

    /// Gives the namespace at a path commands of ip-batch.
    package func configure(_ namespace: FilePath, _ lines: [String]) async throws {
        try await run(
            enterer, ["--net=\(namespace)", ip.string, "-batch", "-"], input: lines.map { $0 + "\n" }.joined())
    }

    private func makeNamespace(_ path: FilePath) async throws {
        guard let name = path.lastComponent else { return }
        _ = try Directory(opening: directory).createFile(Array(name.string.utf8), mode: 0o600)
        try await run(maker, ["--net=\(path)", "true"])
    }

    /// Gives up the namespaces: the processes in them are gone.
    package func leave() {
        // What stays goes with the mount namespace.
        for path in members.map(namespace(of:)) + [namespace] { try? Mount.detach(path) }
        try? Mount.detach(directory)
    }

    /// The beginning of the addresses of a network that overlaps with none that this machine knows, for those would be out
    /// of reach.
    private func freePrefix() async throws -> String {
        let routes = try JSON.parse(await run(ip, ["-json", "-4", "route", "show", "table", "all"])).array ?? []
        let taken = routes.compactMap { $0["dst"]?.string }.compactMap(Self.range)
        for number in 0..<(50 * 256) {
            let first = UInt32(10) << 24 | UInt32(200 + number / 256) << 16 | UInt32(number % 256) << 8
            if !taken.contains(where: { $0.overlaps(first...(first + 255)) }) {
                return "10.\(200 + number / 256).\(number % 256)"
            }
        }
        throw NetworkError.noFreeRange
    }

    /// `10.1.0.0/16` as numbers; nil for `default`.
    private static func range(_ text: String) -> ClosedRange<UInt32>? {
        let parts = text.split(separator: "/")
        let numbers = (parts.first ?? "").split(separator: ".").compactMap { UInt8($0) }
        guard numbers.count == 4, let length = parts.count == 2 ? UInt32(parts[1]) : 32, length > 0, length <= 32 else {
            return nil
        }
        let address = numbers.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let mask = UInt32.max << (32 - length)
        return (address & mask)...(address & mask | ~mask)
    }

    @discardableResult
    private func run(_ program: FilePath, _ arguments: [String], input: String = "") async throws -> [UInt8] {
        var options = PlatformOptions()
        // What a terminal's keys send does not reach it.
        options.createSession = true
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), platformOptions: options, input: .inputWriter,
            output: .bytes(limit: 4 << 20), error: .bytes(limit: 64 << 10)
        ) { execution in
            // It may have ended at a mistake in its first lines: its exit code tells.
            _ = try? await execution.standardInputWriter.write(Array(input.utf8))
            try? await execution.standardInputWriter.finish()
        }
        guard case .exited(0) = result.terminationStatus else {
            throw NetworkError.refused(String(decoding: result.standardError, as: UTF8.self))
        }
        return result.standardOutput
    }
}
