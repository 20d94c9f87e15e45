import Archive
import OCI

@testable import Secrets

/// Looks through files as a layer's.
enum Scan {
    static func layer(_ files: [(String, [UInt8])]) -> [UInt8] {
        var archive: [UInt8] = []
        for (name, content) in files {
            archive += TarWriter.encode(
                TarHeader(name: Array(name.utf8), kind: .regular, mode: 0o644, size: Int64(content.count)))
            archive += content + [UInt8](repeating: 0, count: TarWriter.padding(after: Int64(content.count)))
        }
        return archive + TarWriter.end
    }

    /// - Parameter piece: bytes that come at a time.
    static func result(_ archive: [UInt8], _ scanner: SecretScanner, isOwn: Bool = true, piece: Int = 65_536) throws
        -> LayerScan.Result
    {
        var scan = LayerScan(scanner, isOwn: isOwn)
        try archive.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: piece) {
                try scan.consume(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + piece, bytes.count)]))
            }
        }
        return try scan.finish()
    }

    static func findings(
        _ name: String, _ content: [UInt8], _ values: [KnownValue] = [], isOwn: Bool = true, piece: Int = 65_536
    ) throws -> [SecretFinding] {
        try result(layer([(name, content)]), SecretScanner(values), isOwn: isOwn, piece: piece).findings
    }

    static func findings(_ content: String, in name: String = "srv/file.txt") throws -> [SecretFinding] {
        try findings(name, Array(content.utf8))
    }
}
