import Archive
import LinuxSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// What becomes of layers when the machine stopped before their files were on its disk, or another program copied the store.
@Suite(.needsRoot) struct LayerVerificationTests {
    private enum Writer: CaseIterable {
        case ourselves, anotherProgram
    }

    /// Opens the store as after another start of the machine.
    private static func open(_ directory: String, boot: String) throws -> Store {
        try Store(path: FilePath("\(directory)/store"), format: .current, boot: boot)
    }

    /// A layer of two files and a mark, made under the boot `first`; its plain archive is the store's only blob of it.
    private static func layer(by writer: Writer, in directory: String) throws -> Image.Layer {
        let store = try open(directory, boot: "first")
        defer { store.close() }
        var builder = TarBuilder()
        // Our own writer names parents.
        if writer == .ourselves { builder.add("a/", .directory, mode: 0o755) }
        builder.add("a/.wh.gone", mode: 0o600) { $0.modified = TarTimestamp(seconds: 0) }
        builder.add("a/one", content: "one")
        builder.add("a/two", content: "two")
        let layer = try store.addLayer(builder.finished)
        if writer == .ourselves {
            let facts = try LayerArchive.identify(store.layers.openFiles(layer))
            #expect(facts.diffID == layer)
            try store.layers.record(facts, by: .ourselves)
        }
        return Image.Layer(
            diffID: layer,
            blobs: [Descriptor(mediaType: .layer, digest: layer.digest, size: Int64(builder.finished.count))])
    }

    private static func path(_ layer: Image.Layer, _ name: String, in directory: String) -> String {
        "\(directory)/store/layers/\(layer.diffID.digest.hex)/\(name)"
    }

    private static func read(_ path: String, _ layer: Image.Layer, _ store: Store) throws -> String {
        String(decoding: try store.layers.tree([layer.diffID]).read(try #require(ImagePath(path))), as: UTF8.self)
    }

    /// What a power cut leaves of a file whose bytes were not yet on the disk.
    private static func empty(_ layer: Image.Layer, _ name: String, in directory: String) throws {
        try Files.write("", to: path(layer, name, in: directory))
    }

    @Test(arguments: Writer.allCases)
    private func aWholeLayerIsReadOnceAndKept(writer: Writer) async throws {
        try await Files.withTemporaryDirectory { directory in
            let layer = try Self.layer(by: writer, in: directory)
            for boot in ["first", "second", "third"] {
                let store = try Self.open(directory, boot: boot)
                if try !store.layers.hasFiles(layer.diffID) { try store.unpack(layer) }
                #expect(try Self.read("/a/one", layer, store) == "one")
                store.close()
            }
            // It is on the disk now, whatever the machine does.
            let store = try Self.open(directory, boot: "fourth")
            #expect(try store.layers.info(layer.diffID)?.origin.boot == nil)
            #expect(store.layers.damagedLayers == [])
        }
    }

    @Test(arguments: Writer.allCases)
    private func whatLostItsBytesIsNeverTakenForWhole(writer: Writer) async throws {
        try await Files.withTemporaryDirectory { directory in
            let layer = try Self.layer(by: writer, in: directory)
            try Self.empty(layer, "fs/a/two", in: directory)
            let store = try Self.open(directory, boot: "second")
            #expect(try !store.layers.hasFiles(layer.diffID))
            #expect(store.layers.damagedLayers == [layer.diffID])
            try store.unpack(layer)
            #expect(try Self.read("/a/two", layer, store) == "two")
            store.close()
            // What was mended is looked at once more, and found.
            try Self.empty(layer, "fs/a/one", in: directory)
            #expect(try !Self.open(directory, boot: "third").layers.hasFiles(layer.diffID))
        }
    }

    @Test func whatIsKnownOfALayerMayBeLostToo() async throws {
        try await Files.withTemporaryDirectory { directory in
            let layer = try Self.layer(by: .ourselves, in: directory)
            try Self.empty(layer, "info", in: directory)
            #expect(try Self.open(directory, boot: "second").layers.hasFiles(layer.diffID))
            try Self.empty(layer, "info", in: directory)
            try Self.empty(layer, "fs/a/two", in: directory)
            #expect(try !Self.open(directory, boot: "third").layers.hasFiles(layer.diffID))
        }
    }

    /// A build that has lost its record makes the layer again.
    @Test func whatIsMadeAgainTakesTheDamagedOnesPlace() async throws {
        try await Files.withTemporaryDirectory { directory in
            let layer = try Self.layer(by: .ourselves, in: directory)
            try Self.empty(layer, "fs/a/two", in: directory)
            let store = try Self.open(directory, boot: "second")
            let temporary = try store.makeTemporaryDirectory()
            let blob = try #require(layer.blobs.first)
            let facts = try store.layers.unpack(blob, layer.diffID, from: store.content, into: temporary.directory)
            try store.layers.publish(temporary.path.appending("fs"), in: store.workspace(), facts, by: .ourselves)
            #expect(try Self.read("/a/two", layer, store) == "two")
        }
    }

    @Test func anotherProgramsLayerWithoutItsArchiveIsJudgedByItsSize() async throws {
        for isDamaged in [false, true] {
            try await Files.withTemporaryDirectory { directory in
                let layer = try Self.layer(by: .anotherProgram, in: directory)
                if isDamaged { try Self.empty(layer, "fs/a/two", in: directory) }
                let store = try Self.open(directory, boot: "second")
                try store.content.remove(layer.diffID.digest)
                #expect(try store.layers.hasFiles(layer.diffID) == !isDamaged)
                guard isDamaged else { return }
                #expect { try store.unpack(layer) } throws: { error in
                    if case StorageError.layerDamaged(layer.diffID) = error { true } else { false }
                }
            }
        }
    }

    /// `cp -r` without the right to make devices loses whiteouts, and says so in a line that is overlooked.
    @Test func aCopiedStoreIsLookedAt() async throws {
        for losesMark in [false, true] {
            try await Files.withTemporaryDirectory { directory in
                let layer = try Self.layer(by: .ourselves, in: directory)
                let files = Self.path(layer, "fs", in: directory)
                let copied = try await Command("cp", ["-a", files, files + "-copy"]).run()
                #expect(copied.succeeded, "\(copied)")
                if losesMark { #expect(try await Command("rm", ["\(files)-copy/a/gone"]).run().succeeded) }
                let moved = try await Command(
                    "sh",
                    ["-c", "mv '\(files)' '\(files)-old' && mv '\(files)-copy' '\(files)' && rm -r '\(files)-old'"]
                ).run()
                #expect(moved.succeeded, "\(moved)")
                #expect(try Self.open(directory, boot: "first").layers.hasFiles(layer.diffID) == !losesMark)
            }
        }
    }

    /// Nothing that only looks takes anything away.
    @Test func aCheckWithoutRepairLeavesWhatIsDamaged() async throws {
        try await Files.withTemporaryDirectory { directory in
            let layer = try Self.layer(by: .ourselves, in: directory)
            try Self.empty(layer, "fs/a/two", in: directory)
            let store = try Self.open(directory, boot: "second")
            let report = try #require(try store.check(repairing: false))
            #expect(report.findings == [.init(subject: .layer(layer.diffID), problem: .damaged, outcome: .left)])
            #expect(Files.exists(Self.path(layer, "fs", in: directory)))
        }
    }
}
