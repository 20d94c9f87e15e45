import Archive
import OCI
import Synchronization
import SystemPackage
import TestSupport

@testable import Debian

// MARK: Packages

/// A file in a package, for tests.
struct Item {
    var header: TarHeader
    var content: [UInt8] = []

    static func directory(_ name: String, mode: UInt32 = 0o755) -> Item {
        Item(header: TarHeader(name: Array(name.utf8), kind: .directory, mode: mode))
    }

    static func file(_ name: String, _ content: String = "", mode: UInt32 = 0o644) -> Item {
        let bytes = Array(content.utf8)
        return Item(
            header: TarHeader(name: Array(name.utf8), kind: .regular, mode: mode, size: Int64(bytes.count)),
            content: bytes)
    }

    static func link(_ name: String, _ target: String, _ kind: TarHeader.Kind = .symbolicLink) -> Item {
        Item(header: TarHeader(name: Array(name.utf8), kind: kind, mode: 0o777, linkName: Array(target.utf8)))
    }
}

func tar(_ items: [Item]) -> [UInt8] {
    var bytes: [UInt8] = []
    for item in items {
        bytes += TarWriter.encode(item.header) + item.content
        bytes += [UInt8](repeating: 0, count: TarWriter.padding(after: Int64(item.content.count)))
    }
    return bytes + TarWriter.end
}

func ar(_ members: [(String, [UInt8])]) -> [UInt8] {
    func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
    var bytes = Array("!<arch>\n".utf8)
    for (name, content) in members {
        let header = padded(name, 16) + padded("0", 12) + padded("0", 6) + padded("0", 6) + padded("100644", 8)
        bytes += Array((header + padded(String(content.count), 10) + "`\n").utf8) + content
        if content.count % 2 == 1 { bytes.append(0x0A) }
    }
    return bytes
}

/// A package for tests: its control fields, control files and data.
struct Deb {
    var name: String
    var version = "1"
    /// Lines of further fields.
    var fields = ""
    var controlFiles: [Item] = []
    var data: [Item] = []
    var isEssential = false

    var control: String {
        "Package: \(name)\nVersion: \(version)\nArchitecture: amd64\nMaintainer: A <a@mail.example>\n"
            + (isEssential ? "Essential: yes\n" : "") + fields + "Description: a package\n for tests\n"
    }

    var bytes: [UInt8] {
        ar([
            ("debian-binary", Array("2.0\n".utf8)),
            ("control.tar.gz", gzip(tar([.file("./control", control)] + controlFiles))), ("data.tar", tar(data)),
        ])
    }

    var filename: String { "pool/main/\(name)_\(version).deb" }

    /// Its paragraph in an index.
    var paragraph: String {
        let bytes = bytes
        return control + "Filename: \(filename)\nSize: \(bytes.count)\nSHA256: \(Digest(sha256: bytes).hex)\n"
    }
}

func gzip(_ bytes: [UInt8]) -> [UInt8] {
    do {
        let compressor = try BlockCompressor(.gzip, level: 6)
        return try bytes.withUnsafeBytes { try compressor.compress($0) }
    } catch { return [] }
}

/// One line an entry: `kind mode uid:gid size path -> target`.
func layerLines(_ bytes: [UInt8]) throws -> [String] {
    var reader = TarReader()
    var lines: [String] = []
    try bytes.withUnsafeBytes {
        try reader.consume($0) { event in
            guard case .entry(let header) = event else { return }
            let link = header.linkName.isEmpty ? "" : " -> " + String(decoding: header.linkName, as: UTF8.self)
            let mode = String(header.mode, radix: 8)
            lines.append("\(header.kind) \(mode) \(header.size) \(String(decoding: header.name, as: UTF8.self))\(link)")
        }
    }
    try reader.finish()
    return lines
}

/// The content of a file in a layer.
func layerFile(_ path: String, _ bytes: [UInt8]) throws -> String? {
    var reader = TarReader()
    var content: [UInt8]?
    var isWanted = false
    try bytes.withUnsafeBytes {
        try reader.consume($0) { event in
            switch event {
            case .entry(let header):
                isWanted = header.name == Array(path.utf8)
                if isWanted { content = [] }
            case .content(let piece): if isWanted { content? += piece }
            case .hole, .endOfEntry, .end: isWanted = false
            }
        }
    }
    return content.map { String(decoding: $0, as: UTF8.self) }
}

// MARK: Store and mirror in memory

final class MemoryStore: ContentStore {
    private let blobs = Mutex<[Digest: [UInt8]]>([:])

    var digests: Set<Digest> { blobs.withLock { Set($0.keys) } }

    func contains(_ digest: Digest) async throws -> Bool { blobs.withLock { $0[digest] != nil } }

    func read(_ digest: Digest, _ body: (UnsafeRawBufferPointer) throws -> Void) async throws {
        guard let bytes = blobs.withLock({ $0[digest] }) else { throw ContentError.missing(digest) }
        try inPieces(bytes, 1000, body)
    }

    func bytes(_ digest: Digest) -> [UInt8] { blobs.withLock { $0[digest] ?? [] } }

    func writer() async throws -> any ContentWriter { Writer(self) }

    private func keep(_ bytes: [UInt8], _ digest: Digest) { blobs.withLock { $0[digest] = bytes } }

