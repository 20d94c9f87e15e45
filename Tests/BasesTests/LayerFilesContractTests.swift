import Archive
import Bases
import Inspection
import LinuxSystem
import OCI
import SystemPackage
import TestSupport
import Testing

/// Contract of `LayerFiles`: an archive and the directory that it becomes say the same of every path.
@Suite struct LayerFilesContractTests {
    enum Form: CaseIterable, Sendable { case archive, directory }

    private struct Bytes: ByteSource {
        let bytes: [UInt8]

        func read(at offset: Int64, count: Int) -> [UInt8] {
            Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
        }
    }

    /// Runs the body with a layer that has a program, a file in a directory, a link to it, and a pipe.
    private func withLayer(_ form: Form, _ body: (any LayerFiles) throws -> Void) async throws {
        try await Files.withTemporaryDirectory { place in
            let root = "\(place)/root"
            try Files.makeDirectory("\(root)/dir/inner")
            try Files.write("0123456789", to: "\(root)/dir/file", mode: 0o640)
            try Files.write("#!", to: "\(root)/program", mode: 0o755)
            _ = try await Program.shell("cd \(root); ln -s dir/file link; mkfifo pipe; chmod 755 . dir dir/inner")
            switch form {
            case .directory: try body(DirectoryLayer(directory: Directory(opening: FilePath(root))))
            case .archive: try body(TarLayer(Bytes(bytes: try await Program.shell("tar -C \(root) -cf - ."))))
            }
        }
    }

    private func path(_ text: String) throws -> ImagePath { try #require(ImagePath(text)) }

    @Test(arguments: Form.allCases) func tellsWhatIsThere(form: Form) async throws {
        try await withLayer(form) { (layer: any LayerFiles) throws in
            #expect(try layer.entry(at: .root) == .directory(isOpaque: false))
            #expect(try layer.entry(at: path("dir")) == .directory(isOpaque: false))
            #expect(try layer.entry(at: path("dir/file")) == .file(mode: 0o640, size: 10))
            #expect(try layer.entry(at: path("program")) == .file(mode: 0o755, size: 2))
            #expect(try layer.entry(at: path("link")) == .symbolicLink(target: Array("dir/file".utf8)))
            #expect(try layer.entry(at: path("pipe")) == .other)
            for missing in ["gone", "dir/gone", "gone/file"] { #expect(try layer.entry(at: path(missing)) == nil) }
            #expect(try layer.access(at: path("dir/file"))?.mode == 0o640)
            #expect(try layer.access(at: path("dir"))?.mode == 0o755)
            #expect(try layer.access(at: path("link")) == nil)
        }
    }

    @Test(arguments: Form.allCases) func listsNames(form: Form) async throws {
        try await withLayer(form) { (layer: any LayerFiles) throws in
            let names = try layer.names(in: .root).map { String(decoding: $0, as: UTF8.self) }
            #expect(names.sorted() == ["dir", "link", "pipe", "program"])
            #expect(try layer.names(in: path("dir")).count == 2)
            #expect(try layer.names(in: path("dir/inner")) == [])
        }
    }

    @Test(arguments: Form.allCases) func readsParts(form: Form) async throws {
        try await withLayer(form) { (layer: any LayerFiles) throws in
            let file = try path("dir/file")
            #expect(try layer.read(file, at: 0, count: 100) == Array("0123456789".utf8))
            #expect(try layer.read(file, at: 7, count: 2) == Array("78".utf8))
            #expect(try layer.read(file, at: 9, count: 2) == Array("9".utf8))
            #expect(try layer.read(file, at: 10, count: 2) == [])
            #expect(try layer.read(file, at: 1 << 40, count: 2) == [])
        }
    }
}
