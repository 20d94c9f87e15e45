import LinuxSystem

/// The addresses of a private network, and of what leads out of it: two neighbouring ranges of 256 addresses, of which the second is
/// seen by nobody but the router.
package struct AddressPlan: Hashable, Sendable {
    /// The first address, in this machine's order of bytes; even in its third number.
    private let first: UInt32

    private init(first: UInt32) { self.first = first }

    /// A route that is known: an address, and how many of its bits count.
    package typealias Route = (address: UInt32, length: Int)

    /// The most members that a network has.
    package static let memberLimit = 180

    /// The first ranges from 10.200.0.0 on that overlap with no route, for what lies behind that would be out of reach.
    ///
    /// - Throws: ``NetworkError/noFreeRange``.
    package static func free(beside routes: [Route]) throws(NetworkError) -> AddressPlan {
        let taken = routes.compactMap { route -> ClosedRange<UInt32>? in
            guard (1...32).contains(route.length) else { return nil }
            let mask = UInt32.max << UInt32(32 - route.length)
            return (route.address & mask)...(route.address & mask | ~mask)
        }
        for number in stride(from: UInt32(0), to: 50 * 256, by: 2) {
            let first = 10 << 24 | (200 + number / 256) << 16 | (number % 256) << 8
            if !taken.contains(where: { $0.overlaps(first...(first + 511)) }) { return AddressPlan(first: first) }
        }
        throw .noFreeRange
    }

    /// As ``free(beside:)``, beside this machine's own routes.
    package static func free() throws(NetworkError) -> AddressPlan {
        let routes: [Route]
        do { routes = try NetworkNamespace.routes() } catch { throw .refused(.routes, error.errno) }
        return try free(beside: routes)
    }

    /// The members' range.
    package var range: Block { Block(address: IPv4(first), length: 24) }

    /// The router's address among the members.
    package var router: IPv4 { IPv4(first + 1) }

    /// A member's address, counted from zero on.
    package func member(_ number: Int) -> IPv4 { IPv4(first + 10 + UInt32(number)) }

    // The numbers that slirp4netns(1) gives its own.

    /// The range in which the way out is.
    package var outside: Block { Block(address: IPv4(first + 256), length: 24) }

    /// The next router, which stands for this machine's loopback address too where that is allowed.
    package var gateway: IPv4 { IPv4(first + 258) }

    /// What hands on to this machine's own name server.
    package var nameServer: IPv4 { IPv4(first + 259) }

    /// The router's address on the way out.
    package var ownOutside: IPv4 { IPv4(first + 356) }
}

/// An address of IPv4.
package struct IPv4: Hashable, Sendable, CustomStringConvertible {
    /// In the order in which they are sent.
    let bytes: [UInt8]

    init(_ number: UInt32) { bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

    package var description: String { bytes.map(String.init).joined(separator: ".") }
}

/// Addresses with the same first bits.
package struct Block: Hashable, Sendable, CustomStringConvertible {
    package let address: IPv4
    package let length: UInt8

    package var description: String { "\(address)/\(length)" }
}
