internal import OCI

/// Keeps what a file says of packages while its bytes pass by: small descriptions whole, of archives and programs only
/// what they name.
struct EvidenceCollector {
    /// Bytes that a layer's evidence may have together.
    static let layerLimit = 128 << 20
    private static let textLimit = 64 << 20
    private static let archiveLimit = 64 << 20

    private enum Mode {
        case text
        /// A jar, of which the names in it are kept.
        case archive
        /// A program, in which Go's linker may have written modules.
        case program(GoBuildInfoSearch)
    }

    private var mode: Mode
    private var bytes: [UInt8] = []
    private let limit: Int
    private var isTooLarge = false

    /// Nil for a file that describes nothing.
    init?(of entry: LayerRecord.Entry, budget: Int) {
        if PackageTrace(entry.path) != nil {
            (mode, limit) = (.text, Self.textLimit)
        } else if PackageTrace.isArchive(entry.name) {
            (mode, limit) = (.archive, Self.archiveLimit)
        } else if entry.mode & 0o111 != 0, entry.size > 64 {
            (mode, limit) = (.program(GoBuildInfoSearch()), 0)
            return
        } else {
            return nil
        }
        isTooLarge = entry.size > Int64(min(limit, max(0, budget)))
        if !isTooLarge { bytes.reserveCapacity(Int(entry.size)) }
    }

    mutating func update(_ piece: UnsafeRawBufferPointer) {
        switch mode {
        case .program(var search):
            // Taken out, so that it is not copied.
            mode = .text
            search.update(piece)
            mode = .program(search)
        case .text, .archive:
            if !isTooLarge { bytes.append(contentsOf: piece) }
        }
    }

    /// Nil where the file says nothing.
    consuming func finish() -> [UInt8]? {
        switch mode {
        case .text: return isTooLarge ? nil : bytes
        case .archive: return isTooLarge ? nil : JarNames.text(bytes)
        case .program(let search): return search.text
        }
    }
}

/// Looks for what Go's linker writes into a program, wherever its section is (debug/buildinfo: aligned to 16 bytes).
struct GoBuildInfoSearch {
    private static let magic: [UInt8] = [0xFF] + Array(" Go buildinf:".utf8)
    private static let step = 16
    /// Bytes of the section that are kept.
    private static let limit = 1 << 20

    /// Bytes of a step that the last piece began.
    private var carry: [UInt8] = []
    private var found: [UInt8]?
    private var isElf: Bool?
    private var info: GoBuildInfo?

    mutating func update(_ piece: UnsafeRawBufferPointer) {
        guard info == nil, isElf != false else { return }
        var rest = piece[...]
        if !carry.isEmpty {
            let missing = min(Self.step - carry.count, rest.count)
            carry += rest.prefix(missing)
            rest = rest.dropFirst(missing)
            guard carry.count == Self.step else { return }
            let whole = carry
            carry = []
            whole.withUnsafeBytes { scan($0) }
        }
        let aligned = rest.count / Self.step * Self.step
        scan(UnsafeRawBufferPointer(rebasing: rest.prefix(aligned)))
        carry = Array(rest.dropFirst(aligned))
    }

    private mutating func scan(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty, info == nil, isElf != false else { return }
        if isElf == nil { isElf = bytes.starts(with: Elf.magic) }
        if found != nil { return collect(bytes) }
        var place = 0
        while place < bytes.count {
            if bytes[place] == 0xFF, bytes[(place)...].starts(with: Self.magic) {
                found = []
                return collect(UnsafeRawBufferPointer(rebasing: bytes[place...]))
            }
            place += Self.step
        }
    }

    private mutating func collect(_ bytes: UnsafeRawBufferPointer) {
        guard var section = found else { return }
        found = nil
        section += bytes.prefix(Self.limit - section.count)
        // The flag says that the texts stand here and not behind pointers; the words alone stand in programs that look for them.
        guard section.count < 16 || section[15] & 2 != 0 else { return }
        if let read = GoBuildInfo(section), !read.modules.isEmpty || section.count >= Self.limit {
            info = read
        } else if section.count < Self.limit {
            found = section
        }
    }

    /// A line for the Go release, and one for each module: name, tabulator, version.
    var text: [UInt8]? {
        let read = info ?? found.flatMap { GoBuildInfo($0) }
        guard let read else { return nil }
        let lines = ["stdlib\t\(read.version)"] + read.modules.map { "\($0.path)\t\($0.version)" }
        return Array(("go\n" + lines.joined(separator: "\n")).utf8)
    }
}

/// The components that a jar names.
enum JarNames {
    private static let countLimit = 1000

    /// A line for each: group, tabulator, artifact, tabulator, version; nil for what is no archive.
    static func text(_ bytes: [UInt8]) -> [UInt8]? {
        func piece(_ offset: Int64, _ count: Int) -> [UInt8] {
            guard offset >= 0, offset < Int64(bytes.count), count > 0 else { return [] }
            return Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + min(count, bytes.count))])
        }
        // Reading memory does not fail.
        guard let jar = try? ZipReader(size: Int64(bytes.count), piece) else { return nil }
        var lines: [String] = []
        let names = jar.members.keys.filter { $0.hasPrefix("META-INF/maven/") && $0.hasSuffix("/pom.properties") }
            .sorted()
        for name in names.prefix(countLimit) {
            // Damaged: as if it were not there.
            guard let content = (try? jar.contents(of: name, limit: 1 << 20)) ?? nil else { continue }
            let values = properties(content)
            guard let artifact = values["artifactId"], let version = values["version"] else { continue }
            lines.append("\(values["groupId"] ?? "")\t\(artifact)\t\(version)")
        }
        if lines.isEmpty, let line = manifestLine(jar) { lines.append(line) }
        return Array(("jar\n" + lines.joined(separator: "\n")).utf8)
    }

    private static func manifestLine(_ jar: ZipReader) -> String? {
        // As above.
        guard let content = (try? jar.contents(of: "META-INF/MANIFEST.MF")) ?? nil else { return nil }
        var paragraphs = InventoryReader.Paragraphs(content)
        guard let fields = paragraphs.next(), let version = fields["implementation-version"] ?? fields["bundle-version"]
        else { return nil }
        let title =
            fields["bundle-symbolicname"].map { String($0.prefix { $0 != ";" }) } ?? fields["implementation-title"]
            ?? ""
        return "\(fields["implementation-vendor-id"] ?? "")\t\(title)\t\(version)"
    }

    private static func properties(_ bytes: [UInt8]) -> [String: String] {
        var values: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) where !line.hasPrefix("#")
        {
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        return values
    }
}
