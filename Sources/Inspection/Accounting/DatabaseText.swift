/// Reads the databases of packages: paragraphs of fields, lists of names, lines of tables.
enum DatabaseText {
    /// Paragraphs, each with its fields by their names in small letters; a field's further lines are joined by line feeds (deb822(5)).
    static func forEachParagraph(_ bytes: [UInt8], _ body: ([String: String]) -> Void) {
        var fields: [String: String] = [:]
        var last: String?
        var rest = bytes[...]
        while !rest.isEmpty {
            var line = rest.prefix { $0 != 0x0A }
            rest = rest[line.endIndex...].dropFirst()
            if line.last == 0x0D { line = line.dropLast() }
            guard let first = line.first else {
                if !fields.isEmpty { body(fields) }
                (fields, last) = ([:], nil)
                continue
            }
            if first == 0x20 || first == 0x09 {
                if let last { fields[last, default: ""] += "\n" + String(decoding: line.dropFirst(), as: UTF8.self) }
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
                let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
                fields[name] = String(decoding: value, as: UTF8.self)
                last = name
            }
        }
        if !fields.isEmpty { body(fields) }
    }

    /// The lines of a text, without their ends.
    static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }
    }

    /// The names in a field of dependencies: `a (>= 1), b | c` (Debian policy, 7.1).
    static func alternatives(_ field: String) -> [[String]] {
        field.split(separator: ",").map { group in
            group.split(separator: "|").compactMap { item in
                let name = item.drop { $0.isWhitespace }.prefix { !$0.isWhitespace && !"(:[<".contains($0) }
                return name.isEmpty ? nil : String(name)
            }
        }.filter { !$0.isEmpty }
    }

    /// A name of a Python distribution as it is compared (PEP 503).
    static func pythonName(_ name: some StringProtocol) -> String {
        name.lowercased().split(whereSeparator: { "-_.".contains($0) }).joined(separator: "-")
    }

    /// A path as it stands in a list, from the root on without a slash in front; nil for the root itself.
    static func path(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes = text.drop { $0 == UInt8(ascii: "/") }
        while bytes.starts(with: [UInt8(ascii: "."), UInt8(ascii: "/")]) { bytes = bytes.dropFirst(2) }
        let path = Array(bytes)
        return path.isEmpty || path == [UInt8(ascii: ".")] ? nil : path
    }
}
