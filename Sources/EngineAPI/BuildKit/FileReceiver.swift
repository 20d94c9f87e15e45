package import LinuxSystem
import OCI
import Storage
import SystemPackage

/// Takes a directory of a client, as far as it offers it, into an empty directory.
///
/// The client is not trusted: names are taken apart and followed below a directory's handle, never through links; the order is
/// checked, and sizes are bounded by what was announced.
package struct FileReceiver {
    /// What is wanted of a directory.
    struct Wish {
        var name = "context"
        var excludes: [String] = []
        /// Only these, and what links among them point to; empty for everything.
        var paths: [String] = []

        var metadata: [(String, String)] {
            func values(_ key: String, _ texts: [String]) -> [(String, String)] {
                guard texts.contains(where: { !$0.utf8.allSatisfy { (0x20...0x7E).contains($0) } }) else {
                    return texts.map { (key, $0) }
                }
                return texts.map { (key, Self.escaped($0)) } + [("\(key)-encoded", "1")]
            }
            return [("dir-name", name)] + values("exclude-patterns", excludes) + values("followpaths", paths)
        }

        private static func escaped(_ text: String) -> String {
            let digits = Array("0123456789ABCDEF".utf8)
            var result: [UInt8] = []
            for byte in text.utf8 {
                let isPlain =
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || [0x2D, 0x2E, 0x5F, 0x7E, 0x2F].contains(byte)
                result += isPlain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
            return String(decoding: result, as: UTF8.self)
        }
    }

    /// Files of one transfer, at most.
    private static let entryLimit = 2_000_000
    /// Files that are asked for and not there yet.
    private static let openLimit = 32

    /// Bytes by which a file may grow while it is sent: a log that somebody writes on is no broken transfer.
    private static let growth: Int64 = 64 << 20

    private let root: Directory
    /// The bytes that have come.
    private let progress: @Sendable (Int64) -> Void

    private struct Entry {
        let stat: FileStat
        let id: UInt32
    }

    private var order = FileOrder()
    private var count: UInt32 = 0
    private var wanted: [Entry] = []
    private var next = 0
    private var open: [UInt32: (file: FileWriter, stat: FileStat, rest: Int64)] = [:]
    private var directories: [FileStat] = []
    private var links: [FileStat] = []
    private var hasAllStats = false
    private var received: Int64 = 0
    /// The client's directory as it was, and its root.
    private let kept: KeptTree?
    private let keptRoot: Directory?
    /// How many files are what the kept directory has, one after the other from the first on; nil from the first other one on.
    private var same: Int?
    private var keptFiles: [String: FileStat] = [:]
    /// What was announced; what the kept directory has stands there as long as nothing is another.
    private(set) var announced = AnnouncedFiles()

    /// An open file; a class, for a dictionary cannot hold what is not copied.
    private final class FileWriter {
        let descriptor: OwnedDescriptor

        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    package init(into root: Directory) { self.init(into: root, kept: nil) }

    /// - Parameter kept: the same directory as it was sent before.
    init(into root: Directory, kept: KeptTree?, progress: @escaping @Sendable (Int64) -> Void = { _ in }) {
        (self.root, self.progress) = (root, progress)
        // Somebody may have removed it: everything is sent again then.
        let keptRoot = kept.flatMap { try? Directory(opening: $0.directory.path) }
        (self.keptRoot, self.kept) = (keptRoot, keptRoot == nil ? nil : kept)
        same = self.kept == nil ? nil : 0
    }

    /// Whether the directory is what it was: nothing was made in the new one.
    var isUnchanged: Bool { hasAllStats && same != nil }

    /// - Throws: ``APIError``, ``GRPCStatus``, and what writing files throws.
    mutating func receive(_ wish: Wish, from session: ClientSession) async throws {
        var receiver = self
        defer { self = receiver }
        try await session.client.call(ClientSession.fileSync, wish.metadata) { stream in
            while let bytes = try await stream.next() {
                if receiver.passes(bytes) { continue }
                let packet: FilePacket
                do { packet = try FilePacket(bytes) } catch { throw APIError.brokenTransfer(wish.name) }
                for answer in try receiver.answers(to: packet, as: bytes) { try await stream.send(answer.bytes) }
                if packet.kind == .end { return }
                guard receiver.isComplete else { continue }
                // What comes until its end is the other side's own end; what cannot be read is over as well.
                while let bytes = try await stream.next() { if (try? FilePacket(bytes))?.kind == .end { break } }
                await stream.finishSending()
                return
            }
            throw APIError.brokenTransfer(wish.name)
        }
    }

    var receivedBytes: Int64 { received }

    /// Passes over a file that is announced as it was the last time, and in the same place.
    ///
    /// - Returns: whether it is; the packet is to be taken otherwise.
    mutating func passes(_ packet: [UInt8]) -> Bool {
        guard let same, let kept, !hasAllStats, same < kept.announced.count, kept.announced.has(packet, at: same)
        else { return false }
        self.same = same + 1
        count += 1
        return true
    }

    /// Takes a packet of the client.
    ///
    /// - Parameter bytes: the packet as it came.
    /// - Returns: what is sent for it: files that are asked for, and the end when all of them are there.
    /// - Throws: ``APIError`` for what no honest client sends; ``GRPCStatus`` for the client's own failure.
    package mutating func answers(to packet: FilePacket, as bytes: [UInt8]? = nil) throws -> [FilePacket] {
        switch packet.kind {
        case .stat: try take(packet.stat, as: bytes ?? packet.bytes)
        case .data: try take(packet.data, of: packet.id)
        case .end: return []
        case .failure: throw GRPCStatus(.unknown, String(decoding: packet.data.prefix(1000), as: UTF8.self))
        case .request: throw APIError.brokenTransfer("request")
        }
        let answers = try requests().map { FilePacket(.request, id: $0) }
        guard isComplete else { return answers }
        try finish()
        return answers + [FilePacket(.end)]
    }

    /// Whether everything that was announced is there.
    package var isComplete: Bool { hasAllStats && open.isEmpty && next == wanted.count }

    private mutating func take(_ stat: FileStat?, as packet: [UInt8]) throws {
        guard let stat, !stat.path.isEmpty else {
            if let same, same != kept?.announced.count { try leaveKept() }
            hasAllStats = true
            return
        }
        guard !hasAllStats, count < Self.entryLimit else { throw APIError.unsafePath(stat.path) }
        if let same, let kept {
            if same < kept.announced.count, kept.announced.stat(same) == stat {
                self.same = same + 1
                count += 1
                return
            }
            try leaveKept()
        }
        try admit(stat, packet)
        try make(stat, stat.components(), id: count)
        count += 1
    }

    private mutating func admit(_ stat: FileStat, _ packet: [UInt8]) throws {
        let path = try stat.components()
        guard order.admits(path, isDirectory: stat.kind == .directory) else { throw APIError.unsafePath(stat.path) }
        announced.append(stat, as: packet)
    }

    /// From here on the directory is another than the kept one: what was passed over is made.
    private mutating func leaveKept() throws {
        guard let same, let kept else { return }
        self.same = nil
        for place in 0..<kept.announced.count {
            guard let stat = kept.announced.stat(place) else { continue }
            if stat.kind == .regular { keptFiles[stat.path] = stat }
        }
        for place in 0..<same {
            guard let stat = kept.announced.stat(place) else { continue }
            try admit(stat, FilePacket(.stat, stat: stat).bytes)
            try make(stat, stat.components(), id: UInt32(place))
        }
    }

    private mutating func make(_ stat: FileStat, _ path: [String], id: UInt32) throws {
        let (parent, name) = try place(path)
        switch stat.kind {
        case .directory:
            try parent.makeDirectory(name, mode: 0o700)
            directories.append(stat)
        case .regular:
            guard stat.size >= 0, stat.size < 1 << 40 else { throw APIError.unsafePath(stat.path) }
            if try !takesKept(stat, name, in: parent) { wanted.append(Entry(stat: stat, id: id)) }
        case .symbolicLink:
            guard stat.link.utf8.count < 4096, !stat.link.utf8.contains(0), !stat.link.isEmpty else {
                throw APIError.unsafePath(stat.path)
            }
            try parent.makeSymbolicLink(name, to: Array(stat.link.utf8))
            try parent.setModified(name, Self.time(stat))
        case .hardLink: links.append(stat)
        // Devices and sockets are nothing that a build copies.
        case .other: break
        }
    }

    /// Whether a file is in the kept directory as it is to be: both have it then, and nobody writes to either.
    private func takesKept(_ stat: FileStat, _ name: [UInt8], in parent: Directory) throws -> Bool {
        guard keptFiles[stat.path] == stat, let keptRoot else { return false }
        let (from, earlier) = try place(stat.components(), below: keptRoot)
        // Gone meanwhile: it is asked for.
        return (try? parent.makeHardLink(name, to: earlier, in: from)) != nil
    }

    private func place(_ path: [String]) throws -> (parent: Directory, name: [UInt8]) { try place(path, below: root) }

    private func place(_ path: [String], below root: Directory) throws -> (parent: Directory, name: [UInt8]) {
        var directory = root
        for name in path.dropLast() { directory = try directory.openDirectory(Array(name.utf8)) }
        return (directory, Array((path.last ?? "").utf8))
    }

    /// The files to be asked for now.
    private mutating func requests() throws -> [UInt32] {
        var result: [UInt32] = []
        while next < wanted.count, open.count < Self.openLimit {
            let entry = wanted[next]
            let (parent, name) = try place(entry.stat.components())
            let file = FileWriter(try parent.createFile(name, mode: 0o600))
            open[entry.id] = (file, entry.stat, entry.stat.size + Self.growth)
            result.append(entry.id)
            next += 1
        }
        return result
    }

    private mutating func take(_ data: [UInt8], of id: UInt32) throws {
        guard let (file, stat, rest) = open[id] else { throw APIError.brokenTransfer("data") }
        if data.isEmpty {
            for (attribute, value) in stat.attributes {
                // Not every user and every file system can have them.
                try? file.descriptor.setExtendedAttribute(attribute, value)
            }
            try file.descriptor.setMode(stat.permissions)
            try file.descriptor.setModified(Self.time(stat))
            open[id] = nil
            // Longer or shorter than announced: what it is stands in no announcement.
            if rest != Self.growth { announced.spoil(Int(id), growth: Self.growth - rest) }
            return
        }
        guard Int64(data.count) <= rest else { throw APIError.brokenTransfer(stat.path) }
        try file.descriptor.write(data)
        open[id] = (file, stat, rest - Int64(data.count))
        received += Int64(data.count)
        progress(received)
    }

    /// Hard links, and what directories are like once nothing is made in them any more.
    private func finish() throws {
        if same != nil { return }
        for stat in links {
            var target = FileStat()
            target.path = stat.link
            let (from, earlier) = try place(target.components())
            let (parent, name) = try place(stat.components())
            guard try from.status(earlier)?.kind == .regular else { throw APIError.unsafePath(stat.path) }
            try parent.makeHardLink(name, to: earlier, in: from)
        }
        for stat in directories.reversed() {
            let (parent, name) = try place(stat.components())
            for (attribute, value) in stat.attributes {
                // As of files.
                try? parent.setExtendedAttribute(attribute, value, of: name)
            }
            try parent.setMode(name, stat.permissions)
            try parent.setModified(name, Self.time(stat))
        }
    }

    private static func time(_ stat: FileStat) -> FileTime {
        let seconds = stat.modified.quotientAndRemainder(dividingBy: 1_000_000_000)
        return seconds.remainder >= 0
            ? FileTime(seconds: seconds.quotient, nanoseconds: seconds.remainder)
            : FileTime(seconds: seconds.quotient - 1, nanoseconds: seconds.remainder + 1_000_000_000)
    }
}
