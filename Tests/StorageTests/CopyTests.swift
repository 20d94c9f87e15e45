import Archive
import LinuxSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Storage

@Suite(.needsRoot) struct CopyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let source: String
        let destination: String
        var intoDirectory = false
        let expected: [String]

        var testDescription: String { "\(source) → \(destination)\(intoDirectory ? "/" : "")" }
    }

    /// The context: `file`, `dir/one`, `dir/sub/two`, `link -> file`, `dirlink -> dir`; the base: `/bin -> usr/bin`,
    /// `/usr/bin/`, `/data/` (0700, 9:9), `/out -> ../../../data`.
    static let cases = [
        Case(source: "file", destination: "/new", expected: ["/new regular 0640 0:0 F"]),
        Case(
            source: "file", destination: "/a/b/new",
            expected: [
                "/a directory 0755 0:0", "/a/b directory 0755 0:0", "/a/b/new regular 0640 0:0 F",
            ]),
        Case(
            source: "file", destination: "/a", intoDirectory: true,
            expected: ["/a directory 0755 0:0", "/a/file regular 0640 0:0 F"]),
        Case(
            source: "file", destination: "/data",
            expected: ["/data directory 0700 9:9", "/data/file regular 0640 0:0 F"]),
        Case(
            source: "file", destination: "/bin/tool",
            expected: [
                "/usr directory 0755 0:0", "/usr/bin directory 0755 0:0", "/usr/bin/tool regular 0640 0:0 F",
            ]),
        Case(
            source: "file", destination: "/out", intoDirectory: true,
            expected: ["/data directory 0700 9:9", "/data/file regular 0640 0:0 F"]),
        Case(source: "link", destination: "/copy", expected: ["/copy regular 0640 0:0 F"]),
        Case(
            source: "dir", destination: "/d",
            expected: [
                "/d directory 0755 0:0", "/d/inner symbolicLink 0777 0:0", "/d/one regular 0644 0:0 1",
                "/d/sub directory 0755 0:0",
                "/d/sub/two regular 0644 0:0 2",
            ]),
        Case(
            source: "dirlink", destination: "/data",
            expected: [
                "/data directory 0700 9:9", "/data/inner symbolicLink 0777 0:0", "/data/one regular 0644 0:0 1",
                "/data/sub directory 0755 0:0", "/data/sub/two regular 0644 0:0 2",
            ]),
    ]

    private func withContext(_ body: (Store, _ context: FileTree, _ base: FileTree) throws -> Void) async throws {
        try await withStore { store, directory in
            let path = "\(directory)/context"
            for (name, content, mode) in [("file", "F", 0o640), ("dir/one", "1", 0o644), ("dir/sub/two", "2", 0o644)]
                as [(String, String, UInt32)]
            {
                let parent = "\(path)/\(name)".split(separator: "/").dropLast().joined(separator: "/")
                try Files.makeDirectory("/" + parent)
                try Files.write(content, to: "\(path)/\(name)", mode: mode)
            }
            let root = try Directory(opening: FilePath(path))
            try root.setMode(Array("dir".utf8), 0o750)
            try root.setMode(Array("dir/sub".utf8), 0o755)
            try root.setMode(Array("file".utf8), 0o640)
            for name in ["dir/one", "dir/sub/two"] { try root.setMode(Array(name.utf8), 0o644) }
            try root.makeSymbolicLink(Array("link".utf8), to: Array("file".utf8))
            try root.makeSymbolicLink(Array("dirlink".utf8), to: Array("dir".utf8))
            try root.makeSymbolicLink(Array("dir/inner".utf8), to: Array("one".utf8))
            let base = try store.addLayer { tar in
                tar.add("usr/bin/", .directory, mode: 0o755)
                tar.add("bin", .symbolicLink, mode: 0o777, link: "usr/bin")
                tar.add("data/", .directory, mode: 0o700) { ($0.uid, $0.gid) = (9, 9) }
                tar.add("out", .symbolicLink, mode: 0o777, link: "../../../data")
                tar.add("etc/passwd", content: "app:x:5:6::/:\n")
            }
            try body(store, FileTree(layers: [root]), store.layers.tree([base]))
        }
    }

    @Test(arguments: cases)
    func copies(_ example: Case) async throws {
        try await withContext { store, context, base in
            let facts = try store.makeLayer(on: base) { assembler in
                let source = CopySource(kind: .path(context, try #require(ImagePath(example.source))), ownership: .root)
                try assembler.copy(
                    source, to: try #require(ImagePath(example.destination)), intoDirectory: example.intoDirectory,
                    attributes: .init())
            }
            #expect(try dump(store.layers.tree([facts.diffID])) == example.expected)
        }
    }

    /// A source keeps the directories that it lies in, as they are there, but as many of the first as are dropped.
    @Test(arguments: [
        ("file", 0, ["/x/file regular 0640 0:0 F"]),
        (
            "dir/sub/two", 0,
            ["/x/dir directory 0750 0:0", "/x/dir/sub directory 0755 0:0", "/x/dir/sub/two regular 0644 0:0 2"]
        ),
        ("dir/sub/two", 1, ["/x/sub directory 0755 0:0", "/x/sub/two regular 0644 0:0 2"]),
        ("dir/sub/two", 2, ["/x/two regular 0644 0:0 2"]),
        (
            "dir/sub", 0,
            ["/x/dir directory 0750 0:0", "/x/dir/sub directory 0755 0:0", "/x/dir/sub/two regular 0644 0:0 2"]
        ),
        ("dir/sub", 1, ["/x/sub directory 0755 0:0", "/x/sub/two regular 0644 0:0 2"]),
        ("dir/sub", 2, ["/x/two regular 0644 0:0 2"]),
    ])
    func keepsParents(source: String, depth: Int, expected: [String]) async throws {
        try await withContext { store, context, base in
            let facts = try store.makeLayer(on: base) { assembler in
                let source = CopySource(
                    kind: .path(context, try #require(ImagePath(source))), ownership: .root,
                    placement: .underParents(dropping: depth))
                try assembler.copy(
                    source, to: try #require(ImagePath("/x")), intoDirectory: true, attributes: .init())
            }
            #expect(try dump(store.layers.tree([facts.diffID])) == ["/x directory 0755 0:0"] + expected)
        }
    }

    /// What is copied is known afterwards, by every name and without being read again, and whether that was known.
    @Test func knowsWhatItCopied() async throws {
        try await withContext { store, context, base in
            let root = context.layers[0]
            try root.makeHardLink(Array("again".utf8), to: Array("dir/one".utf8), in: root)
            func copied(_ known: ContextDigests?) throws -> (layer: AssembledLayer, read: Int, key: Digest) {
                let source = CopySource(kind: .path(context, .root), ownership: .root)
                let layer = try store.assembleLayer(on: base, digests: known) {
                    try $0.copy(source, to: .root, intoDirectory: true, attributes: .init())
                }
                var digests = layer.digests ?? .none
                var content = CopyDigest()
                try content.add(source, remembered: &digests)
                return (layer, content.filesRead, content.finalize())
            }
            let unknown = try copied(nil)
            #expect(unknown.layer.digests == nil && unknown.read > 0 && !unknown.layer.copiedOtherFiles)
            let first = try copied(ContextDigests(name: Array("c".utf8)))
            #expect(first.read == 0 && first.layer.copiedOtherFiles && first.key == unknown.key)
            let second = try copied(first.layer.digests)
            #expect(second.read == 0 && !second.layer.copiedOtherFiles && second.key == first.key)
            try root.replaceFile(Array("file".utf8), with: Array("G".utf8), .recoverable)
            let third = try copied(second.layer.digests)
            #expect(third.read == 0 && third.layer.copiedOtherFiles && third.key != first.key)
            #expect(third.layer.facts.diffID != first.layer.facts.diffID)
        }
    }

    @Test func refusesADirectoryWhereAFileIs() async throws {
        try await withContext { store, context, base in
            for (source, destination) in [("dir", "/etc/passwd"), ("file", "/etc/passwd/x")] {
                #expect(throws: StorageError.self) {
                    try store.assembleLayer(on: base) { assembler in
                        let source = CopySource(kind: .path(context, try #require(ImagePath(source))), ownership: .root)
                        try assembler.copy(
                            source, to: try #require(ImagePath(destination)), intoDirectory: false, attributes: .init())
                    }
                }
            }
        }
    }

    @Test func filtersAndMatches() async throws {
        try await withContext { store, context, base in
            let filter = FileFilter { path, isDirectory in
                if path.elementsEqual("dir/sub".utf8) { return isDirectory ? .descend : .exclude }
                return path.elementsEqual("dir/one".utf8) ? .exclude : .include
            }
            let facts = try store.makeLayer(on: base) { assembler in
                let whole = CopySource(
                    kind: .path(context, try #require(ImagePath("dir"))), ownership: .root, filter: filter)
                try assembler.copy(whole, to: try #require(ImagePath("/w")), intoDirectory: false, attributes: .init())
                let matching = CopySource(kind: .matching(context) { $0.starts(with: "fi".utf8) }, ownership: .root)
                try assembler.copy(
                    matching, to: try #require(ImagePath("/m")), intoDirectory: true, attributes: .init())
            }
            let lines = try dump(store.layers.tree([facts.diffID])).map { $0.split(separator: " ")[0] }
            #expect(lines == ["/m", "/m/file", "/w", "/w/inner", "/w/sub", "/w/sub/two"])
        }
    }

    @Test func noticesEveryKindOfChange() async throws {
        try await withStore { store, directory in
            let path = "\(directory)/c"
            try Files.makeDirectory("\(path)/d")
            try Files.write("1", to: "\(path)/d/f")
            let root = try Directory(opening: FilePath(path))
            func digest() throws -> Digest {
                let place = ContextMemory.store(path: path)
                var digests = try store.contexts.load(place)
                var copy = CopyDigest()
                try copy.add(
                    CopySource(kind: .path(FileTree(layers: [root]), .root), ownership: .root), remembered: &digests)
                try store.contexts.save(digests, place)
                return copy.finalize()
            }
            let file = Array("d/f".utf8)
            let first = try digest()
            try root.setModified(file, FileTime(seconds: 1_000_000))
            #expect(try digest() == first)
            var seen: Set<Digest> = [first]
            try root.setMode(file, 0o600)
            #expect(seen.insert(try digest()).inserted)
            try Files.write("2", to: "\(path)/d/f")
            #expect(seen.insert(try digest()).inserted)
            try root.rename(file, to: Array("d/g".utf8), in: root)
            #expect(seen.insert(try digest()).inserted)
            try root.makeSymbolicLink(Array("d/h".utf8), to: Array("g".utf8))
            #expect(seen.insert(try digest()).inserted)
            try root.removeFile(Array("d/h".utf8))
            try root.makeSymbolicLink(Array("d/h".utf8), to: Array("x".utf8))
            #expect(seen.insert(try digest()).inserted)
            try root.makeDirectory(Array("e".utf8))
            #expect(seen.insert(try digest()).inserted)
            try root.setOwner(Array("d/g".utf8), user: 5, group: 5)
            #expect(!seen.insert(try digest()).inserted, "owners in a context do not count")
        }
    }

    /// Files that nobody else writes to, and that were taken over into another directory by further names, are not read again.
    @Test func knowsKeptFilesByFurtherNames() async throws {
        try await withStore { store, directory in
            for name in ["one", "two"] { try Files.makeDirectory("\(directory)/\(name)") }
            try Files.write("1", to: "\(directory)/one/same")
            try Files.write("2", to: "\(directory)/one/other")
            func filesRead(_ name: String, _ kept: KeptDigests) throws -> Int {
                let place = ContextMemory.kept(kept)
                var digests = try store.contexts.load(place)
                let tree = FileTree(layers: [try Directory(opening: FilePath("\(directory)/\(name)"))])
                var copy = CopyDigest()
                try copy.add(CopySource(kind: .path(tree, .root), ownership: .root), remembered: &digests)
                try store.contexts.save(digests, place)
                return copy.filesRead
            }
            let first = KeptDigests()
            #expect(try filesRead("one", first) == 2)
            #expect(try filesRead("one", first) == 0, "however young they are")
            let root = try Directory(opening: FilePath(directory))
            let (one, two) = (try root.openDirectory(Array("one".utf8)), try root.openDirectory(Array("two".utf8)))
            try two.makeHardLink(Array("same".utf8), to: Array("same".utf8), in: one)
            try Files.write("3", to: "\(directory)/two/other")
            let next = KeptDigests(since: first)
            #expect(try filesRead("two", next) == 1)
            #expect(try filesRead("two", next) == 0)
            #expect(try filesRead("two", KeptDigests()) == 2)
            #expect(try filesRead("one", first) == 0)
        }
    }

    @Test func refusesToFollowLinksForEver() async throws {
        try await withStore { store, directory in
            let root = try Directory(opening: FilePath(directory))
            try root.makeSymbolicLink(Array("a".utf8), to: Array("b".utf8))
            try root.makeSymbolicLink(Array("b".utf8), to: Array("a".utf8))
            let tree = FileTree(layers: [root])
            #expect(throws: StorageError.self) { try tree.lookUp(try #require(ImagePath("/a")), links: .followAll) }
            _ = store
        }
    }

    /// Machines without a battery begin in 1970, before any time that archives know.
    @Test(arguments: [
        (time: 1_700_000_000, now: 1_800_000_000, known: true), (1_800_000_001, 1_800_000_000, false),
        (1_700_000_000, 90000, false),
        (80000, 90000, false), (315_619_200, 315_619_200, true), (-1, -1, false),
    ])
    func knowsTimesOfArchives(time: Int64, now: Int64, known: Bool) {
        #expect(LayerAssembler.isKnownToArchives(time, at: now) == known)
    }
}
