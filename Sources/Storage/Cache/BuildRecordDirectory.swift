internal import LinuxSystem
package import OCI

/// What is kept of builds: a document and the log of each, the newest ones only.
package struct BuildRecordDirectory: Sendable {
    private let store: Store

    init(store: Store) { self.store = store }

    /// A build that was recorded.
    package struct Record: Sendable {
        /// What people name it by: lower-case hexadecimal digits.
        package let id: String
        package let document: JSON
    }

    private static let name = Array("builds".utf8)
    /// How many are kept.
    private static let limit = 100
    /// Bytes of a log that are kept: its end.
    private static let logLimit = 4 << 20

    private func directory() throws -> Directory {
        try store.root.ensureDirectory(Self.name, mode: 0o700)
        return try store.root.openDirectory(Self.name)
    }

    /// Keeps a build under a name of its own; the one that ended first goes where there are too many.
    package func put(_ document: JSONObject, log: [UInt8]) throws {
        let directory = try directory()
        let id = String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
        var document = document
        document["Ref"] = .string(id)
        try directory.replaceFile(Array("\(id).log".utf8), with: Array(log.suffix(Self.logLimit)), .recoverable)
        try directory.replaceFile(Self.document(id), with: JSON.object(document).bytes, .recoverable)
        try removeOldest(directory)
    }

    /// By the times of their files: to read a hundred of them would be a third of a build in which nothing changed.
    private func removeOldest(_ directory: Directory) throws {
        let identifiers = try Self.identifiers(directory)
        guard identifiers.count > Self.limit else { return }
        let dated = try identifiers.compactMap { id in
            try directory.status(Self.document(id)).map { (id: id, time: $0.modified) }
        }
        for record in dated.sorted(by: { $0.time > $1.time }).dropFirst(Self.limit) { try remove(record.id) }
    }

    private static func document(_ id: String) -> [UInt8] { Array("\(id).json".utf8) }

    private static func identifiers(_ directory: Directory) throws -> [String] {
        try directory.names().compactMap { name in
            let text = String(decoding: name, as: UTF8.self)
            return text.hasSuffix(".json") ? String(text.dropLast(".json".count)) : nil
        }
    }

    /// The newest first, by when they began. What cannot be read is left out.
    package func all() throws -> [Record] {
        let directory = try directory()
        let records = try Self.identifiers(directory).compactMap { id -> Record? in
            // One that was cut off is none.
            guard let bytes = try directory.read(Self.document(id), limit: 4 << 20),
                let document = try? JSON.parse(bytes)
            else { return nil }
            return Record(id: id, document: document)
        }
        return records.sorted { Self.start($0) > Self.start($1) }
    }

    private static func start(_ record: Record) -> String { record.document["StartedAt"]?.string ?? "" }

    /// The build of an ID, of the beginning of one, or of a place in the list: `^0` is the newest, `^1` the one before it. Without
    /// a word, the newest.
    package func find(_ word: String?) throws -> Record? {
        let records = try all()
        guard let word, !word.isEmpty else { return records.first }
        if word.hasPrefix("^"), let index = Int(word.dropFirst()) {
            return records.indices.contains(index) ? records[index] : nil
        }
        return records.first { $0.id == word } ?? records.first { $0.id.hasPrefix(word) }
    }

    package func log(_ id: String) throws -> [UInt8] {
        try directory().read(Array("\(id).log".utf8), limit: 2 * Self.logLimit) ?? []
    }

    package func remove(_ id: String) throws {
        let directory = try directory()
        for suffix in [".json", ".log"] { try directory.removeFile(Array((id + suffix).utf8)) }
    }
}

extension Store {
    /// Made with the first build.
    package var builds: BuildRecordDirectory { BuildRecordDirectory(store: self) }
}
