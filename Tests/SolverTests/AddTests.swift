import BuildGraph
import OCI
import Solver
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A server that is played: what it sends of every file.
private struct PlayedFiles: RemoteFiles {
    enum Part: Sendable {
        case bytes(String)
        /// What came before is void.
        case restart
    }

    let parts: [Part]
    var modified: Int64?

    func fetch(
        _ url: String, maximumSize: Int64, progress: @Sendable (_ received: Int64, _ total: Int64?) -> Void,
        restart: () throws -> Void, body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> RemoteFileAttributes {
        var received: Int64 = 0
        for part in parts {
            switch part {
            case .bytes(let text):
                try Array(text.utf8).withUnsafeBytes(body)
                received += Int64(text.utf8.count)
            case .restart:
                try restart()
                received = 0
            }
            progress(received, 6)
        }
        return RemoteFileAttributes(modified: modified)
    }
}

/// ADD of what is elsewhere: files by URL and git repositories.
@Suite(.needsRoot, .timeLimit(.minutes(5))) struct AddTests {
    private static let onetwo = "sha256:" + Digest(sha256: "onetwo".utf8).hex

    /// The last part of a URL names the file in a directory; it is root's alone, and as old as the server says.
    @Test(arguments: [
        ("http://files.example/a/tool /x/", "/x/tool"), ("http://files.example/a/tool /x", "/x"),
        ("http://files.example/a/tool?b=c/d#e/f /x/", "/x/tool"), ("http://files.example/a%20b /x/", "/x/a b"),
        ("http://files.example/a%2Fb /x/", "/x/b"), ("http://files.example/a/ /x/", "/x/a"),
        ("http://files.example/%2E%2E /x/", "/x/__unnamed__"), ("http://files.example/a%00b /x/", "/x/__unnamed__"),
        ("http://files.example/ /x", "/x"),
        ("--chmod=755 http://files.example/tool /x", "/x 755"),
        ("--checksum=\(onetwo) http://files.example/t /x", "/x"),
        ("http://files.example/t.tar /x/", "/x/t.tar"),
    ])
    func addsAFile(words: String, expected: String) async throws {
        try await World.with { world in
            let played = PlayedFiles(parts: [.bytes("one"), .bytes("two")], modified: 77)
            let dockerfile = "FROM scratch\nADD \(words)\n"
            let built = try await world.build(dockerfile) { context, _ in context.remoteFiles = played }
            let (path, mode) = expected.hasSuffix(" 755") ? ("/x", "755") : (expected, "600")
            let lines = try world.lines(of: built.image).filter { !$0.hasSuffix(" directory") }
            #expect(lines == ["\(path) \(mode) 77 onetwo"])
            #expect(built.log.contains { $0.hasSuffix(" 3 of 6") } && built.log.contains { $0.hasSuffix(" 6 of 6") })
            let again = try await world.build(dockerfile) { context, _ in context.remoteFiles = played }
            #expect(again.solution.executedCount == 0 && again.image == built.image)
        }
    }

    /// A transfer that begins anew leaves nothing of the first try, in the file and in its digest.
    @Test(
        arguments: [
            ([.bytes("half"), .restart, .bytes("onetwo")], "onetwo"),
            ([.bytes("long and void"), .restart, .bytes("o"), .restart, .bytes("one"), .bytes("two")], "onetwo"),
            ([.restart, .bytes("onetwo")], "onetwo"), ([.bytes("onetw")], nil), ([.bytes("onetwo"), .restart], nil),
            ([.bytes("onetwo"), .bytes("x")], nil), ([], nil),
        ] as [([PlayedFiles.Part], String?)])
    private func checksWhatCame(parts: [PlayedFiles.Part], expected: String?) async throws {
        try await World.with { world in
            func build(_ options: String) async throws -> [String] {
                let built = try await world.build("FROM scratch\nADD \(options) http://files.example/f /f\n") {
                    context, _ in context.remoteFiles = PlayedFiles(parts: parts)
                }
                return try world.lines(of: built.image)
            }
            if let expected {
                let (checked, unchecked) = (try await build("--checksum=\(Self.onetwo)"), try await build(""))
                #expect(checked == ["/f 600 0 \(expected)"] && unchecked == checked)
            } else {
                await #expect {
                    _ = try await build("--checksum=\(Self.onetwo)")
                } throws: { error in
                    guard case .other(ContentError.digestMismatch(let wanted, _))? = (error as? BuildError)?.cause
                    else { return false }
                    return wanted.description == Self.onetwo
                }
            }
        }
    }

