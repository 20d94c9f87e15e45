internal import LinuxSystem
package import OCI

extension ContentDirectory: PiecewiseContent {
    package func reader(of digest: Digest) async throws -> any ContentReader { BlobReader(try open(digest)) }
}

/// A blob that is read between waits for the network.
final class BlobReader: ContentReader {
    private let file: OwnedDescriptor

    init(_ file: consuming OwnedDescriptor) { self.file = file }

    func next() throws -> [UInt8]? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        let count = try file.read(into: buffer)
        return count == 0 ? nil : Array(buffer[..<count])
    }
}

extension ContentDirectory {
    /// Opens a blob to be read at any place.
    ///
    /// - Throws: ``OCI/ContentError/missing(_:)``.
    package func slices(of digest: Digest) throws -> BlobSlices { BlobSlices(try open(digest)) }
}

/// A blob of which parts are read.
package final class BlobSlices: Sendable {
    private let file: OwnedDescriptor

    init(_ file: consuming OwnedDescriptor) { self.file = file }

    /// Fewer bytes than asked for at the end, none behind it.
    package func read(at offset: Int64, count: Int) throws -> [UInt8] { try file.read(at: offset, count: count) }
}
