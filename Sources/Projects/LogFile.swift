import LinuxSystem
import SystemPackage

/// The file that a project's lines are kept in, and the one before it: `log` and `log.1`.
///
/// When the first has reached its limit it takes the place of the second, whose lines are forgotten.
struct LogFile: ~Copyable {
    private let directory: Directory
    private let limit: Int64
    private var file: OwnedDescriptor
    private var size: Int64 = 0

    fileprivate static let name = Array("log".utf8)
    fileprivate static let earlierName = Array("log.1".utf8)
    /// Bytes.
    static let usualLimit: Int64 = 50_000_000

    /// Begins a new one.
    init(in directory: Directory, limit: Int64 = usualLimit) throws {
        (self.directory, self.limit) = (directory, limit)
        try directory.removeFile(Self.earlierName)
        try directory.removeFile(Self.name)
        file = try directory.createFile(Self.name, mode: 0o600)
    }

    /// Writes whole lines.
    mutating func append(_ lines: [UInt8]) throws {
        if size > 0, size + Int64(lines.count) > limit {
            // It has its place already where a full disk had no room for the new one.
            if try directory.status(Self.name) != nil {
                try directory.rename(Self.name, to: Self.earlierName, in: directory)
            }
            file = try directory.createFile(Self.name, mode: 0o600)
            size = 0
        }
        try file.write(lines)
        size += Int64(lines.count)
    }
}

/// Reads what a ``LogFile`` keeps, and what comes to it.
struct LogFileReader: ~Copyable {
    private let directory: Directory
    private var file: OwnedDescriptor?

    private static let sizeLimit = 1 << 30

    init(in directory: Directory) { self.directory = directory }

    /// All that was written since the last call.
    mutating func read() throws -> [UInt8] {
        guard let file = file.take() else { return try readFirst() }
        // Asked before reading: a file that another one has replaced gets no more lines.
        let isCurrent = try isCurrent(file)
        var result = try file.readAll(limit: Self.sizeLimit)
        if isCurrent {
            self.file = consume file
        } else if let next = try open(LogFile.name) {
            result += try next.readAll(limit: Self.sizeLimit)
            self.file = consume next
        }
        return result
    }

    private mutating func readFirst() throws -> [UInt8] {
        while let file = try open(LogFile.name) {
            let earlier = try open(LogFile.earlierName)?.readAll(limit: Self.sizeLimit) ?? []
            // The two belong together if none was replaced meanwhile.
            guard try isCurrent(file) else { continue }
            let result = try earlier + file.readAll(limit: Self.sizeLimit)
            self.file = consume file
            return result
        }
        return []
    }

    private func isCurrent(_ file: borrowing OwnedDescriptor) throws -> Bool {
        try directory.status(LogFile.name)?.inode == file.status().inode
    }

    private func open(_ name: [UInt8]) throws -> OwnedDescriptor? {
        do { return try directory.openFile(name) } catch  where error.errno == .noSuchFileOrDirectory { return nil }
    }
}
