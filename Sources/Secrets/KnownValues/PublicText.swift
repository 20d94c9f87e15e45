/// What everybody may read of a file that is given as a secret: a bundle of authorities, the certificate beside a key, hosts' keys.
/// They stand in many images, and say nothing of the secret.
enum PublicText {
    /// Labels of RFC 7468 whose bodies are public; `BEGIN` and the label stand in one line.
    private static let labels = [
        "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE", "X509 CRL", "CERTIFICATE REQUEST",
        "NEW CERTIFICATE REQUEST", "PUBLIC KEY", "RSA PUBLIC KEY", "SSH2 PUBLIC KEY", "DH PARAMETERS",
        "EC PARAMETERS", "PGP PUBLIC KEY BLOCK", "PGP SIGNATURE",
    ].map { Array("-----BEGIN \($0)-----".utf8) }
    /// Types of keys, before which a host or nothing stands (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
    private static let keyTypes = [
        "ssh-ed25519 AAAA", "ssh-rsa AAAA", "ssh-dss AAAA", "ecdsa-sha2-", "sk-ssh-ed25519@openssh.com AAAA",
        "sk-ecdsa-sha2-",
    ].map { Array($0.utf8) }

    /// A text without its public lines, and, where it had some, without comments and the spaces around.
    static func removed(from text: [UInt8]) -> [UInt8] {
        var kept: [ArraySlice<UInt8>] = []
        var isInBlock = false
        var hasPublic = false
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if isInBlock {
                isInBlock = !line.starts(with: Array("-----END ".utf8))
            } else if labels.contains(where: { line.starts(with: $0) }) {
                (isInBlock, hasPublic) = (true, true)
            } else if keyTypes.contains(where: { Array(line).contains($0) }) {
                hasPublic = true
            } else {
                kept.append(line)
            }
        }
        guard hasPublic else { return text }
        let told = kept.filter { line in
            line.contains { !ByteSet.space.contains($0) } && line.first != UInt8(ascii: "#")
        }
        return Array(told.joined(separator: [UInt8(ascii: "\n")]))
    }
}
