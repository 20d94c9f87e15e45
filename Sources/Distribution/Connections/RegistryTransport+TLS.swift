import NIOSSL

extension RegistryTransport {
    /// - Parameter known: the authorities that count for every host.
    /// - Throws: ``RegistryError/invalidCertificate(host:reason:)``.
    func transportSecurity(host: String, _ known: TrustedAuthorities) throws(RegistryError) -> TransportSecurity {
        var settings = known.clientConfiguration()
        if security == .unverified { settings.certificateVerification = .none }
        do {
            if !authorities.isEmpty {
                var certificates: [NIOSSLCertificate] = []
                for text in authorities { certificates += try NIOSSLCertificate.fromPEMBytes(Array(text.utf8)) }
                settings.additionalTrustRoots.append(.certificates(certificates))
            }
            if let clientIdentity {
                if clientIdentity.privateKey.isEmpty {
                    throw RegistryError.invalidCertificate(host: host, reason: "its key is missing")
                }
                settings.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(clientIdentity.certificates.utf8))
                    .map { .certificate($0) }
                settings.privateKey = .privateKey(
                    try NIOSSLPrivateKey(bytes: Array(clientIdentity.privateKey.utf8), format: .pem))
            }
        } catch let error as RegistryError {
            throw error
        } catch {
            // The error's own text tells of the library, not of the file.
            throw .invalidCertificate(host: host, reason: "it is no certificate or key in PEM")
        }
        return TransportSecurity(settings)
    }
}
