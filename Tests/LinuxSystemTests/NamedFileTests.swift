import Glibc
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

/// Files that options name, written and read.
@Suite(.timeLimit(.minutes(5))) struct NamedFileTests {
    private func write(_ text: String, to path: String) throws {
        try OutputFile.write(path) { write in
            for character in text {
                try String(character).utf8.withContiguousStorageIfAvailable { try write(UnsafeRawBufferPointer($0)) }
            }
        }
    }

    private struct Failure: Error {}

    @Test func replacesAtTheEndOrNotAtAll() async throws {
        try await Files.withTemporaryDirectory { root in
            try Files.write("old", to: "\(root)/real")
            let directory = try Directory(opening: FilePath(root))
            try directory.makeSymbolicLink(Array("link".utf8), to: Array("real".utf8))
            try write("new", to: "\(root)/link")
            #expect(
                try Files.text("\(root)/real") == "new" && directory.status(Array("link".utf8))?.kind == .symbolicLink)
            #expect(throws: Failure.self) {
                try OutputFile.write("\(root)/real") { write in
                    try [UInt8](repeating: 1, count: 9).withUnsafeBytes(write)
                    throw Failure()
                }
            }
            #expect(try Files.text("\(root)/real") == "new" && directory.names().count == 2)
            try write("made", to: "\(root)/other")
            #expect(try Files.text("\(root)/other") == "made")
            #expect(throws: NamedFileError.self) { try write("x", to: root) }
            #expect(throws: NamedFileError.self) { try write("x", to: "/") }
            #expect { try write("x", to: "\(root)/none/x") } throws: {
                $0 as? NamedFileError == .unusable(path: "\(root)/none/x", .noSuchFileOrDirectory)
            }
            try write("gone", to: "/dev/null")
            #expect { try write("x", to: "/dev/full") } throws: { ($0 as? SystemCallError)?.path == "/dev/full" }
        }
    }

    /// A pipe is written in place, by its name and by its number.
    @Test func writesPipesInPlace() async throws {
        try await Files.withTemporaryDirectory { root in
            let path = "\(root)/pipe"
            #expect(mkfifo(path, 0o600) == 0)
            // Both ends at once, so that nobody waits.
            let both = open(path, O_RDWR)
            defer { close(both) }
            try write("one", to: path)
            try write("two", to: "/dev/fd/\(both)")
            var bytes = [UInt8](repeating: 0, count: 16)
            #expect(read(both, &bytes, 16) == 6 && bytes.prefix(6).elementsEqual("onetwo".utf8))
            // What is no regular file stays.
            try HostFiles.discard(path)
            #expect(Files.exists(path))
        }
    }

    /// A file is there once somebody says so; what has no place beside it is not begun before.
    @Test func writesBesideUntilItIsPermitted() async throws {
        try await Files.withTemporaryDirectory { root in
            let directory = try Directory(opening: FilePath(root))
            try Files.write("old", to: "\(root)/file")
            await #expect(throws: Failure.self) {
                try await OutputFile.write("\(root)/file", if: { throw Failure() }) { write in
                    try [UInt8]("new".utf8).withUnsafeBytes(write)
                }
            }
            #expect(try Files.text("\(root)/file") == "old" && directory.names().count == 1)
            var before = ""
            try await OutputFile.write("\(root)/file", if: { before = try Files.text("\(root)/file") }) { write in
                try [UInt8]("new".utf8).withUnsafeBytes(write)
            }
            #expect(before == "old")
            #expect(try Files.text("\(root)/file") == "new" && directory.names().count == 1)
            var wasWritten = false
            await #expect(throws: Failure.self) {
                try await OutputFile.write("/dev/null", if: { throw Failure() }) { _ in wasWritten = true }
            }
            #expect(!wasWritten)
        }
    }

    @Test func makesDirectoriesWithTheirParents() async throws {
        try await Files.withTemporaryDirectory { root in
            let made = try OutputFile.directory("\(root)/a/b/c")
            #expect(try made.names().isEmpty && Files.exists("\(root)/a/b/c"))
            _ = try OutputFile.directory("\(root)/a/b")
            try Files.write("", to: "\(root)/file")
            #expect(throws: SystemCallError.self) { try OutputFile.directory("\(root)/file/x") }
        }
    }

    @Test func readsAndDiscards() async throws {
        try await Files.withTemporaryDirectory { root in
            try HostFiles.write("text", to: "\(root)/file")
            let directory = try Directory(opening: FilePath(root))
            try directory.makeSymbolicLink(Array("link".utf8), to: Array("file".utf8))
            #expect(
                HostFiles.read(FilePath("\(root)/link")) == Array("text".utf8) && HostFiles.read("/nonexistent") == nil)
            var seen: [UInt8] = []
            try InputFile.forEachPiece(of: "\(root)/link") { seen += $0 }
            #expect(seen == Array("text".utf8))
            #expect(throws: NamedFileError.self) { _ = try InputFile.open(root) }
            #expect(throws: NamedFileError.self) { _ = try InputFile.open("\(root)/none") }
            try HostFiles.discard("\(root)/link")
            #expect(try !Files.exists("\(root)/file") && directory.status(Array("link".utf8)) != nil)
            for path in ["\(root)/link", root, "/dev/stdout"] { try HostFiles.discard(path) }
            #expect(Files.exists(root))
        }
    }

    @Test(.enabled(if: Files.exists("/dev/shm"), "no /dev/shm")) func knowsFileSystems() {
        #expect(FileSystemKind.of("/dev/shm") == .tmpfs && FileSystemKind.of("/proc") == nil)
        #expect(FileSystemKind.of("/nonexistent") == nil)
    }
}
