import LinuxSystem
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct LogFileTests {
    private static func with(limit: Int64, _ body: (Directory, inout LogFile) throws -> Void) async throws {
        try await Files.withTemporaryDirectory { path in
            let directory = try Directory(opening: FilePath(path))
            var file = try LogFile(in: directory, limit: limit)
            try body(directory, &file)
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func keepsTheLastLines() async throws {
        try await Self.with(limit: 20) { directory, file in
            for number in 10..<50 { try file.append(Array("line \(number)\n".utf8)) }
            var reader = LogFileReader(in: directory)
            // Two lines of eight bytes a file, and a third would be too many.
            #expect(Self.text(try reader.read()) == "line 46\nline 47\nline 48\nline 49\n")
            #expect(try directory.names().count == 2)
        }
    }

    @Test func readsWhatComesAcrossFiles() async throws {
        try await Self.with(limit: 20) { directory, file in
            var reader = LogFileReader(in: directory)
            #expect(try reader.read().isEmpty)
            var seen = ""
            var written = ""
            for number in 10..<50 {
                let line = "line \(number)\n"
                written += line
                try file.append(Array(line.utf8))
                seen += Self.text(try reader.read())
            }
            #expect(seen == written)
        }
    }

    /// As where the disk had no room for the new file.
    @Test func goesOnAfterAFailedChange() async throws {
        try await Self.with(limit: 4) { directory, file in
            try file.append(Array("first\n".utf8))
            try directory.rename(Array("log".utf8), to: Array("log.1".utf8), in: directory)
            try file.append(Array("second\n".utf8))
            var reader = LogFileReader(in: directory)
            #expect(Self.text(try reader.read()) == "first\nsecond\n")
        }
    }

    @Test func takesALineThatIsLongerThanTheLimit() async throws {
        try await Self.with(limit: 4) { directory, file in
            for line in ["a long line\n", "b\n"] { try file.append(Array(line.utf8)) }
            var reader = LogFileReader(in: directory)
            #expect(Self.text(try reader.read()) == "a long line\nb\n")
        }
    }

    @Test func findsNothingWhereNothingIs() async throws {
        try await Files.withTemporaryDirectory { path in
            var reader = LogFileReader(in: try Directory(opening: FilePath(path)))
            #expect(try reader.read().isEmpty)
        }
    }
}