    private final class Writer: ContentWriter {
        private let store: MemoryStore
        private var bytes: [UInt8] = []

        init(_ store: MemoryStore) { self.store = store }

        func write(_ piece: UnsafeRawBufferPointer) throws { bytes += piece }

        func commit(expecting: Digest?) throws -> (digest: Digest, size: Int64) {
            let digest = Digest(sha256: bytes)
            if let expecting, expecting != digest {
                throw ContentError.digestMismatch(expected: expecting, actual: digest)
            }
            store.keep(bytes, digest)
            return (digest, Int64(bytes.count))
        }
    }
}

/// Files by URL; counts how often each was fetched.
final class MemoryMirror: RemoteFiles {
    static let uri = "http://mirror.example/debian"

    private let state: Mutex<(files: [String: [UInt8]], requests: [String], interrupted: Set<String>)>

    init(_ files: [String: [UInt8]], interrupted: Set<String> = []) { state = Mutex((files, [], interrupted)) }

    var requests: [String] { state.withLock(\.requests) }

    func fetch(
        _ url: String, maximumSize: Int64, progress: @Sendable (Int64, Int64?) -> Void, restart: () throws -> Void,
        body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> RemoteFileAttributes {
        let (bytes, breaksOff) = state.withLock { state in
            state.requests.append(url)
            return (state.files[url], state.interrupted.remove(url) != nil)
        }
        guard let bytes else { throw RemoteFileError.status(url: url, code: 404) }
        guard bytes.count <= maximumSize else { throw RemoteFileError.tooLarge(url: url, limit: maximumSize) }
        if breaksOff {
            try inPieces(Array(bytes.prefix(bytes.count / 2)), 777, body)
            try restart()
        }
        try inPieces(bytes, 777, body)
        progress(Int64(bytes.count), nil)
        return RemoteFileAttributes()
    }
}

// MARK: Signatures

/// A throwaway key in a directory of its own.
struct SigningKey {
    let directory: FilePath

    var keyring: FilePath { directory.appending("keyring.gpg") }

    static func isPossible() async throws -> Bool { try await Program.isExpected("gpg", "gpgv") }

    /// Makes a key, and removes it after `body`.
    static func with(_ body: (SigningKey) async throws -> Void) async throws {
        let output = try await Program.shell(
            """
            directory=$(mktemp -d /tmp/key.XXXXXX); chmod 700 "$directory"
            gpg --homedir "$directory" --batch --quiet --passphrase '' --quick-gen-key test ed25519 sign never 2>/dev/null
            gpg --homedir "$directory" --export > "$directory/keyring.gpg"; printf %s "$directory"
            """)
        let key = SigningKey(directory: FilePath(String(decoding: output, as: UTF8.self)))
        let script = "gpgconf --homedir '\(key.directory)' --kill all; rm -rf '\(key.directory)'"
        do { try await body(key) } catch {
            _ = try await Program.shell(script)
            throw error
        }
        _ = try await Program.shell(script)
    }

    func sign(_ text: String) async throws -> [UInt8] {
        try await Program.shell("gpg --homedir '\(directory)' --batch --quiet --clearsign", Array(text.utf8))
    }
}

/// An archive with one suite of some packages.
struct TestArchive {
    var packages: [Deb]
    var suite = "bookworm"
    var date = "Sat, 11 Jul 2026 10:00:00 UTC"
    var extra = ""
    /// Of what the mirror serves instead of what was signed, by URL.
    var replaced: [String: [UInt8]] = [:]
    var interrupted: Set<String> = []

    static let now: Int64 = 1_783_800_000

    var index: [UInt8] { gzip(Array(packages.map(\.paragraph).joined(separator: "\n").utf8)) }

    var release: String {
        """
        Suite: oldstable
        Codename: \(suite)
        Date: \(date)
        Architectures: amd64
        Components: main\(extra.isEmpty ? "" : "\n" + extra)
        SHA256:
         \(Digest(sha256: index).hex) \(index.count) main/binary-amd64/Packages.gz

        """
    }

    static func url(_ path: String) -> String { "\(MemoryMirror.uri)/\(path)" }

    func mirror(_ key: SigningKey, beside others: [TestArchive] = []) async throws -> MemoryMirror {
        var files: [String: [UInt8]] = [:]
        for archive in [self] + others {
            files[Self.url("dists/\(archive.suite)/InRelease")] = try await key.sign(archive.release)
            files[Self.url("dists/\(archive.suite)/main/binary-amd64/Packages.gz")] = archive.index
            for package in archive.packages { files[Self.url(package.filename)] = package.bytes }
        }
        return MemoryMirror(files.merging(replaced, uniquingKeysWith: { $1 }), interrupted: interrupted)
    }

    func request(_ key: SigningKey, _ packages: [String] = []) -> Composer.Request {
        var recipe = BaseRecipe(name: "test", suite: suite, foundation: .minimalSystem, packages: packages)
        recipe.container.command = ["sh"]
        let sources = [
            MirrorSource(uri: MemoryMirror.uri, suites: [suite], components: ["main"]),
            MirrorSource(uri: MemoryMirror.uri, suites: [suite + "-updates"], components: ["main"], isOptional: true),
        ]
        let platform = Platform(os: "linux", architecture: "amd64")
        return Composer.Request(
            recipe: recipe, platform: platform, sources: sources, keyring: key.keyring, now: Self.now)
    }
}
