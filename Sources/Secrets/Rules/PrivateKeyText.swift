internal import OCI

/// Private keys in their textual form (RFC 7468, RFC 1421, RFC 9580 chapter 6): a begin line alone is in every library that
/// reads them, so the body must be there.
enum PrivateKeyText {
    private static let limit = 14 << 10
    private static let headLetters = ByteSet(Array(65...90) + Array(48...57) + [32])

    /// - Parameter place: of `PRIVATE KEY`.
    static func match(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let wordsStart = window.start(of: headLetters, before: place, atMost: 40)
        let begin = wordsStart - 5
        guard window.has("-----BEGIN ", at: begin) else { return [] }
        let isPGP = window.has("PRIVATE KEY BLOCK-----", at: place)
        guard isPGP || window.has("PRIVATE KEY-----", at: place) else { return [] }
        let start = place + (isPGP ? 22 : 16)
        let (body, isLocked, end) = body(window, start)
        let encrypted = isLocked || window.first("ENCRYPTED", in: wordsStart..<place) != nil
        guard body.count >= 60, Entropy.bits(body) >= 3, !Placeholder.isPublished(body) else { return [] }
        guard let level = level(body, isPGP: isPGP, isEncrypted: encrypted) else { return [] }
        return [SecretMatch(.privateKey, begin..<end, body, level: level)]
    }

    /// The key's base64 without what breaks it into lines, real or written as escapes, and whether its headers say that it is
    /// encrypted.
    static func body(_ window: ScanWindow, _ start: Int) -> (body: [UInt8], isEncrypted: Bool, end: Int) {
        var place = start
        var isEncrypted = false
        // Headers of a key in the older form, or of PGP, end at an empty line.
        let head = start..<min(window.count, start + 400)
        let colon = window.first(": ", in: start..<min(window.count, start + 40))
        if colon != nil {
            let ends = [("\n\n" as StaticString, 2), ("\r\n\r\n", 4), ("\\n\\n", 4), ("\\r\\n\\r\\n", 8)]
            let found = ends.compactMap { text, length in window.first(text, in: head).map { $0 + length } }.min()
            guard let found else { return ([], false, start) }
            isEncrypted = window.first("ENCRYPTED", in: start..<found) != nil
            place = found
        }
        var body: [UInt8] = []
        let skipped = Array(" \t\r\n\"',".utf8)
        while body.count < limit, place < window.count {
            let byte = window[place]
            if ByteSet.base64.contains(byte) {
                body.append(byte)
            } else if byte == UInt8(ascii: "\\") {
                let next = window[place + 1]
                if next == UInt8(ascii: "n") || next == UInt8(ascii: "r") || next == UInt8(ascii: "t") { place += 1 }
            } else if byte != UInt8(ascii: "="), !skipped.contains(byte) {
                break
            }
            place += 1
        }
        return (body, isEncrypted, place)
    }

    /// - Returns: nil for a body that holds no key.
    private static func level(_ body: [UInt8], isPGP: Bool, isEncrypted: Bool) -> SecretLevel? {
        let head = String(decoding: body.prefix(64 - body.prefix(64).count % 4), as: UTF8.self)
        guard let bytes = Base64.decode(head), let first = bytes.first else { return nil }
        // A secret-key packet, in the older and the newer form (RFC 9580, 4.2).
        if isPGP { return first & 0xFC == 0x94 || first == 0xC5 ? .high : nil }
        let openSSH = Array("openssh-key-v1\0".utf8)
        if bytes.starts(with: openSSH) {
            // The cipher's name behind its length (PROTOCOL.key of OpenSSH).
            return bytes.dropFirst(openSSH.count).starts(with: [0, 0, 0, 4] + Array("none".utf8)) ? .high : .medium
        }
        if first == 0x30 { return isEncrypted ? .medium : .high }
        // Encrypted as a whole, it looks like nothing.
        return isEncrypted ? .medium : nil
    }
}
