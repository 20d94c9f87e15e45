/// A request to the kernel about links, addresses, routes and rules (rtnetlink(7), netlink(7)), as the bytes that are sent. Numbers are
/// in the machine's order.
package struct LinkRequest: Hashable, Sendable {
    /// What it is about, for whoever is told that the kernel refused it.
    package let subject: NetworkError.Subject
    private let kind: UInt16
    private let flags: UInt16
    private var body: [UInt8] = []

    private init(_ subject: NetworkError.Subject, _ kind: UInt16, isNew: Bool = true) {
        (self.subject, self.kind) = (subject, kind)
        // NLM_F_REQUEST, NLM_F_ACK; NLM_F_CREATE, NLM_F_EXCL.
        flags = 0x01 | 0x04 | (isNew ? 0x400 | 0x200 : 0)
    }

    /// The message with its header.
    package var bytes: [UInt8] {
        Self.number(UInt32(16 + body.count)) + Self.number(kind) + Self.number(flags) + Self.number(UInt32(1))
            + Self.number(UInt32(0)) + body
    }

    private static func number(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    private mutating func add(_ attribute: UInt16, _ value: [UInt8]) {
        body += Self.attribute(attribute, value)
    }

    private static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
        number(UInt16(4 + value.count)) + number(type) + value + Array(repeating: 0, count: (4 - value.count % 4) % 4)
    }

    private static func text(_ value: String) -> [UInt8] { Array(value.utf8) + [0] }

    // MARK: Links

    private static let newLink: UInt16 = 16
    private static let setLink: UInt16 = 19

    /// `IFLA_…` of linux/if_link.h.
    private enum Part {
        static let name: UInt16 = 3
        static let mtu: UInt16 = 4
        static let master: UInt16 = 10
        static let info: UInt16 = 18
        static let family: UInt16 = 26
        static let namespace: UInt16 = 28
    }

    /// `struct ifinfomsg`, which switches the link on or leaves it as it is.
    private static func link(_ index: Int32, isSwitchedOn: Bool) -> [UInt8] {
        let flags: UInt32 = isSwitchedOn ? 1 : 0
        return [0, 0] + number(UInt16(0)) + number(index) + number(flags) + number(flags)
    }

    /// A bridge, which is up.
    package static func bridge(_ name: String, index: Int32) -> LinkRequest {
        var result = LinkRequest(.link, newLink)
        result.body = link(index, isSwitchedOn: true)
        result.add(Part.name, text(name))
        result.add(Part.info, attribute(1, text("bridge")))
        return result
    }

    /// One end of a pair that is made.
    package struct End: Sendable {
        let name: String
        let index: Int32
    }

    /// Two ends of a cable (veth(4)): the first is up, the second down and in another network.
    ///
    /// - Parameters:
    ///   - mtu: bytes.
    ///   - network: the other network's descriptor.
    package static func pair(_ near: End, _ far: End, mtu: UInt32, network: Int32) -> LinkRequest {
        var result = LinkRequest(.link, newLink)
        result.body = link(near.index, isSwitchedOn: true)
        result.add(Part.name, text(near.name))
        result.add(Part.mtu, number(mtu))
        let peer =
            link(far.index, isSwitchedOn: false) + attribute(Part.name, text(far.name))
            + attribute(Part.mtu, number(mtu))
            + attribute(Part.namespace, number(UInt32(network)))
        // IFLA_INFO_DATA with VETH_INFO_PEER.
        result.add(Part.info, attribute(1, text("veth")) + attribute(2, attribute(1, peer)))
        return result
    }

    /// Switches a link on.
    ///
    /// - Parameters:
    ///   - mtu: bytes; nil leaves it.
    ///   - master: the bridge that it is put at.
    package static func up(_ index: Int32, mtu: UInt32? = nil, master: Int32? = nil) -> LinkRequest {
        var result = LinkRequest(.link, setLink, isNew: false)
        result.body = link(index, isSwitchedOn: true)
        if let mtu { result.add(Part.mtu, number(mtu)) }
        if let master { result.add(Part.master, number(UInt32(master))) }
        return result
    }

    /// Lets packets that come by a link go on by another one.
    ///
    /// - Parameter answers: whether the link answers for addresses that lie behind others (arp(7), "proxy_arp").
    package static func forwarding(_ index: Int32, answers: Bool = false) -> LinkRequest {
        var result = LinkRequest(.link, setLink, isNew: false)
        result.body = link(index, isSwitchedOn: false)
        // IFLA_INET_CONF with IPV4_DEVCONF_FORWARDING and IPV4_DEVCONF_PROXY_ARP, of AF_INET.
        var settings = attribute(1, number(UInt32(1)))
        if answers { settings += attribute(3, number(UInt32(1))) }
        result.add(Part.family, attribute(2, attribute(1, settings)))
        return result
    }

    /// Gives a link no address of IPv6 by itself: nothing leads out by that, and programs would try.
    package static func withoutIPv6Address(_ index: Int32) -> LinkRequest {
        var result = LinkRequest(.link, setLink, isNew: false)
        result.body = link(index, isSwitchedOn: false)
        // IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE, of AF_INET6.
        result.add(Part.family, attribute(10, attribute(8, [1])))
        return result
    }

    // MARK: Addresses

    /// An address of a link.
    ///
    /// - Parameter peer: the only one that is at the link's other end; nil for all of the address's block.
    package static func address(_ own: Block, peer: IPv4? = nil, on index: Int32) -> LinkRequest {
        var result = LinkRequest(.address, 20)
        result.body = [2, peer == nil ? own.length : 32, 0, 0] + number(index)
        result.add(2, own.address.bytes)
        result.add(1, (peer ?? own.address).bytes)
        return result
    }

    // MARK: Routes and rules

    private static let main: UInt8 = 254

    /// `struct rtmsg`.
    private static func route(_ destination: Block?, table: UInt8, scope: UInt8, type: UInt8, flags: UInt32 = 0)
        -> [UInt8]
    {
        // Made by an administrator: RTPROT_STATIC.
        [2, destination?.length ?? 0, 0, 0, table, 4, scope, type] + number(flags)
    }

    /// Leads everything else to a router that is at a link, whether an address of the link says so or not.
    package static func wayOut(_ router: IPv4, by index: Int32, table: UInt8? = nil) -> LinkRequest {
        var result = LinkRequest(.route, 24)
        // RTN_UNICAST, RTNH_F_ONLINK.
        result.body = route(nil, table: table ?? main, scope: 0, type: 1, flags: 4)
        result.add(5, router.bytes)
        result.add(4, number(index))
        return result
    }

    /// Says that addresses are at a link.
    package static func neighbours(_ block: Block, at index: Int32, table: UInt8) -> LinkRequest {
        var result = LinkRequest(.route, 24)
        // RT_SCOPE_LINK.
        result.body = route(block, table: table, scope: 253, type: 1)
        result.add(1, block.address.bytes)
        result.add(4, number(index))
        return result
    }

    /// Says that addresses cannot be reached.
    package static func unreachable(_ block: Block, table: UInt8) -> LinkRequest {
        var result = LinkRequest(.route, 24)
        // RTN_UNREACHABLE.
        result.body = route(block, table: table, scope: 0, type: 7)
        result.add(1, block.address.bytes)
        return result
    }

    /// What becomes of packets that come by a link (ip-rule(8)): the lower number is asked first.
    ///
    /// - Parameters:
    ///   - source: where they must come from.
    ///   - table: where they are looked up; nil lets none through.
    package static func rule(_ number: UInt32, by link: String, from source: IPv4? = nil, table: UInt8?) -> LinkRequest
    {
        var result = LinkRequest(.rule, 32)
        // `struct fib_rule_hdr` with FR_ACT_TO_TBL or FR_ACT_UNREACHABLE.
        result.body =
            [2, 0, source == nil ? 0 : 32, 0, table ?? 0, 0, 0, table == nil ? 7 : 1] + Self.number(UInt32(0))
        if let source { result.add(2, source.bytes) }
        result.add(3, text(link))
        result.add(6, Self.number(number))
        return result
    }
}
