package import LinuxSystem
import Synchronization
package import SystemPackage

/// Networks for containers that are to be alone: each leads outside, and to no other. What they need is made when the first is
/// taken, and kept until ``close()``.
package final class OwnNetworks: Sendable {
    private let environment: HostEnvironment
    private let reachesHost: Bool
    private let state = Mutex(State.unused)

    private enum State {
        case unused
        case open(Opened)
        case failed(NetworkError)
    }

    fileprivate struct Opened {
        let router: Router
        let access: OutsideAccess
        var free: [Member] = []
        var count = 0
    }

    /// A network with nobody in it.
    package struct Member: Sendable {
        private let namespace: NetworkNamespace
        fileprivate let access: OutsideAccess
        package let address: IPv4
        package let plan: AddressPlan

        fileprivate init(_ number: Int, _ namespace: NetworkNamespace, _ opened: Opened) {
            (self.namespace, access, plan) = (namespace, opened.access, opened.router.plan)
            address = opened.router.plan.member(number)
        }

        /// Where it is found while this value lives.
        package var path: FilePath { namespace.path }

        /// Waits until it leads outside.
        ///
        /// - Throws: ``NetworkError/noOutside(_:)``.
        package func ready() async throws { try await access.ready() }
    }

    /// - Parameters:
    ///   - environment: where the program that leads outside is looked for.
    ///   - reachesHost: whether the next router's address is this machine's loopback.
    package init(environment: HostEnvironment, reachesHost: Bool) {
        (self.environment, self.reachesHost) = (environment, reachesHost)
    }

    /// Takes one, which leads outside a moment later: see ``Member/ready()``.
    ///
    /// - Throws: ``NetworkError``; once it was thrown, always.
    package func take() throws(NetworkError) -> Member {
        let result = state.withLock { state -> Result<Member, NetworkError> in
            do throws(NetworkError) {
                var opened = try opened(state)
                let member = try Self.member(&opened)
                state = .open(opened)
                return .success(member)
            } catch {
                // What was open stays so, for those that are in it.
                if case .unused = state { state = .failed(error) }
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func opened(_ state: State) throws(NetworkError) -> Opened {
        switch state {
        case .open(let opened): return opened
        case .failed(let error): throw error
        case .unused:
            let router = try Router(AddressPlan.free(), hasBridge: false)
            return Opened(
                router: router,
                access: try OutsideAccess(of: router, environment: environment, reachesHost: reachesHost))
        }
    }

    private static func member(_ opened: inout Opened) throws(NetworkError) -> Member {
        if let member = opened.free.popLast() { return member }
        guard opened.count < AddressPlan.memberLimit else { throw .tooManyMembers(limit: AddressPlan.memberLimit) }
        let namespace = try opened.router.addMember(opened.count)
        try opened.router.connect(opened.count, namespace)
        opened.count += 1
        return Member(opened.count - 1, namespace, opened)
    }

    /// Whether one was taken.
    package var hasOpened: Bool { state.withLock { if case .open = $0 { true } else { false } } }

    /// Gives one back that nobody is in any more, and that nobody had the right to change.
    package func giveBack(_ member: Member) {
        state.withLock { state in
            guard case .open(var opened) = state else { return }
            opened.free.append(member)
            state = .open(opened)
        }
    }

    /// Ends what leads outside.
    package func close() async {
        let access = state.withLock { state -> OutsideAccess? in
            guard case .open(let opened) = state else { return nil }
            state = .unused
            return opened.access
        }
        await access?.close()
    }
}
