/// What a layer's archive says, without the bytes of its files: enough to account for every byte of an image, and to say
/// to which package a file belongs. Made once a layer, and kept under its diffID.
package struct LayerRecord: Hashable, Sendable {
    /// In the archive's order.
    package internal(set) var entries: [Entry] = []
    /// Of files that describe packages, in the order of their entries.
    package internal(set) var evidence: [Evidence] = []

    package init() {}

    /// Bytes in its regular files, hard links once: what the store tells as a layer's size.
    package var size: Int64 { entries.reduce(0) { $1.kind == .file ? Self.sum($0, $1.size) : $0 } }

    /// One header of the archive.
    package struct Entry: Hashable, Sendable {
        /// From the root on, cleaned, without a slash in front; empty for the root. For a whiteout what it hides, for an opaque
        /// mark the directory.
        package let path: [UInt8]
        package let kind: Kind
        /// Permission bits, `0o7777` and less.
        package var mode: UInt32 = 0
        package var user: UInt32 = 0
        package var group: UInt32 = 0
        /// Bytes of a regular file, holes among them; 0 for all else.
        package var size: Int64 = 0
        /// Seconds since 1970.
        package var modified: Int64 = 0
        /// Where a symbolic link points, as it stands there; the path that a hard link names, cleaned as ``path``.
        package var link: [UInt8] = []
        /// The SHA-256 of a regular file's bytes; empty for all else.
        package var content: [UInt8] = []
        /// What the extended attributes come to: 16 bytes that differ where they do; empty without any.
        package var attributes: [UInt8] = []
        /// The place among the entries of the file that a hard link shares; nil where the layer has no such file.
        package var head: Int?

        package init(path: [UInt8], kind: Kind) { (self.path, self.kind) = (path, kind) }

        package enum Kind: UInt8, Hashable, Sendable {
            case file = 1
            case directory, symbolicLink, hardLink, characterDevice, blockDevice, fifo, whiteout, opaque

            /// Whether it removes something, and is nothing itself.
            package var isMark: Bool { self == .whiteout || self == .opaque }
        }

        /// The last component of the path.
        package var name: ArraySlice<UInt8> {
            path.lastIndex(of: UInt8(ascii: "/")).map { path[($0 + 1)...] } ?? path[...]
        }
    }

    /// What a file says of packages: its bytes, or what was read in it where those are many.
    package struct Evidence: Hashable, Sendable {
        /// The place among the entries.
        package let entry: Int
        package let bytes: [UInt8]

        package init(entry: Int, bytes: [UInt8]) { (self.entry, self.bytes) = (entry, bytes) }
    }

    /// Sizes are what archives claim: their sum may be more than there are numbers.
    static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, isTooLarge) = left.addingReportingOverflow(right)
        return isTooLarge ? .max : sum
    }
}
