import BuildGraph
package import Engine
package import Inspection
import LinuxSystem
import OCI
import Storage
import SystemPackage

/// The files of a build that a fix may change.
package struct BuildFiles: Sendable {
    /// Where they are; the ignore file need not be there.
    package let dockerfile: String
    package let ignoreFile: String
    package let dockerfileText: String
    package let ignoreText: String?
    let record: BuildRecord

    /// Reads the Dockerfile that an image was built from, as it was then.
    ///
    /// - Throws: ``InsightError/noDockerfile(image:)`` and ``InsightError/otherDockerfile(path:)``.
    package init(of opened: OpenedImage) throws {
        guard let record = opened.buildRecord, let path = record.path, let context = record.context,
            let bytes = HostFiles.read(FilePath(path))
        else {
            throw InsightError.noDockerfile(image: opened.name)
        }
        guard Digest(sha256: bytes) == record.digest else { throw InsightError.otherDockerfile(path: path) }
        self.record = record
        dockerfile = path
        dockerfileText = String(decoding: bytes, as: UTF8.self)
        // The one that the build read (`<Dockerfile name>.dockerignore` goes before the context's own).
        let places = [path + ".dockerignore", context + "/.containerignore", context + "/.dockerignore"]
        let found = places.lazy.compactMap { place in HostFiles.read(FilePath(place)).map { (place, $0) } }.first
        ignoreFile = found?.0 ?? context + "/.dockerignore"
        ignoreText = found.map { String(decoding: $0.1, as: UTF8.self) }
    }

    package func text(of target: Fix.Patch.Target) -> String {
        switch target {
        case .dockerfile: dockerfileText
        case .ignoreFile: ignoreText ?? ""
        }
    }

    package func path(of target: Fix.Patch.Target) -> String {
        switch target {
        case .dockerfile: dockerfile
        case .ignoreFile: ignoreFile
        }
    }
}

extension Engine {
    /// The fixes with their patches, as far as the image's Dockerfile is here and the same.
    package func patching(_ explanation: Explanation, _ files: BuildFiles) -> Explanation {
        var result = explanation
        let patcher = FixPatcher(explanation, dockerfile: files.dockerfileText, ignoreFile: files.ignoreText)
        result.replaceFixes(
            explanation.fixes.map { fix in
                var fix = fix
                fix.patch = patcher.patch(for: fix)
                return fix
            })
        return result
    }

    /// Measures the first fixes: by building the image again where the change of the Dockerfile is known, and by making the layers
    /// without the files, packed as they would travel.
    ///
    /// - Parameter files: nil where the image is not built again.
    package func measure(_ explanation: Explanation, _ opened: OpenedImage, _ files: BuildFiles?, limit: Int)
        async throws -> Explanation
    {
        var packing = LayerPacking(opened)
        var fixes = explanation.fixes
        var done: Set<Fix.File> = []
        for index in fixes.indices.prefix(limit) where fixes[index].method != .none {
            var transfer = Fix.Saving()
            transfer.alone = try await packing.saving(without: Set(fixes[index].files), besides: [], explanation)
            transfer.after = try await packing.saving(
                without: Set(fixes[index].files).subtracting(done), besides: done, explanation)
            done.formUnion(fixes[index].files)
            fixes[index].transfer = transfer
            if let files, let patch = fixes[index].patch, let size = try await rebuiltSize(patch, files) {
                fixes[index].saving.alone = explanation.sums.total - size
                fixes[index].saving.after = min(fixes[index].saving.after, max(0, fixes[index].saving.alone))
                fixes[index].method = .rebuild
            }
        }
        var result = explanation
        result.replaceFixes(fixes)
        return result
    }

    /// The size of the image that a changed Dockerfile makes; nil where it cannot be built as it was.
    private func rebuiltSize(_ patch: Fix.Patch, _ files: BuildFiles) async throws -> Int64? {
        guard patch.target == .dockerfile, files.record.isRepeatable, let context = files.record.context else {
            return nil
        }
        let text = InsightPatch.apply(patch.edits, to: files.dockerfileText)
        var specification = BuildSpecification(context: .directory(FilePath(context)), contextName: context)
        specification.dockerfile = .inline(Array(text.utf8))
        specification.request.target = files.record.target
        specification.outputs = [OutputSpecification(.cacheonly)]
        specification.check = .off
        let outcome = try await build(specification) { _ in }
        guard let image = outcome.results.first?.image else { return nil }
        let records = try await OpenedImage(built: image, name: files.dockerfile, in: self).records()
        return records.reduce(0) { $0 + $1.size }
    }
}

/// Packs layers with and without files, each once.
private struct LayerPacking {
    private struct Key: Hashable {
        let layer: Int
        let left: Set<[UInt8]>
    }

    private let opened: OpenedImage
    private var known: [Key: Int64] = [:]

    init(_ opened: OpenedImage) { self.opened = opened }

    /// Bytes that less travel without files, where others are left out already.
    mutating func saving(without files: Set<Fix.File>, besides done: Set<Fix.File>, _ explanation: Explanation)
        async throws -> Int64
    {
        var sum: Int64 = 0
        for layer in Set(files.map(\.layer)).sorted() {
            let before = Self.paths(done, layer, explanation)
            let after = before.union(Self.paths(files, layer, explanation))
            sum += try await size(layer, without: before) - size(layer, without: after)
        }
        return sum
    }

    private static func paths(_ files: Set<Fix.File>, _ layer: Int, _ explanation: Explanation) -> Set<[UInt8]> {
        let record = explanation.account.layers[layer]
        let heads = Set(files.filter { $0.layer == layer }.map(\.entry))
        guard !heads.isEmpty else { return [] }
        var result: Set<[UInt8]> = []
        for (place, entry) in record.entries.enumerated() where heads.contains(entry.head ?? place) {
            result.insert(entry.path)
        }
        return result
    }

    private mutating func size(_ layer: Int, without left: Set<[UInt8]>) async throws -> Int64 {
        let key = Key(layer: layer, left: left)
        if let size = known[key] { return size }
        let (store, image) = (opened.store, opened.image)
        try await opened.fetch(image.layers[layer])
        let size = try await store.perform { try store.sizes(of: image.layers[layer], without: left).packed }
        known[key] = size
        return size
    }
}
