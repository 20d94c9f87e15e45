import NIOSSL

extension RegistryTransport {
    /// - Throws: ``RegistryError/invalidCertificate(host:reason:)``.
    func tlsConfiguration(host: String) throws(RegistryError) -> TLSConfiguration {
        var settings = TLSConfiguration.makeClientConfiguration()
        if security == .unverified { settings.certificateVerification = .none }
        do {
            if !authorities.isEmpty {
                var certificates: [NIOSSLCertificate] = []
                for text in authorities { certificates += try NIOSSLCertificate.fromPEMBytes(Array(text.utf8)) }
                settings.additionalTrustRoots = [.certificates(certificates)]
            }
            if let clientIdentity {
                settings.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(clientIdentity.certificates.utf8))
                    .map { .certificate($0) }
                settings.privateKey = .privateKey(
                    try NIOSSLPrivateKey(bytes: Array(clientIdentity.privateKey.utf8), format: .pem))
            }
        } catch {
            // The error's own text tells of the library, not of the file.
            throw .invalidCertificate(host: host, reason: "it is no certificate or key in PEM")
        }
        return settings
    }
}
