import Archive
import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

@Suite(.needsRoot) struct LayerTests {
    @Test func mergesLayersAsTheKernelDoes() async throws {
        try await withStore { store, _ in
            let lower = try store.addLayer { tar in
                tar.add("etc/", .directory, mode: 0o755)
                tar.add("etc/a", content: "lower")
                tar.add("etc/b", content: "lower")
                tar.add("opt/", .directory, mode: 0o755)
                tar.add("opt/x", content: "lower")
                tar.add("var/", .directory, mode: 0o755)
                tar.add("var/log/", .directory, mode: 0o755)
                tar.add("var/log/l", content: "lower")
                tar.add("tool", content: "file")
            }
            let upper = try store.addLayer { tar in
                tar.add("etc/", .directory, mode: 0o700)
                tar.add("etc/a", content: "upper")
                tar.add("etc/.wh.b")
                tar.add("etc/c", content: "upper")
                tar.add("opt/", .directory, mode: 0o755)
                tar.add("opt/.wh..wh..opq")
                tar.add("opt/y", content: "upper")
                tar.add(".wh.var")
                tar.add("tool/", .directory, mode: 0o755)
                tar.add("tool/new", content: "upper")
            }
            let expected = [
                "/etc directory 0700 0:0", "/etc/a regular 0644 0:0 upper", "/etc/c regular 0644 0:0 upper",
                "/opt directory 0755 0:0", "/opt/y regular 0644 0:0 upper", "/tool directory 0755 0:0",
                "/tool/new regular 0644 0:0 upper",
            ]
            #expect(try dump(store.layers.tree([lower, upper])) == expected)
        }
    }

