internal import LinuxSystem
public import OCI

extension ContentDirectory: PiecewiseContent {
    public func reader(of digest: Digest) async throws -> any ContentReader { BlobReader(try open(digest)) }
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
