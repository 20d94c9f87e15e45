/// What Go's linker writes about the modules of a program (debug/buildinfo, the form of Go 1.18 and later).
struct GoBuildInfo {
    /// Without the leading `go`: `1.22.3`.
    let version: String
    private(set) var modules: [(path: String, version: String)] = []

    private static let magic: [UInt8] = [0xFF] + Array(" Go buildinf:".utf8)

    /// Reads the section `.go.buildinfo`; nil for an older form, which points into the program's memory.
    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.magic), bytes.count > 32, bytes[15] & 2 != 0 else { return nil }
        var place = 32
        guard let version = Self.text(bytes, &place), let table = Self.text(bytes, &place) else { return nil }
        self.version = version.hasPrefix("go") ? String(version.dropFirst(2)) : version
        var last: (path: String, version: String)?
        for line in table.split(separator: "\n") {
            let words = line.split(separator: "\t").map(String.init)
            guard words.count >= 2 else { continue }
            switch words[0] {
            case "mod", "dep":
                if let last { modules.append(last) }
                last = (words[1], words.count > 2 ? words[2] : "")
            case "=>": last = (words[1], words.count > 2 ? words[2] : "")
            default: continue
            }
        }
        if let last { modules.append(last) }
        // The program's own module has no version unless it was fetched.
        modules = modules.map { ($0.path, $0.version == "(devel)" ? "" : $0.version) }
    }

    /// A text behind its length (a varint).
    private static func text(_ bytes: [UInt8], _ place: inout Int) -> String? {
        var (length, shift) = (0, 0)
        while place < bytes.count, shift < 28 {
            let byte = bytes[place]
            place += 1
            length |= Int(byte & 0x7F) << shift
            shift += 7
            if byte & 0x80 == 0 {
                guard length <= bytes.count - place else { return nil }
                defer { place += length }
                return String(decoding: bytes[place..<place + length], as: UTF8.self)
            }
        }
        return nil
    }
}
