import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

/// Contract of `LayoutSink`: what is put in is found under its names, and a file of another size than was said is an error.
@Suite struct LayoutSinkContractTests {
    enum Form: CaseIterable, Sendable { case archive, directory }

    private static let files = ["top": "1", "sub/empty": "", "sub/deep/file": String(repeating: "x", count: 5000)]

    /// Hands the sink's files over and reads them again with other means.
    private func written(_ form: Form, in place: String, _ body: (any LayoutSink) throws -> Void) async throws
        -> [String: String]
    {
        let root = "\(place)/root"
        try Files.makeDirectory(root)
        switch form {
        case .directory:
            let sink = DirectorySink(try Directory(opening: FilePath(root)))
            try body(sink)
            try sink.end()
        case .archive:
            var bytes: [UInt8] = []
            let sink = ArchiveSink { bytes += $0 }
            try body(sink)
            try sink.end()
            _ = try await Program.shell("tar -C \(root) -xf -", bytes)
        }
        let names = String(decoding: try await Program.shell("cd \(root); find . -type f"), as: UTF8.self)
        var result: [String: String] = [:]
        for name in names.split(separator: "\n") {
            result[String(name.dropFirst(2))] = try Files.text("\(root)/\(name)")
        }
        return result
    }

    private func put(_ name: String, _ content: String, size: Int64? = nil, into sink: any LayoutSink) throws {
        let bytes = Array(content.utf8)
        let (first, second) = (bytes.prefix(bytes.count / 2), bytes.dropFirst(bytes.count / 2))
        try sink.file(name, size: size ?? Int64(bytes.count)) { write in
            for part in [first, second] { try part.withUnsafeBytes { try write($0) } }
        }
    }

    @Test(arguments: Form.allCases) func keepsWhatIsPutIn(form: Form) async throws {
        try await Files.withTemporaryDirectory { place in
            let found = try await written(form, in: place) { (sink: any LayoutSink) throws in
                try sink.directory("sub/")
                try sink.directory("sub/deep/")
                for (name, content) in Self.files { try put(name, content, into: sink) }
            }
            #expect(found == Self.files)
        }
    }

    @Test(arguments: Form.allCases, [Int64(0), 2, 4]) func refusesAnotherSize(form: Form, size: Int64) async throws {
        try await Files.withTemporaryDirectory { place in
            await #expect(throws: ContentError.sizeMismatch(expected: size, actual: 3)) {
                _ = try await written(form, in: place) { try put("file", "abc", size: size, into: $0) }
            }
            #expect(!Files.exists("\(place)/root/file"))
        }
    }

    @Test(arguments: Form.allCases) func passesErrorsOn(form: Form) async throws {
        try await Files.withTemporaryDirectory { place in
            await #expect(throws: Errno.ioError) {
                _ = try await written(form, in: place) { (sink: any LayoutSink) throws in
                    try sink.file("file", size: 3) { _ in throw Errno.ioError }
                }
            }
            #expect(!Files.exists("\(place)/root/file"))
        }
    }
}
