/// What package URLs are made of (package-url specification, 1.0).
package enum PackageURL {
    /// One part of a URL, with what has a meaning in one written as `%XX`. A colon has none that could be mistaken.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}

extension ImageReference {
    /// The URL of the image for a platform (type `docker`): `pkg:docker/alpine@3.17?platform=linux%2Famd64`.
    package func packageURL(_ platform: Platform) -> String {
        let path = familiarName.split(separator: "/").map { PackageURL.escaped(String($0)) }.joined(separator: "/")
        let version = (tag ?? digest?.description).map { "@" + PackageURL.escaped($0) } ?? ""
        return "pkg:docker/\(path)\(version)?platform=\(PackageURL.escaped(platform.description))"
    }
}
