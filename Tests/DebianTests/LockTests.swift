import OCI
import TestSupport
import Testing

@testable import Debian

@Suite(.enabled("gpg or gpgv is missing") { try await SigningKey.isPossible() })
struct LockTests {
    private static let archive = TestArchive(packages: [
        Deb(
            name: "a", fields: "Depends: b\nReplaces: b (<< 2)\n", data: [.directory("./"), .file("./both", "from a")]),
        Deb(name: "b", data: [.directory("./"), .file("./both", "from b"), .file("./b")]),
    ])

    private func request(_ archive: TestArchive, _ key: SigningKey) throws -> Composer.Request {
        var request = archive.request(key)
        request.recipe = try BaseRecipe(parsing: "suite: bookworm\npackages: [a]\n", file: "r.yaml")
        return request
    }

    private func lock(_ archive: TestArchive, _ key: SigningKey) async throws -> PackageLock {
        let composer = Composer(files: try await archive.mirror(key), store: MemoryStore())
        return try await composer.lock(
            try request(archive, key), platforms: [Platform(os: "linux", architecture: "amd64")], recipe: "r.yaml")
    }

    @Test func `A lock names everything but the mirror, and is read as it was written`() async throws {
        try await SigningKey.with { key in
            let lock = try await lock(Self.archive, key)
            #expect(lock.date == 1_783_764_000)
            #expect(lock.releases == [.init(suite: "bookworm", date: "2026-07-11T10:00:00Z")])
            #expect(lock.packages["amd64"]?.map(\.label) == ["a=1", "b=1"])
            #expect(!lock.text.contains("mirror.example"))
            #expect(try PackageLock(parsing: Array(lock.text.utf8)) == lock)
        }
    }

    @Test func `The same lock gives the same image, and asks for no index`() async throws {
        try await SigningKey.with { key in
            let free = try await Composer(files: Self.archive.mirror(key), store: MemoryStore()).compose(
                request(Self.archive, key)
            ).image
            let mirror = try await Self.archive.mirror(key)
            var request = try request(Self.archive, key)
            request.lock = try await lock(Self.archive, key)
            #expect(try await Composer(files: mirror, store: MemoryStore()).compose(request).image == free)
            #expect(mirror.requests.allSatisfy { $0.hasSuffix(".deb") })
        }
    }

    @Test func `What the mirror no longer has is named`() async throws {
        try await SigningKey.with { key in
            let newer = TestArchive(packages: [Self.archive.packages[0], Deb(name: "b", version: "2")])
            var request = try request(newer, key)
            request.lock = try await lock(Self.archive, key)
            let mirror = try await newer.mirror(key)
            let locked = request
            let error = await #expect(throws: DebianError.self) {
                try await Composer(files: mirror, store: MemoryStore()).compose(locked)
            }
            #expect(error == .packageGone("b=1"))
        }
    }

    @Test func `A lock of an older state gives its image as long as the mirror keeps the packages`() async throws {
        try await SigningKey.with { key in
            let old = try await lock(Self.archive, key)
            let image = try await Composer(files: Self.archive.mirror(key), store: MemoryStore()).compose(
                request(Self.archive, key)
            ).image
            var newer = TestArchive(packages: [Self.archive.packages[0], Deb(name: "b", version: "2")])
            #expect(old.changes(to: try await lock(newer, key)).map(\.name) == ["b"])
            newer.replaced[TestArchive.url(Self.archive.packages[1].filename)] = Self.archive.packages[1].bytes
            var request = try request(newer, key)
            request.lock = old
            for _ in 0..<2 {
                let mirror = try await newer.mirror(key)
                #expect(try await Composer(files: mirror, store: MemoryStore()).compose(request).image == image)
            }
        }
    }

    @Test func `A tampered package is refused, and nothing of it is kept`() async throws {
        try await SigningKey.with { key in
            var archive = Self.archive
            var bytes = archive.packages[1].bytes
            bytes[bytes.count / 2] ^= 1
            archive.replaced[TestArchive.url(archive.packages[1].filename)] = bytes
            var request = try request(archive, key)
            request.lock = try await lock(Self.archive, key)
            let (mirror, store, locked) = (try await archive.mirror(key), MemoryStore(), request)
            await #expect(throws: DebianError.self) { try await Composer(files: mirror, store: store).compose(locked) }
            #expect(!store.digests.contains(Digest(sha256: bytes)))
        }
    }

    @Test func `Changes are told by name`() async throws {
        try await SigningKey.with { key in
            let old = try await lock(Self.archive, key)
            let new = try await lock(
                TestArchive(packages: [Deb(name: "a", version: "2", fields: "Depends: c\n"), Deb(name: "c")]), key)
            let changes = old.changes(to: new).map { "\($0.name) \($0.old ?? "-") \($0.new ?? "-") \($0.suite)" }
            #expect(changes == ["a 1 2 bookworm", "b 1 - bookworm", "c - 1 bookworm"])
            #expect(old.changes(to: old) == [])
        }
    }

    @Test(arguments: [
        ("", ""), ("{}", "version"), (#"{"version":2}"#, "version"),
        (#"{"version":1,"recipe":"r","suite":"s","date":1}"#, "packages"),
        (#"{"version":1,"recipe":"r","suite":"s","date":1,"packages":{"amd64":[{"name":"a"}]}}"#, "packages.amd64[0]"),
        (
            #"{"version":1,"recipe":"r","suite":"s","date":1,"packages":{"amd64":[{"name":"a","version":"1","architecture":"amd64","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size":1,"filename":"../../x","suite":"s"}]}}"#,
            "packages.amd64[0]"
        ),
        // Sizes are summed up.
        (
            #"{"version":1,"recipe":"r","suite":"s","date":1,"packages":{"amd64":[{"name":"a","version":"1","architecture":"amd64","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size":9223372036854775807,"filename":"x","suite":"s"}]}}"#,
            "packages.amd64[0]"
        ),
    ])
    func damagedLocksAreErrors(text: String, member: String) {
        #expect(throws: DebianError.invalidLock(member: member)) { try PackageLock(parsing: Array(text.utf8)) }
    }
}
