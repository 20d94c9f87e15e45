import Archive
import TestSupport

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
            case .hole(let count): Zeros.forEachPiece(count) { files[files.count - 1].content += $0 }
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
