/// Why a tar archive cannot be read, and where.
package struct TarError: Error, Hashable, Sendable {
    /// Bytes from the start of the archive to the header or record that is wrong.
    package let offset: Int64
    package let reason: Reason

    package init(offset: Int64, reason: Reason) { (self.offset, self.reason) = (offset, reason) }

    package enum Reason: Error, Hashable, Sendable {
        /// The header's checksum does not fit its bytes: this is no tar archive, or it is damaged.
        case checksumMismatch
        case invalidNumber(field: Field)
        /// A pax record that is not `length key=value`, or a value that its key does not allow.
        case invalidRecord
        /// A name with a NUL byte in a pax record, or an empty name.
        case invalidName
        case nameTooLong(limit: Int)
        case extendedHeaderTooLarge(limit: Int)
        /// Extended headers in front of nothing.
        case danglingExtendedHeader
        /// A sparse file whose pieces overlap, lie outside of it, or are more or fewer bytes than are stored.
        case invalidSparseMap
        /// A sparse file of a format that is neither GNU's old one nor 0.0, 0.1 or 1.0 in pax records.
        case unknownSparseFormat
        /// A sparse file, where only files that lie in the archive in one piece can be read.
        case sparseFile
        /// Sparse files that would unpack to more zeros than anybody waits for.
        case holesTooLarge(limit: Int64)
        /// A block of zeros in the middle.
        case loneZeroBlock
        case truncated
    }

    package enum Field: Hashable, Sendable {
        case mode, uid, gid, size, modified, checksum, deviceMajor, deviceMinor
    }
}
