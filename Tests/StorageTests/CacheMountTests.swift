import LinuxSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// Cache directories: who shares them, what they begin with, and how they travel.
@Suite(.timeLimit(.minutes(5))) struct CacheMountTests {
    private let user = ProcessFacts.effectiveUser
    private let group = ProcessFacts.effectiveGroup

    private func cache(
        _ id: String, _ sharing: CacheMount.Sharing = .shared, mode: UInt32 = 0o755, seed: String? = nil
    ) -> CacheMount {
        CacheMount(id: id, sharing: sharing, mode: mode, user: user, group: group, seed: seed)
    }

    /// Takes a cache, writes a file into it, and gives it back.
    private func fill(_ store: Store, _ cache: CacheMount, _ text: String) throws {
        let lease = try store.cacheMounts.lease(cache) { _ in nil }
        try Files.write(text, to: "\(lease.path)/file")
    }

    private func content(_ store: Store, _ cache: CacheMount) throws -> String? {
        let path = try store.cacheMounts.lease(cache) { _ in nil }.path
        return Files.exists("\(path)/file") ? try Files.text("\(path)/file") : nil
    }

    @Test func sharesAsItSays() async throws {
        try await withStore { store, _ in
            let shared = [
                try store.cacheMounts.lease(cache("s")) { _ in nil },
                try store.cacheMounts.lease(cache("s")) { _ in nil },
            ]
            #expect(shared[0].path == shared[1].path && shared[0].path == store.cacheMounts.path(of: cache("s")))
            // Whoever finds a private one in use gets another, and the first again when it is free.
            var first: CacheMountDirectory.Lease? = try store.cacheMounts.lease(cache("p", .private)) { _ in nil }
            let second = try store.cacheMounts.lease(cache("p", .private)) { _ in nil }
            #expect(first?.path != second.path)
            first = nil
            #expect(
                try store.cacheMounts.lease(cache("p", .private)) { _ in nil }.path
                    == store.cacheMounts.path(of: cache("p")))
            // Nobody else has a locked one.
            let locked = try store.cacheMounts.lease(cache("l", .locked)) { _ in nil }
            let entry = try #require(try store.cacheMounts.usage().first { $0.id == "l" })
            #expect(try store.cacheMounts.attempt(entry) == nil)
            withExtendedLifetime((shared, second, locked)) {}
        }
    }

    /// Files with holes claim what they like; sums of them are numbers all the same.
    @Test func countsFilesWithHoles() async throws {
        try await withStore { store, _ in
            let lease = try store.cacheMounts.lease(cache("h")) { _ in nil }
            for name in ["a", "b"] {
                let file = try Directory(opening: lease.path).createFile(Array(name.utf8), mode: 0o600)
                try file.setSize(DocumentLimit.blob / 4 * 3)
            }
            #expect(try store.cacheMounts.usage().map(\.size) == [DocumentLimit.blob])
            withExtendedLifetime(lease) {}
        }
    }

    /// Other owners, modes and beginnings are other caches; what a new one begins with is filled in once.
    @Test func beginsOnce() async throws {
        try await withStore { store, _ in
            var fills = 0
            for (mode, seed) in [(0o755, nil), (0o700, nil), (0o755, "a"), (0o755, "b"), (0o700, nil)]
                as [(UInt32, String?)]
            {
                let lease = try store.cacheMounts.lease(cache("c", mode: mode, seed: seed)) { directory in
                    fills += 1
                    try directory.createFile(Array("file".utf8), mode: 0o600).write(Array((seed ?? "none").utf8))
                    return nil
                }
                #expect(try Files.text("\(lease.path)/file") == seed ?? "none")
                let status = try Directory(opening: lease.path).status()
                #expect(status.mode == mode && status.user == user)
            }
            #expect(fills == 4)
            #expect(try store.cacheMounts.identifiers() == ["c"] && store.cacheMounts.usage().count == 4)
            // One that cannot be filled is not there.
            struct Failure: Error {}
            #expect(throws: Failure.self) { _ = try store.cacheMounts.lease(cache("d")) { _ in throw Failure() } }
            #expect(try store.cacheMounts.identifiers() == ["c"])
        }
    }

    @Test func removesWhatNobodyUses() async throws {
        try await withStore { store, _ in
            for id in ["a", "b", "c"] { try fill(store, cache(id), id) }
            #expect(try store.cacheMounts.usage().reduce(0) { $0 + $1.size } == 3)
            let lease = try store.cacheMounts.lease(cache("a")) { _ in nil }
            let busy = try #require(try store.cacheMounts.remove(id: "a"))
            #expect(busy == (0, 0, 1) && Files.exists("\(lease.path)/file"))
            let gone = try #require(try store.cacheMounts.remove(id: "b"))
            #expect(gone == (1, 1, 0))
            #expect(try store.cacheMounts.remove(id: "b") == nil)
            // The beginning of its directory's name will do too.
            let name = try #require(store.cacheMounts.path(of: cache("c")).lastComponent?.string)
            #expect(try store.cacheMounts.remove(id: String(name.prefix(12)))?.removed == 1)
            #expect(try store.cacheMounts.identifiers() == ["a"])
        }
    }

    /// A store keeps its caches below a limit, those that were used last; how large they are is looked at now and then.
    @Test func staysBelowALimit() async throws {
        try await withStore { store, _ in
            for (id, time) in [("old", 100), ("new", 300), ("middle", 200)] {
                try fill(store, cache(id), String(repeating: "x", count: 10))
                let path = store.cacheMounts.path(of: cache(id))
                let parent = try Directory(opening: path.removingLastComponent())
                let name = Array((path.lastComponent?.string ?? "").utf8)
                for file in [name, name + Array(".lock".utf8)] {
                    try parent.setModified(file, FileTime(seconds: Int64(time)))
                }
            }
            #expect(try store.keep(below: StoreLimit(cache: nil, mounts: 30)) == nil)
            #expect(try store.keep(below: StoreLimit(cache: nil, mounts: 25)) == nil, "not so soon again")
            try Directory(opening: store.path).removeFile(Array("mounts-measured".utf8))
            #expect(try store.keep(below: StoreLimit(cache: nil, mounts: 25))?.reclaimed == 10)
            #expect(try store.cacheMounts.identifiers() == ["middle", "new"])
            var policy = Store.PrunePolicy()
            policy.lastUsedBefore = 250
            #expect(try store.prune(policy)?.reclaimed == 10)
            #expect(try store.cacheMounts.identifiers() == ["new"])
        }
    }

    @Test func travelsAsAnArchive() async throws {
        try await withStore { store, directory in
            try fill(store, cache("a"), "one")
            try fill(store, cache("a", mode: 0o700), "two")
            try fill(store, cache("b"), "three")
            var archive: [UInt8] = []
            #expect(throws: Store.CacheArchiveError.noSuchCache("x")) { try store.exportCacheMounts(["x"]) { _ in } }
            #expect(try store.exportCacheMounts([]) { archive += $0 } == ["a", "b"])
            let other = try Store(path: FilePath("\(directory)/other"))
            defer { other.close() }
            try fill(other, cache("b"), "former")
            for _ in 0..<2 {
                #expect(try other.importCacheMounts { take in try archive.withUnsafeBytes(take) } == ["a", "b"])
            }
            #expect(try content(other, cache("a")) == "one" && content(other, cache("a", mode: 0o700)) == "two")
            #expect(try content(other, cache("b")) == "three")
            for bytes in [
                [], Array("nonsense".utf8), Array(archive.dropLast(20)), tar(["x": "y"]), tar(["caches.json": "{"]),
                tar(["caches.json": "[{\"id\": \"../x\", \"directory\": \"../x\"}]"]),
            ] {
                #expect(throws: (any Error).self) { try other.importCacheMounts { try bytes.withUnsafeBytes($0) } }
            }
            #expect(try other.cacheMounts.identifiers() == ["a", "b"])
        }
    }

    private func tar(_ files: [String: String]) -> [UInt8] {
        var builder = TarBuilder()
        for (name, content) in files { builder.add(name, content: content) }
        return builder.finished
    }

    @Test func travelsAsAnArtifact() async throws {
        try await withStore { store, directory in
            try fill(store, cache("a"), "one")
            try fill(store, cache("b"), "two")
            let packed = try store.packCacheMounts([])
            #expect(packed.ids == ["a", "b"])
            #expect(try store.packCacheMounts([]).manifest == packed.manifest)
            let manifest = try Manifest(bytes: store.content.bytes(of: packed.manifest.digest))
            #expect(manifest.layers.count == 2)
            let other = try Store(path: FilePath("\(directory)/other"))
            defer { other.close() }
            for layer in manifest.layers { try other.content.put(store.content.bytes(of: layer.digest)) }
            #expect(throws: Store.CacheArchiveError.noSuchCache("x")) {
                try other.unpackCacheMounts(["x"], of: manifest)
            }
            #expect(try other.unpackCacheMounts(["b"], of: manifest) == ["b"])
            #expect(try content(other, cache("b")) == "two" && other.cacheMounts.identifiers() == ["b"])
            #expect(try other.unpackCacheMounts([], of: manifest) == ["a", "b"])
            let image = Manifest(config: manifest.layers[0], layers: [])
            #expect(throws: Store.CacheArchiveError.notAnArchive) { try other.unpackCacheMounts([], of: image) }
        }
    }
}
