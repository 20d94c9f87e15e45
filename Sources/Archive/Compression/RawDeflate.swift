internal import CCompression

/// A deflate stream (RFC 1951) without a header, as members of zip archives have it.
package enum RawDeflate {
    /// Unpacks a whole stream.
    ///
    /// - Parameter limit: bytes that may come out.
    /// - Returns: nil for a stream that is damaged, cut off, or longer than the limit.
    package static func decompress(_ input: [UInt8], limit: Int) -> [UInt8]? {
        guard input.count <= Int(UInt32.max), (0...(1 << 30)).contains(limit) else { return nil }
        var stream = z_stream()
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = input
        let output = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            input.withUnsafeMutableBufferPointer { bytes in
                stream.next_in = bytes.baseAddress
                stream.avail_in = UInt32(bytes.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(buffer.count)
                count = inflate(&stream, Z_FINISH) == Z_STREAM_END ? buffer.count - Int(stream.avail_out) : 0
            }
        }
        return stream.total_out == UInt(output.count) && (!output.isEmpty || stream.total_out == 0) ? output : nil
    }
}
