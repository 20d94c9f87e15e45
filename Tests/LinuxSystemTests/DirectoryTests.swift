import SystemPackage
import TestSupport
import Testing

@testable import LinuxSystem

@Suite struct DirectoryTests {
    private func withDirectory(_ body: (Directory, String) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { path in try await body(Directory(opening: FilePath(path)), path) }
    }

    @Test func resolvesLinksInsideTheRoot() async throws {
        try await withDirectory { root, path in
            try Files.makeDirectory("\(path)/jail/etc")
            try Files.write("inside", to: "\(path)/jail/etc/secret")
            try Files.write("outside", to: "\(path)/secret")
            let jail = try root.openDirectory(Array("jail".utf8))
            for (name, target) in [("absolute", "/etc/secret"), ("climbing", "../../../../etc/secret")] {
                try jail.makeSymbolicLink(Array(name.utf8), to: Array(target.utf8))
                let file = try jail.openFile(inRoot: Array(name.utf8))
                #expect(try file.readAll(limit: 100) == Array("inside".utf8))
            }
            #expect(throws: SystemCallError.self) { _ = try jail.openFile(inRoot: Array("../secret".utf8)) }
        }
    }

    @Test func listsNamesSortedByTheirBytes() async throws {
        try await withDirectory { root, _ in
            let names: [[UInt8]] = [[0xFF, 0xFE], Array("b".utf8), Array("a".utf8), Array(".hidden".utf8)]
            for name in names { _ = try root.createFile(name) }
            #expect(try root.names() == [Array(".hidden".utf8), Array("a".utf8), Array("b".utf8), [0xFF, 0xFE]])
        }
    }

    @Test func removesTreesWithoutFollowingLinks() async throws {
        try await withDirectory { root, path in
            try Files.makeDirectory("\(path)/keep")
            try Files.write("x", to: "\(path)/keep/file")
            try Files.makeDirectory("\(path)/tree/a/b/c")
            try root.makeSymbolicLink(Array("tree/a/link".utf8), to: Array("\(path)/keep".utf8))
            try root.removeTree(Array("tree".utf8))
            try root.removeTree(Array("missing".utf8))
            #expect(try root.status(Array("tree".utf8)) == nil)
            #expect(Files.exists("\(path)/keep/file"))
        }
    }

    /// The descriptors of this process, other tests' among them.
    private func descriptorCount() throws -> Int { try Directory(opening: "/proc/self/fd").names().count }

    @Test func holdsFewDescriptorsHoweverManyHandlesThereAre() async throws {
        try await withDirectory { root, path in
            let before = try descriptorCount()
            let handles = try (0..<600).map { number in
                let name = Array("d\(number)".utf8)
                try root.makeDirectory(name)
                return try root.openDirectory(name)
            }
            #expect(try descriptorCount() < before + 150)
            // Each is still the directory that it was.
            for (number, handle) in handles.enumerated() {
                try handle.createFile(Array("f".utf8)).write(Array("\(number)".utf8))
            }
            for number in 0..<600 { #expect(try Files.text("\(path)/d\(number)/f") == "\(number)") }
        }
    }

    @Test func reachesAndRemovesDirectoriesDeeperThanAPath() async throws {
        try await withDirectory { root, _ in
            var handle = root
            for _ in 0..<2500 {
                try handle.makeDirectory(Array("deep".utf8))
                handle = try handle.openDirectory(Array("deep".utf8))
            }
            try handle.createFile(Array("f".utf8)).write(Array("bottom".utf8))
            #expect(try handle.read(Array("f".utf8)) == Array("bottom".utf8))
            var walk = try DirectoryWalk(root)
            var deepest = 0
            while let step = try walk.next() {
                guard case .entry(let name) = step else { continue }
                deepest = max(deepest, walk.depth)
                if try walk.current.status(name)?.kind == .directory { try walk.enter(name) }
            }
            #expect(deepest == 2500)
            try root.removeTree(Array("deep".utf8))
            #expect(try root.names() == [])
        }
    }

    @Test func walksInTheOrderOfNamesAndDoesNotFollowLinks() async throws {
        try await withDirectory { root, path in
            for name in ["b/x", "a/y/z", "c"] { try Files.makeDirectory("\(path)/\(name)") }
            try root.makeSymbolicLink(Array("link".utf8), to: Array("b".utf8))
            var walk = try DirectoryWalk(root)
            var seen: [String] = []
            while let step = try walk.next() {
                switch step {
                case .entry(let name):
                    seen.append(String(decoding: walk.path + name, as: UTF8.self))
                    if try walk.current.status(name)?.kind == .directory { try walk.enter(name) }
                case .left(let name): seen.append("end of " + String(decoding: walk.path + name, as: UTF8.self))
                }
            }
            #expect(
                seen == [
                    "a", "a/y", "a/y/z", "end of a/y/z", "end of a/y", "end of a", "b", "b/x", "end of b/x", "end of b",
                    "c", "end of c", "link",
                ])
        }
    }

