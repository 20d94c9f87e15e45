import Archive
import LinuxSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// Small things that a store keeps: indexes in the making, records of builds, volumes.
@Suite(.timeLimit(.minutes(5))) struct DraftTests {
    private func entry(_ text: String, size: Int64 = 1, origin: String? = nil) throws -> DraftIndex.Entry {
        let descriptor = Descriptor(mediaType: .manifest, digest: Digest(sha256: Array(text.utf8)), size: size)
        return .init(descriptor, origin: try origin.map { try ImageReference($0) })
    }

    @Test func gathersAnIndex() async throws {
        try await withStore { store, _ in
            let name = try ImageReference("reg.example/a/b:1")
            #expect(try store.drafts.draft(named: name) == nil && store.drafts.remove(name) == false)
            var draft = DraftIndex()
            draft.add([try entry("a", origin: "reg.example/x:1"), try entry("b")])
            draft.add([try entry("b", size: 2), try entry("c")])
            #expect(draft.entries.map(\.descriptor.size) == [1, 2, 1] && draft.index.manifests.count == 3)
            try store.drafts.change(name) { _ in draft }
            #expect(try store.drafts.draft(named: name) == draft)
            // The usual tag is the same name.
            try store.drafts.change(ImageReference("app")) { _ in DraftIndex() }
            #expect(try store.drafts.draft(named: try ImageReference("app:latest")) == DraftIndex())
            #expect(try store.drafts.remove(name) && store.drafts.draft(named: name) == nil)
        }
    }

    /// What is read, changed and written again waits for another that does so.
    @Test(arguments: ["drafts", "origins"]) func changesOneAfterTheOther(place: String) async throws {
        try await withStore { store, _ in
            let name = try ImageReference("reg.example/a:1")
            let entry = try entry("a")
            let directory = try Directory(opening: store.path.appending(place))
            var lock: FileLock? = try .wait(Array("lock".utf8), in: directory, mode: .exclusive)
            // Not on the threads that all tests share: whoever waits here holds one.
            let change = Task {
                try await store.perform {
                    guard place == "drafts" else {
                        return try store.origins.add([entry.descriptor.digest], in: "a", of: "reg.example")
                    }
                    try store.drafts.change(name) { known in
                        var draft = known ?? DraftIndex()
                        draft.add([entry])
                        return draft
                    }
                }
            }
            func isDone() throws -> Bool {
                if place == "drafts" { return try store.drafts.draft(named: name) != nil }
                return try !store.origins.repositories(of: "reg.example").isEmpty
            }
            for _ in 0..<20 {
                try await Task.sleep(for: .milliseconds(20))
                #expect(try !isDone())
            }
            withExtendedLifetime(lock) {}
            lock = nil
            try await change.value
            #expect(try isDone())
        }
    }

    @Test(arguments: ["", "[", "[{}]", "[{\"descriptor\": {\"size\": -1}}]"])
    func tellsOfADamagedDraft(text: String) async throws {
        try await withStore { store, _ in
            try Files.write(text, to: "\(store.path)/drafts/docker.io%2flibrary%2fapp:latest")
            #expect(throws: StorageError.self) { try store.drafts.draft(named: try ImageReference("app")) }
        }
    }

    /// The newest hundred stay, and are found by what people write.
    @Test func keepsRecordsOfBuilds() async throws {
        try await withStore { store, _ in
            #expect(try store.builds.all().isEmpty && store.builds.find(nil) == nil)
            for number in 0..<102 {
                let time = "2024-01-01T00:00:\(String(number + 100).suffix(2)).\(number + 100)"
                try store.builds.put(
                    ["StartedAt": .string(number < 100 ? "1\(time)" : "3\(time)")], log: Array("log \(number)".utf8))
            }
            let all = try store.builds.all()
            #expect(all.count == 100)
            let newest = try #require(try store.builds.find("^0"))
            #expect(try String(decoding: store.builds.log(newest.id), as: UTF8.self) == "log 101")
            #expect(newest.document["Ref"]?.string == newest.id && newest.id == all[0].id)
            #expect(
                try store.builds.find(String(newest.id.prefix(9)))?.id == newest.id
                    && store.builds.find("")?.id == newest.id)
            #expect(try store.builds.find("^99")?.id == all[99].id)
            for word in ["^100", "^-1", "^x", "zzz"] { #expect(try store.builds.find(word) == nil) }
            try store.builds.remove(newest.id)
            #expect(try store.builds.find(newest.id) == nil && store.builds.log(newest.id).isEmpty)
            // What was cut off is no record.
            try Files.write("{", to: "\(store.path)/builds/abc.json")
            #expect(try store.builds.all().count == 99)
        }
    }

    @Test(.needsRoot) func volumesBeginAsTheImageIs() async throws {
        try await withStore { store, _ in
            let layer = try store.addLayer {
                $0.add("data", .directory, mode: 0o750) { ($0.uid, $0.gid) = (7, 8) }
                $0.add("data/file", content: "seed")
            }
            let seed = Binding.Seed(layers: [layer], path: try #require(ImagePath("/data")))
            #expect(try !store.volumes.exists("v"))
            let path = try store.volumes.path(of: "v", seed: seed)
            let status = try Directory(opening: path).status()
            #expect(status.mode == 0o750 && status.user == 7 && status.group == 8)
            try Files.write("mine", to: "\(path)/file")
            #expect(try store.volumes.path(of: "v", seed: seed) == path && Files.text("\(path)/file") == "mine")
            let none = try store.volumes.path(
                of: "w", seed: .init(layers: [layer], path: try #require(ImagePath("/none"))))
            #expect(try Directory(opening: none).names().isEmpty)
            #expect(try store.volumes.remove("v") && !Files.exists(path.string) && store.volumes.remove("v") == false)
            var temporary: TemporaryDirectory? = try store.makeTemporaryVolume(seed: seed)
            let place = try #require(temporary?.path)
            #expect(try Files.text("\(place)/data/file") == "seed")
            temporary = nil
            #expect(!Files.exists(place.string))
        }
    }

    /// What takes room, one by one and by kind; names go from an image one by one, and the image with the last.
    @Test(.needsRoot) func tellsWhatTakesRoom() async throws {
        try await withStore { store, _ in
            let shared = try store.addLayer { $0.add("a", content: "12345") }
            let own = try store.addLayer { $0.add("b", content: "123") }
            let free = try store.addLayer { $0.add("c", content: "12") }
            for (layers, names) in [([shared, own], ["one:1", "one:2"]), ([shared], [])] {
                var config = ImageConfig(platform: .host)
                config.layers = layers
                let image = Image(config: config, layers: layers.map { Image.Layer(diffID: $0) })
                try store.record([image])
                for name in names { try store.images.tag(image.id, try ImageReference(name)) }
            }
            for (layer, key) in [(shared, "s"), (free, "f")] {
                try store.cache.put(.init(layer: layer, created: 1), for: Digest(sha256: Array(key.utf8)))
            }
            let usage = try store.detailedUsage()
            let one = try #require(usage.images.first { $0.summary.isNamed })
            #expect(one.shared == 5 && one.unique == 3 && usage.images.count == 2)
            #expect(usage.layers.first { $0.layer == free }.map { !$0.isInImage && $0.size == 2 } == true)
            #expect(usage.layers.first { $0.layer == shared }?.isInImage == true)
            #expect(usage.kinds.first { $0.kind == .buildCache }?.size == 2)
            let first = try store.untag("one:1") { _ in [try ImageReference("one:1")] }
            #expect(!first.isDeleted && first.untagged.map(\.familiar) == ["one:1"])
            let second = try store.untag("one:2") { $0 }
            #expect(second.isDeleted && second.id == first.id)
            #expect(throws: (any Error).self) { try store.images.image(first.id) }
            #expect(try store.isFirst("x") && !store.isFirst("x"))
        }
    }

    /// A layer without some of its files, as it would be sent.
    @Test(.needsRoot) func weighsALayerWithoutFiles() async throws {
        try await withStore { store, _ in
            let id = try store.addLayer {
                $0.add("d", .directory, mode: 0o755)
                $0.add("d/large", content: String(repeating: "x", count: 100_000))
                $0.add("small", content: "y")
            }
            let layer = Image.Layer(diffID: id)
            let whole = try store.sizes(of: layer, without: [])
            let without = try store.sizes(of: layer, without: [Array("d/large".utf8)])
            #expect(whole.archive - without.archive == 512 + 100_352 && whole.packed > without.packed)
            #expect(try store.sizes(of: layer, without: [Array("none".utf8)]) == whole)
        }
    }

    @Test func removesEverything() async throws {
        try await withStore { store, directory in
            try store.content.put([1, 2, 3])
            let other = try Store(path: FilePath("\(directory)/store"))
            let isGone = try await other.use { try store.removeEverything() }
            #expect(!isGone)
            other.close()
            let fresh = try Store(path: FilePath("\(directory)/fresh"))
            try fresh.content.put([1, 2, 3])
            #expect(try fresh.removeEverything() && !Files.exists("\(directory)/fresh"))
        }
    }
}