    @Test func writesTheArchiveThatItUnpacked() async throws {
        try await withStore { store, _ in
            var tar = TarBuilder()
            tar.add("bin/", .directory, mode: 0o755)
            tar.add("bin/su", mode: 0o4755, content: "set-id") { ($0.uid, $0.gid) = (5, 6) }
            tar.add("bin/su2", .hardLink, mode: 0o4755, link: "bin/su") { ($0.uid, $0.gid) = (5, 6) }
            tar.add("gone/", .directory, mode: 0o1777)
            tar.add("gone/.wh..wh..opq", mode: 0o600) { $0.modified = .epoch }
            tar.add("link", .symbolicLink, mode: 0o777, link: "../bin/su")
            tar.add("n\u{e9}", content: "x") { header in
                header.extendedAttributes = [.init(name: "user.note", value: [0, 1, 255])]
            }
            tar.add("pipe", .fifo, mode: 0o600)
            tar.add(String(repeating: "long/", count: 1) + String(repeating: "x", count: 200), content: "y")
            tar.add("zero", .characterDevice, mode: 0o666) { ($0.deviceMajor, $0.deviceMinor) = (1, 5) }
            tar.add("z/.wh.w", mode: 0o600) { $0.modified = .epoch }
            // Directories that the archive does not name are made; they and their times are then part of the layer.
            let layer = try store.addLayer(tar.finished)
            var again: [UInt8] = []
            var names: [String] = []
            var reader = TarReader()
            do { try store.layers.writeArchive(layer) { again += $0 } } catch StorageError.archiveLost {}
            try again.withUnsafeBytes { bytes in
                try reader.consume(bytes) { event in
                    guard case .entry(let header) = event else { return }
                    names.append(
                        "\(String(decoding: header.name.prefix(12), as: UTF8.self)) \(header.kind) \(header.mode) \(header.uid)"
                    )
                }
            }
            #expect(
                names == [
                    "bin/ directory 493 0", "bin/su regular 2541 5", "bin/su2 hardLink 2541 5",
                    "gone/ directory 1023 0",
                    "gone/.wh..wh regular 384 0", "link symbolicLink 511 0", "long/ directory 493 0",
                    "long/xxxxxxx regular 420 0",
                    "n\u{e9} regular 420 0", "pipe fifo 384 0", "z/ directory 493 0", "z/.wh.w regular 384 0",
                    "zero characterDevice 438 0",
                ])
        }
    }

    @Test func storesALayerOnceAndWritesItsBytesAgain() async throws {
        try await withStore { store, _ in
            let facts = try store.makeLayer { assembler in
                let source = CopySource(
                    kind: .inline(name: Array("hello".utf8), content: Array("hi".utf8)), ownership: .root)
                let path = try #require(ImagePath("/usr/share/hello"))
                try assembler.copy(source, to: path, intoDirectory: false, attributes: .init(owner: (7, 8)))
            }
            var bytes: [UInt8] = []
            try store.layers.writeArchive(facts.diffID) { bytes += $0 }
            #expect(Digest(sha256: bytes) == facts.diffID.digest)
            #expect(Int64(bytes.count) == facts.archiveSize)
            #expect(facts.size == 2)
            #expect(try store.layers.facts(facts.diffID) == facts)
            #expect(try dump(store.layers.tree([facts.diffID])).last == "/usr/share/hello regular 0644 7:8 hi")
        }
    }

    @Test func noticesALayerThatWasChanged() async throws {
        try await withStore { store, _ in
            let layer = try store.addLayer { $0.add("a", content: "one") }
            try Files.write("two", to: "\(store.layers.path(of: layer))/a")
            #expect(throws: StorageError.self) { try store.layers.writeArchive(layer) { _ in } }
        }
    }

    @Test(arguments: [
        ("../../escape", "x"), ("/absolute", "x"), ("a/../../b", "x"), ("link/evil", "x"),
    ])
    func keepsHostileNamesInside(name: String, content: String) async throws {
        try await withStore { store, directory in
            try Files.makeDirectory("\(directory)/outside")
            var tar = TarBuilder()
            tar.add("link", .symbolicLink, mode: 0o777, link: "\(directory)/outside")
            tar.add(name, content: content)
            // Inside the root the link leads nowhere, so a name below it may be refused.
            do { try store.addLayer(tar.finished) } catch StorageError.invalidLayer {}
            #expect(!Files.exists("\(directory)/outside/evil"))
            #expect(!Files.exists("\(directory)/escape"))
            #expect(!Files.exists("/absolute"))
        }
    }

    @Test func refusesWhatIsNotTheLayer() async throws {
        try await withStore { store, _ in
            var tar = TarBuilder()
            tar.add("a", content: "x")
            let digest = try store.content.put(tar.finished)
            let wrong = DiffID(Digest(sha256: "other".utf8))
            let blob = Descriptor(mediaType: .layer, digest: digest, size: 1)
            #expect(throws: StorageError.self) { try store.unpack(Image.Layer(diffID: wrong, blobs: [blob])) }
            #expect(try !store.layers.hasFiles(wrong))
            #expect(throws: StorageError.self) {
                try store.unpack(Image.Layer(diffID: DiffID(Digest(sha256: "nothing".utf8)), blobs: []))
            }
        }
    }

    /// An image whose config names somebody else's layer beside a blob of its own harms neither that layer nor whoever
    /// has it, and is refused where it is first used.
    @Test(arguments: [false, true])
    func quarantinesALyingImage(genuineIsUnpacked: Bool) async throws {
        try await withStore { store, _ in
            var (good, bad) = (TarBuilder(), TarBuilder())
            good.add("a", content: "good")
            bad.add("a", content: "evil")
            func packed(_ bytes: [UInt8]) throws -> Descriptor {
                let block = try BlockCompressor(.gzip, level: 1)
                let blob = try bytes.withUnsafeBytes { try block.compress($0) }
                return Descriptor(mediaType: .layerGzip, digest: try store.content.put(blob), size: Int64(blob.count))
            }
            func image(_ layer: Image.Layer, _ label: String) -> Image {
                var config = ImageConfig(platform: .host)
                config.container.labels = ["label": label]
                config.layers = [layer.diffID]
                return Image(config: config, layers: [layer])
            }
            let id = DiffID(Digest(sha256: good.finished))
            let genuine = image(Image.Layer(diffID: id, blobs: [try packed(good.finished)]), "genuine")
            let liar = image(Image.Layer(diffID: id, blobs: [try packed(bad.finished)]), "liar")
            if genuineIsUnpacked { try store.unpack(genuine.layers[0]) }
            try store.keepFetched(liar)
            try store.keepFetched(genuine)
            #expect(try store.images.list().map(\.isPacked) == [!genuineIsUnpacked, !genuineIsUnpacked])

            // Nothing made of the wrong bytes goes out or is kept under the layer's name.
            for compression in [LayerCompression(nil, isForced: true), LayerCompression(.zstd, isForced: true)] {
                let outcome = Result {
                    let layer = try store.pack(liar, compression).layers[0]
                    var bytes: [UInt8] = []
                    try store.read(layer) { bytes += $0 }
                    let decompressor = try Decompressor(compression.format == nil ? .none : .zstd)
                    var plain: [UInt8] = []
                    try bytes.withUnsafeBytes { try decompressor.decompress($0) { plain += $0 } }
                    return plain
                }
                switch outcome {
                case .success(let plain): #expect(genuineIsUnpacked && plain == good.finished)
                case .failure(let error): #expect(!genuineIsUnpacked && error is StorageError, "\(error)")
                }
            }
            #expect(throws: StorageError.self) { try store.verify(liar) }
            #expect(throws: StorageError.self) { try store.adopt(liar) }
            if !genuineIsUnpacked {
                #expect(throws: StorageError.self) { try store.unpack(liar.layers[0]) }
                #expect(try !store.layers.hasFiles(id))
                #expect(try store.layers.facts(id) == nil)
            }
            try store.unpack(genuine.layers[0])
            #expect(try dump(store.layers.tree([id])) == ["/a regular 0644 0:0 good"])
            try store.verify(genuine)
            try store.adopt(genuine)
            let listed = try store.images.list()
            #expect(listed.map(\.size) == [4, 4] && !listed.contains { $0.isPacked })
            // A layer that must be unpacked again is made of the right blob.
            try Files.write("damaged", to: "\(store.layers.path(of: id))/a")
            let report = try #require(try store.check(repairing: true))
            #expect(report.findings.contains { $0.subject == .layer(id) && $0.outcome == .repaired }, "\(report)")
            #expect(
                report.findings.contains { $0.subject == .image(liar.id) && $0.problem == .mislabelled(id) },
                "\(report)")
            #expect(!report.findings.contains { $0.subject == .image(genuine.id) }, "\(report)")
            #expect(try dump(store.layers.tree([id])) == ["/a regular 0644 0:0 good"])
        }
    }

    @Test func survivesDamagedArchives() async throws {
        try await withStore { store, _ in
            var tar = TarBuilder()
            for index in 0..<6 { tar.add("d\(index)/f", content: String(repeating: "c", count: index * 300)) }
            tar.add("l", .hardLink, link: "d1/f")
            tar.add(".wh.q")
            let good = tar.finished
            var random = SeededGenerator(seed: 3)
            for _ in 0..<300 {
                var bytes = good
                for _ in 0..<3 {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                // Refused or unpacked: neither may trap or leave the store unusable.
                do { try store.addLayer(bytes) } catch is StorageError {}
            }
            #expect(try store.addLayer(good) == DiffID(Digest(sha256: good)))
        }
    }
}
