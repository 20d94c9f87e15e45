import OCI
import Synchronization
import TestSupport
import Testing

@testable import Debian

@Suite(.enabled("gpg or gpgv is missing") { try await SigningKey.isPossible() })
struct ComposerTests {
    private static let archive = TestArchive(packages: [
        Deb(
            name: "base-files", data: [.directory("./"), .directory("./etc/"), .directory("./tmp/", mode: 0o1777)],
            isEssential: true),
        Deb(
            name: "base-passwd", controlFiles: [.file("./preinst", "#!/bin/sh\n", mode: 0o755)],
            data: [.directory("./"), .file("./etc/shells", "x")], isEssential: true),
        Deb(
            name: "libc", fields: "Multi-Arch: same\nDepends: base-files\n",
            controlFiles: [
                .file("./triggers", "# comment\ninterest-noawait ldconfig\ninterest /usr/lib/x\nactivate other\n"),
                .file("./conffiles", "/etc/ld.conf\nremove-on-upgrade /etc/old.conf\n"),
                .file("./md5sums", "b807023f87e63b8ada92f79f546ff9cc  lib/libc.so\n"),
            ],
            data: [
                .directory("./"), .directory("./lib/"), .file("./lib/libc.so", "so"), .directory("./etc/"),
                .file("./etc/ld.conf", "conf"),
            ]),
        Deb(name: "extra"),
    ])

    @Test func `An image is composed with dpkg's database`() async throws {
        try await SigningKey.with { key in
            let store = MemoryStore()
            let mirror = try await Self.archive.mirror(key)
            let base = try await Composer(files: mirror, store: store).compose(Self.archive.request(key, ["libc"]))
            let layer = try #require(base.image.layers.first)
            let bytes = store.bytes(layer.diffID.digest)
            #expect(layer.blobs.map(\.mediaType) == [.layer])
            #expect(layer.blobs.map(\.size) == [Int64(bytes.count)])
            #expect(base.image.config.created == "2026-07-11T10:00:00Z")
            #expect(base.resolution.packages.map(\.name) == ["base-files", "base-passwd", "libc"])
            #expect(try layerLines(bytes).joined(separator: "\n") == Self.golden)
            #expect(try layerFile("var/lib/dpkg/status", bytes) == Self.status)
            #expect(
                try layerFile("var/lib/dpkg/info/libc:amd64.list", bytes)
                    == "/.\n/lib\n/lib/libc.so\n/etc\n/etc/ld.conf\n")
            #expect(try layerFile("var/lib/dpkg/triggers/File", bytes) == "/usr/lib/x libc:amd64\n")
            #expect(try layerFile("var/lib/dpkg/triggers/ldconfig", bytes) == "libc:amd64/noawait\n")
            #expect(
                try layerFile("etc/apt/sources.list.d/debian.sources", bytes)
                    == "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\n")
            let script = try #require(base.completion.first)
            #expect(script.contains("\npreinst base-passwd base-passwd amd64\ndpkg --configure -a\n"))
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
        regular 644 1 etc/shells
        regular 644 2 usr/lib/libc.so
        regular 644 4 etc/ld.conf
        directory 755 0 etc/apt/
        directory 755 0 etc/apt/sources.list.d/
        regular 644 80 etc/apt/sources.list.d/debian.sources
        directory 755 0 var/
        directory 755 0 var/lib/
        directory 755 0 var/lib/dpkg/
        directory 755 0 var/lib/dpkg/alternatives/
        directory 755 0 var/lib/dpkg/info/
        directory 755 0 var/lib/dpkg/parts/
        directory 755 0 var/lib/dpkg/triggers/
        directory 755 0 var/lib/dpkg/updates/
        regular 644 \(status.utf8.count) var/lib/dpkg/status
        regular 644 0 var/lib/dpkg/available
        regular 644 0 var/lib/dpkg/diversions
        regular 644 0 var/lib/dpkg/statoverride
        regular 644 6 var/lib/dpkg/arch
        regular 644 2 var/lib/dpkg/info/format
        regular 644 13 var/lib/dpkg/info/base-files.list
        regular 644 15 var/lib/dpkg/info/base-passwd.list
        regular 755 10 var/lib/dpkg/info/base-passwd.preinst
        regular 644 39 var/lib/dpkg/info/libc:amd64.list
        regular 644 45 var/lib/dpkg/info/libc:amd64.conffiles
        regular 644 46 var/lib/dpkg/info/libc:amd64.md5sums
        regular 644 71 var/lib/dpkg/info/libc:amd64.triggers
        regular 644 22 var/lib/dpkg/triggers/File
        regular 644 19 var/lib/dpkg/triggers/ldconfig
        """

    private static let status = """
        Package: base-files
        Status: install ok unpacked
        Version: 1
        Architecture: amd64
        Maintainer: A <a@mail.example>
        Essential: yes
        Description: a package
         for tests

        Package: base-passwd
        Status: install ok unpacked
        Version: 1
        Architecture: amd64
        Maintainer: A <a@mail.example>
        Essential: yes
        Description: a package
         for tests

        Package: libc
        Status: install ok unpacked
        Version: 1
        Architecture: amd64
        Maintainer: A <a@mail.example>
        Multi-Arch: same
        Depends: base-files
        Description: a package
         for tests
        Conffiles:
         /etc/ld.conf 3a8e4c06e471595f6eb262bb9b5582d9