    @Test func doesNotReopenThroughALink() async throws {
        try await withDirectory { root, path in
            try Files.makeDirectory("\(path)/other/inner")
            try Files.makeDirectory("\(path)/place/inner")
            let handle = root.directory(Array("place/inner".utf8))
            try root.rename(Array("place".utf8), to: Array("gone".utf8), in: root)
            try root.makeSymbolicLink(Array("place".utf8), to: Array("other".utf8))
            #expect(throws: SystemCallError.self) { try handle.names() }
        }
    }

    @Test func copiesAndBoundsContents() async throws {
        try await withDirectory { root, _ in
            let bytes = [UInt8](repeating: 7, count: 700_000)
            try root.createFile(Array("a".utf8)).write(bytes)
            let copied = try root.createFile(Array("b".utf8)).copyContents(of: root.openFile(Array("a".utf8)))
            #expect(copied == 700_000)
            #expect(try root.read(Array("b".utf8)) == bytes)
            #expect(try root.read(Array("none".utf8)) == nil)
            #expect(throws: SystemCallError.self) { try root.read(Array("b".utf8), limit: 1000) }
        }
    }

    @Test func locksExcludeEachOther() async throws {
        try await withDirectory { root, _ in
            let name = Array("lock".utf8)
            let shared = try FileLock.attempt(name, in: root, mode: .shared)
            #expect(shared != nil)
            #expect(try FileLock.attempt(name, in: root, mode: .shared) != nil)
            #expect(try FileLock.attempt(name, in: root, mode: .exclusive) == nil)
            withExtendedLifetime(shared) {}
        }
    }

    @Test func renamesWithoutReplacing() async throws {
        try await withDirectory { root, _ in
            for name in ["a", "b"] { try root.makeDirectory(Array(name.utf8)) }
            #expect(try !root.renameIfAbsent(Array("a".utf8), to: Array("b".utf8), in: root))
            #expect(try root.renameIfAbsent(Array("a".utf8), to: Array("c".utf8), in: root))
        }
    }

    /// As on file systems that do not know the flag of renameat2(2).
    @Test func renamesWithoutReplacingByALock() async throws {
        try await withDirectory { root, path in
            for name in ["a", "b"] { try root.makeDirectory(Array(name.utf8)) }
            // An empty directory, which rename(2) would replace.
            #expect(try !root.renameUnderLock(Array("a".utf8), to: Array("b".utf8), in: root))
            #expect(try root.renameUnderLock(Array("a".utf8), to: Array("c".utf8), in: root))
            // Of many at once one wins, and the others' names stay.
            for number in 0..<50 { try root.makeDirectory(Array("from-\(number)".utf8)) }
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let directory = try Directory(opening: FilePath(path))
                        return try directory.renameUnderLock(
                            Array("from-\(number)".utf8), to: Array("to".utf8), in: directory)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
            #expect(try root.names().filter { $0.starts(with: "from-".utf8) }.count == 49)
        }
    }

    @Test func keepsAttributesOfNamesThatAreNoText() async throws {
        try await withDirectory { root, _ in
            let name: [UInt8] = [0xC3, 0x28]
            _ = try root.createFile(name)
            do { try root.setExtendedAttribute(Array("user.a".utf8), [0, 255], of: name) } catch let error
                as SystemCallError where error.errno == .notSupported
            {
                return
            }
            #expect(try root.extendedAttributes(name).map(\.value) == [[0, 255]])
            #expect(try root.extendedAttribute(Array("user.none".utf8), of: name) == nil)
        }
    }
}
