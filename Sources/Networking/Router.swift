package import LinuxSystem

/// The network namespace between members and the outside.
///
/// Members never share a segment with what leads out (libslirp takes a frame for 127.0.0.1, or for its own address, as one for this
/// machine's loopback): the kernel of the router hands on what is meant for other machines, drops loopback addresses, and finds the next
/// router's own address unreachable.
package final class Router: Sendable {
    package let plan: AddressPlan
    package let namespace: NetworkNamespace
    /// Whether members reach each other, at a bridge; else each is alone with the router.
    let hasBridge: Bool

    /// Bytes: as much as slirp4netns takes. Nothing but memory lies between it and the members.
    package static let packetSize: UInt32 = 65520
    package static let outside = "outside"
    private static let bridge = "bridge"
    /// Indices that the kernel gives no link by itself here; it begins with 1.
    private static let bridgeIndex: Int32 = 100
    private static let memberIndex: Int32 = 1000
    private static let loopback: Int32 = 1
    /// The table of those that may leave.
    private static let table: UInt8 = 100

    /// - Throws: ``NetworkError/refused(_:_:)``.
    package init(_ plan: AddressPlan, hasBridge: Bool) throws(NetworkError) {
        (self.plan, self.hasBridge) = (plan, hasBridge)
        namespace = try Self.makeNamespace()
        var requests = [LinkRequest.up(Self.loopback)]
        if hasBridge {
            requests += [
                .bridge(Self.bridge, index: Self.bridgeIndex),
                .address(Block(address: plan.router, length: plan.range.length), on: Self.bridgeIndex),
                .forwarding(Self.bridgeIndex), .rule(200, by: Self.bridge, table: nil),
            ]
        }
        try Self.ask(namespace, requests)
    }

    private static func makeNamespace() throws(NetworkError) -> NetworkNamespace {
        do { return try NetworkNamespace() } catch { throw .refused(.namespace, error.errno) }
    }

    private static func ask(_ namespace: NetworkNamespace, _ requests: [LinkRequest]) throws(NetworkError) {
        for request in requests {
            do { try namespace.ask(request.bytes) } catch { throw .refused(request.subject, error.errno) }
        }
    }

    /// Makes a member's namespace, which reaches the router, and with a bridge the other members.
    ///
    /// - Parameter number: counted from zero on.
    package func addMember(_ number: Int) throws(NetworkError) -> NetworkNamespace {
        let member = try Self.makeNamespace()
        let (near, far) = (port(number), LinkRequest.End(name: "eth0", index: Self.memberIndex))
        var requests: [LinkRequest] = [.pair(near, far, mtu: Self.packetSize, network: member.descriptor)]
        if hasBridge {
            requests.append(.up(near.index, master: Self.bridgeIndex))
        } else {
            requests += [
                .address(Block(address: plan.router, length: 32), peer: plan.member(number), on: near.index),
                .forwarding(near.index), .rule(200, by: near.name, table: nil),
            ]
        }
        try Self.ask(namespace, requests)
        // Where there is no IPv6 there is nothing to switch off.
        try? Self.ask(member, [.withoutIPv6Address(far.index)])
        let own = Block(address: plan.member(number), length: plan.range.length)
        try Self.ask(
            member,
            [
                .up(Self.loopback), .address(own, peer: hasBridge ? nil : plan.router, on: far.index), .up(far.index),
            ])
        return member
    }

    private func port(_ number: Int) -> LinkRequest.End {
        LinkRequest.End(name: "member-\(number)", index: Self.memberIndex + Int32(number))
    }

    /// Lets a member reach the outside.
    package func connect(_ number: Int, _ member: NetworkNamespace) throws(NetworkError) {
        let link = hasBridge ? Self.bridge : port(number).name
        try Self.ask(namespace, [.rule(100, by: link, from: plan.member(number), table: Self.table)])
        try Self.ask(member, [.wayOut(plan.router, by: Self.memberIndex)])
    }

    /// Makes the device that a program carries the outside's packets by, and shows the way there to those that may leave.
    ///
    /// - Parameter reachesHost: whether the next router's address, which is this machine's loopback then, can be reached.
    package func openOutside(reachesHost: Bool) throws(NetworkError) {
        let index: Int32
        do { index = try namespace.makeTap(Self.outside) } catch { throw .refused(.tap, error.errno) }
        func single(_ address: IPv4) -> Block { Block(address: address, length: 32) }
        var requests: [LinkRequest] = [
            .address(Block(address: plan.ownOutside, length: plan.outside.length), on: index),
            .up(index, mtu: Self.packetSize), .forwarding(index, answers: true),
            // The first is for what comes back where a machine looks whether it would lead there (rp_filter).
            .wayOut(plan.gateway, by: index), .wayOut(plan.gateway, by: index, table: Self.table),
            .neighbours(single(plan.nameServer), at: index, table: Self.table),
            .unreachable(plan.range, table: Self.table), .unreachable(plan.outside, table: Self.table),
        ]
        if reachesHost { requests.append(.neighbours(single(plan.gateway), at: index, table: Self.table)) }
        try Self.ask(namespace, requests)
    }
}
