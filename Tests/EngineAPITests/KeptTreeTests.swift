import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import EngineAPI

/// A directory that a client sends again: only what is not the same comes.
@Suite struct KeptTreeTests {
    private struct File {
        let path: String
        var text: String?
        var modified: Int64 = 1_700_000_000_000_000_000
    }

    /// An honest client: tells all files, and sends what is asked for.
    ///
    /// - Parameter passed: how many files were passed over without a look at what they are.
    /// - Returns: the paths that were asked for.
    private func send(_ files: [File], to receiver: inout FileReceiver, passed: inout Int) throws -> [String] {
        var asked: [String] = []
        func answer(_ packets: [FilePacket]) throws {
            for packet in packets where packet.kind == .request {
                let file = files[Int(packet.id)]
                asked.append(file.path)
                let bytes = Array((file.text ?? "").utf8)
                if !bytes.isEmpty {
                    try answer(try receiver.answers(to: FilePacket(.data, id: packet.id, data: bytes)))
                }
                try answer(try receiver.answers(to: FilePacket(.data, id: packet.id)))
            }
        }
        for file in files {
            var stat = FileStat()
            (stat.path, stat.modified, stat.size) = (file.path, file.modified, Int64(file.text?.utf8.count ?? 0))
            stat.set(file.text == nil ? .directory : .regular, permissions: file.text == nil ? 0o755 : 0o644)
            let packet = FilePacket(.stat, stat: stat)
            if receiver.passes(packet.bytes) {
                passed += 1
            } else {
                try answer(try receiver.answers(to: packet, as: packet.bytes))
            }
        }
        try answer(try receiver.answers(to: FilePacket(.stat)))
        #expect(receiver.isComplete)
        return asked
    }

    private func send(_ files: [File], to receiver: inout FileReceiver) throws -> [String] {
        var passed = 0
        return try send(files, to: &receiver, passed: &passed)
    }

    private static let files = [
        File(path: "a", text: "one"), File(path: "d"), File(path: "d/b", text: "two"), File(path: "d/c", text: "three"),
        File(path: "e", text: ""),
    ]

    private func content(_ path: String) async throws -> String {
        try await Command("sh", ["-c", "cd \"$0\" && find . -type f | sort | xargs grep -H '' | cat", path]).run()
            .output
    }

    @Test func onlyWhatChangedComes() async throws {
        try await Files.withTemporaryDirectory { place in
            let store = try Store(path: FilePath("\(place)/store"))
            let first = try store.makeTemporaryDirectory()
            var receiver = FileReceiver(into: try Directory(opening: first.path))
            #expect(try send(Self.files, to: &receiver) == ["a", "d/b", "d/c", "e"])
            let kept = KeptTree(first, receiver.announced)

            var changed = Self.files
            changed[3] = File(path: "d/c", text: "THREE", modified: 1_700_000_001_000_000_000)
            let touched = Self.files.map { file in
                File(path: file.path, text: file.text, modified: file.modified + (file.path == "a" ? 1 : 0))
            }
            let cases: [(what: String, files: [File], asked: [String], passed: Int)] = [
                ("the same", Self.files, [], 5), ("one is other", changed, ["d/c"], 3),
                ("the first is newer", touched, ["a"], 0),
                ("the last is gone", Self.files.dropLast(), [], 4),
                ("the first is gone", Array(Self.files.dropFirst()), [], 0),
                ("one is new", Self.files + [File(path: "f", text: "new")], ["f"], 5),
                ("nothing is left", [], [], 0),
            ]
            for it in cases {
                let next = try store.makeTemporaryDirectory()
                var receiver = FileReceiver(into: try Directory(opening: next.path), kept: kept)
                var passed = 0
                #expect(try send(it.files, to: &receiver, passed: &passed) == it.asked, "\(it.what)")
                #expect(passed == it.passed, "\(it.what)")
                #expect(receiver.isUnchanged == (it.what == "the same"), "\(it.what)")
                let lines = it.files.compactMap { file in
                    file.text.flatMap { $0.isEmpty ? nil : "./\(file.path):\($0)\n" }
                }
                let path = receiver.isUnchanged ? first.path.string : next.path.string
                #expect(try await content(path) == lines.joined(), "\(it.what)")
            }
            // What the earlier build reads stays what it was.
            #expect(try await content(first.path.string) == "./a:one\n./d/b:two\n./d/c:three\n")
        }
    }