    /// What one file is and what another is are not taken for one another.
    @Test func addsSeveralAtOnce() async throws {
        try await World.with { world in
            try Files.write("context", to: "\(world.directory)/context/c")
            let built = try await world.build("FROM scratch\nADD c http://files.example/a http://files.example/b /x/\n")
            {
                context, _ in context.remoteFiles = PlayedFiles(parts: [.bytes("x")], modified: 5)
            }
            let lines = try world.lines(of: built.image).filter { $0.hasSuffix(" 5 x") }
            #expect(lines == ["/x/a 600 5 x", "/x/b 600 5 x"])
            #expect(try world.lines(of: built.image).contains { $0.hasPrefix("/x/c 644 ") && $0.hasSuffix(" context") })
        }
    }

    private static let commit = String(repeating: "0123456789", count: 4)

    /// What is checked out, how it is asked for, and what of it comes into the image.
    @Test(arguments: [
        ("https://git.example/r.git /x", "false -", ["/x/sub/file 644 9 text", "/x/top 644 9 text"]),
        (
            "--keep-git-dir=true https://git.example/r.git /x", "true -",
            ["/x/sub/file 644 9 text", "/x/top 644 9 text"]
        ),
        (
            "--checksum=\(commit) https://git.example/r.git#v1 /x", "false \(commit)",
            ["/x/sub/file 644 9 text", "/x/top 644 9 text"]
        ),
        ("--exclude=sub https://git.example/r.git /x", "false -", ["/x/top 644 9 text"]),
    ])
    func addsARepository(words: String, asked: String, expected: [String]) async throws {
        try await World.with { world in
            let seen = Mutex<[String]>([])
            let places = Mutex<[FilePath]>([])
            let built = try await world.build("FROM scratch\nADD \(words)\n") { context, _ in
                context.checkOutRepository = { source, directory, keepsHistory, commit in
                    seen.withLock { $0.append("\(keepsHistory) \(commit ?? "-")") }
                    places.withLock { $0.append(directory) }
                    guard source.url == "https://git.example/r.git" else { throw CancellationError() }
                    for path in ["inner/sub/file", "inner/top"] { try Files.write("text", to: "\(directory)/\(path)") }
                    for path in ["inner/sub/file", "inner/top"] {
                        let touched = try await Command("touch", ["-d", "@9", "\(directory)/\(path)"]).run()
                        #expect(touched.succeeded)
                    }
                    return directory.appending("inner")
                }
            }
            #expect(try world.lines(of: built.image).filter { !$0.hasSuffix(" directory") } == expected)
            #expect(seen.withLock { $0 } == [asked])
            // What was fetched goes with the step.
            #expect(places.withLock { $0 }.allSatisfy { !Files.exists($0.string) })
        }
    }

    @Test(arguments: [
        ("http://files.example/f", "unsupported(\"ADD of a URL\")"),
        ("https://git.example/r.git", "unsupported(\"ADD of a git repository\")"),
    ])
    func needsAWayOutside(source: String, expected: String) async throws {
        try await World.with { world in
            await #expect {
                _ = try await world.build("FROM scratch\nADD \(source) /x\n")
            } throws: { error in
                (error as? BuildError).map { "\($0.cause)" } == expected
            }
        }
    }
}
