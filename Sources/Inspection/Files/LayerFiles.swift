package import OCI

/// The files of one layer, read where they are needed: an archive, or a layer that the store has unpacked.
///
/// Paths are the layer's own: no link is followed, and what lower layers have does not count.
package protocol LayerFiles: Sendable {
    /// What the layer has at a path; nil if it says nothing about it.
    func entry(at path: ImagePath) throws -> LayerEntry?

    /// Whose a file or directory is, and what others may do with it; nil where that is not known, as for a link.
    func access(at path: ImagePath) throws -> FileAccess?

    /// The names in a directory of the layer, whiteouts left out, in any order.
    func names(in directory: ImagePath) throws -> [[UInt8]]

    /// Bytes of a regular file, fewer at its end.
    func read(_ path: ImagePath, at offset: Int64, count: Int) throws -> [UInt8]
}

/// The owner of a file and the rights to it (chmod(2)).
package struct FileAccess: Hashable, Sendable {
    /// Permission bits.
    package let mode: UInt32
    package let user: UInt32
    package let group: UInt32

    package init(mode: UInt32, user: UInt32, group: UInt32) { (self.mode, self.user, self.group) = (mode, user, group) }
}

/// What a layer has at a path (OCI image specification, layer.md).
package enum LayerEntry: Hashable, Sendable {
    /// - Parameters:
    ///   - mode: permission bits.
    ///   - size: bytes.
    case file(mode: UInt32, size: Int64)
    /// Hides what lower layers have in it if it is opaque.
    case directory(isOpaque: Bool)
    case symbolicLink(target: [UInt8])
    /// A device, a socket or a pipe.
    case other
    /// Hides what lower layers have there.
    case whiteout
}

/// Bytes that can be read at any place.
package protocol ByteSource: Sendable {
    /// Fewer bytes than asked for at the end, none behind it.
    func read(at offset: Int64, count: Int) throws -> [UInt8]
}
