import Archive

/// A small generator with a fixed seed (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// Damages bytes in one of the ways in which files are damaged.
    mutating func damage(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return self.bytes(16) }
        switch Int.random(in: 0..<4, using: &self) {
        case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &self))
        case 1: bytes.insert(contentsOf: self.bytes(7), at: Int.random(in: 0..<bytes.count, using: &self))
        default:
            for _ in 0..<Int.random(in: 1...8, using: &self) {
                bytes[Int.random(in: 0..<bytes.count, using: &self)] = UInt8.random(in: .min ... .max, using: &self)
            }
        }
        return bytes
    }
}

/// An entry with its content, for tests.
struct TarFile: Hashable {
    var header: TarHeader
    var content: [UInt8] = []
}

/// Reads an archive in pieces of `step` bytes.
func readTar(_ bytes: [UInt8], step: Int = 1 << 20) throws -> [TarFile] {
    var reader = TarReader()
    var files: [TarFile] = []
    var open = false
    try inPieces(bytes, step) { piece in
        try reader.consume(piece) { event in
            switch event {
            case .entry(let header):
                precondition(!open, "an entry inside an entry")
                files.append(TarFile(header: header))
                open = true
            case .content(let piece): files[files.count - 1].content += piece
            case .endOfEntry: open = false
            case .end: precondition(!open, "the end inside an entry")
            }
        }
    }
    try reader.finish()
    return files
}

func writeTar(_ files: [TarFile]) -> [UInt8] {
    var bytes: [UInt8] = []
    for file in files {
        bytes += TarWriter.encode(file.header) + file.content
        bytes += [UInt8](repeating: 0, count: TarWriter.padding(after: Int64(file.content.count)))
    }
    return bytes + TarWriter.end
}

func inPieces(_ bytes: [UInt8], _ step: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try bytes.withUnsafeBytes { all in
        for start in stride(from: 0, to: all.count, by: step) {
            try body(UnsafeRawBufferPointer(rebasing: all[start..<min(start + step, all.count)]))
        }
    }
}

func decompress(_ compression: Compression, _ bytes: [UInt8], step: Int = 1 << 20) throws -> [UInt8] {
    let decompressor = try Decompressor(compression)
    var output: [UInt8] = []
    try inPieces(bytes, step) { try decompressor.decompress($0) { output += $0 } }
    try decompressor.finish()
    return output
}

extension TarHeader {
    /// `kind mode uid:gid size seconds name -> link`, one line for goldens.
    var line: String {
        var line = "\(kind) \(String(mode, radix: 8)) \(uid):\(gid) \(size) \(modified.seconds) "
        line += String(decoding: name, as: UTF8.self)
        if !linkName.isEmpty { line += " -> " + String(decoding: linkName, as: UTF8.self) }
        if kind == .characterDevice || kind == .blockDevice { line += " \(deviceMajor),\(deviceMinor)" }
        for attribute in extendedAttributes { line += " \(attribute.name)=\(attribute.value)" }
        return line
    }
}
