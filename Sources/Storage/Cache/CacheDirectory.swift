internal import LinuxSystem
package import OCI

/// What steps came to, by cache key.
package final class CacheDirectory: Sendable {
    private let directory: Directory
    private let root: Directory

    /// - Parameter root: where it is told what is being worked on.
    init(directory: Directory, root: Directory) { (self.directory, self.root) = (directory, root) }

    /// What a step came to.
    package struct Record: Hashable, Sendable {
        /// The layer that it made; nil if it changed nothing.
        package let layer: DiffID?
        /// When it was executed, in seconds since 1970.
        package let created: Int64

        package init(layer: DiffID?, created: Int64) { (self.layer, self.created) = (layer, created) }

        /// The record of something that has just been done.
        package static func now(layer: DiffID?) -> Record { Record(layer: layer, created: FileTime.now.seconds) }
    }

    private func name(_ key: Digest) -> [UInt8] { Array(key.hex.utf8) }

    /// The record of a key; nil when there is none or it cannot be read, which is the same to a build.
    package func record(for key: Digest) throws -> Record? {
        // Without the line's end it was cut off.
        guard let bytes = try directory.read(name(key), limit: 4096), bytes.last == UInt8(ascii: "\n") else {
            return nil
        }
        let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard fields.count == 2, let created = Int64(fields[1]) else { return nil }
        if fields[0] == "none" { return Record(layer: nil, created: created) }
        guard let digest = try? Digest(String(fields[0])) else { return nil }  // damaged: a miss
        return Record(layer: DiffID(digest), created: created)
    }

    package func put(_ record: Record, for key: Digest) throws {
        let text = "\(record.layer.map(\.description) ?? "none") \(record.created)\n"
        try directory.replaceFile(name(key), with: Array(text.utf8), .recoverable)
    }

    /// The work on one step: for as long as this object lives, other builds on the store see that it is being done.
    package final class Claim: Sendable {
        private let lock: RangeLock

        init(_ lock: RangeLock) { self.lock = lock }
    }

    private static let workFile = Array("working".utf8)

    /// Claims the work on a key; nil while another build is at it.
    ///
    /// Two keys that agree in 62 bits wait for each other and come to no harm.
    package func claim(_ key: Digest) throws -> Claim? {
        let number = UInt64(key.hex.prefix(16), radix: 16) ?? 0
        return try RangeLock.attempt(number, of: Self.workFile, in: root).map(Claim.init)
    }

    /// The layers that some record names.
    func layers() throws -> Set<DiffID> {
        var result: Set<DiffID> = []
        for name in try directory.names() {
            // a temporary
            guard let key = try? Digest(algorithm: .sha256, hex: String(decoding: name, as: UTF8.self)) else {
                continue
            }
            if let layer = try record(for: key)?.layer { result.insert(layer) }
        }
        return result
    }

    /// A record with the time of its last use, in seconds since 1970.
    package struct Entry: Sendable {
        /// Its key, in hexadecimal digits.
        package let name: String
        package let layer: DiffID?
        let moment: FileTime
        package var lastUsed: Int64 { moment.seconds }
    }

    package func entries() throws -> [Entry] {
        try directory.names().compactMap { name in
            let text = String(decoding: name, as: UTF8.self)
            // a temporary
            guard let key = try? Digest(algorithm: .sha256, hex: text), let status = try directory.status(name) else {
                return nil
            }
            return Entry(name: text, layer: try record(for: key)?.layer, moment: status.modified)
        }
    }

    /// The names of all records, and whether each can be read.
    func audit() throws -> [(name: String, isReadable: Bool)] {
        try directory.names().compactMap { name in
            let text = String(decoding: name, as: UTF8.self)
            guard let key = try? Digest(algorithm: .sha256, hex: text) else { return nil }  // a temporary
            return (text, try record(for: key) != nil)
        }
    }

    func remove(_ name: String) throws { try directory.removeFile(Array(name.utf8)) }

    /// Notes that a record was used: pruning by age, and what goes first of a full store, go by it.
    package func touch(_ key: Digest) throws {
        let now = FileTime.now
        guard let status = try directory.status(name(key)), status.modified.seconds < now.seconds else { return }
        try directory.setModified(name(key), now)
    }
}
