import NIOSSL

/// Whose signatures on certificates count.
package struct TrustedAuthorities: Hashable, Sendable {
    package enum Store: Hashable, Sendable {
        /// Where the TLS library looks.
        case standard
        /// A file of certificates in PEM, or a directory of such with names of hashes (openssl-rehash(1)).
        case path(String)
        case nothing
    }

    package var store: Store
    /// PEM texts of certificates beside the store; what else stands in them is passed over.
    package var texts: [String]

    package init(store: Store = .standard, texts: [String] = []) { (self.store, self.texts) = (store, texts) }

    /// How a client speaks TLS that trusts these.
    func clientConfiguration() -> TLSConfiguration {
        var settings = TLSConfiguration.makeClientConfiguration()
        switch store {
        case .standard: break
        case .path(let path): settings.trustRoots = .file(path)
        case .nothing: settings.trustRoots = .certificates([])
        }
        let certificates = texts.flatMap(Self.certificates)
        if !certificates.isEmpty { settings.additionalTrustRoots = [.certificates(certificates)] }
        return settings
    }

    /// The certificates of a bundle; one that cannot be read spoils none of the others.
    private static func certificates(_ text: String) -> [NIOSSLCertificate] {
        let begin = "-----BEGIN CERTIFICATE-----"
        let end = "-----END CERTIFICATE-----"
        var result: [NIOSSLCertificate] = []
        var block: [Substring]?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix(begin) { block = [] }
            block?.append(line)
            guard line.hasPrefix(end), let lines = block else { continue }
            // Such a certificate vouches for nobody.
            result += (try? NIOSSLCertificate.fromPEMBytes(Array((lines.joined(separator: "\n") + "\n").utf8))) ?? []
            block = nil
        }
        return result
    }
}
