import Networking
import Testing

@Suite struct NetworkAddressesTests {
    private static func address(_ text: String) -> UInt32 {
        text.split(separator: ".").reduce(0) { $0 << 8 | (UInt32($1) ?? 0) }
    }

    private static func routes(_ texts: [String]) -> [AddressPlan.Route] {
        texts.map { text in
            let parts = text.split(separator: "/")
            return (address(String(parts[0])), Int(parts[1]) ?? 0)
        }
    }

    /// Routes of a machine, and the members' and the way out's ranges beside them.
    @Test(arguments: [
        ([], "10.200.0.0/24 10.200.1.0/24"),
        (["0.0.0.0/0", "192.168.0.0/16"], "10.200.0.0/24 10.200.1.0/24"),
        (["10.200.0.0/24"], "10.200.2.0/24 10.200.3.0/24"),
        // The second half is taken.
        (["10.200.1.7/32"], "10.200.2.0/24 10.200.3.0/24"),
        (["10.200.0.0/13"], "10.208.0.0/24 10.208.1.0/24"),
        (["10.200.0.0/16", "10.201.0.0/17"], "10.201.128.0/24 10.201.129.0/24"),
        // A route whose address is not its first.
        (["10.200.3.9/22"], "10.200.4.0/24 10.200.5.0/24"),
    ])
    func liesBesideWhatIsKnown(routes: [String], expected: String) throws {
        let plan = try AddressPlan.free(beside: Self.routes(routes))
        #expect("\(plan.range) \(plan.outside)" == expected)
    }

    @Test func isNowhereWhereAllIsTaken() {
        #expect {
            _ = try AddressPlan.free(beside: Self.routes(["10.0.0.0/8"]))
        } throws: { error in
            if case NetworkError.noFreeRange = error { true } else { false }
        }
    }

    @Test func givesEachItsAddress() throws {
        let plan = try AddressPlan.free(beside: [])
        #expect("\(plan.router) \(plan.member(0)) \(plan.member(179))" == "10.200.0.1 10.200.0.10 10.200.0.189")
        #expect("\(plan.gateway) \(plan.nameServer) \(plan.ownOutside)" == "10.200.1.2 10.200.1.3 10.200.1.100")
    }

    /// This machine's resolv.conf, and a container's.
    @Test(arguments: [
        ("nameserver 192.0.2.1\n", "nameserver 192.0.2.1\n"),
        ("", "nameserver X\n"),
        (
            "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch a.example b.example\n",
            "nameserver X\noptions edns0 trust-ad\nsearch a.example b.example\n"
        ),
        (
            "# one\nnameserver 127.0.0.1\nnameserver\t192.0.2.1\nnameserver 127.0.0.1",
            "nameserver X\nnameserver 192.0.2.1\n"
        ),
        ("nameserver ::1\nnameserver 2001:db8::1\n", "nameserver X\n"),
        ("nameserver fe80::1%eth0\r\n;x\nnameserver\nsortlist 1.2.3.4\n", "nameserver X\n"),
        ("nameserver 0.0.0.0\n", "nameserver X\n"),
    ])
    func asksThoseThatCanBeReached(host: String, expected: String) {
        #expect(ResolverText.make(from: host, nameServer: "X") == expected)
    }

    /// What iproute2 sends for the same, seen by strace(1), but for the sequence number.
    @Test func speaksAsIproute2() {
        func hexadecimal(_ request: LinkRequest) -> String {
            request.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        // ip link set dev NAME up, by index 7.
        #expect(
            hexadecimal(.up(7)) == "2000000013000500" + "0100000000000000" + "0000000007000000" + "0100000001000000")
    }
}
