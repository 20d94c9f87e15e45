/// A reader of bytes that others made, as fuzzing calls it: whatever the bytes are, it ends, and nothing is thrown out of it.
package struct ForeignReader: Sendable {
    /// What it reads: also the name of the directory of its seeds.
    package let name: String
    package let read: @Sendable ([UInt8]) -> Void

    /// - Parameter read: may throw what it likes: refusing is what a reader is for.
    init(_ name: String, _ read: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.read = { bytes in
            do { try read(bytes) } catch {
                // Every error of ours can be told; that it can is looked at here.
                _ = String(describing: error).utf8.count
            }
        }
    }

    package static let all: [ForeignReader] =
        archives + programs + documents + languages + packages + registries + clients + secrets

    package static func named(_ name: String) -> ForeignReader? { all.first { $0.name == name } }
}

extension [UInt8] {
    /// The bytes in pieces, as a network hands them over; their length follows from the first byte.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let step = Swift.max(1, Int(first ?? 0) * 7 % 701)
        var start = 0
        while start < count {
            let end = Swift.min(count, start + step)
            try self[start..<end].withUnsafeBytes { try body($0) }
            start = end
        }
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}
