/// URLs as anybody may see them: without user and password (RFC 3986, section 3.2.1). What people and files read goes through
/// here: names of steps, errors, progress, histories, attestations, what the store remembers of builds.
package enum PublicURL {
    /// A URL without user and password; what is no URL stays as it is.
    package static func text(of url: String) -> String {
        var result = Array(url.utf8)
        if let start = authorities(in: result).first, let at = userEnd(result[start...], ends: "/?#") {
            result.removeSubrange(start...at)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Text with the users and passwords of all URLs in it left out.
    package static func text(within text: String) -> String {
        var result = Array(text.utf8)
        for start in authorities(in: result).reversed() {
            if let at = userEnd(result[start...], ends: textEnds) { result.removeSubrange(start...at) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The same with an asterisk for each character, so that columns stay where they are.
    package static func masked(within text: String) -> String {
        var result = Array(text.utf8)
        for start in authorities(in: result).reversed() {
            guard let at = userEnd(result[start...], ends: textEnds), start < at else { continue }
            let count = String(decoding: result[start..<at], as: UTF8.self).unicodeScalars.count
            result.replaceSubrange(start..<at, with: repeatElement(UInt8(ascii: "*"), count: count))
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// What ends the part of a URL that names the host, in a sentence or a command; an apostrophe may stand in a password.
    private static let textEnds = "/?#\"<>`\\"

    /// Where the parts begin that `SCHEME://` stands in front of.
    private static func authorities(in bytes: [UInt8]) -> [Int] {
        var result: [Int] = []
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: ":") && index > 0 {
            guard index + 3 <= bytes.count, bytes[index + 1] == UInt8(ascii: "/"), bytes[index + 2] == UInt8(ascii: "/")
            else { continue }
            let last = bytes[index - 1] | 0x20
            if (0x61...0x7A).contains(last) || (0x30...0x39).contains(bytes[index - 1])
                || "+-.".utf8.contains(bytes[index - 1])
            {
                result.append(index + 3)
            }
        }
        return result
    }

    /// The place of the `@` behind user and password, the last one of the part; nil without one.
    private static func userEnd(_ bytes: ArraySlice<UInt8>, ends: String) -> Int? {
        bytes.prefix { $0 > 0x20 && $0 != 0x7F && !ends.utf8.contains($0) }.lastIndex(of: UInt8(ascii: "@"))
    }
}
