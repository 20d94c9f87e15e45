internal import Archive

/// The control part of a package: its files by name.
struct ControlArchive {
    struct File {
        let mode: UInt32
        let bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    var files: [String: File] = [:]
    /// The paragraph of the file `control`.
    var paragraph = ControlParagraph()
}

enum DebEvent {
    /// Comes once, before all data.
    case control(ControlArchive)
    case data(TarEvent)
}

/// Reads a binary package (deb(5)) from pieces of any size.
struct DebReader {
    /// Bytes of all control files together.
    private static let controlLimit = 16 << 20

    private enum Member { case version, control, data, ignored }

    private let package: String
    private var archive = ArReader()
    private var member = Member.ignored
    private var version: [UInt8] = []
    private var decompressor: Decompressor?
    private var tar = TarReader()
    private var control = ControlArchive()
    private var controlFile: (name: String, mode: UInt32, bytes: [UInt8])?
    private var controlSize = 0
    private var seen: Set<String> = []

    init(package: String) { self.package = package }

    mutating func consume(_ bytes: UnsafeRawBufferPointer, _ handle: (DebEvent) throws -> Void) throws {
        var rest = bytes
        while let event = try nextEvent(&rest) {
            switch event {
            case .member(let member): try begin(member)
            case .content(let piece): try read(piece, handle)
            case .endOfMember: try end(handle)
            }
        }
    }

    /// - Throws: ``DebianError`` when something is missing.
    func finish() throws(DebianError) {
        do { try archive.finish() } catch { throw defect(.truncated) }
        guard seen.contains("control") else { throw defect(.missingControl) }
        guard seen.contains("data") else { throw defect(.truncated) }
    }

    private mutating func nextEvent(_ rest: inout UnsafeRawBufferPointer) throws(DebianError) -> ArEvent? {
        do { return try archive.next(&rest) } catch { throw defect(.format) }
    }

    private mutating func begin(_ entry: ArMember) throws {
        let name = String(decoding: entry.name, as: UTF8.self)
        if name == "debian-binary", seen.isEmpty {
            member = .version
            seen.insert(name)
        } else if name.hasPrefix("control.tar"), seen == ["debian-binary"] {
            try begin(.control, "control", suffix: name.dropFirst(11))
        } else if name.hasPrefix("data.tar"), seen == ["debian-binary", "control"] {
            try begin(.data, "data", suffix: name.dropFirst(8))
        } else if name.hasPrefix("_") || seen.contains("data") {
            // deb(5): unknown members are ignored behind the data, and where their name starts with an underscore.
            member = .ignored
        } else {
            throw defect(.format)
        }
    }

    private mutating func begin(_ kind: Member, _ name: String, suffix: Substring) throws {
        let compression: Compression
        switch suffix {
        case "": compression = .none
        case ".gz": compression = .gzip
        case ".xz": compression = .xz
        case ".zst": compression = .zstd
        case ".bz2": compression = .bzip2
        default: throw defect(.format)
        }
        member = kind
        seen.insert(name)
        decompressor = try Decompressor(compression)
        tar = TarReader()
    }

    private mutating func read(_ piece: UnsafeRawBufferPointer, _ handle: (DebEvent) throws -> Void) throws {
        switch member {
        case .ignored: return
        case .version: if version.count < 16 { version += piece.prefix(16) }
        case .control, .data:
            guard let decompressor else { return }
            do {
                try decompressor.decompress(piece) { try readTar($0, handle) }
            } catch is DecompressionError { throw defect(.corrupt) }
        }
    }

    private mutating func readTar(_ piece: UnsafeRawBufferPointer, _ handle: (DebEvent) throws -> Void) throws {
        var rest = piece
        while let event = try nextTarEvent(&rest) {
            if case .control = member { try collect(event) } else { try handle(.data(event)) }
        }
    }

    private mutating func nextTarEvent(_ rest: inout UnsafeRawBufferPointer) throws(DebianError) -> TarEvent? {
        let event: TarEvent?
        do { event = try tar.next(&rest) } catch { throw defect(.corrupt) }
        // dpkg reads no sparse files (deb(5)).
        if case .hole? = event { throw defect(.corrupt) }
        return event
    }

    private mutating func collect(_ event: TarEvent) throws(DebianError) {
        switch event {
        case .entry(let header):
            guard header.kind == .regular else { return }
            controlSize += Int(min(header.size, Int64(Self.controlLimit)))
            guard controlSize <= Self.controlLimit, header.size <= Int64(Self.controlLimit) else {
                throw defect(.tooLarge)
            }
            let name = String(decoding: header.name, as: UTF8.self)
            controlFile = (name.hasPrefix("./") ? String(name.dropFirst(2)) : name, header.mode, [])
        case .content(let bytes): controlFile?.bytes += bytes
        case .endOfEntry:
            if let file = controlFile, Self.isPlain(file.name) {
                control.files[file.name] = .init(mode: file.mode, bytes: file.bytes)
            }
            controlFile = nil
        case .hole, .end: return
        }
    }

    /// Names that may become part of a file's name in dpkg's database.
    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count < 64
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"):
                    true
                default: false
                }
            }
    }

    private mutating func end(_ handle: (DebEvent) throws -> Void) throws {
        switch member {
        case .ignored: return
        case .version: guard version.starts(with: Array("2.".utf8)) else { throw defect(.format) }
        case .control, .data:
            do {
                try decompressor?.finish()
                try tar.finish()
            } catch { throw defect(.truncated) }
            if case .control = member { try handle(.control(try finishedControl())) }
        }
        decompressor = nil
        member = .ignored
    }

    private mutating func finishedControl() throws(DebianError) -> ControlArchive {
        guard let file = control.files["control"] else { throw defect(.missingControl) }
        let paragraphs: [ControlParagraph]
        do { paragraphs = try ControlFile.parse(file.text) } catch { throw defect(.missingControl) }
        guard let paragraph = paragraphs.first, paragraphs.count == 1 else { throw defect(.missingControl) }
        control.paragraph = paragraph
        return control
    }

    private func defect(_ reason: DebianError.PackageDefect) -> DebianError {
        .invalidPackage(package: package, reason: reason)
    }
}
