import OCI

@testable import Archive
@testable import Debian
@testable import Inspection

extension ForeignReader {
    /// Archives and what packs them.
    static let archives: [ForeignReader] = [
        ForeignReader("tar") { bytes in
            var reader = TarReader()
            try bytes.forEachPiece { try reader.consume($0) { _ in } }
            try reader.finish()
        },
        ForeignReader("layer") { bytes in
            let layer = try TarLayer(MemoryBytes(bytes: bytes))
            var waiting = [ImagePath.root]
            var left = 10_000
            while let directory = waiting.popLast(), left > 0 {
                left -= 1
                for name in layer.names(in: directory) {
                    let path = directory.appending(name)
                    if case .directory? = layer.entry(at: path) { waiting.append(path) }
                    _ = try layer.read(path, at: 0, count: 100)
                }
            }
        },
        ForeignReader("account") { bytes in
            var recorder = LayerRecorder()
            try bytes.forEachPiece { try recorder.update($0) }
            _ = PackageSet(ImageAccount([try recorder.finish()])).packages.count
        },
        ForeignReader("record") { bytes in _ = LayerRecord(encoded: bytes) },
        ForeignReader("ar") { bytes in
            var reader = ArReader()
            try bytes.forEachPiece { try reader.consume($0) { _ in } }
            try reader.finish()
        },
        ForeignReader("deb") { bytes in
            var reader = DebReader(package: "package")
            try bytes.forEachPiece { try reader.consume($0) { _ in } }
            try reader.finish()
        },
        ForeignReader("compressed") { bytes in
            let decompressor = DetectingDecompressor()
            var left = 32 << 20
            struct Enough: Error {}
            func take(_ piece: UnsafeRawBufferPointer) throws {
                left -= piece.count
                if left < 0 { throw Enough() }
            }
            try bytes.forEachPiece { try decompressor.decompress($0, take) }
            try decompressor.finish(take)
        },
        ForeignReader("zip") { bytes in
            let source = MemoryBytes(bytes: bytes)
            guard let zip = try ZipReader(size: Int64(bytes.count), { source.read(at: $0, count: $1) }) else { return }
            for name in zip.members.keys.prefix(20) { _ = try zip.contents(of: name, limit: 1 << 20) }
        },
    ]

    /// Programs, and what the closure check reads of them.
    static let programs: [ForeignReader] = [
        ForeignReader("elf") { bytes in
            let source = MemoryBytes(bytes: bytes)
            _ = try Elf { source.read(at: $0, count: $1) }
        },
        ForeignReader("program") { try MemoryTree.check(nil, "app", $0) },
        ForeignReader("loader-cache") { bytes in _ = LoaderCache(bytes) },
        ForeignReader("class") { bytes in
            guard let file = ClassFile(bytes) else { return }
            for index in 0..<50 { _ = (file.className(index), file.member(index)) }
        },
        ForeignReader("jar") { try MemoryTree.check("usr/bin/java", "app.jar", $0, words: ["-jar"]) },
    ]

    /// Sources of languages, which the closure check follows without executing them.
    static let languages: [ForeignReader] = [
        ForeignReader("shell") { try MemoryTree.check("bin/sh", "app.sh", $0) },
        ForeignReader("python") { try MemoryTree.check("usr/bin/python3", "app.py", $0) },
        ForeignReader("javascript") { try MemoryTree.check("usr/bin/node", "app.js", $0) },
        ForeignReader("perl") { try MemoryTree.check("usr/bin/perl", "app.pl", $0) },
        ForeignReader("ruby") { try MemoryTree.check("usr/bin/ruby", "app.rb", $0) },
        ForeignReader("execline") { try MemoryTree.check("bin/execlineb", "run", $0, words: ["-P"]) },
    ]
}
