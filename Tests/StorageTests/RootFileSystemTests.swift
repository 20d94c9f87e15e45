import Archive
import LinuxSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// What a process finds at its root and mounted inside it.
@Suite(.needsRoot, .timeLimit(.minutes(5))) struct RootFileSystemTests {
    private func path(_ text: String) -> ImagePath { ImagePath(text) ?? .root }

    private func layer(_ store: Store) throws -> DiffID {
        try store.addLayer {
            $0.add("d", .directory, mode: 0o755)
            $0.add("d/old", content: "old")
            $0.add("d/gone", content: "gone")
            $0.add("link", .symbolicLink, link: "d")
        }
    }

    @Test func writesALayer() async throws {
        try await withStore { store, _ in
            let below = try layer(store)
            // The mode is the file's whatever the caller's umask is.
            let host = RootFileSystem.HostFile(target: path("/etc/hosts"), content: Array("hosts".utf8), mode: 0o666)
            let root = try store.mount([below], files: [host], directories: [path("/w/x")])
            #expect(try Files.text("\(root.path)/d/old") == "old" && Files.exists("\(root.path)/w/x"))
            #expect(root.mounts.map(\.target) == [path("/etc/hosts")])
            #expect(try Files.text(root.mounts[0].source) == "hosts")
            let source = FilePath(root.mounts[0].source)
            let status = try Directory(opening: source.removingLastComponent()).status(
                Array((source.lastComponent?.string ?? "").utf8))
            #expect(status?.mode == 0o666)
            try Files.write("new", to: "\(root.path)/d/new")
            let directory = try Directory(opening: FilePath("\(root.path)/d"))
            try directory.removeFile(Array("gone".utf8))
            let facts = try root.commit()
            #expect(!Files.exists("\(root.path)/d/old"))
            let tree = try dump(store.layers.tree([below, facts.diffID]))
            #expect(
                tree == [
                    "/d directory 0755 0:0", "/d/new regular 0644 0:0 new", "/d/old regular 0644 0:0 old",
                    "/link symbolicLink 0777 0:0",
                ],
                "\(tree)")
            // What is dropped is no layer.
            let dropped = try store.mount([below], files: [])
            try Files.write("x", to: "\(dropped.path)/x")
            dropped.discard()
            #expect(!Files.exists("\(dropped.path)/x"))
        }
    }

    /// Each kind of binding: what is seen of it, and whether it can be written to.
    @Test func bindsEveryKind() async throws {
        try await withStore { store, directory in
            let below = try layer(store)
            try Files.write("context", to: "\(directory)/context/sub/file")
            try Files.write("hidden", to: "\(directory)/context/sub/no")
            let context = FileTree(layers: [try Directory(opening: FilePath("\(directory)/context"))])
            let filter = FileFilter { name, _ in name.suffix(2).elementsEqual("no".utf8) ? .exclude : .include }
            let cache = CacheMount(id: "c", sharing: .shared, mode: 0o755, user: 0, group: 0, seed: "s")
            let maker: Binding.SocketMaker = { path in
                try Files.write("", to: path.string)
                return 1
            }
            let sources: [(Binding.Source, Binding.Access)] = [
                (.host("\(directory)/context"), .readOnly), (.host("/dev/null"), .readWrite),
                (.host("/dev/kmsg"), .readOnly),
                (.secret(Array("word".utf8), mode: 0o440, user: 7, group: 8), .readOnly),
                (.socket(maker, mode: 0o600, user: 7, group: 8), .readWrite),
                (.cache(cache, seed: .init(layers: [below], path: path("/d"))), .readWrite),
                (.layers([below], path: path("/link")), .readWrite), (.layers([below], path: .root), .readOnly),
                (.layers([], path: .root), .readOnly), (.files(context, filter: filter, path: path("/sub")), .readOnly),
                (.files(context, filter: .everything, path: path("/sub/file")), .readOnly),
            ]
            let bindings = sources.enumerated().map {
                Binding(source: $1.0, target: path("/mnt/\($0)"), access: $1.1)
            }
            let root = try store.mount([below], files: [], bindings: bindings)
            defer { root.discard() }
            let mounts = root.mounts
            #expect(mounts.map(\.isReadOnly) == sources.map { $0.1 == .readOnly })
            #expect(mounts.map(\.hasDevices) == [false, true] + Array(repeating: false, count: 9))
            // not there: nil
            func text(_ number: Int, _ name: String = "") -> String? { try? Files.text(mounts[number].source + name) }
            #expect(text(0, "/sub/file") == "context" && text(3) == "word" && text(5, "/old") == "old")
            #expect(text(6, "/old") == "old" && text(7, "/d/old") == "old")
            #expect(text(9, "/file") == "context" && text(9, "/no") == nil && text(10) == "context")
            for number in [3, 4] {
                let place = FilePath(mounts[number].source)
                let status = try Directory(opening: place.removingLastComponent()).status(
                    Array((place.lastComponent?.string ?? "").utf8))
                #expect(status?.user == 7 && status?.group == 8)
            }
            #expect(
                try FileSystemKind.of(FilePath(mounts[3].source)) == .tmpfs
                    && Directory(opening: FilePath(mounts[8].source)).names().isEmpty)
            // What is written into layers goes with the mount; each has its place in the root.
            try Files.write("x", to: mounts[6].source + "/old")
            #expect(text(7, "/d/old") == "old")
            #expect(throws: Errno.readOnlyFileSystem) { try Files.write("x", to: mounts[7].source + "/x") }
            for number in sources.indices { #expect(Files.exists("\(root.path)/mnt/\(number)")) }
        }
    }

    /// What is not there is no mount, and leaves none.
    @Test(arguments: ["/none", "/d/none"]) func tellsOfWhatIsNotThere(place: String) async throws {
        try await withStore { store, _ in
            let below = try layer(store)
            for layers in [[below], []] {
                let binding = Binding(source: .layers(layers, path: path(place)), target: path("/m"), access: .readOnly)
                #expect(throws: StorageError.self) { _ = try store.mount([below], files: [], bindings: [binding]) }
            }
        }
    }

    /// Marks of the program that stands in for overlayfs become overlayfs' own: in files, what is left of an upper directory over a
    /// lower one that has `d/old`.
    @Test func translatesMarks() async throws {
        try await withStore { store, directory in
            let below = try layer(store)
            let upper = "\(directory)/upper"
            for name in ["d/.wh.old", "d/.wh..wh..opq", "new/.wh..wh..opq", "new/in/.wh..wh..opq", "new/file"] {
                try Files.write("", to: "\(upper)/\(name)")
            }
            let root = try Directory(opening: FilePath(upper))
            try root.openDirectory(Array("d".utf8)).makeWhiteout(Array(".wh..opq".utf8))
            try root.setModified(Array("d".utf8), FileTime(seconds: 1000))
            try OverlayProgramMarks(below: store.layers.tree([below])).translate(root)
            let d = try root.openDirectory(Array("d".utf8))
            #expect(try d.names() == [Array("old".utf8)] && d.status(Array("old".utf8))?.isWhiteout == true)
            #expect(try root.isOpaque(Array("d".utf8)) && !root.isOpaque(Array("new".utf8)))
            #expect(try root.status(Array("d".utf8))?.modified == FileTime(seconds: 1000))
            #expect(try Set(root.openDirectory(Array("new".utf8)).names()) == [Array("in".utf8), Array("file".utf8)])
        }
    }
}
