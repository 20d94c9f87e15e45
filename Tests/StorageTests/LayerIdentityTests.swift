import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

/// What an assembler finds out while it writes is what reading the files would have found.
@Suite(.needsRoot) struct LayerIdentityTests {
    /// A tree of random names, kinds, modes and links, the same for the same seed.
    private static func plant(_ path: String, seed: Int) throws -> FileTree {
        var generator = SeededGenerator(seed: seed)
        try Files.makeDirectory(path)
        var directories = [""]
        var files: [String] = []
        for number in 0..<50 {
            let parent = directories.randomElement(using: &generator) ?? ""
            let name =
                parent + ["a", "a.b", "a-", "Z", "ü", "0"].randomElement(using: &generator, or: "x") + "\(number % 7)"
            let root = try Directory(opening: FilePath(path))
            guard try root.status(Array(name.utf8)) == nil else { continue }
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<3:
                try root.makeDirectory(Array(name.utf8), mode: 0o750)
                directories.append(name + "/")
            case 3: try root.makeSymbolicLink(Array(name.utf8), to: Array("a0".utf8))
            case 4 where !files.isEmpty:
                try root.makeHardLink(
                    Array(name.utf8), to: Array((files.randomElement(using: &generator) ?? "").utf8), in: root)
            case 5: try root.makeNode(Array(name.utf8), kind: .fifo, mode: 0o600)
            default:
                let size = [0, 1, 511, 512, 513, 70_000, (1 << 20) + 1].randomElement(using: &generator, or: 0)
                try Files.write(String(repeating: "x", count: size), to: "\(path)/\(name)", mode: 0o644)
                if number % 5 == 0 {
                    try root.setExtendedAttribute(
                        Array("user.note".utf8), Array("n\(number)".utf8), of: Array(name.utf8))
                }
                if number % 3 == 0 { try root.setMode(Array(name.utf8), 0o4711) }
                files.append(name)
            }
        }
        return try FileTree(opening: FilePath(path))
    }

    @Test(arguments: 0..<8)
    func agreesWithTheFiles(seed: Int) async throws {
        try await withStore { store, directory in
            let trees = try (0..<3).map { try Self.plant("\(directory)/tree\($0)", seed: seed * 3 + $0) }
            let base = try store.makeLayer { assembler in
                let source = CopySource(kind: .path(trees[0], .root), ownership: .kept)
                try assembler.copy(source, to: .root, intoDirectory: true, attributes: .init())
            }
            let owner: (user: UInt32, group: UInt32)? = seed.isMultiple(of: 2) ? nil : (12, 34)
            for (first, second) in [("/", "/"), ("/new/place", "/new"), ("/x", "/a")] {
                do {
                    _ = try store.makeLayer(on: store.layers.tree([base.diffID])) { assembler in
                        for (tree, destination) in [(trees[1], first), (trees[2], second)] {
                            let source = CopySource(kind: .path(tree, .root), ownership: .kept)
                            try assembler.copy(
                                source, to: try #require(ImagePath(destination)), intoDirectory: true,
                                attributes: .init(owner: owner) { mode, _ in seed == 4 ? 0o700 : mode })
                        }
                        _ = try assembler.makeDirectory(try #require(ImagePath("/made/later")))
                    }
                } catch StorageError.notADirectory {
                    // Random trees collide; what was made is gone, and nothing is told of it.
                    continue
                }
            }
        }
    }

    @Test func remembersWhatItCopied() async throws {
        try await withStore { store, directory in
            let tree = try Self.plant("\(directory)/context", seed: 99)
            let source = CopySource(kind: .path(tree, .root), ownership: .root)
            let layer = try store.assembleLayer(on: FileTree(layers: []), digests: ContextDigests.none) { assembler in
                try assembler.copy(source, to: .root, intoDirectory: true, attributes: .init())
            }
            var digests = try #require(layer.digests)
            var learnt = CopyDigest()
            try learnt.add(source, remembered: &digests)
            #expect(learnt.filesRead == 0)
            var nothing = ContextDigests.none
            var read = CopyDigest()
            try read.add(source, remembered: &nothing)
            #expect(read.filesRead > 10)
            #expect(learnt.finalize() == read.finalize())
        }
    }
}

extension Array {
    fileprivate func randomElement(using generator: inout SeededGenerator, or other: Element) -> Element {
        randomElement(using: &generator) ?? other
    }
}
