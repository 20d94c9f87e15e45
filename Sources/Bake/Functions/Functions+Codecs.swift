import OCI

/// Texts that stand for other things.
enum Codecs {
    /// The fields of one line with commas between them (RFC 4180).
    static func commaSeparated(_ text: String) -> [String] { rows(text).first ?? [""] }

    /// Lines of fields (RFC 4180).
    static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var (row, field, isQuoted, wasQuoted) = ([String](), "", false, false)
        var rest = text.unicodeScalars.filter { $0 != "\r" }[...]
        func end() {
            row.append(field)
            (field, wasQuoted) = ("", false)
        }
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"" where isQuoted && rest.first == "\"":
                rest.removeFirst()
                field += "\""
            case "\"" where isQuoted || field.isEmpty:
                isQuoted.toggle()
                wasQuoted = true
            case "," where !isQuoted: end()
            case "\n" where !isQuoted:
                if !(row.isEmpty && field.isEmpty && !wasQuoted) {
                    end()
                    rows.append(row)
                }
                row = []
            default: field.unicodeScalars.append(scalar)
            }
        }
        if !(row.isEmpty && field.isEmpty && !wasQuoted) {
            end()
            rows.append(row)
        }
        return rows
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func checksums(_ text: String) -> FileChecksums { checksums(Array(text.utf8)) }

    static func checksums(_ bytes: [UInt8]) -> FileChecksums {
        var hasher = FileChecksumHasher()
        bytes.withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }

    /// As forms of the web are sent: everything but letters, digits, `-`, `_`, `.` and `~` is written out.
    static func formEncoded(_ text: String) -> String {
        var result: [UInt8] = []
        let plain = Set("-_.~".utf8)
        for byte in text.utf8 {
            if Scanner.isDigit(byte) || (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80 || plain.contains(byte) {
                result.append(byte)
            } else if byte == 0x20 {
                result.append(UInt8(ascii: "+"))
            } else {
                result += Array(("%" + hex([byte]).uppercased()).utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A name in a namespace (RFC 9562, "UUID Version 5").
    static func uuid(_ namespace: String, _ name: String) -> String? {
        let known = [
            "dns": "6ba7b8109dad11d180b400c04fd430c8", "url": "6ba7b8119dad11d180b400c04fd430c8",
            "oid": "6ba7b8129dad11d180b400c04fd430c8", "x500": "6ba7b8149dad11d180b400c04fd430c8",
        ]
        let digits = Array((known[namespace] ?? namespace.filter { $0 != "-" }).utf8)
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        var hash = Array(checksums(bytes + Array(name.utf8)).sha1.prefix(16))
        hash[6] = hash[6] & 0x0F | 0x50
        hash[8] = hash[8] & 0x3F | 0x80
        let text = hex(hash)
        var result = ""
        for (index, character) in text.enumerated() {
            if [8, 12, 16, 20].contains(index) { result += "-" }
            result.append(character)
        }
        return result
    }
}

extension Functions {
    static let codecs: [String: StandardFunction] = [
        "jsonencode": StandardFunction(1) { a throws(BakeError.FunctionFault) in .text(a[0].json.text) },
        "jsondecode": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            let text = try a.text(0)
            do { return BakeValue(try JSON.parse(text)) } catch { throw .invalid(text) }
        },
        "csvdecode": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            let rows = Codecs.rows(try a.text(0))
            guard let header = rows.first else { throw .noResult }
            var result: [BakeValue] = []
            for row in rows.dropFirst() {
                guard row.count == header.count else { throw .differentLengths }
                result.append(.mapping(Dictionary(zip(header, row.map { .text($0) })) { $1 }))
            }
            return .list(result)
        },
        "base64encode": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .text(Base64.encode(Array(try a.text(0).utf8)))
        },
        "base64decode": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            let text = try a.text(0)
            guard let bytes = Base64.decode(text) else { throw .invalid(text) }
            return .text(String(decoding: bytes, as: UTF8.self))
        },
        "urlencode": StandardFunction(1) { a throws(BakeError.FunctionFault) in .text(Codecs.formEncoded(try a.text(0)))
        },
        "md5": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .text(Codecs.hex(Codecs.checksums(try a.text(0)).md5))
        },
        "sha1": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .text(Codecs.hex(Codecs.checksums(try a.text(0)).sha1))
        },
        "sha256": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            .text(Digest(sha256: Array(try a.text(0).utf8)).hex)
        },
        "sha512": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            var hasher = DigestHasher(.sha512)
            Array(try a.text(0).utf8).withUnsafeBytes { hasher.update($0) }
            return .text(hasher.finalize().hex)
        },
        "uuidv5": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            guard let text = Codecs.uuid(try a.text(0), try a.text(1)) else { throw .invalid(try a.text(0)) }
            return .text(text)
        },
    ]
}
