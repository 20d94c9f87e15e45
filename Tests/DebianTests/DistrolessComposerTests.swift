import Archive
import OCI
import TestSupport
import Testing

@testable import Debian

@Suite(.enabled("gpg or gpgv is missing") { try await SigningKey.isPossible() })
struct DistrolessComposerTests {
    private static let archive = TestArchive(packages: [
        Deb(
            name: "base-files", fields: "Depends: awk\n", controlFiles: [.file("./md5sums", "00  etc/issue\n")],
            data: [
                .directory("./"), .directory("./etc/"), .directory("./tmp/", mode: 0o777), .directory("./usr/"),
                .directory("./usr/lib/"), .file("./usr/lib/os-release", "old"), .file("./etc/issue", "x"),
            ], isEssential: true),
        Deb(
            name: "certificates",
            data: [
                .directory("./"), .directory("./usr/"), .directory("./usr/share/"), .directory("./usr/share/ca/"),
                .file("./usr/share/ca/b.crt", "B\n"), .file("./usr/share/ca/a.crt", "A"),
            ]),
        Deb(name: "mawk", fields: "Provides: awk\n", data: [.directory("./"), .file("./mawk")]),
        Deb(
            name: "tool", fields: "Depends: certificates, mawk\n",
            data: [.directory("./"), .directory("./etc/"), .file("./etc/tool", "${architecture}")]),
    ])

    private static let recipe = """
        suite: bookworm
        packages: [base-files, tool]
        leave-out: {packages: [awk, mawk], paths: [/usr/share/ca/*]}
        groups: [{name: root, gid: 0}]
        users: [{name: root, uid: 0, home: /root}]
        paths:
          - {path: /tmp, mode: 1777}
          - {path: /usr/lib/os-release, text: new}
          - {path: /etc/all.crt, joined: [/usr/share/ca/*.crt], mode: 0600, owner: "1:2"}
          - {path: "/usr/lib/${tuple}", links: "../${architecture}", names: [x, y]}
        environment: {ARCH: "${architecture}"}

        """

    private func compose(_ text: String, _ key: SigningKey, _ store: MemoryStore) async throws -> ComposedBase {
        let mirror = try await Self.archive.mirror(key)
        var request = Self.archive.request(key)
        request.recipe = try BaseRecipe(parsing: text, file: "r.yaml")
        return try await Composer(files: mirror, store: store).compose(request)
    }

    @Test func `A distroless base has its packages' files, its own, and no more packages than it needs`() async throws {
        try await SigningKey.with { key in
            let store = MemoryStore()
            let base = try await compose(Self.recipe, key, store)
            #expect(base.completion == [])
            #expect(base.resolution.packages.map(\.name) == ["base-files", "certificates", "tool"])
            #expect(base.image.config.container.environment == ["ARCH=amd64"])
            let layer = try #require(base.image.layers.first)
            let bytes = store.bytes(layer.diffID.digest)
            let lines = try layerLines(bytes).joined(separator: "\n")
            #expect(lines == Self.golden, "\(lines)")
            #expect(try layerFile("etc/all.crt", bytes) == "A\nB\n")
            #expect(try layerFile("usr/lib/os-release", bytes) == "new")
            #expect(try layerFile("etc/tool", bytes) == "${architecture}")
            #expect(try layerFile("etc/passwd", bytes) == "root:x:0:0:root:/root:/sbin/nologin\n")
            #expect(try layerFile("var/lib/dpkg/status.d/base-files.md5sums", bytes) == "00  etc/issue\n")
            #expect(
                try layerFile("var/lib/dpkg/status.d/tool", bytes)?.hasPrefix("Package: tool\nVersion: 1\n") == true)
        }
    }

    private static let golden = """
        directory 755 0 usr/
        directory 755 0 usr/bin/
        symbolicLink 777 0 bin -> usr/bin
        directory 755 0 usr/sbin/
        symbolicLink 777 0 sbin -> usr/sbin
        directory 755 0 usr/lib/
        symbolicLink 777 0 lib -> usr/lib
        directory 755 0 usr/lib64/
        symbolicLink 777 0 lib64 -> usr/lib64
        directory 755 0 etc/
        directory 1777 0 tmp/
        regular 644 1 etc/issue
        directory 755 0 var/
        directory 755 0 var/lib/
        directory 755 0 var/lib/dpkg/
        directory 755 0 var/lib/dpkg/status.d/
        regular 644 \(status("base-files").utf8.count) var/lib/dpkg/status.d/base-files
        regular 644 14 var/lib/dpkg/status.d/base-files.md5sums
        directory 755 0 usr/share/
        directory 755 0 usr/share/ca/
        regular 644 \(status("certificates").utf8.count) var/lib/dpkg/status.d/certificates
        regular 644 15 etc/tool
        regular 644 \(status("tool").utf8.count) var/lib/dpkg/status.d/tool
        directory 700 0 root/
        regular 644 3 usr/lib/os-release
        regular 600 4 etc/all.crt
        directory 755 0 usr/lib/x86_64-linux-gnu/
        symbolicLink 777 0 usr/lib/x86_64-linux-gnu/x -> ../amd64
        symbolicLink 777 0 usr/lib/x86_64-linux-gnu/y -> ../amd64
        regular 644 36 etc/passwd
        regular 644 10 etc/group
        """

    private static func status(_ name: String) -> String { archive.packages.first { $0.name == name }?.control ?? "" }

    @Test func `A layer a package names its directories again, and is the same in every image`() async throws {
        try await SigningKey.with { key in
            let store = MemoryStore()
            let base = try await compose(Self.recipe + "layering: package\n", key, store)
            #expect(base.image.layers.count == 4)
            #expect(
                base.image.config.history.map(\.createdBy) == [
                    "distill base build r: base-files=1", "distill base build r: certificates=1",
                    "distill base build r: tool=1",
                    "distill base build r",
                ])
            let tool = store.bytes(base.image.layers[2].diffID.digest)
            #expect(try layerLines(tool).first == "directory 755 0 etc/")
            let smaller = Self.recipe.replacing("[base-files, tool]", with: "[base-files, certificates]")
            let other = try await compose(smaller + "layering: package\n", key, store)
            #expect(other.image.layers.prefix(2) == base.image.layers.prefix(2))
        }
    }

    @Test func `A path for which no package has a file is an error`() async throws {
        try await SigningKey.with { key in
            let text = Self.recipe.replacing("/usr/share/ca/*.crt", with: "/nothing/*")
            let error = await #expect(throws: DebianError.self) { try await compose(text, key, MemoryStore()) }
            #expect(error == .noMatchingFile(path: "/etc/all.crt", patterns: ["/nothing/*"]))
        }
    }

    @Test func `A file in the place of a package's directory is an error`() async throws {
        try await SigningKey.with { key in
            let text = Self.recipe.replacing("path: /usr/lib/os-release", with: "path: /usr/share")
            let error = await #expect(throws: DebianError.self) { try await compose(text, key, MemoryStore()) }
            #expect(error == .fileConflict(path: "/usr/share", first: "a package", second: "the recipe"))
        }
    }

    @Test func `A platform that the recipe does not name is refused before anything is fetched`() async throws {
        try await SigningKey.with { key in
            let error = await #expect(throws: DebianError.self) {
                try await compose(Self.recipe + "architectures: [arm64]\n", key, MemoryStore())
            }
            let (amd64, arm64) = (
                Platform(os: "linux", architecture: "amd64"), Platform(os: "linux", architecture: "arm64")
            )
            #expect(error == .otherPlatform(recipe: "r", wanted: amd64, made: [arm64]))
        }
    }
}
