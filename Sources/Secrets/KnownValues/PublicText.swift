/// What everybody may read of a file that is given as a secret: a bundle of authorities, the certificate beside a key, hosts' keys.
/// They stand in many images, and say nothing of the secret.
enum PublicText {
    /// Labels of RFC 7468 whose bodies are public; `BEGIN` and the label stand in one line.
    private static let labels = [
        "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE", "X509 CRL", "CERTIFICATE REQUEST",
        "NEW CERTIFICATE REQUEST", "PUBLIC KEY", "RSA PUBLIC KEY", "SSH2 PUBLIC KEY", "DH PARAMETERS",
        "EC PARAMETERS", "PGP PUBLIC KEY BLOCK", "PGP SIGNATURE",
    ].map { Array("-----BEGIN \($0)-----".utf8) }
    /// Types of keys, before which hosts or nothing stands (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
    private static let keyTypes = [
        "ssh-ed25519", "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ].map { Array($0.utf8) }

    /// A text without its public lines, and, where it had some, without comments and the spaces around.
    static func removed(from text: [UInt8]) -> [UInt8] {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var kept: [ArraySlice<UInt8>] = []
        var hasPublic = false
        var index = 0
        while index < lines.count {
            let line = lines[index]
            if let end = end(of: lines, from: index) {
                (hasPublic, index) = (true, end + 1)
            } else {
                if isKey(line) { hasPublic = true } else { kept.append(line) }
                index += 1
            }
        }
        guard hasPublic else { return text }
        let told = kept.filter { line in
            line.contains { !ByteSet.space.contains($0) } && line.first != UInt8(ascii: "#")
        }
        return Array(told.joined(separator: [UInt8(ascii: "\n")]))
    }

    /// The last line of a public block that begins in a line and has nothing in it but what such blocks have; nil for anything else.
    private static func end(of lines: [ArraySlice<UInt8>], from start: Int) -> Int? {
        guard labels.contains(where: { lines[start].starts(with: $0) }) else { return nil }
        for place in lines.indices.dropFirst(start + 1) {
            let line = lines[place]
            if line.starts(with: Array("-----END ".utf8)) { return place }
            // Base64, or a header of a PGP block.
            let isBody = line.count <= 80 && line.allSatisfy { ByteSet.anyBase64.contains($0) || $0 == 13 || $0 == 61 }
            guard isBody || line.starts(with: Array("Comment: ".utf8)) || line.starts(with: Array("Version: ".utf8))
            else { return nil }
        }
        return nil
    }

    /// `[HOSTS] TYPE KEY [COMMENT]`, as ssh keeps public keys.
    private static func isKey(_ line: ArraySlice<UInt8>) -> Bool {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 4)
        guard let type = words.prefix(2).firstIndex(where: { word in keyTypes.contains { word.elementsEqual($0) } }),
            words.count > type + 1
        else { return false }
        return words[type + 1].starts(with: Array("AAAA".utf8)) && words.count <= type + 3
    }
}
