import Archive
import LinuxSystem
import OCI
import Storage
import SystemPackage
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// Whiteouts and owners need root; in continuous integration a test that lacks it fails instead of being skipped.
    static var needsRoot: Self {
        .enabled(if: ProcessFacts.isRoot || ProcessFacts.environment["CI"] != nil, "needs root")
    }
}

/// Runs a test with a store of its own.
func withStore(_ body: (Store, _ directory: String) async throws -> Void) async throws {
    try await Files.withTemporaryDirectory { directory in
        let store = try Store(path: FilePath("\(directory)/store"))
        try await body(store, directory)
        store.close()
    }
}

/// A tar in memory.
struct TarBuilder {
    private(set) var bytes: [UInt8] = []

    mutating func add(
        _ name: String, _ kind: TarHeader.Kind = .regular, mode: UInt32 = 0o644, content: String = "",
        link: String = "",
        configure: (inout TarHeader) -> Void = { _ in }
    ) {
        var header = TarHeader(
            name: Array(name.utf8), kind: kind, mode: mode, size: Int64(content.utf8.count), linkName: Array(link.utf8))
        header.modified = TarTimestamp(seconds: 1_700_000_000)
        configure(&header)
        bytes += TarWriter.encode(header) + Array(content.utf8)
        bytes += [UInt8](repeating: 0, count: TarWriter.padding(after: Int64(content.utf8.count)))
    }

    var finished: [UInt8] { bytes + TarWriter.end }
}

extension Store {
    /// Stores a layer's archive and unpacks it.
    @discardableResult
    func addLayer(_ archive: [UInt8]) throws -> DiffID {
        let digest = try content.put(archive)
        let blob = Descriptor(mediaType: .layer, digest: digest, size: Int64(archive.count))
        try unpack(Image.Layer(diffID: DiffID(digest), blobs: [blob]))
        return DiffID(digest)
    }

    func addLayer(_ build: (inout TarBuilder) -> Void) throws -> DiffID {
        var builder = TarBuilder()
        build(&builder)
        return try addLayer(builder.finished)
    }
}

/// One line a path: `usr/bin/sh file 0755 0:0 5 abc`.
func dump(_ tree: FileTree) throws -> [String] {
    var lines: [String] = []
    func walk(_ path: ImagePath) throws {
        guard let (_, node) = try tree.lookUp(path, links: .keepLast) else { return }
        for (name, child) in try tree.entries(of: node) {
            let childPath = path.appending(name)
            let status = child.status
            let mode = "0" + String(status.mode, radix: 8)
            var line = "\(childPath) \(status.kind) \(mode) \(status.user):\(status.group)"
            if status.kind == .regular { line += " \(String(decoding: try tree.read(childPath), as: UTF8.self))" }
            lines.append(line)
            if child.isDirectory { try walk(childPath) }
        }
    }
    try walk(.root)
    return lines
}

extension Store {
    /// Makes a layer, keeps it, and checks that what was found out on the way is what its files are.
    func makeLayer(
        on base: FileTree = FileTree(layers: []), _ body: (LayerAssembler) throws -> Void
    ) throws -> LayerDirectory.Facts {
        let layer = try assembleLayer(on: base, body)
        try keep(layer)
        let other = try Store(path: path.appending("check-\(UInt32.random(in: 0 ... .max))"))
        let writer = try other.content.makeWriter()
        // Throws if the bytes have another digest.
        try layers.writeArchive(layer.facts.diffID) { try writer.write($0) }
        let (digest, size) = try writer.commit(expecting: nil)
        let blob = Descriptor(mediaType: .layer, digest: digest, size: size)
        try other.unpack(Image.Layer(diffID: layer.facts.diffID, blobs: [blob]))
        #expect(try other.layers.facts(layer.facts.diffID) == layer.facts)
        return layer.facts
    }
}
