import NIOSSL

/// Who a server must prove to be by its certificate (RFC 6125, RFC 5280, section 4.2.1.6).
///
/// The TLS library also takes a certificate for the address that it is connected to where it was given a name: whoever answers for
/// a name by a wrong address would need no more than a certificate for that. And behind a proxy that address is the proxy's.
enum PeerIdentity: Hashable, Sendable {
    case name(String)
    case address(NetworkAddress)

    init(_ origin: HTTPURL.Origin) {
        self = NetworkAddress(origin.host).map { .address($0) } ?? .name(origin.host)
    }

    func isNamed(by certificate: NIOSSLCertificate) -> Bool {
        var hasNames = false
        for name in certificate._subjectAlternativeNames() {
            hasNames = true
            switch (self, name.nameType) {
            case (.address(let address), .ipAddress):
                if name.contents.withUnsafeBufferPointer({ $0.elementsEqual(address.bytes) }) { return true }
            case (.name(let host), .dnsName):
                let text = name.contents.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
                if Self.covers(text, host) { return true }
            default: break
            }
        }
        // Of one without such names the library has compared the subject's own.
        if case .name = self { return !hasNames }
        return false
    }

    /// Whether a name of a certificate, in which a star may stand for the first label, is a host's.
    static func covers(_ name: String, _ host: String) -> Bool {
        func plain(_ text: String) -> String { (text.hasSuffix(".") ? String(text.dropLast()) : text).lowercased() }
        let (name, host) = (plain(name), plain(host))
        guard name.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return name == host }
        return host[dot...] == name.dropFirst() && dot != host.startIndex
    }
}
