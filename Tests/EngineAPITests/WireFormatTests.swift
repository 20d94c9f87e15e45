import TestSupport
import Testing

@testable import EngineAPI

@Suite struct WireFormatTests {
    /// Clients keep the message of before: one without bytes would bring its bytes a second time.
    @Test func aTunnelHasNoEmptyMessages() {
        #expect(SessionTunnel.message([]) == nil)
        #expect(SessionTunnel.message([7, 8]) == [0, 0, 0, 0, 4, 0x0A, 2, 7, 8])
    }

    /// Moments of `since` and `until`, 1000 seconds after 1970; nil is refused.
    @Test(
        arguments: [
            ("12", 12), ("12.75", 12), ("-5", -5), ("10m", 400), ("1h30s", -2630), ("1970-01-01T00:00:07Z", 7),
            ("", nil), ("5x", nil), ("1m5", nil), ("\(Int64.min)", nil), ("\(Int64.max)", nil),
            (String(repeating: "1000000000000h", count: 4000), nil),
        ] as [(String, Int64?)])
    func momentsOfClients(text: String, expected: Int64?) {
        let moment = try? MomentWord.seconds(text, now: 1000, parameter: "since")
        #expect(moment == expected)
    }

    @Test func messagesRoundTrip() throws {
        var writer = ProtobufWriter()
        writer.integer(1, 300)
        writer.integer(2, -1)
        writer.string(3, "é")
        writer.map(4, ["b": [1], "a": []])
        writer.flag(5, false)
        var found: [String] = []
        try ProtobufReader.forEachField(writer.bytes) { field, value in
            switch value {
            case .integer: found.append("\(field)=\(value.number)")
            case .bytes:
                found.append(field == 3 ? "3=\(value.text)" : "\(field)=\(try ProtobufReader.entry(value.data).name)")
            }
        }
        #expect(found == ["1=300", "2=-1", "3=é", "4=a", "4=b"])
    }

    @Test(
        arguments: [
            [0x08], [0x0A, 0x05, 0x01], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x00, 0x00],
            [0x0B],
            [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x0D, 0x01],
        ] as [[UInt8]])
    func brokenMessages(bytes: [UInt8]) {
        #expect(throws: ProtobufError.self) { try ProtobufReader.forEachField(bytes) { _, _ in } }
    }

    @Test func noBytesStopTheReader() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? ProtobufReader.forEachField(bytes) { _, _ in }
            _ = try? FilePacket(bytes)
            _ = try? SolveRequest(bytes)
            _ = try? FrontendRequest(bytes)
            _ = try? GRPCStatus(status: bytes)
            var frames = MessageFrames()
            frames.append(bytes)
            _ = try? frames.next()
        }
    }

    @Test func framesComeInPieces() throws {
        var frames = MessageFrames()
        let bytes = MessageFrames.frame([1, 2, 3]) + MessageFrames.frame([]) + MessageFrames.frame([4])
        var messages: [[UInt8]] = []
        for byte in bytes {
            frames.append([byte])
            while let message = try frames.next() { messages.append(message) }
        }
        #expect(messages == [[1, 2, 3], [], [4]])
        #expect(frames.isEmpty)
    }

    @Test(arguments: [[1, 0, 0, 0, 0], [0, 0x7F, 0xFF, 0xFF, 0xFF]] as [[UInt8]])
    func refusedFrames(bytes: [UInt8]) {
        var frames = MessageFrames()
        frames.append(bytes)
        #expect(throws: GRPCStatus.self) { try frames.next() }
    }

    @Test(arguments: [
        (["a", "a/b", "a-b"], "d f f", true), (["a-b", "a"], "f f", false), (["a", "a"], "f f", false),
        (["a/b"], "f", false),
        (["a", "a/b"], "f f", false), (["a", "a/b", "b", "a/c"], "d f f f", false), (["b", "a"], "f f", false),
        (["a", "a/b/c"], "d f", false),
    ])
    func orders(paths: [String], kinds: String, isGood: Bool) {
        var order = FileOrder()
        let admitted = zip(paths, kinds.split(separator: " ")).allSatisfy { path, kind in
            order.admits(path.split(separator: "/").map(String.init), isDirectory: kind == "d")
        }
        #expect(admitted == isGood)
    }

    @Test(arguments: [
        "", "/a", "a/", "a//b", ".", "a/../b", "..", "a/./b", "a\u{0}b", String(repeating: "x", count: 300),
    ])
    func unsafePaths(path: String) {
        var stat = FileStat()
        stat.path = path
        #expect(throws: APIError.self) { try stat.components() }
    }

    @Test func modesAreGos() throws {
        var stat = FileStat()
        stat.path = "a/b"
        stat.set(.directory, permissions: 0o1755)
        #expect(stat.mode == 1 << 31 | 1 << 20 | 0o755)
        let read = try FileStat(stat.bytes)
        #expect(read == stat && read.kind == .directory && read.permissions == 0o1755)
        stat.set(.regular, permissions: 0o4711)
        #expect(stat.mode == 1 << 23 | 0o711 && stat.kind == .regular)
    }

    /// Attributes that a build copies travel; what overlayfs would act on does not.
    @Test func attributesAreThoseThatABuildCopies() throws {
        var stat = FileStat()
        stat.path = "a"
        for name in [
            "user.note", "security.capability", "trusted.overlay.opaque", "user.overlay.redirect", "security.ima",
        ] {
            stat.attributes[Array(name.utf8)] = [1, 0, 2]
        }
        #expect(
            try FileStat(stat.bytes).attributes == [
                Array("user.note".utf8): [1, 0, 2], Array("security.capability".utf8): [1, 0, 2],
            ])
    }
}