    /// A file that grew on the way is asked for again, whatever is announced.
    @Test func whatChangedOnTheWayIsNotKept() async throws {
        try await Files.withTemporaryDirectory { place in
            let store = try Store(path: FilePath("\(place)/store"))
            let first = try store.makeTemporaryDirectory()
            var stat = FileStat()
            (stat.path, stat.size) = ("log", 3)
            stat.set(.regular, permissions: 0o644)
            func answers(_ receiver: inout FileReceiver, _ text: String) throws -> [FilePacket.Kind] {
                try [
                    FilePacket(.stat, stat: stat), FilePacket(.stat), FilePacket(.data, data: Array(text.utf8)),
                    FilePacket(.data),
                ].flatMap { try receiver.answers(to: $0) }.map(\.kind)
            }
            var receiver = FileReceiver(into: try Directory(opening: first.path))
            #expect(try answers(&receiver, "longer") == [.request, .end])
            let next = try store.makeTemporaryDirectory()
            var again = FileReceiver(
                into: try Directory(opening: next.path), kept: KeptTree(first, receiver.announced))
            #expect(try answers(&again, "now") == [.request, .end])
            #expect(try Files.text("\(next.path.string)/log") == "now")
        }
    }

    /// Only who sent a directory has it again, and what takes too much room goes.
    @Test func directoriesAreKeptForTheirClientAndForAWhile() async throws {
        try await Files.withTemporaryDirectory { place in
            let store = try Store(path: FilePath("\(place)/store"))
            func tree(_ size: Int64) throws -> KeptTree {
                var stat = FileStat()
                (stat.path, stat.size) = ("a", size)
                stat.set(.regular, permissions: 0o644)
                var announced = AnnouncedFiles()
                announced.append(stat, as: FilePacket(.stat, stat: stat).bytes)
                return KeptTree(try store.makeTemporaryDirectory(), announced)
            }
            func key(_ peer: Peer, _ place: String = "p") -> KeptTrees.Key {
                KeptTrees.Key(peer: peer, place: place, name: "context")
            }
            let certificates = ["a", "b"].map { Peer.certificate(Digest(sha256: Array($0.utf8))) }
            let peers = [Peer.user(0), .user(1000), .stranger(7)] + certificates
            let trees = KeptTrees(limit: 100_000)
            for peer in peers.dropFirst() {
                trees.keep(try tree(1), as: key(peers[0]))
                #expect(trees.tree(key(peer)) == nil && trees.tree(key(peers[0])) != nil, "\(peer)")
                trees.keep(try tree(1), as: key(peer))
                #expect(trees.tree(key(peer)) != nil, "\(peer)")
                trees.removeAll()
                #expect(trees.tree(key(peer)) == nil, "\(peer)")
            }
            // A file takes whole blocks: 8 KiB, 60 KiB and a bit.
            let (small, large) = (Int64(5000), Int64(60_000))
            trees.keep(try tree(small), as: key(peers[0], "1"))
            trees.keep(try tree(large), as: key(peers[0], "2"))
            #expect(trees.tree(key(peers[0], "1")) != nil)
            trees.keep(try tree(large), as: key(peers[0], "3"))
            #expect(trees.tree(key(peers[0], "1")) == nil && trees.tree(key(peers[0], "2")) == nil)
            #expect(trees.tree(key(peers[0], "3")) != nil)
            // One that is larger than all may be takes the place of nothing but its own.
            trees.keep(try tree(100_000), as: key(peers[0], "4"))
            #expect(trees.tree(key(peers[0], "4")) == nil && trees.tree(key(peers[0], "3")) != nil)
            trees.keep(try tree(.max), as: key(peers[0], "3"))
            #expect(trees.tree(key(peers[0], "3")) == nil)
            trees.keep(try tree(1), as: key(peers[0], ""))
            #expect(trees.tree(key(peers[0], "")) == nil)
        }
    }

    /// Somebody removed the kept files: everything comes again.
    @Test func aLostTreeIsSentAnew() async throws {
        try await Files.withTemporaryDirectory { place in
            let store = try Store(path: FilePath("\(place)/store"))
            let first = try store.makeTemporaryDirectory()
            var receiver = FileReceiver(into: try Directory(opening: first.path))
            _ = try send(Self.files, to: &receiver)
            let kept = KeptTree(first, receiver.announced)
            _ = try await Command("rm", ["-rf", first.path.string]).run()
            let next = try store.makeTemporaryDirectory()
            var again = FileReceiver(into: try Directory(opening: next.path), kept: kept)
            #expect(try send(Self.files, to: &again) == ["a", "d/b", "d/c", "e"])
        }
    }
}
