package import OCI

/// Cache mounts as an artifact that a registry keeps: a manifest with one layer a mount (OCI image specification,
/// manifest.md, "Guidelines for Artifact Usage"). A mount whose files did not change gives the same layer again.
extension Store {
    private static let artifactType = MediaType(rawValue: "application/vnd.distill.cachemounts.v1+json")
    private static let layerType = MediaType(rawValue: "application/vnd.distill.cachemount.v1.tar+zstd")
    private static let titleAnnotation = "org.opencontainers.image.title"

    /// Makes the blobs and the manifest in the content store.
    ///
    /// - Parameter ids: which ones; empty for all.
    /// - Returns: the manifest, and the IDs of the mounts in it.
    /// - Throws: ``CacheArchiveError/noSuchCache(_:)``.
    package func packCacheMounts(_ ids: [String]) throws -> (manifest: Descriptor, ids: [String]) {
        let chosen = ids.isEmpty ? Self.ids(try cacheMounts.identities()) : ids
        let layers = try chosen.map { id in
            let writer = try content.makeWriter()
            _ = try exportCacheMounts([id]) { try writer.write($0) }
            let (digest, size) = try writer.commit(expecting: nil)
            return Descriptor(
                mediaType: Self.layerType, digest: digest, size: size, annotations: [Self.titleAnnotation: id])
        }
        let empty = Array("{}".utf8)
        let config = Descriptor(mediaType: Self.artifactType, digest: try content.put(empty), size: Int64(empty.count))
        let bytes = Manifest(config: config, layers: layers).bytes
        return (Descriptor(mediaType: .manifest, digest: try content.put(bytes), size: Int64(bytes.count)), chosen)
    }

    /// Reads the mounts of a manifest whose blobs are in the content store. A mount that is here already is replaced.
    ///
    /// - Parameter ids: which ones; empty for all.
    /// - Returns: the IDs of those that were read.
    /// - Throws: ``CacheArchiveError`` when the manifest is something else, or has no such mount.
    package func unpackCacheMounts(_ ids: [String], of manifest: Manifest) throws -> [String] {
        guard manifest.config.mediaType == Self.artifactType else { throw CacheArchiveError.notAnArchive }
        let named = manifest.layers.map { $0.annotations[Self.titleAnnotation] ?? "" }
        if let missing = ids.first(where: { !named.contains($0) }) { throw CacheArchiveError.noSuchCache(missing) }
        return try zip(manifest.layers, named).filter { ids.isEmpty || ids.contains($0.1) }.flatMap { layer, _ in
            try importCacheMounts { try content.forEachPiece(of: layer.digest, $0) }
        }
    }
}
