/// What a tar archive says about one file (POSIX.1-2017 pax, "ustar Interchange Format" and "pax Extended Header").
package struct TarHeader: Hashable, Sendable {
    /// The path as it stands in the archive: raw bytes, possibly absolute or hostile; a directory's may end in `/`.
    package var name: [UInt8]
    package var kind: Kind
    /// Permission, set-user-ID, set-group-ID and sticky bits: `0o7777` and less.
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// Bytes of content that follow; 0 for everything that has none.
    package var size: Int64
    package var modified: TarTimestamp
    /// Where a hard link or a symbolic link points, raw; empty otherwise.
    package var linkName: [UInt8]
    package var deviceMajor: UInt32
    package var deviceMinor: UInt32
    /// Sorted by name, each name once.
    package var extendedAttributes: [ExtendedAttribute]

    package enum Kind: Hashable, Sendable {
        case regular, hardLink, symbolicLink, characterDevice, blockDevice, directory, fifo
        /// A type flag that no specification of ours knows; the entry may have content.
        case unknown(flag: UInt8)
    }

    /// A name and a value of `setxattr(2)`; in archives a `SCHILY.xattr.` record.
    package struct ExtendedAttribute: Hashable, Sendable {
        /// With its name space: `security.capability`.
        package var name: String
        package var value: [UInt8]

        package init(name: String, value: [UInt8]) { (self.name, self.value) = (name, value) }
    }

    package init(name: [UInt8], kind: Kind, mode: UInt32, size: Int64 = 0, linkName: [UInt8] = []) {
        self.name = name
        self.kind = kind
        self.mode = mode
        self.size = size
        self.linkName = linkName
        (uid, gid, deviceMajor, deviceMinor) = (0, 0, 0, 0)
        modified = .epoch
        extendedAttributes = []
    }
}

extension TarHeader {
    /// Whether it holds the name of a volume, as GNU tar writes it in front, and no file.
    package var isVolumeName: Bool { kind == .unknown(flag: UInt8(ascii: "V")) }
}

extension TarHeader.Kind {
    /// The kind that a type flag stands for; ustar's `7` ("contiguous") is a regular file.
    init(flag: UInt8) {
        switch flag {
        // GNU's sparse files are files; how they are stored is the reader's business.
        case UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S"), 0: self = .regular
        case UInt8(ascii: "1"): self = .hardLink
        case UInt8(ascii: "2"): self = .symbolicLink
        case UInt8(ascii: "3"): self = .characterDevice
        case UInt8(ascii: "4"): self = .blockDevice
        // GNU's directories of incremental archives, with a list of what was in them.
        case UInt8(ascii: "5"), UInt8(ascii: "D"): self = .directory
        case UInt8(ascii: "6"): self = .fifo
        default: self = .unknown(flag: flag)
        }
    }

    var flag: UInt8 {
        switch self {
        case .regular: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symbolicLink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .directory: UInt8(ascii: "5")
        case .fifo: UInt8(ascii: "6")
        case .unknown(let flag): flag
        }
    }

    /// Whether content may follow the header; for links, devices and directories a size field means nothing.
    var hasContent: Bool {
        switch self {
        case .regular, .unknown: true
        case .hardLink, .symbolicLink, .characterDevice, .blockDevice, .directory, .fifo: false
        }
    }
}
