/// A port of this machine that is to lead to one of a network's members.
package struct Publication: Hashable, Sendable {
    package enum Transport: Hashable, Sendable { case tcp, udp }

    /// The member, by its name in the network.
    package let member: String
    /// The address that is listened on.
    package let host: String
    /// Zero for one that the kernel chooses.
    package let published: Int
    package let target: Int
    package let transport: Transport

    package init(member: String, host: String, published: Int, target: Int, transport: Transport) {
        self.member = member
        self.host = host
        self.published = published
        self.target = target
        self.transport = transport
    }
}
