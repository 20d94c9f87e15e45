import LinuxSystem
import OCI
import SystemPackage

/// Gives a directory to a client, which asks for what it lacks.
struct FileSender {
    private let root: Directory
    /// The regular files by their places among all entries.
    private var files: [UInt32: [[UInt8]]] = [:]
    private var count: UInt32 = 0

    /// What a packet holds, in bytes.
    private static let piece = 32 << 10

    init(_ root: Directory) { self.root = root }

    mutating func send(_ stream: GRPCStream) async throws {
        try await announce(root, [], stream)
        try await stream.send(FilePacket(.stat).bytes)
        while let bytes = try await stream.next() {
            let packet = try FilePacket(bytes)
            switch packet.kind {
            case .request: try await send(packet.id, stream)
            case .end:
                try await stream.send(FilePacket(.end).bytes)
                await stream.finishSending()
                while try await stream.next() != nil {}
                return
            case .failure: throw GRPCStatus(.unknown, String(decoding: packet.data.prefix(1000), as: UTF8.self))
            case .stat, .data: throw APIError.brokenTransfer("files")
            }
        }
        throw APIError.brokenTransfer("files")
    }

    private mutating func announce(_ directory: Directory, _ path: [[UInt8]], _ stream: GRPCStream) async throws {
        for name in try directory.names().sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let status = try directory.status(name),
                let stat = try Self.stat(status, directory, name, path + [name])
            else { continue }
            try await stream.send(FilePacket(.stat, stat: stat).bytes)
            if status.kind == .regular { files[count] = path + [name] }
            count += 1
            if status.kind == .directory { try await announce(directory.openDirectory(name), path + [name], stream) }
        }
    }

    private static func stat(_ status: FileStatus, _ directory: Directory, _ name: [UInt8], _ path: [[UInt8]]) throws
        -> FileStat?
    {
        var stat = FileStat()
        stat.path = path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        (stat.user, stat.group) = (status.user, status.group)
        stat.modified =
            status.modified.seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue
            &+ Int64(status.modified.nanoseconds)
        switch status.kind {
        case .directory: stat.set(.directory, permissions: status.mode)
        case .symbolicLink:
            stat.set(.symbolicLink, permissions: 0o777)
            stat.link = String(decoding: try directory.readLink(name), as: UTF8.self)
        case .regular:
            stat.set(.regular, permissions: status.mode)
            stat.size = status.size
        case .characterDevice, .blockDevice, .fifo, .socket: return nil
        }
        return stat
    }

    private func send(_ id: UInt32, _ stream: GRPCStream) async throws {
        guard let path = files[id], let name = path.last else { throw APIError.brokenTransfer("files") }
        var directory = root
        for part in path.dropLast() { directory = try directory.openDirectory(part) }
        let file = FileHandle(try directory.openFile(name))
        var offset: Int64 = 0
        while true {
            let bytes = try file.descriptor.read(at: offset, count: Self.piece)
            if bytes.isEmpty { break }
            try await stream.send(FilePacket(.data, id: id, data: bytes).bytes)
            offset += Int64(bytes.count)
        }
        try await stream.send(FilePacket(.data, id: id).bytes)
    }

    private final class FileHandle {
        let descriptor: OwnedDescriptor

        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    /// Sends one file as it is, piece by piece.
    static func sendFile(_ path: FilePath, _ stream: GRPCStream) async throws {
        let file = FileHandle(try OwnedDescriptor(opening: path))
        var offset: Int64 = 0
        while true {
            let bytes = try file.descriptor.read(at: offset, count: 1 << 20)
            if bytes.isEmpty { break }
            try await stream.send(ProtobufWriter.message { $0.data(1, bytes) })
            offset += Int64(bytes.count)
        }
        await stream.finishSending()
        while try await stream.next() != nil {}
    }
}
