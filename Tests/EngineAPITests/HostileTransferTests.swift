import EngineAPI
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// Files that a client sends, where the client is not honest: whatever it says, nothing is touched outside of the directory.
@Suite struct HostileTransferTests {
    private static func stat(_ path: String, _ kind: FileStat.Kind, size: Int64 = 0, link: String = "") -> FilePacket {
        var stat = FileStat()
        (stat.path, stat.size, stat.link) = (path, size, link)
        stat.set(kind, permissions: kind == .directory ? 0o755 : 0o644)
        return FilePacket(.stat, stat: stat)
    }

    private static let end = FilePacket(.stat)

    private static func data(_ id: UInt32, _ count: Int) -> FilePacket {
        FilePacket(.data, id: id, data: [UInt8](repeating: 0x61, count: count))
    }

    /// - Returns: what was asked for, and the names in the directory.
    private static func receive(_ packets: [FilePacket]) async throws -> (answers: [FilePacket], names: [String]) {
        var result: (answers: [FilePacket], names: [String]) = ([], [])
        try await Files.withTemporaryDirectory { path in
            try Files.makeDirectory("\(path)/in")
            try Files.write("secret", to: "\(path)/outside")
            // What cannot be read was harmed.
            defer { #expect((try? Files.text("\(path)/outside")) == "secret") }
            var receiver = FileReceiver(into: try Directory(opening: FilePath("\(path)/in")))
            for packet in packets { result.answers += try receiver.answers(to: packet) }
            result.names = try Directory(opening: FilePath("\(path)/in")).names().map {
                String(decoding: $0, as: UTF8.self)
            }.sorted()
        }
        return result
    }

    @Test func honestFilesArrive() async throws {
        let (answers, names) = try await Self.receive([
            Self.stat("a", .directory), Self.stat("a/f", .regular, size: 3), Self.stat("b", .symbolicLink, link: "a"),
            Self.stat("c", .hardLink, link: "a/f"), Self.end, Self.data(1, 3), Self.data(1, 0),
        ])
        #expect(answers.map(\.kind) == [.request, .end])
        #expect(answers.first?.id == 1)
        #expect(names == ["a", "b", "c"])
    }

    /// A log that somebody writes on is shorter or longer than it was announced.
    @Test(arguments: [0, 2, 5, 100]) func filesMayChangeOnTheWay(count: Int) async throws {
        let data = count == 0 ? [] : [Self.data(0, count)]
        let (answers, _) = try await Self.receive(
            [Self.stat("f", .regular, size: 3), Self.end] + data + [Self.data(0, 0)])
        #expect(answers.map(\.kind) == [.request, .end])
    }

    private static let lies: [(name: String, packets: [FilePacket])] = [
        ("out", [stat("../outside", .regular)]),
        ("out below", [stat("a", .directory), stat("a/../../outside", .regular)]),
        ("absolute", [stat("/etc/x", .regular)]), ("empty part", [stat("a//b", .regular)]),
        ("through a link", [stat("a", .symbolicLink, link: ".."), stat("a/outside", .regular)]),
        ("link below a file", [stat("a", .regular), stat("a/b", .regular)]),
        ("twice", [stat("a", .regular), stat("a", .regular)]),
        ("backwards", [stat("b", .regular), stat("a", .regular)]),
        ("a directory twice", [stat("a", .directory), stat("a", .directory)]),
        ("back into a directory", [stat("a", .directory), stat("b", .regular), stat("a/c", .regular)]),
        ("no parent", [stat("a/b", .regular)]), ("negative", [stat("a", .regular, size: -1)]),
        ("huge", [stat("a", .regular, size: 1 << 40)]), ("no target", [stat("a", .symbolicLink)]),
        ("zero", [stat("a", .symbolicLink, link: "b\u{0}c")]),
        ("a long target", [stat("a", .symbolicLink, link: String(repeating: "x", count: 5000))]),
        ("after the end", [end, stat("a", .regular)]), ("data of nothing", [end, data(0, 1)]),
        ("data of a directory", [stat("a", .directory), end, data(0, 1)]),
        ("data unasked", [stat("a", .regular, size: 1), end, data(0, 1), data(0, 0), data(0, 1)]),
        ("hard link out", [stat("a", .hardLink, link: "../outside"), end]),
        ("hard link to nothing", [stat("a", .hardLink, link: "b"), end]),
        ("hard link to a directory", [stat("a", .directory), stat("b", .hardLink, link: "a"), end]),
        (
            "hard link through a link",
            [stat("a", .symbolicLink, link: ".."), stat("b", .hardLink, link: "a/outside"), end]
        ),
        ("a request", [FilePacket(.request, id: 0)]), ("a failure", [FilePacket(.failure, data: [0x78])]),
        ("grown by far", [stat("a", .regular, size: 1), end] + (0..<65).map { _ in data(0, 1 << 20) }),
    ]

    @Test(arguments: lies.map(\.name)) func lieIsRefused(name: String) async throws {
        let packets = try #require(Self.lies.first { $0.name == name }).packets
        await #expect(throws: (any Error).self) { try await Self.receive(packets) }
    }

    /// Whatever comes in whatever order, nothing ends the process and nothing is left open.
    @Test func noOrderOfPacketsDoesHarm() async throws {
        var generator = SeededGenerator(seed: 24)
        let paths = ["a", "a/b", "a/b/c", "b", "../x", "a/..", "", "c", "a-b", "/"]
        for _ in 0..<60 {
            var packets: [FilePacket] = []
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let path = paths.randomElement(using: &generator) ?? "a"
                let id = UInt32.random(in: 0...4, using: &generator)
                switch Int.random(in: 0...5, using: &generator) {
                case 0: packets.append(Self.stat(path, .directory))
                case 1: packets.append(Self.stat(path, .regular, size: Int64(id)))
                case 2:
                    packets.append(Self.stat(path, .symbolicLink, link: paths.randomElement(using: &generator) ?? ""))
                case 3: packets.append(Self.stat(path, .hardLink, link: "a"))
                case 4: packets.append(Self.data(id, Int(id)))
                default: packets.append(Self.end)
                }
            }
            _ = try? await Self.receive(packets)  // an error is an answer
        }
    }
}