        """

    @Test func `The same archive gives the same image, and packages are kept`() async throws {
        try await SigningKey.with { key in
            let (first, second) = (MemoryStore(), MemoryStore())
            let mirror = try await Self.archive.mirror(key)
            let image = try await Composer(files: mirror, store: first).compose(Self.archive.request(key)).image
            #expect(try await Composer(files: mirror, store: second).compose(Self.archive.request(key)).image == image)
            let before = mirror.requests.count
            #expect(try await Composer(files: mirror, store: first).compose(Self.archive.request(key)).image == image)
            #expect(
                mirror.requests.dropFirst(before).sorted() == [
                    TestArchive.url("dists/bookworm-updates/InRelease"), TestArchive.url("dists/bookworm/InRelease"),
                ])
        }
    }

    @Test func `Indexes are asked for by their digest first`() async throws {
        try await SigningKey.with { key in
            var archive = Self.archive
            archive.extra = "Acquire-By-Hash: yes"
            let plain = TestArchive.url("dists/bookworm/main/binary-amd64/Packages.gz")
            let hashed = TestArchive.url(
                "dists/bookworm/main/binary-amd64/by-hash/SHA256/\(Digest(sha256: archive.index).hex)")
            let mirror = try await archive.mirror(key)
            let image = try await Composer(files: mirror, store: MemoryStore()).compose(archive.request(key)).image
            #expect(mirror.requests.contains(hashed) && mirror.requests.contains(plain), "a mirror may not have it")
            archive.replaced[hashed] = archive.index
            let other = try await archive.mirror(key)
            let again = try await Composer(files: other, store: MemoryStore()).compose(archive.request(key)).image
            #expect(!other.requests.contains(plain))
            #expect(again == image)
        }
    }

    @Test func `A second suite's newer package is taken from its own place`() async throws {
        try await SigningKey.with { key in
            var updates = TestArchive(packages: [
                Deb(name: "base-files", version: "2", data: [.file("./etc/two")], isEssential: true)
            ])
            updates.suite = "bookworm-updates"
            updates.date = "Sun, 12 Jul 2026 10:00:00 UTC"
            let mirror = try await Self.archive.mirror(key, beside: [updates])
            let store = MemoryStore()
            let base = try await Composer(files: mirror, store: store).compose(Self.archive.request(key))
            #expect(base.resolution.packages.map(\.label) == ["base-files=2", "base-passwd=1"])
            #expect(base.image.config.created == "2026-07-12T10:00:00Z")
            let bytes = store.bytes(try #require(base.image.layers.first).diffID.digest)
            #expect(
                try layerFile(AptSetup.path.dropFirst().description, bytes)?.contains("bookworm bookworm-updates")
                    ?? false)
        }
    }

    @Test(.enabled("dpkg is missing") { try await Program.isExpected("dpkg", "dpkg-query") })
    func `dpkg reads the database`() async throws {
        try await SigningKey.with { key in
            let store = MemoryStore()
            let mirror = try await Self.archive.mirror(key)
            let base = try await Composer(files: mirror, store: store).compose(Self.archive.request(key, ["libc"]))
            let bytes = store.bytes(try #require(base.image.layers.first).diffID.digest)
            let script = """
                directory=$(mktemp -d); trap 'rm -rf "$directory"' EXIT; tar -x -f - -C "$directory"
                database="--admindir=$directory/var/lib/dpkg"
                dpkg-query "$database" -W -f '${binary:Package} ${Version} ${Status}${Conffiles}\\n'
                dpkg-query "$database" -L libc; dpkg-query "$database" -S /lib/libc.so
                dpkg "$database" --root="$directory" --verify libc
                """
            let answer = String(decoding: try await Program.shell(script, bytes), as: UTF8.self)
            #expect(
                answer == """
                    base-files 1 install ok unpacked
                    base-passwd 1 install ok unpacked
                    libc:amd64 1 install ok unpacked /etc/ld.conf 3a8e4c06e471595f6eb262bb9b5582d9
                    /.
                    /lib
                    /lib/libc.so
                    /etc
                    /etc/ld.conf
                    libc:amd64: /lib/libc.so

                    """)
        }
    }

    @Test func `A transfer that begins anew is written anew`() async throws {
        try await SigningKey.with { key in
            var archive = Self.archive
            archive.interrupted = Set(
                archive.packages.map { TestArchive.url($0.filename) } + [TestArchive.url("dists/bookworm/InRelease")])
            let whole = try await Composer(files: Self.archive.mirror(key), store: MemoryStore()).compose(
                archive.request(key))
            let broken = try await Composer(files: archive.mirror(key), store: MemoryStore()).compose(
                archive.request(key))
            #expect(broken.image == whole.image)
        }
    }

    @Test func `Progress tells what is downloaded and unpacked`() async throws {
        try await SigningKey.with { key in
            let events = Mutex<[Composer.Progress]>([])
            let mirror = try await Self.archive.mirror(key)
            _ = try await Composer(files: mirror, store: MemoryStore()).compose(Self.archive.request(key)) { event in
                events.withLock { $0.append(event) }
            }
            let all = events.withLock { $0 }
            let size = Self.archive.packages.prefix(2).reduce(0) { $0 + Int64($1.bytes.count) }
            #expect(all.first == .fetchingIndexes(suites: ["bookworm", "bookworm-updates"]))
            #expect(all.contains(.resolved(packages: 2, downloads: 2, bytes: size)))
            #expect(all.contains(.downloading(received: size, total: size)))
            #expect(all.last == .unpacking(package: "base-passwd", index: 2, count: 2))
        }
    }
}
