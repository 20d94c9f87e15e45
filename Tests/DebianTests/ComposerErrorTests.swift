import OCI
import Testing

@testable import Debian

@Suite(.enabled("gpg or gpgv is missing") { try await SigningKey.isPossible() })
struct ComposerErrorTests {
    private static let plain = TestArchive(packages: [
        Deb(name: "base-files", data: [.file("./etc/x", "x")], isEssential: true),
        Deb(name: "needy", fields: "Depends: missing\n"),
    ])

    /// What is wrong, and the error that says so.
    private static let cases: [(name: String, archive: TestArchive, packages: [String], error: DebianError)] = {
        let index = TestArchive.url("dists/bookworm/main/binary-amd64/Packages.gz")
        let package = plain.packages[0]
        let url = TestArchive.url(package.filename)
        func with(_ change: (inout TestArchive) -> Void) -> TestArchive {
            var archive = plain
            change(&archive)
            return archive
        }
        var longer = package.bytes
        longer.append(0)
        let changed = Array(package.bytes.dropLast()) + [1]
        return [
            (
                "another index", with { $0.replaced[index] = [UInt8](repeating: 1, count: $0.index.count) }, [],
                .digestMismatch(
                    file: index, expected: Digest(sha256: plain.index),
                    actual: Digest(sha256: [UInt8](repeating: 1, count: plain.index.count)))
            ),
            (
                "another package", with { $0.replaced[url] = changed }, [],
                .digestMismatch(file: url, expected: Digest(sha256: package.bytes), actual: Digest(sha256: changed))
            ),
            (
                "a cut package", with { $0.replaced[url] = Array(package.bytes.dropLast(9)) }, [],
                .sizeMismatch(file: url, expected: Int64(package.bytes.count), actual: Int64(package.bytes.count) - 9)
            ),
            (
                "a longer package", with { $0.replaced[url] = longer }, [],
                .sizeMismatch(file: url, expected: Int64(package.bytes.count), actual: 0)
            ),
            (
                "an old archive", with { $0.extra = "Valid-Until: Sat, 11 Jul 2026 11:00:00 UTC" }, [],
                .expiredRelease(suite: "bookworm", validUntil: 1_783_767_600)
            ),
            ("an unknown package", plain, ["zz"], .unknownPackage("zz")),
            ("no package name", plain, ["!"], .unknownPackage("!")),
            (
                "a missing dependency", plain, ["needy"],
                .noSolution(
                    Unsolvable(
                        steps: [
                            .init(package: nil, relation: "needy"), .init(package: "needy=1", relation: "missing"),
                        ],
                        reason: .noSuchPackage))
            ),
            (
                "a package with a hostile path",
                with { $0.packages[0].data = [.file("./../x")] }, [],
                .invalidPackage(package: "base-files", reason: .hostilePath("./../x"))
            ),
        ]
    }()

    @Test(arguments: cases.indices) func `What is wrong is named, and nothing is kept that was not checked`(
        _ place: Int
    ) async throws {
        let sample = Self.cases[place]
        try await SigningKey.with { key in
            let store = MemoryStore()
            let mirror = try await sample.archive.mirror(key)
            await #expect(throws: sample.error, "\(sample.name)") {
                try await Composer(files: mirror, store: store).compose(sample.archive.request(key, sample.packages))
            }
            let checked = Set([sample.archive.index] + sample.archive.packages.map(\.bytes)).map { Digest(sha256: $0) }
            #expect(store.digests.isSubset(of: checked))
        }
    }

    @Test func `A mirror that does not answer passes through`() async throws {
        try await SigningKey.with { key in
            let url = TestArchive.url("dists/bookworm/InRelease")
            await #expect(throws: RemoteFileError.status(url: url, code: 404)) {
                try await Composer(files: MemoryMirror([:]), store: MemoryStore()).compose(Self.plain.request(key))
            }
        }
    }

    @Test func `A suite without the architecture is named`() async throws {
        try await SigningKey.with { key in
            var request = Self.plain.request(key)
            request.platform = Platform(os: "linux", architecture: "arm64")
            let mirror = try await Self.plain.mirror(key)
            await #expect(throws: DebianError.missingIndex(suite: "bookworm", path: "main/binary-arm64/Packages")) {
                try await Composer(files: mirror, store: MemoryStore()).compose(request)
            }
            request.sources = []
            await #expect(throws: DebianError.noMirror(suite: "bookworm")) {
                try await Composer(files: mirror, store: MemoryStore()).compose(request)
            }
        }
    }
}
