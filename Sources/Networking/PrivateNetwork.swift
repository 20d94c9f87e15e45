package import LinuxSystem
import Synchronization
package import SystemPackage

/// A private network of several members that reach each other: a router with a bridge, and for each member a namespace that is at it.
///
/// Nothing of it is in this machine's own network, so that an ordinary user who is root in a user namespace can make it,
/// too. Namespaces are kept by descriptors of this process: all of it vanishes with this process, however that ends.
package struct PrivateNetwork: Sendable {
    package let router: Router
    private let environment: HostEnvironment
    private let numbers: [String: Int]
    private let namespaces: [String: NetworkNamespace]

    /// Makes the network.
    ///
    /// - Parameter environment: where the program that leads outside is looked for.
    /// - Throws: ``NetworkError``.
    package init(of members: [String], environment: HostEnvironment) throws(NetworkError) {
        guard members.count <= AddressPlan.memberLimit else {
            throw .tooManyMembers(limit: AddressPlan.memberLimit)
        }
        self.environment = environment
        router = try Router(AddressPlan.free(), hasBridge: true)
        var (numbers, namespaces): ([String: Int], [String: NetworkNamespace]) = ([:], [:])
        for (number, member) in members.enumerated() where numbers[member] == nil {
            numbers[member] = number
            namespaces[member] = try router.addMember(number)
        }
        (self.numbers, self.namespaces) = (numbers, namespaces)
    }

    /// Where the namespace with the bridge is found.
    package var namespace: FilePath { router.namespace.path }

    /// Where a member's namespace is found; nil for a stranger's.
    package func namespace(of member: String) -> FilePath? { namespaces[member]?.path }

    package func address(of member: String) -> String { router.plan.member(numbers[member] ?? 0).description }

    /// This machine, for members where it can be reached.
    package var gateway: String { router.plan.gateway.description }

    package var nameServer: String { router.plan.nameServer.description }

    /// Runs `body` while members reach the outside, and hands it the names of those that do.
    ///
    /// - Parameters:
    ///   - leavers: those that may go there.
    ///   - reachesHost: whether they may reach what listens on this machine's loopback address.
    ///   - tell: is told why they do not, where they do not: an application may need nothing from there.
    package func outside<Result: Sendable>(
        for leavers: [String], reachesHost: Bool, tell: @escaping @Sendable (OutsideAccess.Obstacle) -> Void,
        _ body: @escaping @Sendable (Set<String>) async throws -> Result
    ) async throws -> Result {
        guard !leavers.isEmpty else { return try await body([]) }
        let access: OutsideAccess
        do {
            access = try OutsideAccess(of: router, environment: environment, reachesHost: reachesHost)
        } catch NetworkError.noOutside(let obstacle) {
            tell(obstacle)
            return try await body([])
        }
        let result: Swift.Result<Result, any Error>
        do {
            try await access.ready()
            for member in leavers {
                guard let number = numbers[member], let namespace = namespaces[member] else { continue }
                try router.connect(number, namespace)
            }
            result = await watching(access, tell) { try await body(Set(leavers)) }
        } catch NetworkError.noOutside(let obstacle) {
            tell(obstacle)
            await access.close()
            return try await body([])
        } catch { result = .failure(error) }
        await access.close()
        return try result.get()
    }

    private final class Over: Sendable {
        let isSet = Atomic(false)
    }

    /// Tells when the program ends before `body` does.
    private func watching<Result: Sendable>(
        _ access: OutsideAccess, _ tell: @escaping @Sendable (OutsideAccess.Obstacle) -> Void,
        _ body: @escaping @Sendable () async throws -> Result
    ) async -> Swift.Result<Result, any Error> {
        let over = Over()
        return await withTaskGroup(of: Swift.Result<Result, any Error>?.self) { group in
            group.addTask {
                let obstacle = await access.end()
                if !over.isSet.load(ordering: .acquiring) { tell(obstacle) }
                return nil
            }
            group.addTask {
                let result: Swift.Result<Result, any Error>
                do { result = .success(try await body()) } catch { result = .failure(error) }
                over.isSet.store(true, ordering: .releasing)
                await access.close()
                return result
            }
            var result: Swift.Result<Result, any Error> = .failure(CancellationError())
            for await value in group { if let value { result = value } }
            return result
        }
    }
}
