/// A Java key store of trusted certificates in the format JKS, which needs no program and has the same bytes every time.
///
/// Java reads it in place of the PKCS #12 store that its own tools write (`keystore.type.compat`, on by default). Its
/// checksum is made with Java's usual word, `changeit`, and protects nothing.
enum KeyStore {
    private static let word = "changeit"

    /// - Parameter certificates: PEM files (RFC 7468), each with any number of certificates.
    static func bytes(certificates files: [[UInt8]]) -> [UInt8] {
        let certificates = files.flatMap { pem($0) }
        var bytes: [UInt8] = [0xFE, 0xED, 0xFE, 0xED]
        append(UInt32(2), to: &bytes)
        append(UInt32(certificates.count), to: &bytes)
        for (index, certificate) in certificates.enumerated() {
            append(UInt32(2), to: &bytes)
            append("certificate-\(index + 1)", to: &bytes)
            append(UInt64(0), to: &bytes)
            append("X.509", to: &bytes)
            append(UInt32(truncatingIfNeeded: certificate.count), to: &bytes)
            bytes += certificate
        }
        let key = word.utf8.flatMap { [0, $0] } + Array("Mighty Aphrodite".utf8)
        return bytes + SHA1.digest(key + bytes)
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    /// A text as `DataOutput.writeUTF` writes it; ours are ASCII.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        append(UInt16(truncatingIfNeeded: text.utf8.count), to: &bytes)
        bytes += Array(text.utf8)
    }

    /// The certificates of a PEM file in DER.
    static func pem(_ bytes: [UInt8]) -> [[UInt8]] {
        var certificates: [[UInt8]] = []
        var text: [UInt8]?
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if line.elementsEqual("-----BEGIN CERTIFICATE-----".utf8) {
                text = []
            } else if line.elementsEqual("-----END CERTIFICATE-----".utf8) {
                if let text, let certificate = base64(text) { certificates.append(certificate) }
                text = nil
            } else {
                text? += line
            }
        }
        return certificates
    }

    /// RFC 4648, section 4; nil for other characters.
    private static func base64(_ text: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for character in text where character != UInt8(ascii: "=") {
            let value: UInt8
            switch character {
            case 0x41...0x5A: value = character - 0x41
            case 0x61...0x7A: value = character - 0x61 + 26
            case 0x30...0x39: value = character - 0x30 + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: return nil
            }
            bits = (bits << 6 | UInt32(value)) & 0xFF_FFFF
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return result.isEmpty ? nil : result
    }
}
