import OCI

/// What a file is that is to hold a private key (RFC 7468; OpenSSH, PROTOCOL.key). Whether an agent takes the key is the agent's to say.
package enum PrivateKeyFile {
    package enum Content: Hashable {
        case key
        /// A passphrase is needed, for which a build cannot ask.
        case encrypted
        case publicKey
        case none
    }

    /// Bytes: more than any key has.
    package static let sizeLimit = 100 << 10

    package static func content(_ bytes: [UInt8]) -> Content {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map {
            $0.drop { $0 == " " || $0 == "\t" }
        }
        guard let begin = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN ") }) else {
            let first = lines.first ?? ""
            return ["ssh-", "ecdsa-", "sk-"].contains(where: first.hasPrefix) ? .publicKey : .none
        }
        let label = String(lines[begin].dropFirst("-----BEGIN ".count).prefix { $0 != "-" })
        let body = lines[(begin + 1)...].prefix { !$0.hasPrefix("-----END ") }
        switch label {
        case "ENCRYPTED PRIVATE KEY": return .encrypted
        case "OPENSSH PRIVATE KEY": return openSSH(body.joined())
        case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY":
            return body.contains { $0.hasPrefix("Proc-Type:") && $0.contains("ENCRYPTED") } ? .encrypted : .key
        default: return label.hasSuffix("PUBLIC KEY") ? .publicKey : .none
        }
    }

    /// OpenSSH's own form begins with a mark and the name of the cipher, `none` for none.
    private static func openSSH(_ text: String) -> Content {
        let mark = Array("openssh-key-v1\0".utf8)
        guard let bytes = Base64.decode(text.filter { !$0.isWhitespace }), bytes.starts(with: mark) else {
            return .none
        }
        let rest = bytes.dropFirst(mark.count)
        guard rest.count >= 4 else { return .none }
        let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        return rest.dropFirst(4).prefix(length).elementsEqual("none".utf8) ? .key : .encrypted
    }
}
