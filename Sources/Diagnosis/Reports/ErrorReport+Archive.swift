package import Archive
import Rendering
package import Storage

/// What is wrong with archives, in words.
extension ErrorReport {
    /// ` at 'usr/bin/x'`; of a very long name the beginning and the end.
    package static func place(_ entry: String) -> String {
        guard entry.count > 200 else { return entry.isEmpty ? "" : " at '\(entry)'" }
        return " at '\(entry.prefix(120))…\(entry.suffix(60))'"
    }

    package static func describe(_ fault: ArchiveFault) -> String {
        switch fault {
        case .tar(let error): describe(error)
        case .compression(let error): describe(error)
        case .entry(let errno): reason(errno)
        case .unknownType(let flag):
            "its type '\(String(decoding: [flag], as: UTF8.self))' stands for no kind of file"
        }
    }

    package static func describe(_ error: TarError) -> String {
        let place = " (byte \(error.offset))"
        return switch error.reason {
        case .checksumMismatch: "a header is damaged, or this is no tar archive" + place
        case .invalidNumber(let field): "a header's \(describe(field)) is no number" + place
        case .invalidRecord: "an extended header is damaged" + place
        case .invalidName: "a name is empty or holds a NUL byte" + place
        case .nameTooLong(let limit): "a name has more than \(limit) bytes" + place
        case .extendedHeaderTooLarge(let limit):
            "its extended headers have more than \(HumanSize.text(Int64(limit)))" + place
        case .danglingExtendedHeader: "an extended header stands in front of no entry" + place
        case .invalidSparseMap: "the map of a sparse file is damaged" + place
        case .unknownSparseFormat: "a sparse file is stored in a format that is not supported" + place
        case .sparseFile: "a sparse file stands in it" + place
        case .holesTooLarge(let limit): "its sparse files are larger than \(HumanSize.text(limit))" + place
        case .loneZeroBlock: "a block of zeros stands between its entries" + place
        case .truncated: "it is cut off" + place
        }
    }

    private static func describe(_ field: TarError.Field) -> String {
        switch field {
        case .mode: "mode"
        case .uid: "user ID"
        case .gid: "group ID"
        case .size: "size"
        case .modified: "time"
        case .checksum: "checksum"
        case .deviceMajor, .deviceMinor: "device number"
        }
    }

    package static func describe(_ error: DecompressionError) -> String {
        switch error {
        case .corrupt(let kind): "its \(name(kind)) stream is damaged"
        case .truncated(let kind): "its \(name(kind)) stream is cut off"
        case .trailingBytes(let kind): "something else stands behind its \(name(kind)) stream"
        case .memoryLimit(let kind):
            "its \(name(kind)) stream needs more than \(HumanSize.text(Int64(Decompressor.memoryLimit))) of memory to be unpacked"
        case .outOfMemory(let kind): "there is no memory to unpack its \(name(kind)) stream"
        }
    }

    private static func name(_ compression: Compression) -> String {
        switch compression {
        case .gzip: "gzip"
        case .zstd: "zstd"
        case .xz: "xz"
        case .bzip2: "bzip2"
        case .none: "plain"
        }
    }
}
