package import LinuxSystem
package import Networking
package import Solver
package import Storage
import Synchronization
import SystemPackage

/// The networks of a command's containers, each of which has one to itself. What leads outside is started when the first container
/// wants it, and ended by ``close()``.
package struct ContainerNetworks: Sendable {
    private let networks: OwnNetworks
    private let hosts: [RootFileSystem.HostEntry]
    private let environment: HostEnvironment
    private let variables: [(name: String, value: String)]
    private let isTold = Told()
    private let tell: @Sendable (NetworkWarning) -> Void

    /// What is said once.
    private final class Told: Sendable {
        let network = Atomic(false)
        let proxy = Atomic(false)
    }

    /// - Parameters:
    ///   - hosts: names of /etc/hosts beside the usual ones; who names ``RootFileSystem/HostEntry/gateway`` reaches what listens on this
    ///     machine's loopback address.
    ///   - variables: what they find in their environment.
    ///   - tell: hears once why containers share this machine's network after all.
    package init(
        hosts: [RootFileSystem.HostEntry], variables: [(name: String, value: String)], environment: HostEnvironment,
        tell: @escaping @Sendable (NetworkWarning) -> Void
    ) {
        (self.hosts, self.variables, self.environment, self.tell) = (hosts, variables, environment, tell)
        networks = OwnNetworks(
            environment: environment, reachesHost: hosts.contains { $0.address == RootFileSystem.HostEntry.gateway })
    }

    /// Takes one that no other container is in.
    ///
    /// - Parameter hostname: as for ``RootFileSystem/HostFile/forProcesses(hostname:furtherHosts:on:)``.
    /// - Returns: nil where this machine cannot make one, which is told.
    /// - Throws: ``NetworkError`` where it could before.
    package func take(hostname: String? = nil) async throws -> StepNetwork? {
        let member: OwnNetworks.Member
        do { member = try await blocking { [networks] in try networks.take() } } catch let error as NetworkError {
            // What runs here already must not find itself on another network than it was promised.
            if networks.hasOpened { throw error }
            if !isTold.network.exchange(true, ordering: .relaxed) { tell(.shared(error)) }
            return nil
        }
        if let proxy = variables.first(where: LoopbackProxy.isNamed), !isTold.proxy.exchange(true, ordering: .relaxed) {
            tell(.loopbackProxy(proxy.name))
        }
        let resolver = HostFiles.read("/etc/resolv.conf").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let files = RootFileSystem.HostFile.forProcesses(
            hostname: hostname, furtherHosts: hosts,
            on: .init(
                address: member.address.description, gateway: member.plan.gateway.description,
                resolver: ResolverText.make(from: resolver, nameServer: member.plan.nameServer.description)))
        return StepNetwork(
            namespace: member.path.string, hostFiles: files, ready: { try await member.ready() },
            leave: { [networks] isUnchanged in if isUnchanged { networks.giveBack(member) } })
    }

    /// Makes one that leads outside, and ends it.
    ///
    /// - Throws: ``NetworkError`` where this machine cannot.
    package static func attempt(in environment: HostEnvironment) async throws {
        let networks = OwnNetworks(environment: environment, reachesHost: false)
        let result: Result<Void, any Error>
        do {
            let member = try await blocking { try networks.take() }
            result = .success(try await member.ready())
        } catch { result = .failure(error) }
        await networks.close()
        try result.get()
    }

    /// Ends what leads outside.
    package func close() async { await networks.close() }

    /// Runs what needs networks, and ends them with it.
    package func around<Result>(_ body: () async throws -> Result) async throws -> Result {
        let result: Result
        do { result = try await body() } catch {
            await close()
            throw error
        }
        await close()
        return result
    }
}

/// What containers do not have of networks.
package enum NetworkWarning: Sendable {
    /// They share this machine's, for there is no other.
    case shared(NetworkError)
    /// A variable names a proxy on this machine's loopback address.
    case loopbackProxy(String)
}

/// Variables by which programs find a proxy (curl(1), "ENVIRONMENT").
enum LoopbackProxy {
    /// Whether one names a proxy that listens for programs of the same machine alone.
    static func isNamed(_ variable: (name: String, value: String)) -> Bool {
        guard ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy"].contains(variable.name.lowercased()) else {
            return false
        }
        var rest = Substring(variable.value)
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        rest = rest.prefix { $0 != "/" }
        if let credentials = rest.lastIndex(of: "@") { rest = rest[rest.index(after: credentials)...] }
        let isIPv6 = rest.hasPrefix("[::1]")
        let host = rest.prefix { $0 != ":" }.lowercased()
        return isIPv6 || host == "localhost" || host.hasPrefix("127.")
    }
}
