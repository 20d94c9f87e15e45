import OCI
import Storage

/// Finds an image by whatever docker's clients call one.
enum ImageLookup {
    /// A name, an ID or the beginning of one, a name with a digest, or a manifest's digest.
    ///
    /// - Throws: ``APIError/noSuchImage(_:)``, and the store's error for an ID that several have.
    static func id(_ text: String, _ store: Store) throws -> Digest {
        do { return try store.images.resolve(text) } catch StorageError.noSuchImage {
            return try byManifest(text, store)
        }
    }

    private static func byManifest(_ text: String, _ store: Store) throws -> Digest {
        let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
        // What is no digest names no manifest.
        guard let last = parts.last, let digest = try? Digest(last) else { throw APIError.noSuchImage(text) }
        let repository = parts.count == 2 ? try ImageReference(parts[0]).familiarName : nil
        for summary in try store.images.list() where summary.manifest == digest || summary.id == digest {
            if repository == nil || summary.references.contains(where: { $0.familiarName == repository }) {
                return summary.id
            }
        }
        throw APIError.noSuchImage(text)
    }
}
